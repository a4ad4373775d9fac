package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The methods of this file change the account behind the API's back, as a
// person at HubSpot's own screens would. They are not calls: they meet no
// fault, no limit and no log.

// CreateContact adds a contact and returns its record id. Unknown properties
// are defined on the way. It is an error when another contact has the address,
// as its primary or as an additional one.
func (s *Server) CreateContact(properties map[string]string) (id string, err error) {
	return s.CreateObject("contacts", properties)
}

// CreateObject adds a record of a type, given by name or objectTypeId, and
// returns its id. The property hs_object_id, if given, chooses the id.
func (s *Server) CreateObject(objectType string, properties map[string]string) (id string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.typeNamed(objectType)
	if err != nil {
		return "", err
	}
	var number int64
	given := make(map[string]string, len(properties))
	for name, text := range properties {
		if name != propObjectID {
			given[name] = text
		} else if number, err = strconv.ParseInt(text, 10, 64); err != nil || number < 1 {
			return "", fmt.Errorf("record id %q is not a positive number", text)
		}
	}
	r, err := t.create(number, given, s.opts.Now())
	if err != nil {
		return "", err
	}
	return t.text(r, propObjectID), nil
}

// PatchObject sets properties of a record; an empty text clears one. A new
// email address replaces the old one.
func (s *Server) PatchObject(objectType, id string, properties map[string]string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, r, err := s.recordNamed(objectType, id)
	if err != nil {
		return err
	}
	return t.put(r, properties, s.opts.Now())
}

// DeleteObject archives a record: it leaves every answer and every list.
func (s *Server) DeleteObject(objectType, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, r, err := s.recordNamed(objectType, id)
	if err != nil {
		return err
	}
	s.store.archive(t, r, s.opts.Now(), s.opts.MetadataLag)
	return nil
}

// MergeContacts merges the contact other into primary and returns the id that
// lives on: that of primary, or a new one (Options.MergeMakesNewID). The
// survivor has the addresses, the list memberships and the associations of
// both; batch read, membership and association writes no longer know the ids
// that went.
func (s *Server) MergeContacts(primary, other string) (id string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mergeContacts(primary, other, s.opts.Now())
}

func (s *Server) mergeContacts(primary, other string, now time.Time) (string, error) {
	t, into, err := s.recordNamed("contacts", primary)
	if err != nil {
		return "", err
	}
	_, from, err := s.recordNamed("contacts", other)
	if err != nil {
		return "", err
	}
	if into == from {
		return "", fmt.Errorf("contact %s cannot be merged into itself", primary)
	}
	gone := []*record{from}
	properties := map[string]string{
		propAdditionalEmails: joined(t.text(into, propAdditionalEmails), t.text(from, propEmail), t.text(from, propAdditionalEmails)),
		propMergedIDs:        joined(t.text(into, propMergedIDs), t.text(from, propMergedIDs), other),
	}
	survivor := into
	if s.opts.MergeMakesNewID {
		gone = append(gone, into)
		properties[propMergedIDs] = joined(properties[propMergedIDs], primary)
		survivor = &record{id: t.nextID, created: into.created, values: slices.Clone(into.values)}
		t.nextID++
		t.records[survivor.id] = survivor
		properties[propEmail] = t.text(into, propEmail)
	}
	for _, r := range gone {
		t.archive(r)
		t.merged[r.id] = survivor.id
		for _, l := range s.store.lists {
			if l.objectTypeID == t.id {
				l.replace(r.id, survivor.id, now, s.opts.MetadataLag)
			}
		}
	}
	for _, r := range slices.Backward(gone) {
		s.store.associations.hand(t.id, r.id, survivor.id)
	}
	for _, p := range t.properties {
		t.reindex(survivor, p.Name)
	}
	if err := t.put(survivor, properties, now); err != nil {
		return "", err
	}
	return t.text(survivor, propObjectID), nil
}

// joined writes the parts as one value of HubSpot's multiple-choice kind.
func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), ";")
}

// Readdress gives a contact a new primary address; the old one becomes an
// additional one. An address that was additional before may become primary.
func (s *Server) Readdress(id, email string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, r, err := s.recordNamed("contacts", id)
	if err != nil {
		return err
	}
	additional := append(strings.Split(t.text(r, propAdditionalEmails), ";"), t.text(r, propEmail))
	email = clean(propEmail, email)
	additional = slices.DeleteFunc(additional, func(e string) bool { return e == email })
	return t.put(r, map[string]string{propEmail: email, propAdditionalEmails: joined(additional...)}, s.opts.Now())
}

// DefineProperty adds a property to a type, or changes what it is.
func (s *Server) DefineProperty(objectType string, p Property) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.typeNamed(objectType)
	if err != nil {
		return err
	}
	if p.Name == "" {
		return fmt.Errorf("property without a name")
	}
	t.define(p)
	return nil
}

// Schema describes a custom object type.
type Schema struct {
	// Name is the type's name, such as "pets"; Singular defaults to Name.
	Name     string `json:"name"`
	Singular string `json:"singular,omitempty"`
	// Properties come beside hs_object_id and createdate.
	Properties []Property `json:"properties,omitempty"`
}

// DefineSchema adds a custom object type and returns its objectTypeId, "2-…".
func (s *Server) DefineSchema(schema Schema) (objectTypeID string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if schema.Name == "" {
		return "", fmt.Errorf("schema without a name")
	}
	if s.store.objectType(schema.Name) != nil {
		return "", fmt.Errorf("object type %s exists", schema.Name)
	}
	custom := int64(len(s.store.types) - len(standardTypes()))
	t := newObjectType(fmt.Sprintf("2-%d", 7_001+custom), schema.Name, schema.Singular, 7_000_000_001+custom*100_000_000)
	if t.singular == "" {
		t.singular = schema.Name
	}
	t.portalName = fmt.Sprintf("p%d_%s", PortalID, schema.Name)
	t.defaults = []string{propObjectID, propCreated, propModified}
	t.defineAll(schema.Properties)
	t.define(Property{Name: propModified, Label: "Last Modified Date", Type: "datetime", ReadOnly: true, Defined: true})
	s.store.types = append(s.store.types, t)
	s.store.addDefaults()
	return t.id, nil
}

func (s *Server) typeNamed(name string) (*objectType, error) {
	if t := s.store.objectType(name); t != nil {
		return t, nil
	}
	return nil, fmt.Errorf("unknown object type %q", name)
}

func (s *Server) recordNamed(objectType, id string) (*objectType, *record, error) {
	t, err := s.typeNamed(objectType)
	if err != nil {
		return nil, nil, err
	}
	r := t.find("", id)
	if r == nil {
		return nil, nil, fmt.Errorf("no %s with id %q", t.singular, id)
	}
	return t, r, nil
}
