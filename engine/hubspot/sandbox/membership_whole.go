package sandbox

import (
	"net/http"
	"strconv"
)

// maxWholeList is what the size of a list that is copied or emptied in one call must be below (HubSpot's OpenAPI file lists).
const maxWholeList = 100_000

// listsOf lists the lists that a record is in.
func (s *Server) listsOf(t *objectType, id int64) []map[string]any {
	lists := []map[string]any{}
	for _, l := range s.store.lists {
		at, found := l.members.search(id)
		if l.deleted != 0 || l.objectTypeID != t.id || !found {
			continue
		}
		joined := stamp(l.members.byID[at].joined)
		lists = append(lists, map[string]any{
			"listId": strconv.FormatInt(l.id, 10), "listVersion": l.version, "isPublicList": true,
			"firstAddedTimestamp": joined, "lastAddedTimestamp": joined,
		})
	}
	return lists
}

type recordInput struct {
	ObjectTypeID string `json:"objectTypeId"`
	RecordID     string `json:"recordId"`
}

// batchRecordMemberships answers the lists that each record is in, with an error that names those that are not there. How many records a call
// may name is not documented; here it is as many as of records to read. Nor is the error.
func (s *Server) batchRecordMemberships(x *exchange) (answer, *problem) {
	inputs, p := decodeInputs[recordInput](x, maxBatchInputs, "objectTypeId", "recordId")
	if p != nil {
		return answer{}, p
	}
	results, missing := []map[string]any{}, []string{}
	for _, in := range inputs {
		t := s.store.objectType(in.ObjectTypeID)
		if t == nil || t.id != in.ObjectTypeID {
			return answer{}, invalid("Unknown object type ID %s.", in.ObjectTypeID)
		}
		r := t.find("", in.RecordID)
		switch {
		case x.fault.omitsInput(in.RecordID, r):
		case r == nil:
			missing = append(missing, in.RecordID)
		default:
			results = append(results, map[string]any{"objectTypeId": t.id, "recordId": in.RecordID, "recordListMemberships": s.listsOf(t, r.id)})
		}
	}
	var failures []partialError
	if len(missing) > 0 {
		failures = append(failures, newPartialError("OBJECT_NOT_FOUND", "Some records do not exist.", map[string][]string{"ids": missing}))
	}
	return s.partialAnswer(x, http.StatusOK, results, failures), nil
}

// addFrom adds the members of one list to another of the same object type. The other may be of any processing type.
func (s *Server) addFrom(x *exchange) (answer, *problem) {
	l, p := s.liveList(x)
	if p != nil {
		return answer{}, p
	}
	source := s.store.liveList(x.params["sourceListId"])
	if source == nil {
		return answer{}, notFound("List does not exist with ID %s.", x.params["sourceListId"])
	}
	if p := checkMembershipWrite(l); p != nil {
		return answer{}, p
	}
	switch {
	case source == l:
		return answer{}, invalid("The source list and the destination list must be different.")
	case source.objectTypeID != l.objectTypeID:
		return answer{}, invalid("The source list has object type ID %s, the destination list %s.", source.objectTypeID, l.objectTypeID)
	case len(source.members.byID) >= maxWholeList:
		return answer{}, tooManyMembers(source)
	}
	l.change(s.store.objectType(l.objectTypeID), source.members.ids(), nil, x.now, s.opts.MetadataLag)
	return noContent(), nil
}

// removeAll empties a list.
func (s *Server) removeAll(x *exchange) (answer, *problem) {
	l, p := s.liveList(x)
	if p != nil {
		return answer{}, p
	}
	if p := checkMembershipWrite(l); p != nil {
		return answer{}, p
	}
	if len(l.members.byID) >= maxWholeList {
		return answer{}, tooManyMembers(l)
	}
	l.change(s.store.objectType(l.objectTypeID), nil, l.members.ids(), x.now, s.opts.MetadataLag)
	return noContent(), nil
}

func tooManyMembers(l *list) *problem {
	return invalid("List %d has %d members: it must have less than %d.", l.id, len(l.members.byID), maxWholeList)
}

func (m *memberSet) ids() []int64 {
	ids := make([]int64, len(m.byID))
	for i, one := range m.byID {
		ids[i] = one.id
	}
	return ids
}
