package control

import (
	"iter"
	"strings"
	"time"
)

// KnownList is what tells of a list that was read before whether a row's list_name means it. A row continues with the list
// that it had, also after somebody has renamed it in HubSpot.
type KnownList struct {
	ID           string
	Name         string    // in HubSpot; "": not known
	KnownAs      string    // the list_name by which rows know it; "": they do not
	ObjectTypeID string    // "": not known
	FullReadAt   time.Time // zero: it was not read whole
}

// ListCalled returns the ID of the list that is known by a name, of those whose object type fits; "": there is none.
// Names are compared without regard to case, as HubSpot does.
func ListCalled(lists iter.Seq[KnownList], name string, fits func(objectTypeID string) bool) (id string) {
	var best KnownList
	for l := range lists {
		if !fits(l.ObjectTypeID) || !strings.EqualFold(l.Name, name) && !strings.EqualFold(l.KnownAs, name) {
			continue
		}
		if best.ID == "" || l.closer(best, name) {
			best = l
		}
	}
	return best.ID
}

// closer reports whether a list is more likely the one that rows mean by a name than another: rows know it by that name, or it was read later.
func (l KnownList) closer(other KnownList, name string) bool {
	if is, was := strings.EqualFold(l.KnownAs, name), strings.EqualFold(other.KnownAs, name); is != was {
		return is
	}
	return l.FullReadAt.After(other.FullReadAt)
}
