package sandbox

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// wireLink is MultiAssociatedObjectWithLabel.
func (s *Server) wireLink(l link) map[string]any {
	types := make([]map[string]any, len(l.types))
	for i, t := range l.types {
		types[i] = s.wireLinkType(t)
	}
	return map[string]any{"toObjectId": s.wireID(l.to), "associationTypes": types}
}

// wireLinkType is AssociationSpecWithLabel.
func (s *Server) wireLinkType(t *linkType) map[string]any {
	wire := map[string]any{"category": t.category, "typeId": t.id}
	switch {
	case !t.isDefault():
		wire["label"] = t.label
	case s.opts.AssociationExamples:
		wire["label"] = nil
	}
	return wire
}

func (s *Server) wireID(id int64) any {
	if s.opts.AssociationExamples {
		return id
	}
	return strconv.FormatInt(id, 10)
}

type readLinksInput struct {
	ID    string `json:"id"`
	After string `json:"after"`
}

// readAssociations answers the associations of each record, a page of each, not in the order of the inputs, and one error for each record
// that has none. A record that is not there is answered like one that has none, as live answers do; of one that was merged away it is not
// documented.
func (s *Server) readAssociations(x *exchange) (answer, *problem) {
	from, to, p := s.pathPair(x)
	if p != nil {
		return answer{}, p
	}
	inputs, p := decodeInputs[readLinksInput](x, maxAssociationReads, "id")
	if p != nil {
		return answer{}, p
	}
	if p := checkDistinct(inputs); p != nil {
		return answer{}, p
	}
	results, failures := []map[string]any{}, []partialError{}
	for _, in := range slices.Backward(inputs) {
		ids, p := recordIDs([]string{in.ID})
		if p != nil {
			return answer{}, p
		}
		page, next, p := s.linkPage(pair{from.id, to.id}, ids[0], in.After, s.associationPage())
		switch {
		case p != nil:
			return answer{}, p
		case x.fault.omitsInput(in.ID, nil):
		case len(page) == 0 && in.After == "":
			failures = append(failures, noAssociations(from, to, in.ID))
		default:
			result := map[string]any{"from": map[string]string{"id": in.ID}, "to": page}
			if next != nil {
				result["paging"] = next
			}
			results = append(results, result)
		}
	}
	return s.partialAnswer(x, http.StatusOK, results, failures), nil
}

// checkDistinct refuses a record that is asked for twice, as reading records does. What HubSpot does here is not documented.
func checkDistinct(inputs []readLinksInput) *problem {
	seen := map[string]bool{}
	for _, in := range inputs {
		if seen[in.ID] {
			p := invalid("Duplicate IDs found in batch input: [%s]. IDs must be unique", in.ID)
			p.context = map[string][]string{"ids": {in.ID}}
			return p
		}
		seen[in.ID] = true
	}
	return nil
}

func (s *Server) associationPage() int { return cmp.Or(s.opts.AssociationPage, associationPage) }

// linkPage is a page of a record's associations, and where the next one is, if there is one.
func (s *Server) linkPage(p pair, from int64, after string, limit int) ([]map[string]any, map[string]any, *problem) {
	links := s.store.associations.links[p][from]
	start := 0
	if after != "" {
		to, refusal := parseLinkCursor(after, p, from)
		if refusal != nil {
			return nil, nil, refusal
		}
		start, _ = slices.BinarySearchFunc(links, to+1, compareLink)
	}
	end := min(start+limit, len(links))
	page := make([]map[string]any, 0, end-start)
	for _, l := range links[start:end] {
		page = append(page, s.wireLink(l))
	}
	if end == len(links) {
		return page, nil, nil
	}
	cursor := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s %s %d %d", p.from, p.to, from, links[end-1].to))
	next := map[string]string{"after": cursor, "link": fmt.Sprintf("https://api.hubapi.com/crm/v4/objects/%s/%d/associations/%s?after=%s", p.from, from, p.to, url.QueryEscape(cursor))}
	return page, map[string]any{"next": next}, nil
}

func parseLinkCursor(text string, p pair, from int64) (to int64, refusal *problem) {
	var of pair
	var id int64
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		_, err = fmt.Sscanf(string(raw), "%s %s %d %d", &of.from, &of.to, &id, &to)
	}
	if err != nil || of != p || id != from {
		refusal := invalid("The paging offset %q is not one of this record.", text)
		refusal.subCategory = "INVALID_CURSOR"
		return 0, refusal
	}
	return to, nil
}

// getAssociations answers a page of the associations of one record.
func (s *Server) getAssociations(x *exchange) (answer, *problem) {
	from, to, p := s.pathPair(x)
	if p != nil {
		return answer{}, p
	}
	x.ids = 1
	r := from.find("", x.params["objectId"])
	if r == nil {
		return answer{}, notFound("Object not found.  objectId are usually numeric.")
	}
	limit, p := queryLimit(x.r.URL.Query(), s.associationPage(), s.associationPage())
	if p != nil {
		return answer{}, p
	}
	page, next, p := s.linkPage(pair{from.id, to.id}, r.id, x.r.URL.Query().Get("after"), limit)
	if p != nil {
		return answer{}, p
	}
	body := map[string]any{"results": page}
	if next != nil {
		body["paging"] = next
	}
	return ok(body), nil
}
