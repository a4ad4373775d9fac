package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"rollcall/engine/hubspot"
)

// list is the HubSpot list that a sync is for. Its ID is empty while the list is not made yet.
type list struct {
	ID, Name   string
	ObjectType hubspot.ObjectType
}

// findList looks the list up by its ID or its name and refuses one that can't be synced: gone, filled by filters, still being
// built, or of another object type.
func (s *session) findList(ctx context.Context) (list, error) {
	objectType, err := s.client.ObjectType(ctx, s.spec.ObjectType)
	if errors.Is(err, hubspot.ErrUnknownObjectType) {
		return list{}, refuse("set object_type to contacts, companies, deals, or a custom object's type ID (2-…) or name",
			"HubSpot has no object type %q", s.spec.ObjectType)
	} else if err != nil {
		return list{}, err
	}
	found, err := s.readList(ctx, objectType)
	if hubspot.IsNotFound(err) {
		if s.spec.ListName != "" {
			return list{Name: s.spec.ListName, ObjectType: objectType}, nil
		}
		return list{}, refuse("it was deleted, or list_id is not its ILS ID: the number at the end of the list's address in HubSpot; a deleted list can be restored for 90 days",
			"HubSpot has no list %s", s.spec.ListID)
	} else if err != nil {
		return list{}, err
	}
	if err := usable(found, objectType); err != nil {
		return list{}, err
	}
	s.log.Debug().Str("list_id", found.ID).Str("processing_type", found.ProcessingType).Msg("found list")
	return list{ID: found.ID, Name: found.Name, ObjectType: objectType}, nil
}

func (s *session) readList(ctx context.Context, objectType hubspot.ObjectType) (hubspot.List, error) {
	if s.spec.ListName != "" {
		return s.client.ListByName(ctx, objectType.ID, s.spec.ListName)
	}
	return s.client.List(ctx, s.spec.ListID)
}

// usable says why a list can't be synced, or nil.
func usable(l hubspot.List, objectType hubspot.ObjectType) error {
	name := fmt.Sprintf("list %s (%s)", l.ID, l.Name)
	switch {
	case l.DeletedAt != nil:
		return refuse("restore it in HubSpot (possible for 90 days), or give the row another list", "%s was deleted at %s", name, l.DeletedAt.UTC().Format("2006-01-02 15:04 MST"))
	case l.ProcessingType != "MANUAL" && l.ProcessingType != "SNAPSHOT":
		return refuse("make a static (MANUAL) list and put its ID into list_id, or its name into list_name",
			"%s is %s: HubSpot fills it by its own filters and takes no members from outside", name, l.ProcessingType)
	case l.ObjectTypeID != objectType.ID:
		return refuse("set object_type to the list's own type, or give the row another list",
			"%s holds objects of type %s, the row is about %s (%s)", name, l.ObjectTypeID, objectType.Name, objectType.ID)
	case l.ProcessingStatus == "PROCESSING":
		return refuse("run it again when HubSpot is done", "HubSpot is still building %s", name)
	}
	return nil
}

// path is how an object type is written in the address of its records: custom types by their ID, since their names need not
// be unique.
func path(t hubspot.ObjectType) string {
	if strings.HasPrefix(t.ID, "2-") {
		return t.ID
	}
	return t.Name
}
