package sandbox

import (
	"fmt"
	"slices"
	"strconv"
)

// Owner is a user to whom records can be assigned. The property
// hubspot_owner_id takes the ID of one.
type Owner struct {
	ID        string `json:"id"`
	Email     string `json:"email"`
	FirstName string `json:"firstName,omitempty"`
	LastName  string `json:"lastName,omitempty"`
	Archived  bool   `json:"archived,omitempty"`
}

// AddOwner adds an owner and returns its ID; that of o, if given, is taken.
func (s *Server) AddOwner(o Owner) (id string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.store.addOwner(o)
}

// addOwner keeps the owners in the order of their IDs, which are numbers.
func (st *store) addOwner(o Owner) (string, error) {
	next := int64(51)
	for _, other := range st.owners {
		if other.ID == o.ID {
			return "", fmt.Errorf("owner %s exists", o.ID)
		}
		next = max(next, ownerNumber(other)+1)
	}
	if o.ID == "" {
		o.ID = strconv.FormatInt(next, 10)
	}
	if ownerNumber(o) < 1 {
		return "", fmt.Errorf("owner id %q is not a positive number", o.ID)
	}
	st.owners = append(st.owners, o)
	slices.SortFunc(st.owners, func(a, b Owner) int { return int(ownerNumber(a) - ownerNumber(b)) })
	return o.ID, nil
}

func ownerNumber(o Owner) int64 {
	n, _ := strconv.ParseInt(o.ID, 10, 64) // 0 for none
	return n
}

// Bounds of a page of owners (HubSpot's owners reference).
const (
	usualOwners = 100
	maxOwners   = 500
)

// listOwners answers a page of owners by ID: all, those with one address, or
// archived ones.
func (s *Server) listOwners(x *exchange) (answer, *problem) {
	q := x.r.URL.Query()
	archived, p := queryBool(q, "archived")
	if p != nil {
		return answer{}, p
	}
	limit, p := queryLimit(q, usualOwners, maxOwners)
	if p != nil {
		return answer{}, p
	}
	after, p := queryCursor(q)
	if p != nil {
		return answer{}, p
	}
	results := []map[string]any{}
	body := map[string]any{}
	for _, o := range s.store.owners {
		if o.Archived != archived || ownerNumber(o) <= after || q.Get("email") != "" && q.Get("email") != o.Email {
			continue
		}
		if len(results) == limit {
			body["paging"] = map[string]any{"next": map[string]any{"after": results[limit-1]["id"]}}
			break
		}
		results = append(results, o.wire(x))
	}
	body["results"] = results
	return ok(body), nil
}

// getOwner answers one owner.
func (s *Server) getOwner(x *exchange) (answer, *problem) {
	archived, p := queryBool(x.r.URL.Query(), "archived")
	if p != nil {
		return answer{}, p
	}
	for _, o := range s.store.owners {
		if o.ID == x.params["ownerId"] && o.Archived == archived {
			return ok(o.wire(x)), nil
		}
	}
	return answer{}, notFound("Owner %s does not exist.", x.params["ownerId"])
}

// wire is an owner as HubSpot's owners reference shows it. One without a user
// any more lacks userId.
func (o Owner) wire(x *exchange) map[string]any {
	wire := map[string]any{
		"id": o.ID, "email": o.Email, "type": "PERSON", "firstName": o.FirstName, "lastName": o.LastName, "archived": o.Archived,
		"createdAt": stamp(0), "updatedAt": stamp(x.now.UnixMilli()), "userIdIncludingInactive": 9_000 + ownerNumber(o),
	}
	if !o.Archived {
		wire["userId"] = 9_000 + ownerNumber(o)
	}
	return wire
}
