package sandbox

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Bounds of an object search (HubSpot CRM search guide).
const (
	maxSearchBody    = 3_000
	maxSearchGroups  = 5
	maxSearchFilters = 6
	maxSearchLimit   = 200
	maxSearchResults = 10_000
)

type objectSearchRequest struct {
	FilterGroups []json.RawMessage `json:"filterGroups"`
	Sorts        []json.RawMessage `json:"sorts"`
	Query        string            `json:"query"`
	Limit        *int              `json:"limit"`
	After        string            `json:"after"`
	Properties   jsonStrings       `json:"properties"`
}

type filterGroup struct {
	Filters []json.RawMessage `json:"filters"`
}

type filter struct {
	PropertyName string      `json:"propertyName"`
	Operator     string      `json:"operator"`
	Value        string      `json:"value"`
	Values       jsonStrings `json:"values"`
	HighValue    string      `json:"highValue"`
}

// searchObjects answers the records that match every filter of one group, by
// record id. It knows the operators EQ, NEQ, IN, NOT_IN, HAS_PROPERTY and
// NOT_HAS_PROPERTY; other operators, sorts and query it refuses.
func (s *Server) searchObjects(x *exchange) (answer, *problem) {
	t, p := s.pathType(x)
	if p != nil {
		return answer{}, p
	}
	req, groups, p := parseObjectSearch(x)
	if p != nil {
		return answer{}, p
	}
	limit, after := 10, 0
	if req.Limit != nil {
		limit = *req.Limit
	}
	if req.After != "" {
		var err error
		if after, err = strconv.Atoi(req.After); err != nil || after < 0 {
			return answer{}, invalid("after must be a number, not %q", req.After)
		}
	}
	if limit < 1 || limit > maxSearchLimit || after+limit > maxSearchResults {
		return answer{}, invalid("limit must be between 1 and %d, and no more than %d results can be paged through", maxSearchLimit, maxSearchResults)
	}
	var found []*record
	for _, id := range slices.Sorted(maps.Keys(t.records)) {
		if r := t.live(id); r != nil && matchesAny(t, r, groups) {
			found = append(found, r)
		}
	}
	start, end := min(after, len(found)), min(after+limit, len(found))
	results := []wireObject{}
	for _, r := range found[start:end] {
		results = append(results, t.wire(r, req.Properties))
	}
	body := map[string]any{"total": len(found), "results": results}
	if end < len(found) {
		body["paging"] = map[string]any{"next": map[string]string{"after": strconv.Itoa(end)}}
	}
	return ok(body), nil
}

func parseObjectSearch(x *exchange) (req objectSearchRequest, groups [][]filter, p *problem) {
	if p := checkContentType(x.r, "application/json"); p != nil {
		return req, nil, p
	}
	if len(x.body) > maxSearchBody {
		return req, nil, invalid("The request body must not exceed %d characters", maxSearchBody)
	}
	if req, p = decodeObject[objectSearchRequest](x.body); p != nil {
		return req, nil, p
	}
	if len(req.Sorts) > 0 || req.Query != "" {
		return req, nil, invalid("This sandbox takes no sorts and no query")
	}
	if len(req.FilterGroups) > maxSearchGroups {
		return req, nil, invalid("There can be at most %d filterGroups", maxSearchGroups)
	}
	for _, raw := range req.FilterGroups {
		filters, p := parseFilters(raw)
		if p != nil {
			return req, nil, p
		}
		groups = append(groups, filters)
	}
	return req, groups, nil
}

func parseFilters(raw json.RawMessage) ([]filter, *problem) {
	group, p := decodeObject[filterGroup](raw, "filters")
	if p != nil {
		return nil, p
	}
	if len(group.Filters) > maxSearchFilters {
		return nil, invalid("There can be at most %d filters in a group", maxSearchFilters)
	}
	filters := make([]filter, len(group.Filters))
	for i, raw := range group.Filters {
		f, p := decodeObject[filter](raw, "propertyName", "operator")
		if p != nil {
			return nil, p
		}
		if !slices.Contains([]string{"EQ", "NEQ", "IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY"}, f.Operator) {
			return nil, invalid("Operator %q is not one that this sandbox knows", f.Operator)
		}
		filters[i] = f
	}
	return filters, nil
}

// matchesAny reports whether a record satisfies a whole group; with no group at
// all every record does.
func matchesAny(t *objectType, r *record, groups [][]filter) bool {
	return len(groups) == 0 || slices.ContainsFunc(groups, func(filters []filter) bool {
		return !slices.ContainsFunc(filters, func(f filter) bool { return !f.matches(t.text(r, f.PropertyName)) })
	})
}

// matches compares without regard to case, but IN and NOT_IN want their values
// in lower case, as HubSpot does.
func (f filter) matches(text string) bool {
	switch f.Operator {
	case "EQ":
		return strings.EqualFold(text, f.Value)
	case "NEQ":
		return !strings.EqualFold(text, f.Value)
	case "IN":
		return slices.Contains(f.Values, strings.ToLower(text))
	case "NOT_IN":
		return !slices.Contains(f.Values, strings.ToLower(text))
	case "HAS_PROPERTY":
		return text != ""
	}
	return text == ""
}
