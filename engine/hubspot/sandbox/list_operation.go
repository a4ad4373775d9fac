package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// maxSearchCount is the most lists that one search answers.
const maxSearchCount = 500

// liveList finds the list that the path names. What HubSpot answers for a
// list that is deleted or was never there is not documented; here it is 404.
func (s *Server) liveList(x *exchange) (*list, *problem) {
	l := s.store.liveList(x.params["listId"])
	if l == nil {
		return nil, notFound("List does not exist with ID %s.", x.params["listId"])
	}
	return l, nil
}

// getLists answers the lists asked for by id; none asked for, none given.
func (s *Server) getLists(x *exchange) (answer, *problem) {
	q := x.r.URL.Query()
	filters, p := queryBool(q, "includeFilters")
	if p != nil {
		return answer{}, p
	}
	x.ids = len(q["listIds"])
	lists := []wireList{}
	for _, id := range q["listIds"] {
		if l := s.store.liveList(id); l != nil {
			lists = append(lists, s.wireList(x, l, filters))
		}
	}
	return ok(map[string]any{"lists": lists}), nil
}

func (s *Server) getList(x *exchange) (answer, *problem) {
	filters, p := queryBool(x.r.URL.Query(), "includeFilters")
	if p != nil {
		return answer{}, p
	}
	l, p := s.liveList(x)
	if p != nil {
		return answer{}, p
	}
	return ok(map[string]any{"list": s.wireList(x, l, filters)}), nil
}

func (s *Server) getListByName(x *exchange) (answer, *problem) {
	filters, p := queryBool(x.r.URL.Query(), "includeFilters")
	if p != nil {
		return answer{}, p
	}
	l := s.store.listByName(x.params["listName"])
	if l == nil || l.objectTypeID != x.params["objectTypeId"] {
		return answer{}, notFound("List does not exist with name %s and object type ID %s.", x.params["listName"], x.params["objectTypeId"])
	}
	return ok(map[string]any{"list": s.wireList(x, l, filters)}), nil
}

type createListRequest struct {
	Name               string            `json:"name"`
	ObjectTypeID       string            `json:"objectTypeId"`
	ProcessingType     string            `json:"processingType"`
	FilterBranch       json.RawMessage   `json:"filterBranch"`
	ListFolderID       int32             `json:"listFolderId"`
	ListPermissions    json.RawMessage   `json:"listPermissions"`
	MembershipSettings json.RawMessage   `json:"membershipSettings"`
	CustomProperties   map[string]string `json:"customProperties"`
}

func (s *Server) createList(x *exchange) (answer, *problem) {
	if p := checkContentType(x.r, "application/json"); p != nil {
		return answer{}, p
	}
	req, p := decodeObject[createListRequest](x.body, "name", "objectTypeId", "processingType")
	if p != nil {
		return answer{}, p
	}
	t := s.store.objectType(req.ObjectTypeID)
	if t == nil || t.id != req.ObjectTypeID {
		p := invalid("Object type ID %s is not supported for lists.", req.ObjectTypeID)
		p.subCategory = "ListError.INVALID_OBJECT_TYPE_FOR_LIST"
		return answer{}, p
	}
	if p := checkProcessingType(req.ProcessingType); p != nil {
		return answer{}, p
	}
	if p := s.checkListName(req.Name, nil); p != nil {
		return answer{}, p
	}
	if req.ProcessingType == Dynamic && req.FilterBranch == nil {
		return answer{}, invalid("A DYNAMIC list must have a filterBranch.")
	}
	l, err := s.store.createList(0, req.Name, t, req.ProcessingType, x.now)
	if err != nil {
		return answer{}, invalid("%v", err)
	}
	l.filter, l.byAPI = req.FilterBranch, true
	return ok(map[string]any{"list": s.wireList(x, l, true)}), nil
}

func checkProcessingType(processingType string) *problem {
	if !slices.Contains([]string{Manual, Snapshot, Dynamic}, processingType) {
		return invalid("processingType must be one of MANUAL, SNAPSHOT, DYNAMIC, not %q", processingType)
	}
	return nil
}

// checkListName refuses a name that another list has.
func (s *Server) checkListName(name string, self *list) *problem {
	if strings.TrimSpace(name) == "" {
		return invalid("List name must not be blank.")
	}
	if other := s.store.listByName(name); other != nil && other != self {
		p := invalid("List name %q is already in use by list %d.", name, other.id)
		p.subCategory = "ILS.DUPLICATE_LIST_NAMES"
		return p
	}
	return nil
}

func (s *Server) searchLists(x *exchange) (answer, *problem) {
	if p := checkContentType(x.r, "application/json"); p != nil {
		return answer{}, p
	}
	req, p := decodeObject[searchRequest](x.body)
	if p != nil {
		return answer{}, p
	}
	count := 20
	if req.Count != nil {
		count = *req.Count
	}
	if count < 1 || count > maxSearchCount || req.Offset < 0 {
		return answer{}, invalid("count must be between 1 and %d and offset must not be negative, but they were %d and %d", maxSearchCount, count, req.Offset)
	}
	x.ids = len(req.ListIDs)
	horizon := x.now.Add(-s.opts.SearchLag).UnixMilli()
	var found []*list
	for _, l := range s.store.lists {
		if req.matches(l) && l.created <= horizon {
			found = append(found, l)
		}
	}
	start, end := min(req.Offset, len(found)), min(req.Offset+count, len(found))
	lists := []wireList{}
	for _, l := range found[start:end] {
		w := l.wire()
		w.AdditionalProperties = l.additional(req.AdditionalProperties, x.now, s.opts.MetadataLag)
		lists = append(lists, w)
	}
	return ok(map[string]any{"lists": lists, "hasMore": end < len(found), "offset": end, "total": len(found)}), nil
}

func (s *Server) deleteList(x *exchange) (answer, *problem) {
	l, p := s.liveList(x)
	if p != nil {
		return answer{}, p
	}
	l.deleted = x.now.UnixMilli()
	return noContent(), nil
}

// restoreList brings a deleted list back with its members.
func (s *Server) restoreList(x *exchange) (answer, *problem) {
	l := s.store.list(x.params["listId"])
	if l == nil {
		return answer{}, notFound("List does not exist with ID %s.", x.params["listId"])
	}
	if l.deleted != 0 {
		if p := s.checkListName(l.name, l); p != nil {
			return answer{}, p
		}
	}
	l.deleted = 0
	return noContent(), nil
}

func (s *Server) renameList(x *exchange) (answer, *problem) {
	l, p := s.liveList(x)
	if p != nil {
		return answer{}, p
	}
	name := x.r.URL.Query().Get("listName")
	if p := s.checkListName(name, l); p != nil {
		return answer{}, p
	}
	l.name = name
	l.touch(x.now)
	return ok(map[string]any{"updatedList": s.wireList(x, l, false)}), nil
}

// checkMembershipWrite refuses a membership write to a list of filters, the
// HubSpot reference allowing MANUAL and SNAPSHOT only.
func checkMembershipWrite(l *list) *problem {
	if l.processingType == Dynamic {
		p := invalid("List %d is a DYNAMIC list: its memberships are set by its filters and cannot be changed by hand.", l.id)
		p.context = map[string][]string{"listId": {fmt.Sprint(l.id)}}
		return p
	}
	return nil
}
