// Package property knows how HubSpot stores the values of records' properties. A Definition and a value as DuckDB gives it to Go come
// in; out comes the text that HubSpot stores for the value, or the reason why HubSpot would refuse it. It is pure: it imports nothing of
// ours, sends nothing and knows no clock.
//
// Sources: HubSpot's properties guide, its OpenAPI file properties, and its changelog "Enhanced validations for non-string properties".
package property

// Types of properties (type in HubSpot's OpenAPI file properties). Any other type is taken for a text.
const (
	String      = "string"
	Number      = "number"
	Bool        = "bool"
	Date        = "date"
	Datetime    = "datetime"
	Enumeration = "enumeration"
)

// fieldCheckbox is the field type of an enumeration that holds several values.
const fieldCheckbox = "checkbox"

// Definition describes a property of an object type.
type Definition struct {
	// Name is the internal name, Label what people see.
	Name, Label string
	// Type is that of the values: string, number, enumeration, date, … FieldType is how HubSpot's pages show them; it tells an
	// enumeration of several values (checkbox) from others.
	Type, FieldType string
	// Group and Description are for people.
	Group, Description string
	// Options are the values of an enumeration, in HubSpot's order.
	Options []Option
	// External is set where the values come from elsewhere than Options; Reference names what they refer to, such as OWNER.
	External  bool
	Reference string
	// ReadOnly and Calculated properties take no value from the API.
	ReadOnly, Calculated bool
	// Unique is set when no two records have the same value, so that a value identifies a record.
	Unique bool
	// Hidden properties are not shown by HubSpot's pages, Archived ones are in HubSpot's bin.
	Hidden, Archived bool
	// HubSpotDefined is set for properties that HubSpot made.
	HubSpotDefined bool
	// Address is set for the address of a contact, which HubSpot checks and keeps in lower case.
	Address bool
}

// Option is one value of an enumeration: Value is the internal value, which the API takes, and Label what people see.
type Option struct {
	Value, Label string
	Hidden       bool
}

// IsMultiple reports whether the property holds several values at a time, with semicolons between them.
func (d Definition) IsMultiple() bool { return d.Type == Enumeration && d.FieldType == fieldCheckbox }

// IsWritable reports whether the API takes values for the property.
func (d Definition) IsWritable() bool { return !d.ReadOnly && !d.Calculated && !d.Archived }
