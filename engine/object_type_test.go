package engine_test

import (
	"testing"
	"time"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// object makes a sync of records over a query, whose key is a unique property of the type.
func (w *world) object(objectType, key, query string) {
	w.t.Helper()
	w.sync("people", map[string]string{"kind": "'object'", "object_type": quote(objectType), "id_property": quote(key), "query": quote(query)})
}

// wantQuiet runs the sync once more, within found_ttl and with all read anew, and wants no change.
func (w *world) wantQuiet() {
	w.t.Helper()
	for _, o := range []engine.RunOptions{{}, {Full: true}} {
		if run := w.runWith(o, "people")[0]; run.Status != engine.Succeeded || !run.Plan.Empty() {
			w.t.Errorf("%+v: not quiet: %s, %s %+v", o, run.Status, run.Error, w.lastChanges())
		}
	}
}

// Companies, deals, tickets and custom objects, by name and by type ID, are created and updated by a unique property.
func TestObjectTypes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ objectType, query, created, changed, updated string }{
		{"companies", "SELECT * FROM (VALUES (1, 'Acme', 12.0, true, 'RETAIL')) v(number, name, numberofemployees, is_public, industry)",
			"map[industry:[<nil> RETAIL] is_public:[<nil> true] name:[<nil> Acme] number:[<nil> 1] numberofemployees:[<nil> 12]]",
			"SELECT 1 AS number, 'Acme' AS name, 13 AS numberofemployees", "map[numberofemployees:[12 13]]"},
		{"Company", "SELECT 1 AS number, 'Acme' AS name", "map[name:[<nil> Acme] number:[<nil> 1]]", "SELECT 1 AS number, ' Beta ' AS name", "map[name:[Acme Beta]]"},
		{"deals", "SELECT 1 AS number, 99.50::DECIMAL(9,2) AS amount, TIMESTAMPTZ '2026-03-01 12:00:00+00' AS closedate, 'closedwon' AS dealstage",
			"map[amount:[<nil> 99.5] closedate:[<nil> 2026-03-01T12:00:00.000Z] dealstage:[<nil> closedwon] number:[<nil> 1]]",
			"SELECT 1 AS number, 100 AS amount", "map[amount:[99.5 100]]"},
		{"0-5", "SELECT 1 AS number, 'Help' AS subject, ['BILLING_ISSUE', 'PRODUCT_ISSUE'] AS hs_ticket_category",
			"map[hs_ticket_category:[<nil> BILLING_ISSUE;PRODUCT_ISSUE] number:[<nil> 1] subject:[<nil> Help]]",
			"SELECT 1 AS number, ['PRODUCT_ISSUE'] AS hs_ticket_category", "map[hs_ticket_category:[BILLING_ISSUE;PRODUCT_ISSUE PRODUCT_ISSUE]]"},
		{"pets", "SELECT 1 AS number, 'Rex' AS name", "map[name:[<nil> Rex] number:[<nil> 1]]", "SELECT 1 AS number, 'Mia' AS name", "map[name:[Rex Mia]]"},
		{"2-7001", "SELECT 1 AS number, 'Rex' AS name", "map[name:[<nil> Rex] number:[<nil> 1]]", "SELECT 1 AS number, 'Mia' AS name", "map[name:[Rex Mia]]"},
	} {
		t.Run(c.objectType, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1)
			if _, err := w.sandbox.DefineSchema(sandbox.Schema{Name: "pets", Properties: []sandbox.Property{{Name: "name"}}}); err != nil {
				t.Fatal(err)
			}
			if err := w.sandbox.DefineProperty(c.objectType, sandbox.Property{Name: "number", Unique: true}); err != nil {
				t.Fatal(err)
			}
			w.object(c.objectType, "number", c.query)
			w.one("people", engine.Succeeded)
			wantRows(t, w.lastChanges(), "create done 1 "+c.created)
			w.wantQuiet()
			w.exec("UPDATE rollcall.syncs SET query = " + quote(c.changed))
			w.one("people", engine.Succeeded)
			wantRows(t, w.lastChanges(), "update done 1 "+c.updated)
			w.wantQuiet()
		})
	}
}

// Owners go by HubSpot's owner ID: who is none is a reject, and the owners are read once.
func TestObjectOwners(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 3, map[string]string{"query": quote("SELECT email, owner AS hubspot_owner_id FROM owned")})
	id, err := w.sandbox.AddOwner(sandbox.Owner{Email: "sales@example.com", FirstName: "Sal", LastName: "Es"})
	if err != nil {
		t.Fatal(err)
	}
	w.exec("CREATE TABLE owned AS SELECT * FROM (VALUES ('contact-00001@example.com', '" + id + "'), ('contact-00002@example.com', '9999'), ('contact-00003@example.com', 'sales@example.com')) v(email, owner)")
	w.one("people", engine.Succeeded)
	wantRows(t, w.lastChanges(), "update done contact-00001@example.com map[hubspot_owner_id:[<nil> "+id+"]]")
	wantRows(t, w.rows("SELECT key, reason IN ('invalid_owner', 'invalid_option') FROM rollcall.rejects ORDER BY 1"), "contact-00002@example.com true", "contact-00003@example.com true")
	w.reopen()
	if n := w.calls("owners.list", func() { w.one("people", engine.Succeeded) }); n != 0 {
		t.Errorf("%d calls for owners in a quiet run", n)
	}
	if _, err := w.sandbox.AddOwner(sandbox.Owner{ID: "9999", Email: "new@example.com"}); err != nil {
		t.Fatal(err)
	}
	w.runWith(engine.RunOptions{RetryRejects: true}, "people")
	wantRows(t, w.lastChanges(), "update done contact-00002@example.com map[hubspot_owner_id:[<nil> 9999]]")
}

// Values that HubSpot takes for one make no change: whatever the query's type, and however HubSpot has been given the value.
func TestObjectCanonicalValues(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	if _, err := w.sandbox.DefineSchema(sandbox.Schema{Name: "pets", Properties: []sandbox.Property{
		{Name: "number", Unique: true}, {Name: "name"}, {Name: "weight", Type: "number"}, {Name: "born", Type: "date"}, {Name: "seen", Type: "datetime"}, {Name: "tame", Type: "bool"},
		{Name: "tags", Type: "enumeration", FieldType: "checkbox", Options: []sandbox.Option{{Value: "a", Label: "A"}, {Value: "b", Label: "B"}, {Value: "c", Label: "C"}}},
	}}); err != nil {
		t.Fatal(err)
	}
	w.object("pets", "number", "SELECT 1 AS number, 'Rex' AS name, '1' AS weight, DATE '2026-03-01' AS born, TIMESTAMP '2026-03-01 10:00:00' AS seen, true AS tame, 'a;b' AS tags")
	w.one("people", engine.Succeeded)
	for _, query := range []string{
		"SELECT '1' AS number, '  Rex ' AS name, '1.0' AS weight, TIMESTAMP '2026-03-01 00:00:00' AS born, '2026-03-01T10:00:00.000Z' AS seen, 'TRUE' AS tame, ['b', 'a'] AS tags",
		"SELECT 1 AS number, 'Rex' AS name, 1.000::DECIMAL(9,3) AS weight, '2026-03-01' AS born, epoch_ms(TIMESTAMP '2026-03-01 10:00:00') AS seen, 1 AS tame, ' b ; a;b' AS tags",
		"SELECT 1 AS number, 'Rex' AS name, 1e0 AS weight, epoch_ms(TIMESTAMP '2026-03-01') AS born, TIMESTAMPTZ '2026-03-01 11:00:00+01' AS seen, 'true' AS tame, ['a', NULL, 'b'] AS tags",
	} {
		w.exec("UPDATE rollcall.syncs SET query = " + quote(query))
		w.wantQuiet()
	}
	id := w.rows("SELECT record_id FROM rollcall.records")[0]
	if err := w.sandbox.PatchObject("pets", id, map[string]string{"weight": "1.00", "tags": "b;a", "seen": "1772359200000", "name": "Rex "}); err != nil {
		t.Fatal(err)
	}
	w.wantQuiet()
}

// A custom type that a row gives by its name is asked for once in found_ttl, and again after a call about it has failed.
func TestObjectTypeIsRemembered(t *testing.T) {
	t.Parallel()
	for _, objectType := range []string{"pets", "2-7001"} {
		var later time.Duration
		w := newWorld(t, 1, clockAhead(&later))
		if _, err := w.sandbox.DefineSchema(sandbox.Schema{Name: "pets", Properties: []sandbox.Property{{Name: "name"}, {Name: "number", Unique: true}}}); err != nil {
			t.Fatal(err)
		}
		w.object(objectType, "number", "SELECT 1 AS number, 'Rex' AS name")
		w.one("people", engine.Succeeded)
		asked := func(want int, status engine.Status) {
			t.Helper()
			w.reopen()
			if n := w.calls("schemas.list", func() { w.one("people", status) }); n != want {
				t.Errorf("%s: %d calls for schemas, want %d", objectType, n, want)
			}
		}
		w.reopen()
		w.wantQuietRuns(0, "people")
		w.reopen()
		if n := w.calls("schemas.list", func() { w.runWith(engine.RunOptions{Full: true}, "people") }); n != 1 {
			t.Errorf("%s: %d calls for schemas with all read anew", objectType, n)
		}
		w.exec("UPDATE rollcall.syncs SET query = 'SELECT 2 AS number, ''Mia'' AS name'")
		w.fault(sandbox.Fault{Operation: batchRead, Status: 404, Count: -1})
		asked(0, engine.Failed)
		w.sandbox.ForgetFaults()
		asked(1, engine.Succeeded)
		asked(0, engine.Succeeded)
		later = 25 * 7 * 24 * time.Hour
		asked(1, engine.Succeeded)
	}
}

// Owners that the token may not read are asked for once in found_ttl: the run that asked warns, with the scope, and the form of the IDs is checked.
func TestObjectOwnersThatCannotBeRead(t *testing.T) {
	t.Parallel()
	w := sandboxWorld(t, 2, sandbox.Options{MissingScopes: []string{"crm.objects.owners.read"}})
	if _, err := w.sandbox.AddOwner(sandbox.Owner{ID: "77", Email: "sales@example.com"}); err != nil {
		t.Fatal(err)
	}
	w.exec("CREATE TABLE owned AS SELECT * FROM (VALUES ('contact-00001@example.com', '77'), ('contact-00002@example.com', 'Sal')) v(email, owner)")
	w.sync("people", map[string]string{"kind": "'object'", "query": quote("SELECT email, owner AS hubspot_owner_id FROM owned WHERE owner <> 'Sal'")})
	for _, want := range []int{1, 0, 0} {
		var run engine.Run
		if n := w.calls("owners.list", func() { run = w.one("people", engine.Succeeded) }); n != want {
			t.Errorf("%d calls for owners, want %d", n, want)
		}
		if want == 1 {
			wantWords(t, run.Warning, "the token may not read owners", "crm.objects.owners.read")
		} else if run.Warning != "" || run.APICalls != 0 {
			t.Errorf("quiet: %d calls, warning %q", run.APICalls, run.Warning)
		}
		w.reopen()
	}
	w.exec("UPDATE rollcall.syncs SET query = 'SELECT email, owner AS hubspot_owner_id FROM owned'")
	w.one("people", engine.Succeeded)
	wantRows(t, w.rows("SELECT key FROM rollcall.rejects"), "contact-00002@example.com")
	if n := w.calls("owners.list", func() { w.runWith(engine.RunOptions{Full: true}, "people") }); n != 1 {
		t.Errorf("%d calls for owners with all read anew", n)
	}
}
