package engine

import (
	"iter"
	"strings"
	"time"
)

// knownList is what tells of a list that was read before whether a row's list_name means it.
type knownList struct {
	id           string
	name         string    // in HubSpot; "": not known
	knownAs      string    // the list_name by which rows know it; "": they do not
	objectTypeID string    // "": not known
	fullReadAt   time.Time // zero: it was not read whole
}

// listCalled returns the ID of the list that is known by a name, of those whose object type fits; "": there is none.
func listCalled(lists iter.Seq[knownList], name string, fits func(objectTypeID string) bool) (id string) {
	var best knownList
	for l := range lists {
		if !fits(l.objectTypeID) || !strings.EqualFold(l.name, name) && !strings.EqualFold(l.knownAs, name) {
			continue
		}
		if best.id == "" || l.closer(best, name) {
			best = l
		}
	}
	return best.id
}

// closer reports whether a list is more likely the one that rows mean by a name than another: rows know it by that name, or it was read later.
func (l knownList) closer(other knownList, name string) bool {
	if is, was := strings.EqualFold(l.knownAs, name), strings.EqualFold(other.knownAs, name); is != was {
		return is
	}
	return l.fullReadAt.After(other.fullReadAt)
}
