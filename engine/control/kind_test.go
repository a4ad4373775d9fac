package control

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/engine/warehouse/querytest"
	"rollcall/syncspec"
)

// Every column that is written is read back as it was, and what a row leaves to its default stays NULL.
func TestRowsKeepEveryColumn(t *testing.T) {
	t.Parallel()
	conn := querytest.Migrated(t)
	text := func(s string) *string { return &s }
	number := func(n int64) *int64 { return &n }
	yes, percent := true, 12.5
	now := time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)
	full := syncspec.Row{
		Name: text("a"), Kind: text("b"), Query: text("c"), ListID: text("d"), ListName: text("e"), KeyColumn: text("f"), IDProperty: text("g"), ObjectType: text("h"),
		ToIDProperty: text("i"), ToObjectType: text("j"), EventName: text("k"), Mode: text("l"), ForeignMembers: text("m"), ForeignValues: text("n"), OnLeave: text("o"), IfNull: text("p"),
		Enabled: new(bool), AllowEmpty: &yes, AllowTakeover: &yes, DryRun: &yes, MinRows: number(1), MaxChanges: number(2), MaxCreates: number(3), MaxRemovals: number(4), MaxRemovalPct: &percent,
		Schedule: text("q"), Description: text("r"), Owner: text("s"),
	}
	bare := syncspec.Row{Name: text("z"), Enabled: &yes}
	for range 2 { // inserted, and then updated
		if err := Write(t.Context(), conn, []Edit{{"a", &full}, {"z", &bare}}, now); err != nil {
			t.Fatal(err)
		}
		rows, err := Rows(t.Context(), conn)
		if err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			if created := rows[i].CreatedAt; created == nil || !created.Equal(now) {
				t.Errorf("created at %v, want %v", created, now)
			}
			rows[i].CreatedAt = nil
		}
		if diff := cmp.Diff([]syncspec.Row{full, bare}, rows); diff != "" {
			t.Error(diff)
		}
	}
}

// Rows of every kind can run, and those of other kinds than list claim no list.
func TestKindsOfRows(t *testing.T) {
	t.Parallel()
	conn := querytest.Migrated(t)
	if _, err := conn.ExecContext(t.Context(), `INSERT INTO rollcall.syncs (name, query, kind, list_id, list_name, to_object_type) VALUES
		('employers', 'SELECT 1', 'association', NULL, NULL, 'contacts'), ('people', 'SELECT 1', 'Object', NULL, NULL, NULL), ('wrong', 'SELECT 1', 'object', '101', NULL, NULL),
		('vip', 'SELECT 1', NULL, '101', NULL, NULL), ('news', 'SELECT 1', 'list', NULL, 'News', NULL)`); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), `INSERT INTO rollcall.syncs (name, query, kind, on_leave, foreign_values) VALUES
		('leavers', 'SELECT 1', 'object', 'clear', NULL), ('keepers', 'SELECT 1', 'object', NULL, 'keep')`); err != nil {
		t.Fatal(err)
	}
	all, refused, err := Select(t.Context(), conn, nil)
	if err != nil || refused.Err() != nil {
		t.Fatal(err, refused)
	}
	want := map[string]string{
		"employers": "", "people": "", "leavers": "", "keepers": "",
		"wrong": "list_id: set in a row of kind object", "vip": "", "news": "",
	}
	for _, s := range all {
		if got := ""; s.Err != nil {
			got = s.Err.Error()
			if want[s.Name] == "" || !strings.HasPrefix(got, want[s.Name]) {
				t.Errorf("%s: %s, want %q", s.Name, got, want[s.Name])
			}
		} else if want[s.Name] != "" {
			t.Errorf("%s can run, want %q", s.Name, want[s.Name])
		}
		if flawed := s.Flawed("list_id"); flawed != (s.Name == "wrong") {
			t.Errorf("%s: list_id is flawed: %t", s.Name, flawed)
		}
	}
}

// What bounds the types of records that rows may name bounds both sides of an association; only rows of lists need one.
func TestBoundsOfKinds(t *testing.T) {
	t.Parallel()
	bounds := Bounds{Lists: []string{"101"}, ObjectTypes: []string{"contacts"}}
	for want, spec := range map[string]syncspec.Spec{
		`list_name: "" is outside of allowed_lists`: {Kind: syncspec.List, ObjectType: "contacts"},
		"": {Kind: syncspec.Object, ObjectType: "contacts"},
		`object_type: "deals" is outside of allowed_object_types`:        {Kind: syncspec.Object, ObjectType: "deals"},
		`to_object_type: "companies" is outside of allowed_object_types`: {Kind: syncspec.Association, ObjectType: "contacts", ToObjectType: "companies"},
		`list_id: "102" is outside of allowed_lists`:                     {Kind: syncspec.List, ListID: "102", ObjectType: "contacts"},
	} {
		got := ""
		if err := bounds.Refuse(spec); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%+v: %q, want %q", spec, got, want)
		}
	}
}
