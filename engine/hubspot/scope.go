package hubspot

import (
	"slices"
	"strings"
)

// Scopes that calls need (the security of each operation in HubSpot's specs).
const (
	ScopeListsRead  = "crm.lists.read"
	ScopeListsWrite = "crm.lists.write"
)

// scopesOf are the scopes that a call needs, all of them; empty where that is not known.
func scopesOf(operation string) []string {
	object, call, _ := strings.Cut(operation, ".")
	switch {
	case operation == "lists.create":
		return []string{ScopeListsWrite}
	case operation == MembershipWriteOperation, operation == "lists.delete":
		return []string{ScopeListsRead, ScopeListsWrite}
	case object == "associations":
		return nil // HubSpot takes any of all objects' scopes
	case object == "lists", object == "memberships":
		return []string{ScopeListsRead}
	case operation == "schemas.list":
		return []string{"crm.schemas.custom.read"}
	case operation == "owners.list":
		return []string{"crm.objects.owners.read"}
	case call == "batch_read", call == "property", call == "properties":
		return []string{objectScope(object, "read")}
	case call == "batch_create", call == "batch_update", call == "batch_archive":
		return []string{objectScope(object, "write")}
	}
	return nil
}

// objectScope is the scope that reads or writes records of an object type, as it stands in the name of an operation. Tickets have one scope for
// both (the security of batch/update in HubSpot's OpenAPI file of objects).
func objectScope(object, access string) string {
	t, standard := standardType(object)
	switch {
	case !standard:
		return "crm.objects.custom." + access
	case t.Name == "tickets":
		return "tickets"
	}
	return "crm.objects." + t.Name + "." + access
}

// WriteScope is what a token needs to change something in HubSpot.
type WriteScope struct {
	Name  string   // for people; alternatives with "or"
	Of    string   // what can't be changed without it, such as "list" or "record of contacts"
	anyOf []string // one of them does
}

// ListsWriteScope is for lists and their members.
func ListsWriteScope() WriteScope {
	return WriteScope{Name: ScopeListsWrite, Of: "list", anyOf: []string{ScopeListsWrite, "crm.segments.write"}}
}

// RecordsWriteScope is for records of an object type, a standard name or that of a custom type.
func RecordsWriteScope(objectType string) WriteScope {
	scope := objectScope(objectType, "write")
	return WriteScope{Name: scope, Of: "record of " + objectType, anyOf: []string{scope}}
}

// LinksWriteScope is for associations between two object types. HubSpot's OpenAPI file takes any object's scope, so that the write scope of one of the
// two types is not held to be too little.
func LinksWriteScope(from, to string) WriteScope {
	anyOf := slices.Compact([]string{objectScope(from, "write"), objectScope(to, "write")})
	return WriteScope{Name: strings.Join(anyOf, " or "), Of: "link from " + from + " to " + to, anyOf: anyOf}
}

// In reports whether the scopes that a token was granted are enough.
func (w WriteScope) In(granted []string) bool {
	return slices.ContainsFunc(w.anyOf, func(scope string) bool { return slices.Contains(granted, scope) })
}

// Missing says that the app lacks the scope, and Hint what to do about it.
func (w WriteScope) Missing() string {
	return "the app lacks " + w.Name + ", without which no " + w.Of + " can be changed"
}

// Hint says what to do where the scope is missing.
func (w WriteScope) Hint() string {
	return "give the app the scope " + w.Name + ", and install it again"
}

// hintForbidden names the scopes that the call needs out of those that HubSpot would take; where HubSpot names none, all that the call
// needs, and where HubSpot names only others, those.
func (e *APIError) hintForbidden() string {
	needed := scopesOf(e.Operation)
	missing := slices.DeleteFunc(slices.Clone(needed), func(scope string) bool { return !slices.Contains(e.RequiredScopes, scope) })
	hint := ""
	switch {
	case len(e.RequiredScopes) == 0 && len(needed) == 0:
		hint = "the token lacks a scope that the call needs"
	case len(e.RequiredScopes) == 0:
		hint = "the token lacks a scope: give the app " + named(needed)
	case len(missing) > 0:
		hint = "give the app " + named(missing)
	case len(e.RequiredScopes) == 1:
		hint = "give the app " + named(e.RequiredScopes)
	case strings.HasPrefix(e.Operation, "associations."):
		hint = "give the app the scopes that read and write records of both object types, such as crm.objects.contacts.write"
	default:
		hint = "give the app any one of the scopes " + strings.Join(e.RequiredScopes, ", ")
	}
	if e.oauth {
		hint += "; then " + e.names.hintReinstall()
	}
	return hint
}

func named(scopes []string) string {
	if len(scopes) == 1 {
		return "the scope " + scopes[0]
	}
	return "the scopes " + strings.Join(scopes, " and ")
}
