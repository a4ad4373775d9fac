package property

import (
	"cmp"
	"fmt"
	"time"
)

// Reason is a word for why HubSpot would refuse a value.
type Reason string

// Reasons for rejects.
const (
	InvalidNumber   Reason = "invalid_number"
	InvalidBoolean  Reason = "invalid_boolean"
	InvalidDate     Reason = "invalid_date"
	InvalidDatetime Reason = "invalid_datetime"
	InvalidOption   Reason = "invalid_option"
	InvalidOwner    Reason = "invalid_owner"
	InvalidEmail    Reason = "invalid_email"
	InvalidText     Reason = "invalid_text"
	InvalidType     Reason = "invalid_type"   // a value of a type that the property cannot hold
	SeveralValues   Reason = "several_values" // a list for a property that holds one value
	TooLong         Reason = "too_long"
	ReadOnly        Reason = "read_only"
	Calculated      Reason = "calculated"
	Archived        Reason = "archived"
)

// Reject says why HubSpot would refuse a value. Detail is a sentence about the property, and Hint what to do, empty where there is nothing to
// say. Both may show the value, so they belong into the ledger and not into a log.
type Reject struct {
	Reason       Reason
	Detail, Hint string
}

func (d Definition) reject(reason Reason, detail, hint string) *Reject {
	return &Reject{Reason: reason, Detail: "the property " + d.Name + " " + detail, Hint: hint}
}

// rejectValue is a reject that shows the value.
func (d Definition) rejectValue(reason Reason, value, is, hint string) *Reject {
	return &Reject{Reason: reason, Detail: fmt.Sprintf("the property %s: %q %s", d.Name, shorten(value), is), Hint: hint}
}

func (d Definition) rejectType(value any) *Reject {
	kind := "value of that type"
	switch value.(type) {
	case bool:
		kind = "BOOLEAN"
	case time.Time:
		kind = "DATE or TIMESTAMP"
	case []byte:
		kind = "BLOB or UUID"
	case []any:
		kind = "LIST in a LIST"
	case map[string]any:
		kind = "STRUCT"
	}
	return d.reject(InvalidType, fmt.Sprintf("is of the type %s and takes no %s", cmp.Or(d.Type, String), kind), "cast it in the query, as to VARCHAR")
}

// shorten cuts a value to what fits into a sentence.
func shorten(value string) string {
	const most = 60
	if runes := []rune(value); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return value
}
