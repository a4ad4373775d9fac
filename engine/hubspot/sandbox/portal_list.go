package sandbox

import (
	"cmp"
	"fmt"
	"strconv"
)

// ListInput describes a list to make.
type ListInput struct {
	Name string `json:"name"`
	// ObjectType is a name or objectTypeId; empty means contacts.
	ObjectType string `json:"objectType,omitempty"`
	// ProcessingType is Manual, Snapshot or Dynamic; empty means Manual.
	ProcessingType string `json:"processingType,omitempty"`
	// ID chooses the list's id; empty takes the next free one.
	ID string `json:"listId,omitempty"`
}

// CreateList makes a list, empty, and returns its id.
func (s *Server) CreateList(in ListInput) (listID string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.typeNamed(cmp.Or(in.ObjectType, "contacts"))
	if err != nil {
		return "", err
	}
	processingType := cmp.Or(in.ProcessingType, Manual)
	if p := checkProcessingType(processingType); p != nil {
		return "", fmt.Errorf("list %q: %s", in.Name, p.message)
	}
	if p := s.checkListName(in.Name, nil); p != nil {
		return "", fmt.Errorf("list %q: %s", in.Name, p.message)
	}
	var id int64
	if in.ID != "" {
		if id, err = strconv.ParseInt(in.ID, 10, 64); err != nil || id < 1 {
			return "", fmt.Errorf("list id %q is not a positive number", in.ID)
		}
	}
	l, err := s.store.createList(id, in.Name, t, processingType, s.opts.Now())
	if err != nil {
		return "", err
	}
	return strconv.FormatInt(l.id, 10), nil
}

// ConvertList gives a list another processing type; members stay.
func (s *Server) ConvertList(listID, processingType string) error {
	if p := checkProcessingType(processingType); p != nil {
		return fmt.Errorf("list %s: %s", listID, p.message)
	}
	return s.withList(listID, func(l *list) error {
		l.processingType = processingType
		l.touch(s.opts.Now())
		return nil
	})
}

// DeleteList deletes a list; the API's restore brings it back.
func (s *Server) DeleteList(listID string) error {
	return s.withList(listID, func(l *list) error {
		l.deleted = s.opts.Now().UnixMilli()
		return nil
	})
}

// AddMembers adds records to a list of any processing type. All must exist;
// those that are members already stay as they are.
func (s *Server) AddMembers(listID string, recordIDs ...string) error {
	return s.editMembers(listID, recordIDs, nil)
}

// RemoveMembers takes records out of a list of any processing type.
func (s *Server) RemoveMembers(listID string, recordIDs ...string) error {
	return s.editMembers(listID, nil, recordIDs)
}

func (s *Server) editMembers(listID string, add, remove []string) error {
	return s.withList(listID, func(l *list) error {
		adds, p := recordIDs(add)
		if p != nil {
			return fmt.Errorf("list %s: %s", listID, p.message)
		}
		removes, p := recordIDs(remove)
		if p != nil {
			return fmt.Errorf("list %s: %s", listID, p.message)
		}
		t := s.store.objectType(l.objectTypeID)
		for _, id := range adds {
			if t.live(id) == nil {
				return fmt.Errorf("list %s: no %s with id %d", listID, t.singular, id)
			}
		}
		l.change(t, adds, removes, s.opts.Now(), s.opts.MetadataLag)
		return nil
	})
}

// Members returns the record ids in a list, in ascending order. A deleted
// list can be looked at too.
func (s *Server) Members(listID string) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.store.list(listID)
	if l == nil {
		return nil, fmt.Errorf("no list with id %q", listID)
	}
	ids := make([]string, len(l.members.byID))
	for i, m := range l.members.byID {
		ids[i] = strconv.FormatInt(m.id, 10)
	}
	return ids, nil
}

func (s *Server) withList(listID string, do func(*list) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.store.liveList(listID)
	if l == nil {
		return fmt.Errorf("no list with id %q", listID)
	}
	return do(l)
}

// ListNames are the names of the lists that are not deleted.
func (s *Server) ListNames() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, l := range s.store.lists {
		if l.deleted == 0 {
			names = append(names, l.name)
		}
	}
	return names
}
