package engine_test

import (
	"strings"
	"testing"

	"rollcall/engine"
)

// A plan that stays blocked is in the ledger once; what differs in it, be it only whom a change is about, is written anew.
func TestUnchangedBlockedPlanIsWrittenOnce(t *testing.T) {
	t.Parallel()
	w := full(t, 20, nil)
	w.exec("DELETE FROM people")
	before := w.row("SELECT count(*) FROM rollcall.changes")
	first := w.one("vip", engine.Blocked)
	wantRows(t, w.rows("SELECT plan_run_id FROM rollcall.runs WHERE run_id = "+quote(first.RunID)), "<nil>")
	second, third := w.one("vip", engine.Blocked), w.one("vip", engine.Blocked)
	rehearsed := w.runWith(engine.RunOptions{DryRun: true}, "vip")[0]
	for _, run := range []engine.Run{first, second, third, rehearsed} {
		w.wantLedgerConsistent(run)
	}
	for _, run := range []engine.Run{second, third, rehearsed} {
		wantRows(t, w.rows("SELECT plan_run_id FROM rollcall.runs WHERE run_id = "+quote(run.RunID)), first.RunID)
		if run.PlanRunID != first.RunID {
			t.Errorf("plan_run_id of the run is %q, want %s", run.PlanRunID, first.RunID)
		}
	}
	if !strings.Contains(third.Hint, "changes for run "+first.RunID) || !strings.Contains(third.Hint, "approve "+third.RunID) {
		t.Errorf("hint %q, want it to name the run that has the changes, %s, and the one to approve, %s", third.Hint, first.RunID, third.RunID)
	}
	wantRows(t, w.rows("SELECT count(*) - "+before+" FROM rollcall.changes"), "20")

	w.exec("UPDATE rollcall.members SET key = 'ada@example.com' WHERE record_id = 1000001")
	renamed := w.one("vip", engine.Blocked)
	wantRows(t, w.rows("SELECT plan_run_id FROM rollcall.runs WHERE run_id = "+quote(renamed.RunID)), "<nil>")
	wantRows(t, w.rows("SELECT record_id FROM rollcall.changes WHERE key = 'ada@example.com'"), "1000001")
	w.people(1)
	changed := w.one("vip", engine.Blocked)
	wantRows(t, w.rows("SELECT plan_run_id FROM rollcall.runs WHERE run_id = "+quote(changed.RunID)), "<nil>")
	w.wantLedgerConsistent(changed)
}

// A plan that passes is always written: its changes get an outcome each, and the earlier run's stay planned.
func TestApprovedPlanIsItsRunsOwn(t *testing.T) {
	t.Parallel()
	w := full(t, 20, nil)
	w.exec("DELETE FROM people")
	first, second := w.one("vip", engine.Blocked), w.one("vip", engine.Blocked)
	if _, err := w.engine.Approve(t.Context(), second.RunID, "ada"); err != nil {
		t.Fatal(err)
	}
	passed := w.one("vip", engine.Succeeded)
	w.wantStates(passed, "remove done 20")
	w.wantStates(first, "remove planned 20")
	for _, run := range []engine.Run{first, second, passed} {
		w.wantLedgerConsistent(run)
	}
	w.wantMembers("101")
}
