package syncspec_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/syncspec"
)

// objectRow is a row of the kind object with just name, kind and query, changed as the case wants.
func objectRow(change func(*syncspec.Row)) syncspec.Row {
	r := syncspec.Row{Name: new("people"), Kind: new("object"), Query: new("SELECT email, city FROM customers")}
	if change != nil {
		change(&r)
	}
	return r
}

// associationRow is a complete row of the kind association, changed as the case wants.
func associationRow(change func(*syncspec.Row)) syncspec.Row {
	r := syncspec.Row{
		Name: new("employers"), Kind: new("association"), Query: new("SELECT from_key, to_key FROM jobs"),
		ToObjectType: new("companies"), ToIDProperty: new("customer_no"),
	}
	if change != nil {
		change(&r)
	}
	return r
}

func TestParseFillsInDefaultsByKind(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		row  syncspec.Row
		want syncspec.Spec
	}{
		"object": {objectRow(nil), syncspec.Spec{
			Name: "people", Kind: syncspec.Object, Query: "SELECT email, city FROM customers",
			Enabled: true, KeyColumn: "email", IDProperty: "email", ObjectType: "contacts", Mode: syncspec.Upsert,
			ForeignValues: syncspec.OverwriteForeign, OnLeave: syncspec.KeepLeft, IfNull: syncspec.KeepNull, MaxRemovalPct: 50,
		}},
		"association": {associationRow(nil), syncspec.Spec{
			Name: "employers", Kind: syncspec.Association, Query: "SELECT from_key, to_key FROM jobs",
			Enabled: true, IDProperty: "email", ObjectType: "contacts", ToIDProperty: "customer_no", ToObjectType: "companies",
			Mode: syncspec.Mirror, ForeignMembers: syncspec.KeepForeign, MaxRemovalPct: 50,
		}},
		"association that takes links away": {associationRow(func(r *syncspec.Row) { r.Mode, r.ToObjectType, r.ToIDProperty = new("remove"), new("Contact"), nil }), syncspec.Spec{
			Name: "employers", Kind: syncspec.Association, Query: "SELECT from_key, to_key FROM jobs",
			Enabled: true, IDProperty: "email", ObjectType: "contacts", ToIDProperty: "email", ToObjectType: "contacts",
			Mode: syncspec.Remove, ForeignMembers: syncspec.RemoveForeign, MaxRemovalPct: 50,
		}},
		"all of an object": {objectRow(func(r *syncspec.Row) {
			r.ObjectType, r.IDProperty, r.KeyColumn, r.Mode = new("0-5"), new("ticket_no"), new("no"), new("Update")
			r.OnLeave, r.IfNull, r.ForeignValues, r.MaxChanges, r.AllowTakeover = new(" CLEAR"), new("clear"), new("keep"), new(int64(9)), new(true)
		}), syncspec.Spec{
			Name: "people", Kind: syncspec.Object, Query: "SELECT email, city FROM customers",
			Enabled: true, KeyColumn: "no", IDProperty: "ticket_no", ObjectType: "tickets", Mode: syncspec.Update, AllowTakeover: true,
			ForeignValues: syncspec.KeepForeignValues, OnLeave: syncspec.ClearLeft, IfNull: syncspec.ClearNull, MaxChanges: new(int64(9)), MaxRemovalPct: 50,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := syncspec.Parse(c.row)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			again, err := syncspec.Parse(got.Row())
			if diff := cmp.Diff(got, again); diff != "" || err != nil {
				t.Errorf("written back and parsed: %v\n%s", err, diff)
			}
			data := syncspec.EncodeTOML(c.row)
			decoded, err := syncspec.DecodeTOML(got.Name+".toml", data)
			if err != nil || !syncspec.Equal(c.row, decoded) {
				t.Errorf("%v, as a file: %v\n%s", err, syncspec.Diff(c.row, decoded), data)
			}
		})
	}
}

func TestParseRefusesByKind(t *testing.T) {
	t.Parallel()
	object := func(change func(*syncspec.Row)) syncspec.Row { return objectRow(change) }
	association := func(change func(*syncspec.Row)) syncspec.Row { return associationRow(change) }
	for name, c := range map[string]struct {
		row                   syncspec.Row
		column, message, hint string // message and hint by what they contain
	}{
		"a misspelt kind":         {row(func(r *syncspec.Row) { r.Kind, r.ListID = new("objct"), nil }), "kind", "list, object, association", "did you mean object?"},
		"events":                  {row(func(r *syncspec.Row) { r.Kind, r.EventName = new("event"), new("bought") }), "kind", "event are not built in yet", "association"},
		"a list's event":          {row(func(r *syncspec.Row) { r.EventName = new("bought") }), "event_name", "kind list", "kind event"},
		"a list's on_leave":       {row(func(r *syncspec.Row) { r.OnLeave = new("keep") }), "on_leave", "kind list", "NULL; it belongs to kind object"},
		"a list's other side":     {row(func(r *syncspec.Row) { r.ToObjectType = new("companies") }), "to_object_type", "kind list", "kind association"},
		"a list's max_creates":    {row(func(r *syncspec.Row) { r.MaxCreates = new(int64(1)) }), "max_creates", "kind list", "kind object"},
		"a list that updates":     {row(func(r *syncspec.Row) { r.Mode = new("update") }), "mode", "mirror, add, remove", ""},
		"negative changes":        {row(func(r *syncspec.Row) { r.MaxChanges = new(int64(-1)) }), "max_changes", "-1", "NULL"},
		"an object's list":        {object(func(r *syncspec.Row) { r.ListID = new("101") }), "list_id", "kind object", "kind list"},
		"an object's foreign":     {object(func(r *syncspec.Row) { r.ForeignMembers = new("keep") }), "foreign_members", "kind object", "kind list and association"},
		"an object that mirrors":  {object(func(r *syncspec.Row) { r.Mode = new("mirror") }), "mode", "upsert, update, create", ""},
		"a misspelt on_leave":     {object(func(r *syncspec.Row) { r.OnLeave = new("archiv") }), "on_leave", "keep, clear, archive", "did you mean archive?"},
		"a misspelt if_null":      {object(func(r *syncspec.Row) { r.IfNull = new("cleer") }), "if_null", "keep, clear", "did you mean clear?"},
		"misspelt foreign values": {object(func(r *syncspec.Row) { r.ForeignValues = new("remove") }), "foreign_values", "overwrite, keep", ""},
		"negative creates":        {object(func(r *syncspec.Row) { r.MaxCreates = new(int64(-1)) }), "max_creates", "-1", "10 percent"},
		"creating by record ID":   {object(func(r *syncspec.Row) { r.IDProperty = new("hs_object_id") }), "mode", "upsert creates records", "update"},
		"creating and clearing":   {object(func(r *syncspec.Row) { r.Mode, r.OnLeave = new("create"), new("clear") }), "on_leave", "mode create", "keep"},
		"creating, clearing NULL": {object(func(r *syncspec.Row) { r.Mode, r.IfNull = new("create"), new("clear") }), "if_null", "mode create", "keep"},
		"archiving nothing":       {object(func(r *syncspec.Row) { r.Mode, r.OnLeave = new("update"), new("archive") }), "on_leave", "creates none", "allow_takeover"},
		"creates of an update":    {object(func(r *syncspec.Row) { r.Mode, r.MaxCreates = new("update"), new(int64(5)) }), "max_creates", "mode update", "NULL"},
		"email of tickets":        {object(func(r *syncspec.Row) { r.ObjectType = new("ticket") }), "id_property", "contacts only, not tickets", "hs_object_id"},
		"no query":                {object(func(r *syncspec.Row) { r.Query = nil }), "query", "missing", "every other column"},
		"a key column for links":  {association(func(r *syncspec.Row) { r.KeyColumn = new("email") }), "key_column", "kind association", "kind list and object"},
		"no other side":           {association(func(r *syncspec.Row) { r.ToObjectType = nil }), "to_object_type", "missing", "companies"},
		"a sentence on that side": {association(func(r *syncspec.Row) { r.ToObjectType = new("my things") }), "to_object_type", `"my things"`, "2-123"},
		"companies by email":      {association(func(r *syncspec.Row) { r.ToIDProperty = nil }), "to_id_property", "contacts only", "set to_id_property"},
		"a label on that side":    {association(func(r *syncspec.Row) { r.ToIDProperty = new("Record ID") }), "to_id_property", "internal name", "Settings"},
		"remove and keep":         {association(func(r *syncspec.Row) { r.Mode, r.ForeignMembers = new("remove"), new("keep") }), "foreign_members", "links that others made", "remove"},
		"a link's on_leave":       {association(func(r *syncspec.Row) { r.OnLeave = new("clear") }), "on_leave", "kind association", "kind object"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := syncspec.Parse(c.row)
			var problems syncspec.Problems
			if !errors.As(err, &problems) || len(problems) != 1 {
				t.Fatalf("got %v, want one problem", err)
			}
			p := problems[0]
			if p.Column != c.column || !strings.Contains(p.Message, c.message) || !strings.Contains(p.Hint, c.hint) {
				t.Errorf("got %s, hint %q", p.Error(), p.Hint)
			}
		})
	}
}

// A file leaves out what its kind has by default, and says what the default of another kind is.
func TestEncodeTOMLByKind(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]syncspec.Row{
		"kind = \"object\"\nquery = '''\nSELECT 1\n'''\n": {
			Kind: new("OBJECT"), Query: new("SELECT 1"), Mode: new("upsert"), OnLeave: new("keep"), IDProperty: new("email"), KeyColumn: new("email"),
		},
		"kind = \"association\"\nquery = '''\nSELECT 1\n'''\nto_object_type = \"companies\"\nforeign_members = \"remove\"\n": {
			Kind: new("association"), Query: new("SELECT 1"), ToObjectType: new("0-2"), Mode: new("mirror"), ForeignMembers: new("remove"),
		},
		"query = '''\nSELECT 1\n'''\nlist_id = \"101\"\nforeign_members = \"keep\"\n": {
			Kind: new("list"), Query: new("SELECT 1"), ListID: new("101"), ForeignMembers: new("keep"),
		},
	} {
		if diff := cmp.Diff(want, string(syncspec.EncodeTOML(r))); diff != "" {
			t.Error(diff)
		}
	}
}

// What a row leaves to its defaults can be seen, as those of its kind.
func TestSettings(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]syncspec.Row{
		"kind list, list_id 101, enabled true, key_column email, id_property email, object_type contacts, mode mirror, foreign_members remove, " +
			"allow_empty false, allow_takeover false, max_removal_pct 50, dry_run false": row(nil),
		"kind object, enabled true, key_column email, id_property email, object_type contacts, mode upsert, foreign_values overwrite, on_leave archive, if_null keep, " +
			"allow_empty false, allow_takeover false, max_creates 5, max_removal_pct 50, dry_run false": objectRow(func(r *syncspec.Row) { r.OnLeave, r.MaxCreates = new("Archive"), new(int64(5)) }),
		"kind association, enabled true, id_property email, object_type contacts, to_id_property customer_no, to_object_type companies, mode mirror, foreign_members keep, " +
			"allow_empty false, allow_takeover false, max_changes 7, max_removal_pct 50, dry_run false": associationRow(func(r *syncspec.Row) { r.MaxChanges = new(int64(7)) }),
	} {
		spec, err := syncspec.Parse(r)
		if err != nil {
			t.Fatal(err)
		}
		if got := spec.Settings().String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	spec, err := syncspec.Parse(row(nil))
	if err != nil {
		t.Fatal(err)
	}
	text, err := spec.Settings()[:2].MarshalJSON()
	if want := `{"kind":"list","list_id":"101"}`; err != nil || string(text) != want {
		t.Errorf("%s, %v; want %s", text, err, want)
	}
}

// What stands in columns that nobody has checked, since there is no kind of that name, is not shown.
func TestSettingsOfNoKind(t *testing.T) {
	t.Parallel()
	spec, err := syncspec.Parse(row(func(r *syncspec.Row) {
		r.Kind, r.Mode, r.ForeignMembers, r.OnLeave = new("link"), new("ann@example.com"), new("ann@example.com"), new("ann@example.com")
	}))
	var problems syncspec.Problems
	if !errors.As(err, &problems) || len(problems) != 1 {
		t.Errorf("got %v, want one problem", err)
	}
	if text := spec.Settings().String(); strings.Contains(text, "@") {
		t.Errorf("settings are %s", text)
	}
}
