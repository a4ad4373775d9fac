package sandbox

import (
	"slices"
	"strconv"
)

func (s *Server) addMemberships(x *exchange) (answer, *problem) {
	if p := checkContentType(x.r, "application/json"); p != nil {
		return answer{}, p
	}
	add, p := decodeStrings(x.body)
	if p != nil {
		return answer{}, p
	}
	return s.changeMemberships(x, add, nil)
}

func (s *Server) removeMemberships(x *exchange) (answer, *problem) {
	if p := checkContentType(x.r, "application/json"); p != nil {
		return answer{}, p
	}
	remove, p := decodeStrings(x.body)
	if p != nil {
		return answer{}, p
	}
	return s.changeMemberships(x, nil, remove)
}

type membershipChange struct {
	Add    jsonStrings `json:"recordIdsToAdd"`
	Remove jsonStrings `json:"recordIdsToRemove"`
}

func (s *Server) addAndRemoveMemberships(x *exchange) (answer, *problem) {
	if p := checkContentType(x.r, "application/json"); p != nil {
		return answer{}, p
	}
	req, p := decodeObject[membershipChange](x.body, "recordIdsToAdd", "recordIdsToRemove")
	if p != nil {
		return answer{}, p
	}
	return s.changeMemberships(x, req.Add, req.Remove)
}

// changeMemberships applies a write whole or not at all.
func (s *Server) changeMemberships(x *exchange, add, remove []string) (answer, *problem) {
	x.ids = len(add) + len(remove)
	l, p := s.liveList(x)
	if p != nil {
		return answer{}, p
	}
	if p := checkMembershipWrite(l); p != nil {
		return answer{}, p
	}
	if most := s.opts.MaxMembershipIDs; most > 0 && x.ids > most {
		return answer{}, invalid("A membership write may carry at most %d record IDs, but had %d.", most, x.ids)
	}
	if id := x.fault.refused(add, remove); id != "" {
		return answer{}, invalid("Record %s could not be processed.", id)
	}
	adds, p := recordIDs(add)
	if p != nil {
		return answer{}, p
	}
	removes, p := recordIDs(remove)
	if p != nil {
		return answer{}, p
	}
	if id, both := overlap(adds, removes); both {
		return answer{}, invalid("Record %d is to be added and to be removed.", id)
	}
	t := s.store.objectType(l.objectTypeID)
	return s.membershipAnswer(l.change(t, adds, removes, x.now, s.opts.MetadataLag)), nil
}

func overlap(a, b []int64) (int64, bool) {
	a = distinct(a)
	for _, id := range b {
		if _, found := slices.BinarySearch(a, id); found {
			return id, true
		}
	}
	return 0, false
}

func (s *Server) membershipAnswer(c changed) answer {
	body := map[string][]string{}
	put := func(key string, ids []int64) {
		if len(ids) == 0 && s.opts.OmitEmpty {
			return
		}
		texts := make([]string, len(ids))
		for i, id := range ids {
			texts[i] = strconv.FormatInt(id, 10)
		}
		body[key] = texts
	}
	put(s.opts.AddedKey, c.added)
	put("recordIdsRemoved", c.removed)
	put("recordIdsMissing", c.missing)
	return ok(body)
}
