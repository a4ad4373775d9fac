package sandbox

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// wireList is PublicObjectList, and PublicObjectListSearchResult when it has
// additionalProperties.
type wireList struct {
	ListID               string            `json:"listId"`
	ListVersion          int               `json:"listVersion"`
	Name                 string            `json:"name"`
	ObjectTypeID         string            `json:"objectTypeId"`
	ProcessingType       string            `json:"processingType"`
	ProcessingStatus     string            `json:"processingStatus"`
	CreatedAt            string            `json:"createdAt"`
	CreatedByID          string            `json:"createdById"`
	UpdatedAt            string            `json:"updatedAt"`
	FiltersUpdatedAt     string            `json:"filtersUpdatedAt,omitempty"`
	DeletedAt            string            `json:"deletedAt,omitempty"`
	Size                 *int              `json:"size,omitempty"`
	FilterBranch         json.RawMessage   `json:"filterBranch,omitempty"`
	AdditionalProperties map[string]string `json:"additionalProperties,omitzero"`
}

func (l *list) wire() wireList {
	w := wireList{
		ListID: strconv.FormatInt(l.id, 10), ListVersion: l.version, Name: l.name,
		ObjectTypeID: l.objectTypeID, ProcessingType: l.processingType, ProcessingStatus: "COMPLETE",
		CreatedAt: stamp(l.created), UpdatedAt: stamp(l.updated),
	}
	w.CreatedByID = "1"
	if l.byAPI {
		w.CreatedByID = "7000001"
	}
	if l.filter != nil {
		w.FiltersUpdatedAt = stamp(l.created)
	}
	return w
}

// wireList is a list as the reads by id and by name answer it.
func (s *Server) wireList(x *exchange, l *list, filters bool) wireList {
	w := l.wire()
	size := l.meta(x.now, s.opts.MetadataLag).size
	w.Size = &size
	if filters {
		w.FilterBranch = l.filter
	}
	return w
}

// searchable lists the keys of additionalProperties that list search gives
// when it is asked for none.
func searchable() []string {
	return []string{"hs_list_size", "hs_last_record_added_at", "hs_last_record_removed_at", "hs_folder_name", "hs_list_reference_count"}
}

// additional gives the asked properties as strings; those without a value are
// left out.
func (l *list) additional(names []string, now time.Time, lag time.Duration) map[string]string {
	meta := l.meta(now, lag)
	if len(names) == 0 {
		names = searchable()
	}
	given := map[string]string{}
	put := func(name string, number int64, known bool) {
		if known && slices.Contains(names, name) {
			given[name] = strconv.FormatInt(number, 10)
		}
	}
	put("hs_list_size", int64(meta.size), true)
	put("hs_last_record_added_at", meta.lastAdded, meta.lastAdded != 0)
	put("hs_last_record_removed_at", meta.lastRemoved, meta.lastRemoved != 0)
	put("hs_list_reference_count", 0, true)
	return given
}

// searchRequest is ListSearchRequest. HubSpot's schema requires some of it and
// HubSpot's examples omit the same, so nothing is required here.
type searchRequest struct {
	Query                string   `json:"query"`
	Offset               int      `json:"offset"`
	Count                *int     `json:"count"`
	ListIDs              []string `json:"listIds"`
	ProcessingTypes      []string `json:"processingTypes"`
	ObjectTypeID         string   `json:"objectTypeId"`
	Sort                 string   `json:"sort"`
	AdditionalProperties []string `json:"additionalProperties"`
}

// matches reports whether a live list is asked for.
func (q *searchRequest) matches(l *list) bool {
	id := strconv.FormatInt(l.id, 10)
	return l.deleted == 0 &&
		(len(q.ListIDs) == 0 || slices.Contains(q.ListIDs, id)) &&
		(len(q.ProcessingTypes) == 0 || slices.Contains(q.ProcessingTypes, l.processingType)) &&
		(q.ObjectTypeID == "" || q.ObjectTypeID == l.objectTypeID) &&
		strings.Contains(strings.ToLower(l.name), strings.ToLower(q.Query))
}
