package engine_test

import (
	"fmt"
	"testing"

	"rollcall/engine"
)

// Mode add and remove have no removals to guard when their query returns too little: the run succeeds, and says so.
func TestShrinkingSourceIsToldInEveryMode(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"add", "remove", "mirror"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			w := full(t, 20, map[string]string{"allow_empty": "true", "max_removal_pct": "100"})
			w.exec("UPDATE rollcall.syncs SET mode = " + quote(mode))
			w.people(numbers(1, 10)...)
			if run := w.one("vip", engine.Succeeded); run.Warning != "" {
				t.Errorf("half of last time: warning %q", run.Warning)
			}
			w.people(numbers(1, 4)...)
			const want = "4 usable keys, 10 last time"
			if runs := w.runWith(engine.RunOptions{DryRun: true}, "vip"); runs[0].Warning != want {
				t.Errorf("dry run: warning %q, want %q", runs[0].Warning, want)
			}
			run := w.one("vip", engine.Succeeded) // the dry run is not what it is compared with
			if run.Warning != want || run.Plan.Warning != want {
				t.Errorf("warning %q, want %q", run.Warning, want)
			}
			wantRows(t, w.rows("SELECT state, warning, what_to_do FROM rollcall.status"),
				"SUCCEEDED "+want+` see what the query returns: rollcall sql --sync vip -c "FROM desired"`)
			w.people()
			for range 2 { // as long as it is empty
				if run := w.one("vip", engine.Succeeded); run.Warning != "0 rows, 4 last time" {
					t.Errorf("warning %q", run.Warning)
				}
			}
			wantRows(t, w.rows("SELECT warning FROM rollcall.history ORDER BY run_at DESC, run_id DESC LIMIT 1"), "0 rows, 4 last time")
			w.exec("INSERT INTO people VALUES ('x', 'vip')")
			if run := w.one("vip", engine.Succeeded); run.Warning != "0 usable keys, 4 last time" {
				t.Errorf("warning %q", run.Warning)
			}
			w.people(numbers(1, 20)...)
			if run := w.one("vip", engine.Succeeded); run.Warning != "" {
				t.Errorf("warning %q", run.Warning)
			}
			wantRows(t, w.rows("SELECT state, warning, what_to_do FROM rollcall.status"), "SUCCEEDED <nil> <nil>")
		})
	}
}

// The last run that ended well is compared with, not one that was blocked or failed, and not one of another sync.
func TestShrinkingSourceIsComparedWithTheLastGoodRun(t *testing.T) {
	t.Parallel()
	w := full(t, 20, map[string]string{"mode": "'add'", "min_rows": "5"})
	w.people(1)
	w.one("vip", engine.Blocked)
	w.sync("other", map[string]string{"list_id": "102", "mode": "'add'"})
	if run := w.one("other", engine.Succeeded); run.Warning != "" {
		t.Errorf("a first run: warning %q", run.Warning)
	}
	w.exec("UPDATE rollcall.syncs SET min_rows = NULL")
	if run := w.one("vip", engine.Succeeded); run.Warning != "1 usable key, 20 last time" {
		t.Errorf("warning %q", run.Warning)
	}
	if run, err := w.engine.Undo(t.Context(), w.row("SELECT min(run_id) FROM rollcall.runs WHERE sync = 'vip'"), engine.RunOptions{}); err != nil || run.Warning != "" {
		t.Errorf("an undo has no query: warning %q, %v", run.Warning, err)
	}
}

func TestMinRows(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"add", "remove", "mirror"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			w := full(t, 20, map[string]string{"min_rows": "18"})
			w.exec("UPDATE rollcall.syncs SET mode = " + quote(mode) + ", max_removal_pct = 100")
			w.people(numbers(1, 18)...)
			w.one("vip", engine.Succeeded)
			// The same address twice, a blank and one that can't be are no keys.
			w.exec(fmt.Sprintf("DELETE FROM people WHERE email = '%s'; INSERT INTO people VALUES ('%s', 'vip'), (' ', 'vip'), ('x', 'vip')", address(1), address(2)))
			members := w.members("101")
			run := w.one("vip", engine.Blocked)
			wantWords(t, run.Error, "min_rows", "17 usable keys", "asks for 18")
			w.wantMembers("101", members...)
			if len(run.Plan.Violations) != 1 {
				t.Errorf("violations: %+v", run.Plan.Violations)
			}
			w.approve(run.RunID)
			w.one("vip", engine.Succeeded)
		})
	}
}

// An approval of a plan that was blocked by min_rows alone is for a query that returns as much, or more: with fewer keys it is another plan.
func TestApprovalOfTooFewRows(t *testing.T) {
	t.Parallel()
	w := full(t, 20, map[string]string{"mode": "'add'", "min_rows": "18"})
	w.people(numbers(1, 10)...)
	ten := w.one("vip", engine.Blocked)
	w.approve(ten.RunID)
	w.people(numbers(1, 9)...)
	nine := w.one("vip", engine.Blocked)
	wantRows(t, w.rows("SELECT void_reason LIKE 'superseded by run "+nine.RunID+", BLOCKED%' FROM rollcall.approval_status"), "true")
	w.people(numbers(1, 10)...)
	w.one("vip", engine.Blocked) // the approval was for another moment

	w.approve(nine.RunID)
	w.people(numbers(15, 25)...)
	if run := w.one("vip", engine.Succeeded); run.ApprovedRun != nine.RunID {
		t.Errorf("it continued under %q, want the approval of nine keys", run.ApprovedRun)
	}
	w.wantMembers("101", numbers(1, 25)...)
}

// An approval of what another guard stopped is none of too few rows.
func TestApprovalOfAnotherGuard(t *testing.T) {
	t.Parallel()
	w := full(t, 20, map[string]string{"max_removals": "1"})
	w.people(numbers(1, 18)...)
	run := w.one("vip", engine.Blocked)
	wantRows(t, w.rows("SELECT guards FROM rollcall.runs WHERE run_id = "+quote(run.RunID)), "max_removals")
	w.approve(run.RunID)
	w.exec("UPDATE rollcall.syncs SET min_rows = 19")
	both := w.one("vip", engine.Blocked)
	wantRows(t, w.rows("SELECT guards FROM rollcall.runs WHERE run_id = "+quote(both.RunID)), "min_rows,max_removals")
	wantWords(t, w.row("SELECT void_reason FROM rollcall.approval_status"), "superseded by run "+both.RunID)
	wantWords(t, w.row("SELECT what_to_do FROM rollcall.status"), "rollcall approve "+both.RunID)
	w.approve(both.RunID)
	w.one("vip", engine.Succeeded)
	w.wantMembers("101", numbers(1, 18)...)
}
