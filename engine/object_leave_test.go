package engine_test

import (
	"fmt"
	"testing"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// batchArchives is an operation of the sandbox.
const batchArchives = "objects.batch-archive"

// leavers is a world whose sync has written the city of the contacts 1 to 3 and has created ann. Somebody has changed the city of contact 2 since,
// and contacts 1 and 2 and ann leave the query.
func leavers(t *testing.T, columns map[string]string) *world {
	t.Helper()
	if columns["allow_takeover"] == "" {
		columns["allow_takeover"] = "NULL"
	}
	w := newPeople(t, 3, columns)
	w.exec(`INSERT INTO customers VALUES ('contact-00001@example.com', 'Contact', 'Bonn'), ('contact-00002@example.com', 'Contact', 'Ulm'),
		('contact-00003@example.com', 'Contact', 'Ulm'), ('ann@example.com', 'Ann', 'Rom')`)
	w.one("people", engine.Succeeded)
	w.patch(2, map[string]string{"city": "Trier"})
	w.exec("DELETE FROM customers WHERE email <> 'contact-00003@example.com'")
	return w
}

// patch lets somebody else change a contact.
func (w *world) patch(contact int, properties map[string]string) {
	w.t.Helper()
	if err := w.sandbox.PatchObject("contacts", ids([]int{contact})[0], properties); err != nil {
		w.t.Fatal(err)
	}
}

// wantNoMore wants a further run of the sync people to change nothing and to ask nothing about records.
func (w *world) wantNoMore() {
	w.t.Helper()
	before := w.objectCalls()
	if run := w.one("people", engine.Succeeded); !run.Plan.Empty() || w.objectCalls() != before {
		w.t.Errorf("not quiet: %d object calls, %+v", w.objectCalls()-before, run.Plan)
	}
}

// A record that has left the query stays as it is, loses the values that the sync wrote and nobody has changed since, or is archived if the sync
// created it. With allow_takeover all mapped values are cleared, and all records archived.
func TestObjectLeaves(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		onLeave, takeover string
		want              []string
	}{
		{"keep", "NULL", nil},
		{"clear", "NULL", []string{
			"clear done left ann@example.com map[city:[Rom <nil>] firstname:[Ann <nil>]]",
			"clear done left contact-00001@example.com map[city:[Bonn <nil>]]",
		}},
		{"clear", "true", []string{
			"clear done left ann@example.com map[city:[Rom <nil>] firstname:[Ann <nil>]]",
			"clear done left contact-00001@example.com map[city:[Bonn <nil>] firstname:[Contact <nil>]]",
			"clear done left contact-00002@example.com map[city:[Trier <nil>] firstname:[Contact <nil>]]",
		}},
		{"archive", "NULL", []string{"archive done left ann@example.com <nil>"}},
		{"archive", "true", []string{
			"archive done left ann@example.com <nil>", "archive done left contact-00001@example.com <nil>", "archive done left contact-00002@example.com <nil>",
		}},
	} {
		w := leavers(t, map[string]string{"on_leave": quote(c.onLeave), "allow_takeover": c.takeover})
		run := w.one("people", engine.Succeeded)
		wantRows(t, w.rows("SELECT action, state, cause, key, values FROM rollcall.changes WHERE run_id = "+quote(run.RunID)+" ORDER BY n"), c.want...)
		if int(*run.Removed) != len(c.want) || *run.Final != 1 || run.Plan.Kept != 4 {
			t.Errorf("%s, %s: removed %d, final %d, kept %d", c.onLeave, c.takeover, *run.Removed, *run.Final, run.Plan.Kept)
		}
		wantRows(t, w.rows("SELECT key FROM rollcall.records WHERE left_by IS NULL"), "contact-00003@example.com")
		w.wantNoMore()
		w.exec("INSERT INTO customers VALUES ('ann@example.com', 'Ann', 'Rom')")
		w.one("people", engine.Succeeded)
		w.wantProperties("ann@example.com", map[string]string{"city": "Rom", "firstname": "Ann"})
		w.wantNoMore()
	}
}

// A record that another sync keeps is not archived.
func TestObjectLeavesOfTwoSyncs(t *testing.T) {
	t.Parallel()
	w := leavers(t, map[string]string{"on_leave": "'archive'"})
	w.sync("phones", map[string]string{"kind": "'object'", "query": quote("SELECT 'ann@example.com' AS email, '+49 30' AS phone")})
	w.one("phones", engine.Succeeded)
	if run := w.one("people", engine.Succeeded); !run.Plan.Empty() {
		t.Errorf("%+v", run.Plan)
	}
	w.wantProperties("ann@example.com", map[string]string{"phone": "+49 30"})
}

// Who has a desired key today has not left: neither a record whose key was changed in HubSpot, nor one into which another was merged.
func TestObjectHasNotLeft(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 0, map[string]string{"on_leave": "'archive'", "allow_takeover": "NULL"})
	w.exec("INSERT INTO customers VALUES ('ann@example.com', 'Ann', 'Rom'), ('bob@example.com', 'Bob', 'Ulm'), ('eve@example.com', 'Eve', 'Ulm')")
	w.one("people", engine.Succeeded)
	ids := map[string]string{}
	for _, name := range []string{"ann", "bob", "eve"} {
		ids[name] = fmt.Sprint(w.records("contacts", "email", name+"@example.com")[0].ID)
	}
	if err := w.sandbox.Readdress(ids["ann"], "anna@example.com"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.sandbox.MergeContacts(ids["bob"], ids["eve"]); err != nil {
		t.Fatal(err)
	}
	w.exec("UPDATE customers SET email = 'anna@example.com' WHERE email = 'ann@example.com'; DELETE FROM customers WHERE email = 'eve@example.com'")
	w.one("people", engine.Succeeded)
	wantRows(t, w.rows("SELECT action, key FROM rollcall.changes WHERE action NOT IN ('create', 'update')"))
	for _, name := range []string{"anna", "bob"} {
		if found := w.records("contacts", "email", name+"@example.com"); len(found) != 1 {
			t.Errorf("%s: %v", name, found)
		}
	}
	w.one("people", engine.Succeeded)
	w.wantNoMore()
	if err := w.sandbox.Readdress(ids["ann"], "annabel@example.com"); err != nil {
		t.Fatal(err)
	}
	w.exec("UPDATE customers SET email = 'annabel@example.com' WHERE email = 'anna@example.com'; INSERT INTO customers VALUES ('annabel@example.com', 'Anna', 'Rom')")
	w.one("people", engine.Succeeded)
	wantRows(t, w.rows("SELECT action, key FROM rollcall.changes WHERE action NOT IN ('create', 'update')"))
	wantRows(t, w.rows("SELECT key, reason FROM rollcall.rejects WHERE until_run IS NULL"), "annabel@example.com duplicate_key")
}

// Records that are archived or cleared are removals, counted together with values that NULLs would clear, and in percent of what the sync keeps. An
// empty query takes away nothing unless the row allows it.
func TestObjectLeavingIsGuarded(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 0, map[string]string{"on_leave": "'archive'", "if_null": "'clear'", "allow_takeover": "NULL"})
	w.newcomers(12, 0)
	w.one("people", engine.Succeeded)
	w.exec("INSERT INTO customers SELECT format('more-{}@example.com', i), 'More', 'Ulm' FROM range(40) r(i); DELETE FROM customers WHERE email < 'new-00007' AND email > 'new'")
	run := w.one("people", engine.Blocked)
	wantWords(t, run.Error, "max_removal_pct: it would archive or clear 7 of the 12 records that it keeps (58.3%), the row allows 50%")
	wantWords(t, run.Detail, "would create 40, update 0 and archive or clear 7")
	w.exec("UPDATE rollcall.syncs SET max_removals = 7, max_removal_pct = 100; UPDATE customers SET city = NULL WHERE email > 'new-00011'")
	wantWords(t, w.one("people", engine.Blocked).Error, "max_removals: it would archive or clear 7 records, and NULLs of the query would clear 1 value, the row allows 7")
	w.exec("UPDATE rollcall.syncs SET max_removals = NULL; DELETE FROM customers")
	run = w.one("people", engine.Blocked)
	wantWords(t, run.Error, "allow_empty: the query returned no rows, so 12 records would be archived or cleared")
	if n := w.sandbox.CountCalls(batchArchives); n != 0 {
		t.Errorf("%d archives while it was blocked", n)
	}
	w.approveSync(run.RunID)
	passed := w.one("people", engine.Succeeded)
	if passed.ApprovedRun != run.RunID || *passed.Removed != 12 {
		t.Errorf("%+v", passed)
	}
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.records"), "0")
	w.wantNoMore()
}

// approveSync lets a blocked run pass.
func (w *world) approveSync(runID string) {
	w.t.Helper()
	if _, err := w.engine.Approve(w.t.Context(), runID, "ann"); err != nil {
		w.t.Fatal(err)
	}
}

// What would become empty is held against what the sync knows of the property in the records that it keeps, and not of the records that are new to
// the query; how many may be created depends on how many it keeps, and not on how many HubSpot has of the query's.
func TestObjectGuardsCountWhatIsKept(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 60, map[string]string{"if_null": "'clear'", "query": quote("SELECT email, city FROM customers")})
	w.newcomers(0, 10)
	w.one("people", engine.Succeeded)
	for n := 11; n <= 60; n++ {
		w.patch(n, map[string]string{"city": "Rom"})
	}
	w.exec("DELETE FROM customers")
	w.newcomers(0, 60)
	w.exec("UPDATE customers SET city = NULL WHERE email < 'contact-00009'")
	wantWords(t, w.one("people", engine.Blocked).Error, "max_removal_pct: city would become empty in 8 of 10 records (80.0%), the row allows 50%")
	w.exec("UPDATE rollcall.syncs SET if_null = NULL; INSERT INTO customers SELECT format('more-{}@example.com', i), 'More', 'Ulm' FROM range(1001) r(i)")
	wantWords(t, w.one("people", engine.Blocked).Error, "max_creates: it would create 1001 records, the default of max_creates allows 1000")
}

// An archiving whose answer was lost is settled by what HubSpot shows, and is not sent again.
func TestObjectLosesArchives(t *testing.T) {
	t.Parallel()
	for _, onLeave := range []string{"archive", "clear"} {
		w := leavers(t, map[string]string{"on_leave": quote(onLeave)})
		w.fault(sandbox.Fault{Operation: batchArchives, Effect: sandbox.EffectResetAfter, Count: -1}, sandbox.Fault{Operation: batchUpdates, Effect: sandbox.EffectResetAfter, Count: -1})
		run := w.one("people", engine.Failed)
		w.sandbox.ForgetFaults()
		w.sandbox.ForgetCalls()
		if next := w.one("people", engine.Succeeded); !next.Plan.Empty() || w.sandbox.CountCalls(batchArchives)+w.sandbox.CountCalls(batchUpdates) != 0 {
			t.Errorf("%s: sent again: %+v", onLeave, next.Plan)
		}
		wantRows(t, w.rows("SELECT DISTINCT state, reason FROM rollcall.changes WHERE run_id = "+quote(run.RunID)), "done the answer was lost; HubSpot shows the change")
		w.wantNoMore()
	}
}
