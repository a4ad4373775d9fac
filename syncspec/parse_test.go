package syncspec_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/syncspec"
)

// row is a row with just name, query and list_id, changed as the case wants.
func row(change func(*syncspec.Row)) syncspec.Row {
	r := syncspec.Row{Name: new("vip"), Query: new("SELECT email FROM customers"), ListID: new("101")}
	if change != nil {
		change(&r)
	}
	return r
}

func TestParseFillsInDefaults(t *testing.T) {
	t.Parallel()
	got, err := syncspec.Parse(row(nil))
	if err != nil {
		t.Fatal(err)
	}
	want := syncspec.Spec{
		Name: "vip", Kind: syncspec.List, Query: "SELECT email FROM customers", ListID: "101",
		Enabled: true, KeyColumn: "email", IDProperty: "email", ObjectType: "contacts",
		Mode: syncspec.Mirror, ForeignMembers: syncspec.RemoveForeign, MaxRemovalPct: 50,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseAccepts(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change func(*syncspec.Row)
		holds  func(syncspec.Spec) bool
	}{
		"capital and padded words": {
			func(r *syncspec.Row) {
				r.Mode, r.ObjectType, r.ForeignMembers = new("Mirror "), new(" Contacts"), new("\u00a0KEEP")
				r.IDProperty = new(" Email ")
			},
			func(s syncspec.Spec) bool {
				return s.Mode == syncspec.Mirror && s.ObjectType == "contacts" &&
					s.ForeignMembers == syncspec.KeepForeign && s.IDProperty == "email"
			},
		},
		"blank text as NULL": {
			func(r *syncspec.Row) { r.ListName, r.Mode, r.Schedule = new(" "), new(""), new("\t") },
			func(s syncspec.Spec) bool { return s.ListName == "" && s.Mode == syncspec.Mirror },
		},
		"the singular of a type": {
			func(r *syncspec.Row) { r.ObjectType, r.IDProperty = new("Company"), new("hs_object_id") },
			func(s syncspec.Spec) bool { return s.ObjectType == "companies" && s.KeyColumn == "hs_object_id" },
		},
		"the ID of a standard type": {
			func(r *syncspec.Row) { r.ObjectType, r.IDProperty = new("0-3"), new("hs_object_id") },
			func(s syncspec.Spec) bool { return s.ObjectType == "deals" },
		},
		"a custom type by ID": {
			func(r *syncspec.Row) { r.ObjectType, r.IDProperty = new("2-123"), new("serial_number") },
			func(s syncspec.Spec) bool { return s.ObjectType == "2-123" && s.KeyColumn == "serial_number" },
		},
		"a custom type by name": {
			func(r *syncspec.Row) { r.ObjectType, r.IDProperty = new("p123_Subscription"), new("hs_object_id") },
			func(s syncspec.Spec) bool { return s.ObjectType == "p123_Subscription" },
		},
		"email as the type ID says contacts": {
			func(r *syncspec.Row) { r.ObjectType = new("0-1") },
			func(s syncspec.Spec) bool { return s.ObjectType == "contacts" && s.IDProperty == "email" },
		},
		"a list by name": {
			func(r *syncspec.Row) { r.ListID, r.ListName = nil, new(" VIP customers ") },
			func(s syncspec.Spec) bool { return s.ListID == "" && s.ListName == "VIP customers" },
		},
		"no removals at all": {
			func(r *syncspec.Row) { r.MaxRemovals, r.MaxRemovalPct = new(int64(0)), new(0.0) },
			func(s syncspec.Spec) bool { return *s.MaxRemovals == 0 && s.MaxRemovalPct == 0 },
		},
		"a description of several lines": {
			func(r *syncspec.Row) { r.Description = new("one\r\n\ttwo") },
			func(s syncspec.Spec) bool { return s.Description == "one\r\n\ttwo" },
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec, err := syncspec.Parse(row(c.change))
			if err != nil {
				t.Fatal(err)
			}
			if !c.holds(spec) {
				t.Errorf("parsed as %+v", spec)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change                func(*syncspec.Row)
		column, message, hint string // message and hint by what they contain
	}{
		"no name":             {func(r *syncspec.Row) { r.Name = nil }, "name", "missing", "letters"},
		"a blank in the name": {func(r *syncspec.Row) { r.Name = new("vip customers") }, "name", `"vip customers"`, "letters"},
		"a control character": {func(r *syncspec.Row) { r.Name = new("vip\x00") }, "name", `"vip\x00"`, ""},
		"a long name":         {func(r *syncspec.Row) { r.Name = new(strings.Repeat("x", 101)) }, "name", "xxx…", "100"},
		"no query":            {func(r *syncspec.Row) { r.Query = new(" \n") }, "query", "missing", "SELECT"},
		"NUL in the query":    {func(r *syncspec.Row) { r.Query = new("SELECT 1\x00; DROP") }, "query", "NUL", ""},
		"no list":             {func(r *syncspec.Row) { r.ListID = nil }, "list_id", "list_name", "ILS"},
		"two lists":           {func(r *syncspec.Row) { r.ListName = new("VIP") }, "list_name", "list_id", "one of the two"},
		"a name as list ID":   {func(r *syncspec.Row) { r.ListID = new("VIP") }, "list_id", `"VIP"`, "/objectLists/"},
		"a list's address": {func(r *syncspec.Row) {
			r.ListID = new("https://app.hubspot.com/contacts/1/objectLists/4711/filters")
		}, "list_id", "digits", "4711"},
		"a DOUBLE as list ID":     {func(r *syncspec.Row) { r.ListID = new("101.0") }, "list_id", "digits", ""},
		"a misspelt mode":         {func(r *syncspec.Row) { r.Mode = new("miror") }, "mode", "mirror, add, remove", "did you mean mirror?"},
		"an unlikely mode":        {func(r *syncspec.Row) { r.Mode = new("sideways-and-back") }, "mode", "mirror, add, remove", ""},
		"misspelt foreign":        {func(r *syncspec.Row) { r.ForeignMembers = new("kep") }, "foreign_members", "remove, keep", "did you mean keep?"},
		"remove and keep":         {func(r *syncspec.Row) { r.Mode, r.ForeignMembers = new("remove"), new("keep") }, "foreign_members", "mode remove", "remove"},
		"negative rows":           {func(r *syncspec.Row) { r.MinRows = new(int64(-1)) }, "min_rows", "-1", "NULL"},
		"negative removals":       {func(r *syncspec.Row) { r.MaxRemovals = new(int64(-1)) }, "max_removals", "-1", "NULL"},
		"a percentage above 100":  {func(r *syncspec.Row) { r.MaxRemovalPct = new(100.5) }, "max_removal_pct", "100.5", ""},
		"a percentage below 0":    {func(r *syncspec.Row) { r.MaxRemovalPct = new(-1.0) }, "max_removal_pct", "-1", ""},
		"not a number":            {func(r *syncspec.Row) { r.MaxRemovalPct = new(math.NaN()) }, "max_removal_pct", "NaN", ""},
		"email of companies":      {func(r *syncspec.Row) { r.ObjectType = new("companies") }, "id_property", "contacts only", "hs_object_id"},
		"a label as id_property":  {func(r *syncspec.Row) { r.IDProperty = new("Record ID") }, "id_property", "internal name", "Settings"},
		"a sentence as a type":    {func(r *syncspec.Row) { r.ObjectType = new("my things") }, "object_type", `"my things"`, "2-123"},
		"a control char in owner": {func(r *syncspec.Row) { r.Owner = new("me\x07!") }, "owner", "control", ""},
		"a control char in key":   {func(r *syncspec.Row) { r.KeyColumn = new("a\nb") }, "key_column", "control", ""},
		"a turned list name":      {func(r *syncspec.Row) { r.ListID, r.ListName = nil, new("Paid\u202elist") }, "list_name", "not shown", "list_id"},
		"a zero-width list name":  {func(r *syncspec.Row) { r.ListID, r.ListName = nil, new("Paid\u200blist") }, "list_name", "not shown", "list_id"},
		"a split list name":       {func(r *syncspec.Row) { r.ListID, r.ListName = nil, new("Paid\u2028list") }, "list_name", "not shown", "list_id"},
		"six cron fields":         {func(r *syncspec.Row) { r.Schedule = new("0 0 6 * * 1") }, "schedule", "5 fields", "UTC"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := syncspec.Parse(row(c.change))
			var problems syncspec.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("got %v, want Problems", err)
			}
			if len(problems) != 1 {
				t.Fatalf("got %d problems, want 1: %v", len(problems), problems)
			}
			p := problems[0]
			if p.Column != c.column || !strings.Contains(p.Message, c.message) || !strings.Contains(p.Hint, c.hint) {
				t.Errorf("got %s, hint %q", p.Error(), p.Hint)
			}
		})
	}
}

func TestParseNamesEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	_, err := syncspec.Parse(syncspec.Row{Mode: new("mirr"), MaxRemovals: new(int64(-5)), Schedule: new("never")})
	var problems syncspec.Problems
	if !errors.As(err, &problems) {
		t.Fatal(err)
	}
	var got []string
	for _, p := range problems {
		got = append(got, p.Column)
	}
	want := []string{"name", "query", "list_id", "mode", "max_removals", "schedule"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if text := err.Error(); !strings.Contains(text, "query: missing; list_id: missing") {
		t.Errorf("error text: %s", text)
	}
}

// A text at its limit is taken, one character more is refused, blanks at the ends included; the message does not repeat it.
func TestParseRefusesLongTexts(t *testing.T) {
	t.Parallel()
	for column, limit := range map[string]int{"query": syncspec.MaxQueryBytes, "description": syncspec.MaxTextChars, "owner": syncspec.MaxTextChars, "list_name": syncspec.MaxTextChars, "schedule": syncspec.MaxTextChars, "key_column": syncspec.MaxTextChars, "mode": syncspec.MaxTextChars} {
		for _, excess := range []int{0, 1} {
			padded := "@daily" + strings.Repeat(" ", limit+excess-len("@daily"))
			if column == "mode" {
				padded = "mirror" + strings.Repeat(" ", limit+excess-len("mirror"))
			}
			r := row(func(r *syncspec.Row) {
				switch column {
				case "query":
					r.Query = &padded
				case "description":
					r.Description = &padded
				case "owner":
					r.Owner = &padded
				case "list_name":
					r.ListID, r.ListName = nil, &padded
				case "schedule":
					r.Schedule = &padded
				case "key_column":
					r.KeyColumn = &padded
				case "mode":
					r.Mode = &padded
				}
			})
			_, err := syncspec.Parse(r)
			var problems syncspec.Problems
			refused := errors.As(err, &problems) && len(problems) == 1 && problems[0].Column == column && strings.HasPrefix(problems[0].Message, "longer than ")
			if refused != (excess > 0) || err != nil && len(err.Error()) > 200 {
				t.Errorf("%s of %d bytes more than the limit: %v", column, excess, err)
			}
		}
	}
}
