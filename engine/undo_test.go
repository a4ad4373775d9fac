package engine_test

import (
	"errors"
	"testing"

	"rollcall/engine"
	"rollcall/engine/hint"
	"rollcall/engine/hubspot/sandbox"
)

func TestUndo(t *testing.T) {
	t.Parallel()
	w, run := moved(t)
	w.exec("UPDATE rollcall.syncs SET enabled = false")
	undo := w.undo(run.RunID, engine.Succeeded)
	w.wantMembers("101", numbers(1, 10)...)
	w.wantOwned("101", numbers(1, 10)...)
	wantCounts(t, undo, "2 2 0 10")
	wantWords(t, undo.Detail, "undid run "+run.RunID, "added 2, removed 2")
	wantWords(t, undo.Hint, "enabled = false")
	wantRows(t, w.rows("SELECT sync, undoes FROM rollcall.runs WHERE run_id = "+quote(undo.RunID)), "vip "+run.RunID)
	wantRows(t, w.rows("SELECT cause, count(*), count(key) FROM rollcall.changes WHERE run_id = "+quote(undo.RunID)+" GROUP BY ALL"), "undone 4 4")

	// What has been undone once has nothing left.
	again := w.undo(run.RunID, engine.Succeeded)
	wantCounts(t, again, "0 0 0 10")
	wantWords(t, again.Detail, "nothing to undo")

	// An undo is a run, and can be undone.
	back := w.undo(undo.RunID, engine.Succeeded)
	wantCounts(t, back, "2 2 0 10")
	w.wantMembers("101", numbers(3, 12)...)
	w.exec("UPDATE rollcall.syncs SET enabled = true")
	w.wantConverged("vip", "101", numbers(3, 12)...)
}

// The row still asks for what was undone.
func TestRunAfterUndo(t *testing.T) {
	t.Parallel()
	w, run := moved(t)
	w.undo(run.RunID, engine.Succeeded)
	w.wantConverged("vip", "101", numbers(3, 12)...)
}

func TestUndoKeepsOutWhatWasTouched(t *testing.T) {
	t.Parallel()
	w, run := moved(t)                             // added 11, 12; removed 1, 2
	w.byHand("101", []int{1}, []int{11})           // a person: 1 is back, 11 is gone
	w.people(append(numbers(2, 10), 12, 1, 20)...) // 2 is desired again, 11 no longer, 20 is new
	later := w.one("vip", engine.Succeeded)        // adds 2 and 20
	w.wantMembers("101", append(numbers(1, 10), 12, 20)...)
	undo := w.undo(run.RunID, engine.Succeeded)
	w.wantStates(undo, "remove done 1") // 12 alone is as that run left it
	w.wantMembers("101", append(numbers(1, 10), 20)...)
	undo = w.undo(later.RunID, engine.Succeeded)
	w.wantMembers("101", append([]int{1}, numbers(3, 10)...)...)
	w.wantStates(undo, "remove done 2")
}

// Only what the run did is undone, not what HubSpot refused or what held already.
func TestUndoOfAnInterruptedAnswer(t *testing.T) {
	t.Parallel()
	w, run := moved(t)
	w.exec("UPDATE rollcall.changes SET state = 'failed' WHERE record_id = 1000011 AND run_id = " + quote(run.RunID))
	w.exec("UPDATE rollcall.changes SET state = 'unknown' WHERE record_id = 1000012 AND run_id = " + quote(run.RunID))
	w.exec("UPDATE rollcall.changes SET state = 'already' WHERE record_id = 1000001 AND run_id = " + quote(run.RunID))
	undo := w.undo(run.RunID, engine.Succeeded)
	w.wantStates(undo, "add done 1, remove done 1") // 12 is reconciled as done first
	w.wantMembers("101", numbers(2, 11)...)
}

func TestUndoIsGuarded(t *testing.T) {
	t.Parallel()
	w := full(t, 12, nil)
	first := w.row("SELECT run_id FROM rollcall.runs")
	blocked := w.undo(first, engine.Blocked)
	wantWords(t, blocked.Error, "allow_empty", "max_removal_pct")
	w.wantMembers("101", numbers(1, 12)...)
	approval, err := w.engine.Approve(t.Context(), blocked.RunID, "ann")
	if err != nil || approval.Sync != "vip" || approval.Undoes != first || approval.Command() != "undo "+first || approval.Remove != 12 {
		t.Fatalf("approve: %+v, %v", approval, err)
	}
	wantWords(t, w.row("SELECT what_to_do FROM rollcall.status"), "rollcall undo "+first)
	w.undo(first, engine.Succeeded)
	w.wantMembers("101")
}

func TestUndoDryRun(t *testing.T) {
	t.Parallel()
	w, run := moved(t)
	dry, err := w.engine.Undo(t.Context(), run.RunID, engine.RunOptions{DryRun: true})
	if err != nil || dry.Status != engine.DryRun || dry.Plan.Undone != 4 {
		t.Fatalf("%+v, %v", dry, err)
	}
	w.wantStates(dry, "add planned 2, remove planned 2")
	w.wantMembers("101", numbers(3, 12)...)
	if _, err := w.engine.Undo(t.Context(), dry.RunID, engine.RunOptions{}); err == nil || hint.Of(err) == "" {
		t.Errorf("undo of a dry run: %v, want a refusal with a hint", err)
	}
}

func TestUndoRefusals(t *testing.T) {
	t.Parallel()
	w, run := moved(t)
	id := quote(run.RunID)
	for name, c := range map[string]struct{ runID, change, mend, words string }{
		"unknown":       {"nonsense", "", "", "no run nonsense"},
		"still running": {run.RunID, "UPDATE rollcall.runs SET status = 'RUNNING' WHERE run_id = " + id, "UPDATE rollcall.runs SET status = 'SUCCEEDED' WHERE run_id = " + id, "RUNNING"},
		"blocked":       {run.RunID, "UPDATE rollcall.runs SET status = 'BLOCKED' WHERE run_id = " + id, "UPDATE rollcall.runs SET status = 'SUCCEEDED' WHERE run_id = " + id, "sent nothing"},
		"no row":        {run.RunID, "UPDATE rollcall.syncs SET name = 'other'", "UPDATE rollcall.syncs SET name = 'vip'", "no row vip"},
	} {
		if c.change != "" {
			w.exec(c.change)
		}
		_, err := w.engine.Undo(t.Context(), c.runID, engine.RunOptions{})
		var usage *hint.UsageError
		if !errors.As(err, &usage) || hint.Of(err) == "" {
			t.Errorf("%s: %v, want a usage error with a hint", name, err)
		} else {
			wantWords(t, err.Error(), c.words)
		}
		if c.mend != "" {
			w.exec(c.mend)
		}
	}
	w.wantMembers("101", numbers(3, 12)...)
	if err := w.sandbox.DeleteList("101"); err != nil {
		t.Fatal(err)
	}
	gone := w.undoFailed(run.RunID)
	wantWords(t, gone.Error, "101")
	wantWords(t, gone.Hint, "restore")
}

func (w *world) undoFailed(runID string) engine.Run {
	w.t.Helper()
	run, err := w.engine.Undo(w.t.Context(), runID, engine.RunOptions{})
	if err != nil || run.Status != engine.Failed {
		w.t.Fatalf("undo %s: %+v, %v; want %s", runID, run, err, engine.Failed)
	}
	return run
}

// A look at the undoing writes nothing of what it finds, and still goes by what the list shows.
func TestUndoDryRunOfAListThatWasTouched(t *testing.T) {
	t.Parallel()
	w, run := moved(t) // added 11, 12; removed 1, 2
	w.byHand("101", []int{1}, []int{11})
	dry, err := w.engine.Undo(t.Context(), run.RunID, engine.RunOptions{DryRun: true})
	if err != nil || dry.Plan.Add != 1 || dry.Plan.Remove != 1 {
		t.Errorf("%+v, %v; want one to add and one to remove", dry.Plan, err)
	}
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.drift"), "0")
}

// A foreign member that a run took out is foreign again once that is undone, however its addition gets known, and after any number of
// undoings: a row that was changed to keep foreign members is left so.
func TestUndoneForeignMemberIsForeign(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(*world) (mend func()){
		"answered": func(*world) func() { return func() {} },
		"settled": func(w *world) func() {
			w.fault(sandbox.Fault{Operation: writes, Effect: sandbox.EffectResetAfter, Count: -1})
			return w.sandbox.ForgetFaults
		},
		"journaled": func(w *world) func() {
			w.whenCalled("/memberships/add-and-remove", 1, func() { w.exec("ALTER TABLE rollcall.changes RENAME TO gone") })
			return func() { w.exec("ALTER TABLE rollcall.gone RENAME TO changes") }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 30)
			w.sync("vip", map[string]string{"list_id": "101"})
			w.people(1, 2, 3)
			w.one("vip", engine.Succeeded)
			w.byHand("101", []int{21, 22}, nil)
			run := w.one("vip", engine.Succeeded)
			w.wantMembers("101", 1, 2, 3)
			w.exec("UPDATE rollcall.syncs SET foreign_members = 'keep'")

			mend := fault(w)
			undo, _ := w.engine.Undo(t.Context(), run.RunID, engine.RunOptions{}) // the fault may be its error
			mend()
			w.reopen()
			w.one("vip", engine.Succeeded)
			w.wantMembers("101", 1, 2, 3, 21, 22)
			w.wantOwned("101", 1, 2, 3)

			again := w.undo(w.row("SELECT max(run_id) FROM rollcall.runs WHERE undoes = %s", quote(run.RunID)), engine.Succeeded)
			w.wantMembers("101", 1, 2, 3)
			w.undo(again.RunID, engine.Succeeded)
			w.wantMembers("101", 1, 2, 3, 21, 22)
			w.wantOwned("101", 1, 2, 3)
			if undo.Plan != nil && undo.Plan.Undone != 2 {
				t.Errorf("%d are undone, want 2", undo.Plan.Undone)
			}
		})
	}
}
