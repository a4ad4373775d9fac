package engine_test

import (
	"testing"

	"rollcall/engine"
)

// A plan that is blocked whatever HubSpot has of the records that leave reads none of them, and shows what would go as it was last known. Once a person
// has let it pass they are read, and what somebody has changed since stays.
func TestObjectBlockedLeavingReadsNothing(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct{ script, guard, left string }{
		"no rows":      {"DELETE FROM customers", "allow_empty: the query returned no rows, so 12 records would be archived or cleared", "12"},
		"too few rows": {"DELETE FROM customers WHERE email = 'new-00000@example.com' OR email > 'new-00005'; UPDATE rollcall.syncs SET min_rows = 10, max_removal_pct = 100", "min_rows", "8"},
		"too many changes": {`DELETE FROM customers WHERE email = 'new-00000@example.com' OR email > 'new-00005'; UPDATE customers SET city = 'Rom';
			UPDATE rollcall.syncs SET max_changes = 3, max_removal_pct = 100`, "max_changes: it would make 12 changes, the row allows 3", "8"},
	} {
		w := newPeople(t, 0, map[string]string{"on_leave": "'clear'", "allow_takeover": "NULL"})
		w.newcomers(12, 0)
		w.one("people", engine.Succeeded)
		w.exec(c.script)
		calls := w.objectCalls()
		run := w.one("people", engine.Blocked)
		wantWords(t, run.Error, c.guard)
		wantRows(t, w.rows("SELECT count(*), count(DISTINCT values) FROM rollcall.changes WHERE cause = 'left' AND run_id = "+quote(run.RunID)), c.left+" 1")
		w.one("people", engine.Blocked)
		w.plan("people")
		if n := w.objectCalls() - calls; n != 0 {
			t.Errorf("%s: %d object calls for a plan that is blocked", what, n)
		}
		id := w.row("SELECT record_id FROM rollcall.records WHERE key = 'new-00000@example.com'")
		if err := w.sandbox.PatchObject("contacts", id, map[string]string{"city": "Trier"}); err != nil {
			t.Fatal(err)
		}
		w.approveSync(run.RunID)
		passed := w.one("people", engine.Succeeded)
		if passed.ApprovedRun != run.RunID {
			t.Errorf("%s: %+v", what, passed)
		}
		w.wantProperties("new-00000@example.com", map[string]string{"city": "Trier", "firstname": ""})
		w.wantProperties("new-00009@example.com", map[string]string{"city": "", "firstname": ""})
		w.exec("UPDATE rollcall.syncs SET min_rows = NULL, max_changes = NULL")
		w.wantNoMore()
	}
}

// Whether a guard blocks what leaves is known only when HubSpot was asked: records that somebody has archived already are nothing to lose.
func TestObjectLeavingIsReadBeforeItIsBlocked(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 0, map[string]string{"on_leave": "'archive'", "allow_takeover": "NULL"})
	w.newcomers(12, 0)
	w.one("people", engine.Succeeded)
	for _, id := range w.rows("SELECT record_id FROM rollcall.records WHERE key < 'new-00009'") {
		if err := w.sandbox.DeleteObject("contacts", id); err != nil {
			t.Fatal(err)
		}
	}
	w.exec("DELETE FROM customers WHERE email < 'new-00009'")
	if run := w.one("people", engine.Succeeded); !run.Plan.Empty() {
		t.Errorf("%+v", run.Plan)
	}
	w.wantNoMore()
}

// With allow_takeover a value that somebody has changed after the yes is not cleared under it: the plan is blocked anew, as HubSpot has it then.
func TestObjectApprovalOfClearing(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 0, map[string]string{"on_leave": "'clear'", "allow_takeover": "true"})
	w.newcomers(12, 0)
	w.one("people", engine.Succeeded)
	w.exec("DELETE FROM customers")
	w.approveSync(w.one("people", engine.Blocked).RunID)
	id := w.row("SELECT record_id FROM rollcall.records WHERE key = 'new-00000@example.com'")
	if err := w.sandbox.PatchObject("contacts", id, map[string]string{"city": "Trier"}); err != nil {
		t.Fatal(err)
	}
	again := w.one("people", engine.Blocked)
	wantRows(t, w.rows("SELECT values FROM rollcall.changes WHERE run_id = "+quote(again.RunID)+" AND record_id = "+id), "map[city:[Trier <nil>] firstname:[New <nil>]]")
	w.approveSync(again.RunID)
	w.one("people", engine.Succeeded)
	w.wantProperties("new-00000@example.com", map[string]string{"city": "", "firstname": ""})
	w.wantNoMore()
}
