package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// objectType holds the properties and the records of one type.
type objectType struct {
	id, name, singular string
	portalName         string // fullyQualifiedName of a custom type, else empty
	properties         []Property
	defaults           []string
	index              map[string]uint16
	records            map[int64]*record
	unique             map[string]map[string]int64
	merged             map[int64]int64
	nextID             int64
}

// record is kept small, for stores of a million: values are ordered by
// property and hold only what was set.
type record struct {
	id       int64
	values   []value
	created  int64 // milliseconds since 1970
	updated  int64
	archived bool
}

type value struct {
	property uint16
	text     string
}

func newObjectType(id, name, singular string, firstID int64) *objectType {
	t := &objectType{
		id: id, name: name, singular: singular, nextID: firstID,
		index: map[string]uint16{}, records: map[int64]*record{},
		unique: map[string]map[string]int64{}, merged: map[int64]int64{},
	}
	t.define(Property{Name: propObjectID, Label: "Record ID", Type: "number", Unique: true, ReadOnly: true, Defined: true})
	t.define(Property{Name: propCreated, Label: "Create Date", Type: "datetime", ReadOnly: true, Defined: true})
	return t
}

func (t *objectType) define(p Property) {
	p = p.completed()
	at, known := t.index[p.Name]
	if !known {
		at = uint16(len(t.properties))
		t.index[p.Name] = at
		t.properties = append(t.properties, p)
	}
	t.properties[at] = p
	if p.Unique && p.Name != propObjectID && t.unique[p.Name] == nil {
		t.unique[p.Name] = map[string]int64{}
	}
}

func (t *objectType) defineAll(props []Property) {
	for _, p := range props {
		t.define(p)
	}
}

// find resolves a value of idProperty ("" means the record id) to a record
// that is not archived.
func (t *objectType) find(idProperty, id string) *record {
	if idProperty == "" || idProperty == propObjectID {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return nil
		}
		return t.live(n)
	}
	n, known := t.unique[idProperty][fold(idProperty, id)]
	if !known {
		return nil
	}
	return t.live(n)
}

// findOrSurvivor also follows record ids that were merged away.
func (t *objectType) findOrSurvivor(idProperty, id string) *record {
	if r := t.find(idProperty, id); r != nil || idProperty != "" {
		return r
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil
	}
	return t.live(t.survivor(n))
}

// findArchived finds a record that was archived, by its record id: its other
// keys are free. One that was merged away is none.
func (t *objectType) findArchived(idProperty, id string) *record {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || idProperty != "" && idProperty != propObjectID || t.merged[n] != 0 {
		return nil
	}
	if r := t.records[n]; r != nil && r.archived {
		return r
	}
	return nil
}

func (t *objectType) live(id int64) *record {
	if r := t.records[id]; r != nil && !r.archived {
		return r
	}
	return nil
}

// survivor follows merges from a record id to the record that holds it now.
func (t *objectType) survivor(id int64) int64 {
	for into, merged := t.merged[id]; merged; into, merged = t.merged[id] {
		id = into
	}
	return id
}

// fold brings a unique value to the form it is indexed by: HubSpot keeps
// addresses in lower case and takes any.
func fold(property, text string) string {
	if property == propEmail {
		return strings.ToLower(text)
	}
	return text
}

func (t *objectType) isUnique(property string) bool {
	at, known := t.index[property]
	return known && t.properties[at].Unique
}

// put sets properties of a record, an empty text clearing one, and keeps the
// unique indexes true. It changes nothing when it returns an error.
func (t *objectType) put(r *record, properties map[string]string, now time.Time) error {
	names := make([]string, 0, len(properties))
	for name := range properties {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if err := t.checkUnique(r, name, properties[name]); err != nil {
			return err
		}
	}
	for _, name := range names {
		if _, known := t.index[name]; !known {
			t.define(Property{Name: name})
		}
		t.unindex(r, name)
		r.set(t.index[name], clean(name, properties[name]))
		t.reindex(r, name)
	}
	r.updated = now.UnixMilli()
	return nil
}

func clean(name, text string) string {
	if name == propEmail || name == propAdditionalEmails {
		return strings.ToLower(strings.TrimSpace(text))
	}
	return text
}

// create adds a record. id 0 takes the next free one.
func (t *objectType) create(id int64, properties map[string]string, now time.Time) (*record, error) {
	if id == 0 {
		id = t.nextID
	}
	if t.records[id] != nil {
		return nil, fmt.Errorf("record %d exists", id)
	}
	r := &record{id: id, created: now.UnixMilli(), values: make([]value, 0, len(properties))}
	if err := t.put(r, properties, now); err != nil {
		return nil, err
	}
	t.records[id] = r
	t.nextID = max(t.nextID, id+1)
	return r, nil
}

// archive takes a record out of every answer and frees its unique values.
func (t *objectType) archive(r *record) {
	for _, p := range t.properties {
		t.unindex(r, p.Name)
	}
	r.archived = true
}

// text returns a property's value as HubSpot would send it, "" for null.
func (t *objectType) text(r *record, name string) string {
	switch name {
	case propObjectID:
		return strconv.FormatInt(r.id, 10)
	case propCreated:
		return stamp(r.created)
	case propContactModified, propModified:
		return stamp(r.updated)
	}
	at, known := t.index[name]
	if !known {
		return ""
	}
	return r.get(at)
}

func (r *record) get(property uint16) string {
	for _, v := range r.values {
		if v.property == property {
			return v.text
		}
	}
	return ""
}

func (r *record) set(property uint16, text string) {
	at := slices.IndexFunc(r.values, func(v value) bool { return v.property == property })
	switch {
	case at >= 0 && text == "":
		r.values = slices.Delete(r.values, at, at+1)
	case at >= 0:
		r.values[at].text = text
	case text != "":
		r.values = append(r.values, value{property, text})
	}
}

// stamp writes milliseconds since 1970 the way HubSpot writes instants.
func stamp(ms int64) string {
	return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z")
}
