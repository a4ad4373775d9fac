package sandbox

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// authenticate checks the Bearer token.
func (s *Server) authenticate(x *exchange) *problem {
	token, bearer := strings.CutPrefix(x.r.Header.Get("Authorization"), "Bearer ")
	if !bearer || strings.TrimSpace(token) == "" {
		return &problem{
			status: http.StatusUnauthorized, category: "INVALID_AUTHENTICATION",
			message: "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
		}
	}
	if expiry, issued := s.issued[token]; issued {
		if x.now.After(expiry) {
			return expired(x.now, expiry)
		}
		return nil
	}
	if slices.Contains(s.opts.Tokens, token) || (len(s.opts.Tokens) == 0 && s.opts.OAuth == nil) {
		return nil
	}
	return expired(x.now, time.Unix(0, 0))
}

// expired is also what HubSpot answers to a token that it never issued, with
// an expiry in 1970.
func expired(now, expiry time.Time) *problem {
	ago := fmt.Sprintf("%d second(s)", int(now.Sub(expiry).Seconds()))
	if days := int(now.Sub(expiry).Hours() / 24); days > 0 {
		ago = fmt.Sprintf("%d day(s)", days)
	}
	return &problem{
		status: http.StatusUnauthorized, category: "EXPIRED_AUTHENTICATION",
		message: "The OAuth token used to make this call expired " + ago + " ago.",
		context: map[string][]string{"expire time": {stamp(expiry.UnixMilli())}},
	}
}

// authorize checks the scopes that the operation needs.
func (s *Server) authorize(x *exchange) *problem {
	for _, anyOf := range x.scopes() {
		if slices.ContainsFunc(anyOf, func(scope string) bool { return slices.Contains(s.opts.MissingScopes, scope) }) {
			return missingScopes(anyOf)
		}
	}
	return nil
}

// scopes lists what the operation needs: for objects and their properties it depends on the type,
// and from 2026-09 on lists also take the segments scopes.
func (x *exchange) scopes() [][]string {
	switch x.op.area {
	case "objects", "properties":
		return [][]string{{typeScope(x.op, x.params["objectType"])}}
	case "associations", "record-associations":
		return [][]string{{typeScope(x.op, x.params["objectType"])}, {typeScope(x.op, x.params["toObjectType"])}}
	}
	if x.version != "2026-09" || x.op.area != "lists" {
		return x.op.scopes
	}
	widened := make([][]string, len(x.op.scopes))
	for i, anyOf := range x.op.scopes {
		widened[i] = append(slices.Clone(anyOf), strings.Replace(anyOf[0], "crm.lists.", "crm.segments.", 1))
	}
	return widened
}

// typeScope is the scope that an operation on objects, associations or
// properties of a type needs. Associations take that of both types: HubSpot's
// OpenAPI file asks for any object's, and this is the stricter reading.
// Properties are read with the scope of the objects; making one takes a scope
// of the schemas (HubSpot's OpenAPI file of properties). Records of tickets have
// one scope for reading and writing (the security of batch/update in HubSpot's
// OpenAPI file of objects).
func typeScope(op *operation, objectType string) string {
	standard := map[string]string{"0-1": "contacts", "0-2": "companies", "0-3": "deals", "0-5": "tickets"}
	name := cmp.Or(standard[objectType], objectType)
	if !slices.Contains(slices.Collect(maps.Values(standard)), name) {
		name = "custom"
	}
	switch {
	case op.write && op.area == "properties":
		return "crm.schemas." + name + ".write"
	case name == "tickets":
		return "tickets"
	case op.write:
		return "crm.objects." + name + ".write"
	}
	return "crm.objects." + name + ".read"
}

func missingScopes(anyOf []string) *problem {
	return &problem{
		status: http.StatusForbidden, category: "MISSING_SCOPES",
		message: "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes.",
		details: []problemDetail{{
			Message: "One or more of the following scopes are required.",
			Context: map[string][]string{"requiredGranularScopes": anyOf},
		}},
		links: map[string]string{"scopes": "https://developers.hubspot.com/scopes"},
	}
}
