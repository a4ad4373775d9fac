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

// objectScope is the scope that reads or writes records of an object type, as it stands in the name of an operation.
func objectScope(object, access string) string {
	if _, standard := standardType(object); !standard {
		object = "custom"
	}
	return "crm.objects." + object + "." + access
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
