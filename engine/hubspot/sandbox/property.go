package sandbox

import "cmp"

// Property describes one property of an object type.
type Property struct {
	// Name is the internal name, such as "favourite_colour".
	Name string `json:"name"`
	// Label is what people see; empty means Name.
	Label string `json:"label,omitempty"`
	// Type is HubSpot's type; empty means string.
	Type string `json:"type,omitempty"`
	// FieldType is how HubSpot's pages show the property; empty means the usual
	// one of its type. An enumeration holds several values when it is "checkbox".
	FieldType string `json:"fieldType,omitempty"`
	// GroupName and Description are for people.
	GroupName   string `json:"groupName,omitempty"`
	Description string `json:"description,omitempty"`
	// Options are the values that an enumeration takes.
	Options []Option `json:"options,omitempty"`
	// Reference names what an enumeration without options of its own refers to:
	// "OWNER". HubSpot calls it referencedObjectType.
	Reference string `json:"referencedObjectType,omitempty"`
	// External says that the values come from elsewhere and are not checked
	// against Options. HubSpot calls it externalOptions.
	External bool `json:"externalOptions,omitempty"`
	// Unique reports whether the property may serve as idProperty. HubSpot calls
	// it hasUniqueValue.
	Unique bool `json:"hasUniqueValue,omitempty"`
	// Calculated and ReadOnly say that the API takes no value; HubSpot calls the
	// second modificationMetadata.readOnlyValue.
	Calculated bool `json:"calculated,omitempty"`
	ReadOnly   bool `json:"readOnlyValue,omitempty"`
	// Hidden properties are not shown by HubSpot's pages; the API has them.
	Hidden bool `json:"hidden,omitempty"`
	// Archived properties take no value and are listed only when asked for.
	Archived bool `json:"archived,omitempty"`
	// Defined says that HubSpot made the property. HubSpot calls it
	// hubspotDefined.
	Defined bool `json:"hubspotDefined,omitempty"`
}

// Option is one value of an enumeration.
type Option struct {
	Label       string `json:"label"`
	Value       string `json:"value"`
	Hidden      bool   `json:"hidden,omitempty"`
	Description string `json:"description,omitempty"`
	Order       int    `json:"displayOrder,omitempty"`
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

// usualFieldType is the first field type that HubSpot's properties guide names
// for a type.
func usualFieldType(propertyType string) string {
	return fieldTypes()[propertyType][0]
}

// fieldTypes are the field types of each type (HubSpot's properties guide).
func fieldTypes() map[string][]string {
	return map[string][]string{
		"string":       {"text", "textarea", "html", "phonenumber", "file", "calculation_equation"},
		"number":       {"number", "calculation_equation"},
		"date":         {"date"},
		"datetime":     {"date"},
		"bool":         {"booleancheckbox", "calculation_equation"},
		"enumeration":  {"select", "radio", "checkbox", "booleancheckbox", "calculation_equation"},
		"phone_number": {"phonenumber"},
	}
}

// isMultiple reports whether the property holds several values at a time.
func (p Property) isMultiple() bool { return p.Type == "enumeration" && p.FieldType == "checkbox" }

// completed fills in what a definition may leave out.
func (p Property) completed() Property {
	p.Type = cmp.Or(p.Type, "string")
	if p.FieldType == "" && fieldTypes()[p.Type] != nil {
		p.FieldType = usualFieldType(p.Type)
	}
	p.Label = cmp.Or(p.Label, p.Name)
	return p
}

// property finds a property that is not archived.
func (t *objectType) property(name string) (Property, bool) {
	at, known := t.index[name]
	if !known || t.properties[at].Archived {
		return Property{}, false
	}
	return t.properties[at], true
}
