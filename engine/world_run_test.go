package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"rollcall/engine"
	"rollcall/engine/hint"
	"rollcall/engine/plan"
)

// run runs the named syncs and returns their runs.
func (w *world) run(names ...string) []engine.Run {
	w.t.Helper()
	return w.runWith(engine.RunOptions{}, names...)
}

func (w *world) runWith(o engine.RunOptions, names ...string) []engine.Run {
	w.t.Helper()
	runs, err := w.engine.Run(w.t.Context(), names, o)
	if err != nil {
		w.t.Fatalf("run %v: %v (hint: %s)", names, err, hint.Of(err))
	}
	return runs
}

// one runs one sync and wants that status of it.
func (w *world) one(name string, want engine.Status) engine.Run {
	w.t.Helper()
	runs := w.run(name)
	if len(runs) != 1 || runs[0].Status != want {
		w.t.Fatalf("run %s: %+v, want one run that is %s", name, runs, want)
	}
	return runs[0]
}

// plan makes a sync's plan and writes it down as the cases have it.
func (w *world) plan(sync string) (*plan.Plan, string) {
	w.t.Helper()
	var plan *plan.Plan
	var text strings.Builder
	err := w.engine.Plan(w.t.Context(), []string{sync}, func(p engine.Preview, console *engine.Console) error {
		if p.Plan == nil {
			return fmt.Errorf("no plan: %s", p.Error)
		}
		plan = p.Plan
		fmt.Fprintf(&text, "list %q %q, %d keys: %d resolved, %d unmatched, %d invalid; %d current\n",
			plan.ListID, plan.ListName, plan.Keys, plan.Resolved, plan.Unmatched, plan.Invalid, plan.Current)
		fmt.Fprintf(&text, "add %d (%d entered, %d restored), remove %d (%d left, %d foreign), %d batches\n",
			plan.Add, plan.Entered, plan.Restored, plan.Remove, plan.Left, plan.Foreign, plan.Batches)
		for _, line := range consoleRows(w.t, console, "SELECT action, record_id, coalesce(key, '-'), cause FROM plan ORDER BY batch, action, record_id") {
			text.WriteString(line + "\n")
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return plan, text.String()
}

func (w *world) approve(runID string) {
	w.t.Helper()
	approval, err := w.engine.Approve(w.t.Context(), runID, "ann")
	if err != nil || approval.Sync != "vip" {
		w.t.Fatalf("approve %s: %q, %v", runID, approval.Sync, err)
	}
}

// wantApprovalRefused wants an approval to be refused with these words and a hint, and not to be kept.
func (w *world) wantApprovalRefused(what string, words ...string) {
	w.t.Helper()
	before := w.row("SELECT count(*) FROM rollcall.approvals")
	_, err := w.engine.Approve(w.t.Context(), what, "ann")
	var usage *hint.UsageError
	if !errors.As(err, &usage) || hint.Of(err) == "" {
		w.t.Fatalf("approve %s: %v, want a usage error with a hint", what, err)
	}
	wantWords(w.t, err.Error(), words...)
	wantRows(w.t, w.rows("SELECT count(*) FROM rollcall.approvals"), before)
}

// undo undoes a run and wants that status of it.
func (w *world) undo(runID string, want engine.Status) engine.Run {
	w.t.Helper()
	run, err := w.engine.Undo(w.t.Context(), runID, engine.RunOptions{})
	if err != nil || run.Status != want {
		w.t.Fatalf("undo %s: %+v, %v; want %s", runID, run, err, want)
	}
	w.wantLedgerConsistent(run)
	return run
}

func names(runs []engine.Run) []string {
	all := []string{}
	for _, run := range runs {
		all = append(all, run.Sync)
	}
	slices.Sort(all)
	return all
}

func wantNames(t testing.TB, runs []engine.Run, want ...string) {
	t.Helper()
	if got := names(runs); !slices.Equal(got, want) {
		t.Errorf("ran %v, want %v", got, want)
	}
}
