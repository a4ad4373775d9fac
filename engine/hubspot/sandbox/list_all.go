package sandbox

import (
	"encoding/base64"
	"fmt"
	"slices"
)

// listAllRequest is the body of the call that lists all lists. The API has it since 2026-09 (HubSpot's guide to segments); its OpenAPI file is
// not among those that the contract tests hold the sandbox to.
type listAllRequest struct {
	ObjectTypeID         string      `json:"objectTypeId"`
	ProcessingTypes      jsonStrings `json:"processingTypes"`
	Count                *int        `json:"count"`
	AdditionalProperties []string    `json:"additionalProperties"`
	After                string      `json:"after"`
}

// listAll answers a page of the lists, in the order of their ids. Unlike search it knows a list as soon as it is made; that is not
// documented.
func (s *Server) listAll(x *exchange) (answer, *problem) {
	if x.version != "2026-09" {
		return answer{}, notFound("resource not found")
	}
	if p := checkContentType(x.r, "application/json"); p != nil {
		return answer{}, p
	}
	req, p := decodeObject[listAllRequest](x.body)
	if p != nil {
		return answer{}, p
	}
	count, last, p := req.page()
	if p != nil {
		return answer{}, p
	}
	var found []*list
	search := searchRequest{ObjectTypeID: req.ObjectTypeID, ProcessingTypes: req.ProcessingTypes}
	for _, l := range s.store.lists {
		if search.matches(l) {
			found = append(found, l)
		}
	}
	start := len(found)
	if at := slices.IndexFunc(found, func(l *list) bool { return l.id > last }); at >= 0 {
		start = at
	}
	end := min(start+count, len(found))
	results := []wireList{}
	for _, l := range found[start:end] {
		w := l.wire()
		w.AdditionalProperties = l.additional(req.AdditionalProperties, x.now, s.opts.MetadataLag)
		results = append(results, w)
	}
	body := map[string]any{"results": results, "total": len(found)}
	if end < len(found) {
		body["paging"] = map[string]any{"next": map[string]string{"after": listCursor(found[end-1].id)}}
	}
	return ok(body), nil
}

// page is how many lists to answer, and the id after which they begin.
func (r *listAllRequest) page() (count int, last int64, refusal *problem) {
	count = 20
	if r.Count != nil {
		count = *r.Count
	}
	if count < 1 || count > maxSearchCount {
		return 0, 0, invalid("count must be between 1 and %d, but was %d", maxSearchCount, count)
	}
	for _, processingType := range r.ProcessingTypes {
		if p := checkProcessingType(processingType); p != nil {
			p.subCategory = "INVALID_PROCESSING_TYPE"
			return 0, 0, p
		}
	}
	if r.After == "" {
		return count, 0, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(r.After)
	if err == nil {
		_, err = fmt.Sscanf(string(raw), "list %d", &last)
	}
	if err != nil {
		refusal = invalid("The paging offset %q is not one of lists.", r.After)
		refusal.subCategory = "INVALID_CURSOR"
	}
	return count, last, refusal
}

func listCursor(id int64) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "list %d", id))
}
