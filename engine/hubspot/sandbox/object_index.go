package sandbox

import (
	"fmt"
	"strings"
)

// Unique values are indexed by property. The additional addresses of a contact
// stand in the index of email, as HubSpot keeps both unique together.

// keys lists what a property's value contributes to which unique index.
func (t *objectType) keys(name, text string) (index string, keys []string) {
	switch {
	case text == "":
		return "", nil
	case name == propAdditionalEmails:
		return propEmail, strings.Split(text, ";")
	case t.unique[name] != nil:
		return name, []string{fold(name, text)}
	}
	return "", nil
}

func (t *objectType) checkUnique(r *record, name, text string) error {
	index, keys := t.keys(name, clean(name, text))
	for _, key := range keys {
		if owner, taken := t.unique[index][key]; taken && owner != r.id {
			return &conflictError{label: strings.ToUpper(t.singular[:1]) + t.singular[1:], id: owner, property: name, text: key}
		}
	}
	return nil
}

func (t *objectType) unindex(r *record, name string) {
	index, keys := t.keys(name, r.get(t.index[name]))
	for _, key := range keys {
		if t.unique[index][key] == r.id {
			delete(t.unique[index], key)
		}
	}
}

func (t *objectType) reindex(r *record, name string) {
	index, keys := t.keys(name, r.get(t.index[name]))
	for _, key := range keys {
		t.unique[index][key] = r.id
	}
}

// conflictError means that another record already holds a unique value.
type conflictError struct {
	label          string
	id             int64
	property, text string
}

func (e *conflictError) Error() string {
	return fmt.Sprintf("%s already exists. Existing ID: %d", e.label, e.id)
}
