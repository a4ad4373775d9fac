package syncspec_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/syncspec"
)

func TestEqual(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change func(*syncspec.Row)
		want   bool
	}{
		"defaults written down": {func(r *syncspec.Row) {
			r.Enabled, r.Mode, r.IDProperty, r.KeyColumn = new(true), new("MIRROR"), new("email"), new("Email")
			r.ObjectType, r.MaxRemovalPct, r.DryRun = new("0-1"), new(50.0), new(false)
		}, true},
		"blanks at the ends":    {func(r *syncspec.Row) { r.Query = new("\nSELECT email FROM customers  \n") }, true},
		"another query":         {func(r *syncspec.Row) { r.Query = new("SELECT email FROM clients") }, false},
		"case in the query":     {func(r *syncspec.Row) { r.Query = new("SELECT email FROM Customers") }, false},
		"disabled":              {func(r *syncspec.Row) { r.Enabled = new(false) }, false},
		"no limit and limit 0":  {func(r *syncspec.Row) { r.MaxRemovals = new(int64(0)) }, false},
		"a misspelt mode":       {func(r *syncspec.Row) { r.Mode = new("miror") }, false},
		"another key_column":    {func(r *syncspec.Row) { r.KeyColumn = new("mail") }, false},
		"a property of its own": {func(r *syncspec.Row) { r.IDProperty = new("member_no") }, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := syncspec.Equal(row(nil), row(c.change)); got != c.want {
				t.Errorf("got %v; %v", got, syncspec.Diff(row(nil), row(c.change)))
			}
		})
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	got := syncspec.Diff(row(nil), row(func(r *syncspec.Row) {
		r.ListID, r.ListName, r.Enabled = nil, new("VIP"), new(false)
		r.MaxRemovals, r.MaxRemovalPct = new(int64(10)), new(12.5)
	}))
	want := []syncspec.ColumnChange{
		{Column: "list_id", From: "101"},
		{Column: "list_name", To: "VIP"},
		{Column: "enabled", From: "true", To: "false"},
		{Column: "max_removals", To: "10"},
		{Column: "max_removal_pct", From: "50", To: "12.5"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSpecRow(t *testing.T) {
	t.Parallel()
	spec, err := syncspec.Parse(row(func(r *syncspec.Row) {
		r.KeyColumn, r.Schedule, r.Owner, r.MaxRemovals, r.MinRows, r.AllowTakeover = new("Mail"), new("@Hourly"), new("ops"), new(int64(7)), new(int64(3)), new(true)
	}))
	if err != nil {
		t.Fatal(err)
	}
	again, err := syncspec.Parse(spec.Row())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(spec, again); diff != "" {
		t.Error(diff)
	}
	if again.Schedule.String() != "@hourly" || again.KeyColumn != "Mail" || again.Owner != "ops" || *again.MaxRemovals != 7 || *again.MinRows != 3 || !again.AllowTakeover {
		t.Errorf("lost a column: %+v", again)
	}
}

func TestRowAsJSON(t *testing.T) {
	t.Parallel()
	name, query, enabled, percent := "vip", `SELECT "email"`, false, 12.5
	got, err := syncspec.Row{Name: &name, Query: &query, Enabled: &enabled, MaxRemovalPct: &percent}.JSON()
	if want := `{"name":"vip","query":"SELECT \"email\"","enabled":false,"max_removal_pct":12.5}`; err != nil || got != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	percent = math.NaN()
	if got, err := (syncspec.Row{MaxRemovalPct: &percent}).JSON(); err == nil || !strings.Contains(err.Error(), "max_removal_pct") {
		t.Errorf("%s, %v; want an error that names the column", got, err)
	}
}
