package sandbox

import (
	"fmt"
	"slices"
	"strconv"
)

// Label describes an association label.
type Label struct {
	// From and To are object types, by name or objectTypeId; Label is what the association is called from From to To.
	From  string `json:"from"`
	To    string `json:"to"`
	Label string `json:"label"`
	// InverseLabel is what it is called from To to From; empty means Label.
	InverseLabel string `json:"inverseLabel,omitempty"`
}

// DefineLabel adds an association label, of category USER_DEFINED, and returns its type ID from From to To.
func (s *Server) DefineLabel(l Label) (typeID int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	from, to, err := s.typesNamed(l.From, l.To)
	if err != nil {
		return 0, err
	}
	t, refusal := s.store.associations.label(pair{from.id, to.id}, createLabelRequest{Label: l.Label, InverseLabel: l.InverseLabel})
	if refusal != nil {
		return 0, fmt.Errorf("label %q: %s", l.Label, refusal.message)
	}
	return t.id, nil
}

// RenameLabel calls an association label otherwise, in both directions.
func (s *Server) RenameLabel(fromType, toType string, typeID int, label string) error {
	return s.changeLabel(fromType, toType, typeID, func(t *linkType) { t.label, t.inverse.label = label, label })
}

// DeleteLabel deletes an association label, as somebody does in HubSpot's settings. Records that have it stay associated without it.
func (s *Server) DeleteLabel(fromType, toType string, typeID int) error {
	return s.changeLabel(fromType, toType, typeID, s.store.associations.undefine)
}

func (s *Server) changeLabel(fromType, toType string, typeID int, change func(*linkType)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	from, to, err := s.typesNamed(fromType, toType)
	if err != nil {
		return err
	}
	t, refusal := s.ownLabel(pair{from.id, to.id}, strconv.Itoa(typeID))
	if refusal != nil {
		return fmt.Errorf("label %d: %s", typeID, refusal.message)
	}
	change(t)
	return nil
}

// Associate makes two records associated, by the default type and by the labels given, besides those that they have.
func (s *Server) Associate(fromType, id, toType, toID string, labels ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.associate(fromType, id, toType, toID, labels)
}

func (s *Server) associate(fromType, id, toType, toID string, labels []string) error {
	from, to, err := s.typesNamed(fromType, toType)
	if err != nil {
		return err
	}
	a, b := from.find("", id), to.find("", toID)
	if a == nil || b == nil || a == b {
		return fmt.Errorf("no %s %s or no %s %s to associate with it", from.singular, id, to.singular, toID)
	}
	p := pair{from.id, to.id}
	var types []*linkType
	for _, label := range labels {
		known := s.store.associations.typesOf(p)
		at := slices.IndexFunc(known, func(t *linkType) bool { return t.label == label })
		if at < 0 {
			return fmt.Errorf("no association label %q from %s to %s", label, from.name, to.name)
		}
		types = append(types, known[at])
	}
	s.store.associations.associate(p, a.id, b.id, types, false)
	return nil
}

// Dissociate ends the association of two records, if there is one.
func (s *Server) Dissociate(fromType, id, toType, toID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dissociate(fromType, id, toType, toID)
}

func (s *Server) dissociate(fromType, id, toType, toID string) error {
	from, to, err := s.typesNamed(fromType, toType)
	if err != nil {
		return err
	}
	ids, refusal := recordIDs([]string{id, toID})
	if refusal != nil {
		return fmt.Errorf("association: %s", refusal.message)
	}
	s.store.associations.put(pair{from.id, to.id}, ids[0], ids[1], nil)
	return nil
}

// Association is what a record is associated with.
type Association struct {
	// ToID is the other record's id.
	ToID string
	// Labels are those of the association, without the default type; the types of each are in Types, such as HUBSPOT_DEFINED=1.
	Labels, Types []string
}

// Associations returns what a record is associated with among those of another type, by ascending id.
func (s *Server) Associations(fromType, id, toType string) ([]Association, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	from, to, err := s.typesNamed(fromType, toType)
	if err != nil {
		return nil, err
	}
	r := from.find("", id)
	if r == nil {
		return nil, fmt.Errorf("no %s with id %q", from.singular, id)
	}
	var all []Association
	for _, l := range s.store.associations.links[pair{from.id, to.id}][r.id] {
		all = append(all, Association{strconv.FormatInt(l.to, 10), l.labels(), typeNames(l.types)})
	}
	return all, nil
}

func (s *Server) typesNamed(from, to string) (a, b *objectType, err error) {
	if a, err = s.typeNamed(from); err == nil {
		b, err = s.typeNamed(to)
	}
	return a, b, err
}

type associationCommand struct {
	Action string   `json:"action"`
	From   string   `json:"from"`
	ID     string   `json:"id"`
	To     string   `json:"to"`
	ToID   string   `json:"toId"`
	Labels []string `json:"labels"`
}

func (s *Server) commandAssociation(c associationCommand) error {
	switch c.Action {
	case "create":
		return s.Associate(c.From, c.ID, c.To, c.ToID, c.Labels...)
	case "delete":
		return s.Dissociate(c.From, c.ID, c.To, c.ToID)
	}
	return fmt.Errorf("unknown action %q for associations", c.Action)
}
