package property_test

import (
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"rollcall/engine/hubspot/property"
)

// decimal is a value that has a text of its own, as the driver's decimals have.
type decimal string

func (d decimal) String() string { return string(d) }

func definition(propertyType string) property.Definition {
	return property.Definition{Name: "p", Type: propertyType}
}

var (
	stage = property.Definition{Name: "stage", Type: "enumeration", FieldType: "radio", Options: []property.Option{
		{Value: "evangelist", Label: "Brand advocate"}, {Value: "lead", Label: "Lead"}, {Value: "7", Label: "Old", Hidden: true}}}
	colours = property.Definition{Name: "colours", Type: "enumeration", FieldType: "checkbox", Options: []property.Option{
		{Value: "r", Label: "Red"}, {Value: "b", Label: "Blue"}, {Value: "2", Label: "Two"}}}
	owner   = property.Definition{Name: "hubspot_owner_id", Type: "enumeration", External: true, Reference: "OWNER"}
	outside = property.Definition{Name: "pipeline", Type: "enumeration", External: true, Options: []property.Option{{Value: "default", Label: "Sales"}}}
	email   = property.Definition{Name: "email", Type: "string", Address: true}
)

func known(d property.Definition, owners ...string) property.Definition {
	for _, id := range owners {
		d.Options = append(d.Options, property.Option{Value: id, Label: "owner-" + id + "@example.com"})
	}
	return d
}

func noon(year int) time.Time { return time.Date(year, 1, 31, 12, 0, 0, 123_456_789, time.UTC) }

func midnight() time.Time { return time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC) }

// Each line is a value of a query and what HubSpot stores for it, or the reason of the reject with an exclamation mark.
func TestStored(t *testing.T) {
	t.Parallel()
	berlin := time.FixedZone("", 3600)
	text, number, yes, day, at := definition("string"), definition("number"), definition("bool"), definition("date"), definition("datetime")
	long := strings.Repeat("ä", 65_536)
	for _, test := range []struct {
		property property.Definition
		value    any
		want     string
	}{
		{text, nil, ""}, {text, "", ""}, {text, " a b\t", "a b"}, {text, "1.0", "1.0"}, {text, int64(7), "7"}, {text, 7.0, "7"}, {text, 0.1 + 0.2, "0.3"},
		{text, true, "true"}, {text, decimal("1.50"), "1.50"}, {text, midnight(), "2026-01-31"}, {text, noon(2026), "2026-01-31T12:00:00.123Z"},
		{text, long, long}, {text, long + "x", "!too_long"}, {text, "\xff", "!invalid_text"}, {text, []byte("x"), "!invalid_type"},
		{text, []any{"a", "b"}, "!several_values"}, {text, []any{"a", nil}, "a"}, {text, map[string]any{}, "!invalid_type"},
		{definition(""), " a ", "a"}, {definition("phone_number"), "+49 30\u00a0", "+49 30"}, {text, "flag\U000E007F", "flag\U000E007F"},

		{number, "1", "1"}, {number, "1.0", "1"}, {number, " +01.50 ", "1.5"}, {number, "-0", "0"}, {number, "-0.0", "0"}, {number, ".5", "0.5"}, {number, "5.", "5"},
		{number, "1e3", "1000"}, {number, "1.25E+1", "12.5"}, {number, "-1.4210854715202004e-14", "-0.000000000000014210854715202004"}, {number, "100", "100"},
		{number, int32(-7), "-7"}, {number, uint64(math.MaxUint64), "18446744073709551615"}, {number, big.NewInt(12), "12"}, {number, (*big.Int)(nil), ""},
		{number, decimal("12.3400"), "12.34"}, {number, 1.0, "1"}, {number, 0.1 + 0.2, "0.3"}, {number, float32(0.1), "0.1"}, {number, float64(1 << 53), "9007199254740992"},
		{number, 1e21, "1000000000000000000000"}, {number, math.NaN(), "!invalid_number"}, {number, math.Inf(-1), "!invalid_number"},
		{number, "1,5", "!invalid_number"}, {number, ".", "!invalid_number"}, {number, "-", "!invalid_number"}, {number, "12 EUR", "!invalid_number"},
		{number, "1e400", "!invalid_number"}, {number, "1e-400", "!invalid_number"}, {number, "0e9999", "0"}, {number, true, "!invalid_type"},
		{number, midnight(), "!invalid_type"}, {number, []any{int64(1)}, "1"}, {number, []any{int64(1), int64(2)}, "!several_values"}, {number, "  ", ""},

		{yes, true, "true"}, {yes, false, "false"}, {yes, "TRUE", "true"}, {yes, " false\u200b", "false"}, {yes, int64(1), "true"}, {yes, 0.0, "false"},
		{yes, "yes", "!invalid_boolean"}, {yes, "1", "!invalid_boolean"}, {yes, int64(2), "!invalid_boolean"}, {yes, midnight(), "!invalid_type"},

		{day, midnight(), "2026-01-31"}, {day, "2026-01-31", "2026-01-31"}, {day, "2026-01-31 00:00:00", "2026-01-31"}, {day, "2026-01-31T01:00:00+01:00", "2026-01-31"},
		{day, time.Date(2026, 1, 31, 1, 0, 0, 0, berlin), "2026-01-31"}, {day, int64(1769817600000), "2026-01-31"}, {day, "1769817600000", "2026-01-31"},
		{day, noon(2026), "!invalid_date"}, {day, "2026-01-31 12:00:00", "!invalid_date"}, {day, "2026-02-30", "!invalid_date"}, {day, "31.1.2026", "!invalid_date"},
		{day, int64(1769817600), "!invalid_date"}, {day, int64(20260131), "!invalid_date"}, {day, int64(1728000000), "!invalid_date"}, {day, true, "!invalid_type"},
		{day, noon(1), "!invalid_date"}, {day, noon(10_000), "!invalid_date"},

		{at, noon(2026), "2026-01-31T12:00:00.123Z"}, {at, midnight(), "2026-01-31T00:00:00.000Z"}, {at, "2026-01-31", "2026-01-31T00:00:00.000Z"},
		{at, "2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000Z"}, {at, "2026-01-31 12:00:00.5", "2026-01-31T12:00:00.500Z"}, {at, "2026-01-31 12:00:00+01", "2026-01-31T11:00:00.000Z"},
		{at, "2026-01-31 12:00:00-05:30", "2026-01-31T17:30:00.000Z"}, {at, int64(1769860800001), "2026-01-31T12:00:00.001Z"}, {at, 1769860800001.0, "2026-01-31T12:00:00.001Z"},
		{at, int64(1769860800), "!invalid_datetime"}, {at, "20260131", "!invalid_datetime"}, {at, int64(math.MinInt64), "!invalid_datetime"},
		{at, "noon", "!invalid_datetime"}, {at, noon(1), "!invalid_datetime"},

		{stage, "lead", "lead"}, {stage, " lead\u00a0", "lead"}, {stage, int64(7), "7"}, {stage, "Lead", "!invalid_option"}, {stage, "customer", "!invalid_option"},
		{stage, []any{"lead"}, "lead"}, {stage, []any{"lead", "7"}, "!several_values"}, {stage, []any{}, ""}, {stage, "lead;7", "!invalid_option"}, {stage, midnight(), "!invalid_option"},
		{colours, []any{"r", "b", nil, "r", ""}, "b;r"}, {colours, "r;b", "b;r"}, {colours, ";r; b;", "b;r"}, {colours, []any{int32(2), "r"}, "2;r"}, {colours, []any{}, ""},
		{colours, []any(nil), ""}, {colours, ";", ""}, {colours, "r, b", "!invalid_option"}, {colours, []any{"Red"}, "!invalid_option"}, {colours, []any{[]any{"r"}}, "!invalid_type"},
		{owner, int64(51), "51"}, {owner, "51", "51"}, {owner, "Ada", "!invalid_owner"}, {owner, "051", "!invalid_owner"}, {owner, "0", "!invalid_owner"},
		{known(owner, "51"), "51", "51"}, {known(owner, "51"), "52", "!invalid_owner"}, {known(owner, "51"), "owner-51@example.com", "!invalid_option"},
		{outside, "default", "default"}, {outside, "another", "another"}, {outside, "Sales", "!invalid_option"},
		{definition("enumeration"), "x", "!invalid_option"},

		{email, " Ann@Example.COM ", "ann@example.com"}, {email, "ann@example", "!invalid_email"}, {email, "Ann <ann@example.com>", "!invalid_email"},
		{email, "a@b@example.com", "!invalid_email"}, {email, "ann", "!invalid_email"}, {email, "ann@example.com.", "!invalid_email"},

		{property.Definition{Type: "string", ReadOnly: true}, "x", "!read_only"}, {property.Definition{Type: "number", Calculated: true, ReadOnly: true}, nil, "!calculated"},
		{property.Definition{Archived: true}, "x", "!archived"},
	} {
		got, reject := test.property.Stored(test.value)
		if reject != nil {
			got = "!" + string(reject.Reason)
		}
		if got != test.want {
			t.Errorf("%s %s: %T %.40v: got %.60q, want %.60q", test.property.Name, test.property.Type, test.value, test.value, got, test.want)
		}
		if reject != nil && (reject.Detail == "" || reject.Reason != property.InvalidEmail && reject.Reason != property.InvalidText && reject.Hint == "") {
			t.Errorf("%s: %v: no words for it: %+v", test.property.Type, test.value, reject)
		}
	}
}

// A reject tells people what is wrong and what was likely meant.
func TestRejectWords(t *testing.T) {
	t.Parallel()
	many := property.Definition{Name: "many", Type: "enumeration"}
	for i := range 20 {
		many.Options = append(many.Options, property.Option{Value: fmt.Sprint("v", i), Label: "L"})
	}
	for _, test := range []struct {
		property     property.Definition
		value        any
		detail, hint string
	}{
		{stage, "Brand advocate", `the property stage: "Brand advocate" is no internal value`, `did you mean the internal value "evangelist"?`},
		{stage, "LEAD", `the property stage: "LEAD" is no internal value`, `did you mean the internal value "lead"?`},
		{stage, "x", `the property stage: "x" is no internal value`, `the internal values are evangelist, lead`},
		{many, "x", `the property many: "x" is no internal value`, `the internal values are v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11 and 8 more`},
		{colours, []any{"r", "blue"}, `the property colours: "blue" is no internal value`, `did you mean the internal value "b"?`},
		{known(owner, "51"), "OWNER-51@example.com", `the property hubspot_owner_id: "OWNER-51@example.com" is no internal value`, `did you mean the internal value "51"?`},
		{definition("number"), "1,5", `the property p: "1,5" is no number that HubSpot takes`, "write it with a point, and without signs between thousands"},
		{definition("number"), true, "the property p is of the type number and takes no BOOLEAN", "cast it in the query, as to VARCHAR"},
		{definition("string"), strings.Repeat("x", 65_537), "the property p has a text of 65537 characters, and HubSpot takes 65536", "shorten it, as by left(text, 65536)"},
		{definition("date"), strings.Repeat("x", 99), `the property p: "` + strings.Repeat("x", 60) + `…" is no date`, "give a DATE, or a text such as 2026-01-31"},
	} {
		_, reject := test.property.Stored(test.value)
		if reject == nil || reject.Detail != test.detail || reject.Hint != test.hint {
			t.Errorf("%v: got %+v, want %q, %q", test.value, reject, test.detail, test.hint)
		}
	}
}

// What HubSpot answers compares equal to what was sent, in whatever form HubSpot keeps it.
func TestCanonical(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		property       property.Definition
		answered, want string
	}{
		{definition("number"), "1500.00", "1500"}, {definition("number"), "1.5E3", "1500"}, {definition("number"), "n/a ", "n/a"},
		{definition("datetime"), "2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000Z"}, {definition("datetime"), "86400000", "1970-01-02T00:00:00.000Z"},
		{definition("date"), "1769817600000", "2026-01-31"}, {definition("date"), "2026-01-31T00:00:00.000Z", "2026-01-31"}, {definition("bool"), "True", "true"},
		{definition("string"), " a ", "a"}, {colours, "r;b", "b;r"}, {colours, "r;gone;b", "b;gone;r"}, {stage, "gone", "gone"}, {definition("string"), "", ""},
		{property.Definition{Type: "number", ReadOnly: true}, "1.0", "1"}, {email, "Ann@Example.com", "ann@example.com"}, {owner, "51", "51"},
	} {
		if got := test.property.Canonical(test.answered); got != test.want {
			t.Errorf("%s %q: got %q, want %q", test.property.Type, test.answered, got, test.want)
		}
	}
}
