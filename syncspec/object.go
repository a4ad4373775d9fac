package syncspec

import (
	"regexp"
	"strings"
)

// The standard object types that Rollcall knows by name.
const (
	Contacts  = "contacts"
	Companies = "companies"
	Deals     = "deals"
	Tickets   = "tickets"
)

// canonicalObjectType gives the plural, lower-case name of the four standard
// types for their names and type IDs (HubSpot's guide to objects: 0-1 contacts,
// 0-2 companies, 0-3 deals, 0-5 tickets), contacts for "", and any other type as it is.
func canonicalObjectType(s string) string {
	switch strings.ToLower(s) {
	case "", "contact", Contacts, "0-1":
		return Contacts
	case "company", Companies, "0-2":
		return Companies
	case "deal", Deals, "0-3":
		return Deals
	case "ticket", Tickets, "0-5":
		return Tickets
	}
	return s
}

// objectTypeShape is a type ID such as 2-123, or a name, which may be fully
// qualified as in p123_subscription.
var objectTypeShape = regexp.MustCompile(`^(?:[0-9]{1,4}-[0-9]{1,18}|[a-zA-Z][\w-]{0,199})$`)
