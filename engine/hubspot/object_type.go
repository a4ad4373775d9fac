package hubspot

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// ObjectType is a kind of record: contacts, companies, deals or a custom one.
type ObjectType struct {
	// ID is the type ID: 0-1 and the like for HubSpot's own, 2-… for custom ones.
	ID string
	// Name is plural for HubSpot's own types (contacts), and as the schema has it for custom ones.
	Name string
}

// ContactsID is the type ID of contacts.
const ContactsID = "0-1"

// Path returns the type as it stands in the address of its records: custom types by their ID, since their names need not be unique.
func (t ObjectType) Path() string {
	if strings.HasPrefix(t.ID, "2-") {
		return t.ID
	}
	return t.Name
}

// ErrUnknownObjectType means that the account has no object type of that name or ID.
var ErrUnknownObjectType = errors.New("no such object type")

// standardType returns HubSpot's own types, which need no call (HubSpot's guide "Understanding the CRM").
func standardType(name string) (ObjectType, bool) {
	singular := map[string]string{"contact": "contacts", "company": "companies", "deal": "deals", "ticket": "tickets"}
	name = strings.ToLower(name)
	for _, t := range StandardTypes() {
		if name == t.Name || name == t.ID || singular[name] == t.Name {
			return t, true
		}
	}
	return ObjectType{}, false
}

// StandardTypes are HubSpot's own types that every account has and that are known by name without a call.
func StandardTypes() []ObjectType {
	return []ObjectType{{ContactsID, "contacts"}, {"0-2", "companies"}, {"0-3", "deals"}, {"0-5", "tickets"}}
}

// MayBeType reports whether a name or ID of an object type may mean the type with that ID, without making a call: the name of
// a custom type may mean any custom type.
func MayBeType(name, id string) bool {
	name = strings.TrimSpace(name)
	if standard, ok := standardType(name); ok {
		return standard.ID == id
	}
	if hubspotTypeID.MatchString(name) || strings.HasPrefix(name, "2-") {
		return name == id
	}
	return strings.HasPrefix(id, "2-")
}

// operationObject is the object type as it stands in the name of an operation.
func operationObject(objectType string) string {
	if standard, ok := standardType(objectType); ok {
		return standard.Name
	}
	return objectType
}

var hubspotTypeID = regexp.MustCompile(`^0-\d+$`)

// KnownType returns the type for a name or ID that needs no call, one of HubSpot's own; false: it may be a custom one's.
func KnownType(name string) (ObjectType, bool) {
	name = strings.TrimSpace(name)
	if standard, ok := standardType(name); ok {
		return standard, true
	}
	return ObjectType{ID: name, Name: name}, hubspotTypeID.MatchString(name)
}

// ObjectType returns the type for a name or ID. HubSpot's own are known without a call; custom ones are looked for
// among the account's schemas by ID, name, full name (p123_name) and labels, without regard to case. The schemas are read
// once; again only for a name that is not among them, which may have come since.
func (c *Client) ObjectType(ctx context.Context, name string) (ObjectType, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		return ObjectType{}, errors.New("object type: empty")
	}
	if t, known := KnownType(name); known {
		return t, nil
	}
	s, schemas, err := c.schemaCalled(ctx, name)
	switch {
	case err != nil:
		return ObjectType{}, err
	case s != nil:
		return ObjectType{ID: s.ObjectTypeID, Name: s.Name}, nil
	}
	var known []string
	for _, t := range StandardTypes() {
		known = append(known, t.Name)
	}
	for _, s := range schemas {
		known = append(known, s.Name)
	}
	return ObjectType{}, fmt.Errorf("object type %q: %w in this account, which has %s",
		c.core.redact.line(name), ErrUnknownObjectType, strings.Join(known, ", "))
}
