package engine_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"rollcall/engine"
	"rollcall/engine/hint"
)

// states counts the changes of a run's plan by action and state: "add done 3, remove failed 1".
func (w *world) states(runID string) string {
	w.t.Helper()
	return strings.Join(w.rows("SELECT action, state, count(*) FROM rollcall.changes WHERE run_id = (SELECT coalesce(plan_run_id, run_id) FROM rollcall.runs WHERE run_id = "+quote(runID)+") GROUP BY ALL ORDER BY ALL"), ", ")
}

func (w *world) wantStates(run engine.Run, want string) {
	w.t.Helper()
	if got := w.states(run.RunID); got != want {
		w.t.Errorf("changes of the run: %s; want %s", got, want)
	}
}

// wantLedgerConsistent wants the ledger's row of a run to agree with its changes, and the changes with the plan.
func (w *world) wantLedgerConsistent(run engine.Run) {
	w.t.Helper()
	wantRows(w.t, w.rows(fmt.Sprintf(`
		SELECT r.n_to_add = c.adds, r.n_to_remove = c.removes, r.n_added = c.added, r.n_removed = c.removed, r.n_missing = c.missing, r.finished_at IS NOT NULL
		FROM rollcall.runs r, (SELECT
			count(*) FILTER (action IN ('add', 'create', 'link') AND plan = 1) AS adds, count(*) FILTER (action IN ('remove', 'clear', 'archive', 'unlink')) AS removes,
			count(*) FILTER (action IN ('add', 'create', 'link') AND state = 'done') AS added, count(*) FILTER (action IN ('remove', 'clear', 'archive', 'unlink') AND state = 'done') AS removed,
			count(*) FILTER (state IN ('missing', 'asked_again')) AS missing
			FROM rollcall.changes WHERE run_id = (SELECT coalesce(plan_run_id, run_id) FROM rollcall.runs WHERE run_id = %[1]s)) c
		WHERE r.run_id = %[1]s`, quote(run.RunID))), "true true true true true true")
}

// wantOwned wants rollcall.members to hold exactly these contacts for a list.
func (w *world) wantOwned(listID string, want ...int) {
	w.t.Helper()
	var texts []string
	for _, n := range want {
		texts = append(texts, fmt.Sprint(n))
	}
	got := w.rows(fmt.Sprintf("SELECT record_id - %d FROM rollcall.members WHERE list_id = %s AND NOT coalesce(is_foreign, false) ORDER BY 1", firstContact-1, quote(listID)))
	if !slices.Equal(got, texts) {
		w.t.Errorf("rollcall.members has %v of list %s, want %v", got, listID, want)
	}
}

// wantConverged wants one more run to leave exactly these contacts on a mirrored list, with a consistent ledger, and the run after
// that to change nothing at all.
func (w *world) wantConverged(sync, listID string, want ...int) {
	w.t.Helper()
	run := w.one(sync, engine.Succeeded)
	w.wantMembers(listID, want...)
	w.wantOwned(listID, want...)
	w.wantLedgerConsistent(run)
	if run.Final == nil || *run.Final != int64(len(want)) {
		w.t.Errorf("the run that converges says %s members, want %d", number(run.Final), len(want))
	}
	if open := w.rows("SELECT run_id, action, record_id, state FROM rollcall.changes WHERE state IN ('sent', 'unknown')"); len(open) > 0 {
		w.t.Errorf("changes left open: %v", open)
	}
	before := w.sandbox.CountCalls(writes)
	run = w.one(sync, engine.Succeeded)
	if n := w.sandbox.CountCalls(writes) - before; n != 0 || *run.Added+*run.Removed != 0 || run.Plan.Add+run.Plan.Remove != 0 {
		w.t.Errorf("a run with nothing to do made %d writes: %+v", n, run)
	}
}

// wantQuietRuns wants each of some runs to take that many calls, and to find nothing to do.
func (w *world) wantQuietRuns(calls int, names ...string) {
	w.t.Helper()
	for i := range 4 {
		n := w.calls("", func() {
			for _, run := range w.run(names...) {
				if run.Status != engine.Succeeded || !run.Plan.Empty() {
					w.t.Errorf("quiet run of %s: %s (%s), %+v", run.Sync, run.Status, run.Error, run.Plan)
				}
			}
		})
		if n != calls {
			w.t.Errorf("quiet run %d: %d calls, want %d", i+1, n, calls)
		}
	}
}

// runIntoJournal runs syncs and wants that to end because the ledger can't be written, with what was sent in the journal.
func (w *world) runIntoJournal(names ...string) (journal string) {
	w.t.Helper()
	_, err := w.engine.Run(w.t.Context(), names, engine.RunOptions{})
	var journaled *engine.JournalError
	if !errors.As(err, &journaled) {
		w.t.Fatalf("%v, want a JournalError", err)
	}
	journal = w.config.Warehouse.Database + ".journal"
	wantWords(w.t, hint.Of(err), journal, "nothing more was sent")
	info, err := os.Stat(journal)
	if err != nil || info.Mode().Perm() != 0o600 {
		w.t.Fatalf("%v, %v; want a journal that its owner alone can read", info, err)
	}
	return journal
}

// counts are n_added, n_removed, n_missing and n_final of a run.
func counts(run engine.Run) string {
	return strings.Join([]string{number(run.Added), number(run.Removed), number(run.Missing), number(run.Final)}, " ")
}

func wantCounts(t testing.TB, run engine.Run, want string) {
	t.Helper()
	if got := counts(run); got != want {
		t.Errorf("added, removed, missing, final: %s; want %s", got, want)
	}
}

func number(n *int64) string {
	if n == nil {
		return "NULL"
	}
	return fmt.Sprint(*n)
}
