package control

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/engine/hint"
	"rollcall/engine/warehouse/querytest"
	"rollcall/syncspec"
)

// What Write writes, Select reads: by name and by pattern, with rows that replace those of the table, and with why a row or a name is refused.
func TestSelect(t *testing.T) {
	t.Parallel()
	conn := querytest.Migrated(t)
	now := time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)
	row := func(name, list string) *syncspec.Row {
		query := "SELECT email FROM people"
		return &syncspec.Row{Name: &name, Query: &query, ListID: &list}
	}
	off, north := row("off", "103"), row("vip_north", "4711x")
	off.Enabled = new(bool)
	edits := []Edit{{"vip_south", row("vip_south", "101")}, {"vip_north", north}, {"off", off}, {"gone", row("gone", "104")}, {"gone", nil}}
	if err := Write(t.Context(), conn, edits, now); err != nil {
		t.Fatal(err)
	}
	for asked, want := range map[string]struct {
		selected string // with ! where the row can't run
		refused  string
	}{
		"":           {"off !vip_north vip_south", ""},
		"vip_*":      {"!vip_north vip_south", ""},
		"vip_s?uth":  {"vip_south", ""},
		"off":        {"off", ""},
		"gone":       {"", `no sync is named "gone"`},
		"vip_so vip": {"", `no sync is named "vip_so"; no sync is named "vip"`},
		"x* off":     {"off", `no sync matches "x*"`},
	} {
		selected, refused, err := Select(t.Context(), conn, strings.Fields(asked))
		if err != nil {
			t.Fatal(err)
		}
		if got := told(selected); got != want.selected {
			t.Errorf("%q selects %q, want %q", asked, got, want.selected)
		}
		if got := refused.Err(); (got == nil) != (want.refused == "") || got != nil && got.Error() != want.refused {
			t.Errorf("%q refuses %v, want %q", asked, got, want.refused)
		}
	}
	if _, refused, _ := Select(t.Context(), conn, []string{"vip_sout"}); hint.Of(refused.Err()) != "did you mean vip_south?" {
		t.Errorf("hint %q", hint.Of(refused.Err()))
	}
	// A row in place of the table's is the one that is selected, and clashes with the others as that one would.
	selected, _, err := Select(t.Context(), conn, nil, *row("vip_north", "101"))
	if err != nil || told(selected) != "!vip_north" || !strings.Contains(selected[0].Err.Error(), "also claimed by vip_south") || selected[0].Flawed("list_id") {
		t.Errorf("in place: %s, %v", told(selected), err)
	}
	kept, refused := Enabled(selected, []string{"off"})
	if told(kept) != "!vip_north" || refused.Err() != nil {
		t.Errorf("enabled of one: %s, %v", told(kept), refused.Err())
	}
}

// told are the names of rows in order, with an exclamation mark before those that can't run.
func told(rows []Selection) string {
	var names []string
	for _, s := range rows {
		mark := ""
		if s.Err != nil {
			mark = "!"
		}
		names = append(names, mark+s.Name)
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(strings.TrimPrefix(a, "!"), strings.TrimPrefix(b, "!")) })
	return strings.Join(names, " ")
}

// A row is due at the dates of its schedule; one that FAILED after a pause, and at once when it was mended, interrupted or approved.
func TestNext(t *testing.T) {
	t.Parallel()
	name, query, list, schedule := "vip", "SELECT email FROM people", "101", "0 6 * * *"
	s := Read(syncspec.Row{Name: &name, Query: &query, ListID: &list, Schedule: &schedule})
	if s.Err != nil {
		t.Fatal(s.Err)
	}
	at := time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)
	for what, c := range map[string]struct {
		last LastRun
		want time.Time // zero: the next run
	}{
		"succeeded":                {LastRun{At: at, RowSHA256: s.RowSHA256}, at.Add(24 * time.Hour)},
		"failed once":              {LastRun{At: at, Failed: true, Failures: 1, RowSHA256: s.RowSHA256}, at.Add(5 * time.Minute)},
		"failed three times":       {LastRun{At: at, Failed: true, Failures: 3, RowSHA256: s.RowSHA256}, at.Add(20 * time.Minute)},
		"failed often":             {LastRun{At: at, Failed: true, Failures: 99, RowSHA256: s.RowSHA256}, at.Add(time.Hour)},
		"failed just before":       {LastRun{At: at.Add(-time.Minute), Failed: true, Failures: 99, RowSHA256: s.RowSHA256}, at},
		"failed and was mended":    {LastRun{At: at, Failed: true, Failures: 1, RowSHA256: "another"}, time.Time{}},
		"succeeded and was edited": {LastRun{At: at, RowSHA256: "another"}, at.Add(24 * time.Hour)},
		"interrupted":              {LastRun{At: at, Interrupted: true}, time.Time{}},
		"approved":                 {LastRun{At: at, Approved: true}, time.Time{}},
	} {
		if got := (LastRuns{name: c.last}).Next(s); !got.Equal(c.want) {
			t.Errorf("%s: next at %v, want %v", what, got, c.want)
		}
	}
	held := LastRuns{name: {At: at, HeldQuery: s.QuerySHA256()}}
	if kept, left := held.LeaveHeld([]Selection{s}); len(kept) != 0 || !slices.Equal(left, []string{name}) {
		t.Errorf("a query that held its runner: %s is kept, %v left out", told(kept), left)
	}
	s.Named = true
	if kept, left := held.LeaveHeld([]Selection{s}); len(kept) != 1 || len(left) != 0 {
		t.Errorf("a query that held its runner, by name: %s is kept, %v left out", told(kept), left)
	}
}
