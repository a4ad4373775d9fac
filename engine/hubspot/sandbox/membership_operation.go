package sandbox

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Bounds of a membership page (HubSpot lists reference). What HubSpot does
// with a limit above the maximum is not documented; here it is refused.
const (
	defaultPageLimit = 100
	maxPageLimit     = 250
)

type wireMember struct {
	RecordID            string `json:"recordId"`
	MembershipTimestamp string `json:"membershipTimestamp"`
}

func (s *Server) getMemberships(x *exchange) (answer, *problem) {
	return s.membershipPage(x, func(m *memberSet) order { return m.idOrder() })
}

func (s *Server) getJoinOrder(x *exchange) (answer, *problem) {
	return s.membershipPage(x, func(m *memberSet) order { return m.joinOrder() })
}

// membershipPage answers one page: ascending from the start or from after,
// descending where only before is given (an empty before means the end).
func (s *Server) membershipPage(x *exchange, by func(*memberSet) order) (answer, *problem) {
	l, p := s.liveList(x)
	if p != nil {
		return answer{}, p
	}
	q := x.r.URL.Query()
	limit, p := s.pageLimit(q)
	if p != nil {
		return answer{}, p
	}
	o := by(&l.members)
	start, end := 0, 0
	descending := !q.Has("after") && q.Has("before") && (q.Get("before") != "" || !s.opts.IgnoreBefore)
	if descending {
		end = len(o.members)
		if q.Get("before") != "" {
			from, p := parseCursor(q.Get("before"), l)
			if p != nil {
				return answer{}, p
			}
			end = o.before(from)
		}
		start = max(0, end-limit)
	} else {
		if q.Get("after") != "" {
			from, p := parseCursor(q.Get("after"), l)
			if p != nil {
				return answer{}, p
			}
			start = o.after(from)
		}
		start, end = x.fault.shiftPage(start, limit, len(o.members))
	}
	body := map[string]any{"results": wireMembers(o.members[start:end], descending)}
	if paging := x.paging(l, o.members, start, end); len(paging) > 0 {
		body["paging"] = paging
	}
	if !s.opts.OmitTotal {
		body["total"] = len(o.members)
	}
	return ok(body), nil
}

// pageLimit is how many members a page may have.
func (s *Server) pageLimit(q url.Values) (int, *problem) {
	most := cmp.Or(s.opts.MaxPage, maxPageLimit)
	if n, err := strconv.Atoi(q.Get("limit")); s.opts.ClampPage && err == nil && n > most {
		return most, nil
	}
	return queryLimit(q, min(defaultPageLimit, most), most)
}

func wireMembers(page []member, descending bool) []wireMember {
	results := make([]wireMember, len(page))
	for i, m := range page {
		at := i
		if descending {
			at = len(page) - 1 - i
		}
		results[at] = wireMember{strconv.FormatInt(m.id, 10), stamp(m.joined)}
	}
	return results
}

// paging names the pages on either side of members[start:end].
func (x *exchange) paging(l *list, members []member, start, end int) map[string]map[string]string {
	paging := map[string]map[string]string{}
	if start == end {
		return paging
	}
	if end < len(members) {
		paging["next"] = x.pageLink("after", cursor(l, members[end-1]))
	}
	if start > 0 {
		paging["prev"] = x.pageLink("before", cursor(l, members[start]))
	}
	return paging
}

func (x *exchange) pageLink(key, cursor string) map[string]string {
	q := url.Values{key: {cursor}}
	if limit := x.r.URL.Query().Get("limit"); limit != "" {
		q.Set("limit", limit)
	}
	return map[string]string{key: cursor, "link": "https://api.hubapi.com" + x.r.URL.EscapedPath() + "?" + q.Encode()}
}

// cursor is opaque to clients and good for one list only.
func cursor(l *list, m member) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d|%d|%d", l.id, m.id, m.joined))
}

func parseCursor(text string, l *list) (member, *problem) {
	var listID int64
	var m member
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		_, err = fmt.Sscanf(string(raw), "%d|%d|%d", &listID, &m.id, &m.joined)
	}
	if err != nil || listID != l.id {
		p := invalid("The paging offset %q is not one of this list.", text)
		p.subCategory = "INVALID_CURSOR"
		return m, p
	}
	return m, nil
}

// recordMemberships answers the lists that a record is in.
func (s *Server) recordMemberships(x *exchange) (answer, *problem) {
	t := s.store.objectType(x.params["objectTypeId"])
	if t == nil || t.id != x.params["objectTypeId"] {
		return answer{}, invalid("Unknown object type ID %s.", x.params["objectTypeId"])
	}
	r := t.find("", x.params["recordId"])
	if r == nil {
		return answer{}, notFound("Record %s of type %s does not exist.", x.params["recordId"], t.id)
	}
	results := s.listsOf(t, r.id)
	return ok(map[string]any{"results": results, "total": len(results)}), nil
}

// recordIDs parses ids of a membership write. HubSpot's answer to an id that
// is no number is not documented; here it refuses the whole write.
func recordIDs(texts []string) ([]int64, *problem) {
	ids := make([]int64, len(texts))
	for i, text := range texts {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || id < 1 || strings.HasPrefix(text, "+") {
			return nil, invalid("Record ID %q is not valid.", text)
		}
		ids[i] = id
	}
	return ids, nil
}
