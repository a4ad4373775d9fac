package sandbox

// Property describes one property of an object type.
type Property struct {
	// Name is the internal name, such as "favourite_colour".
	Name string `json:"name"`
	// Type is HubSpot's type; empty means string.
	Type string `json:"type,omitempty"`
	// Unique reports whether the property may serve as idProperty. HubSpot calls
	// it hasUniqueValue.
	Unique bool `json:"hasUniqueValue,omitempty"`
}

// Names of properties that the store itself uses.
const (
	propEmail            = "email"
	propAdditionalEmails = "hs_additional_emails"
	propObjectID         = "hs_object_id"
	propCreated          = "createdate"
	propContactModified  = "lastmodifieddate"
	propModified         = "hs_lastmodifieddate"
	propMergedIDs        = "hs_merged_object_ids"
)

func strs(names ...string) []Property {
	props := make([]Property, len(names))
	for i, n := range names {
		props[i] = Property{Name: n, Type: "string"}
	}
	return props
}

// standardTypes makes the object types that every account has. Ids of
// different types come from ranges far apart, so that a company's id is never
// by chance that of a contact.
func standardTypes() []*objectType {
	contacts := newObjectType("0-1", "contacts", "contact", 1_000_001)
	contacts.define(Property{Name: propEmail, Type: "string", Unique: true})
	contacts.defaults = []string{propCreated, propEmail, "firstname", propObjectID, propContactModified, "lastname"}
	contacts.defineAll(strs(propAdditionalEmails, "firstname", "lastname", propMergedIDs, "phone", "company",
		"jobtitle", "website", "city", "country", "lifecyclestage", propContactModified))

	companies := newObjectType("0-2", "companies", "company", 9_000_000_001)
	companies.defaults = []string{propCreated, "domain", propModified, propObjectID, "name"}
	companies.defineAll(strs("name", "domain", "city", "country", "industry", "phone", propModified, propMergedIDs))

	deals := newObjectType("0-3", "deals", "deal", 8_000_000_001)
	deals.defaults = []string{"amount", "closedate", propCreated, "dealname", "dealstage", propModified, propObjectID, "pipeline"}
	deals.defineAll(strs("dealname", "amount", "closedate", "dealstage", "pipeline", propModified, propMergedIDs))
	return []*objectType{contacts, companies, deals}
}
