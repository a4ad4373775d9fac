package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// foreseen is the plan that Plan shows of a sync: each change with its cause, and the hash.
func (w *world) foreseen(sync string) (changes []string, hash string) {
	w.t.Helper()
	err := w.engine.Plan(w.t.Context(), []string{sync}, func(p engine.Preview, c *engine.Console) error {
		if p.Error != "" {
			return fmt.Errorf("no plan of %s: %s", sync, p.Error)
		}
		hash = p.Plan.Hash
		return c.Run(w.t.Context(), "SELECT action, cause, count(*) FROM plan GROUP BY ALL ORDER BY ALL", func(r *engine.Result) error {
			return r.Each(func(values []any) error {
				changes = append(changes, strings.TrimSpace(fmt.Sprintln(values...)))
				return nil
			})
		})
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return changes, hash
}

// wantForeseen wants plan, a dry run and the run itself to have one plan.
func (w *world) wantForeseen(sync string, want ...string) {
	w.t.Helper()
	open := w.rows("SELECT run_id, record_id, state FROM rollcall.changes WHERE state IN ('sent', 'unknown') ORDER BY ALL")
	changes, hash := w.foreseen(sync)
	wantRows(w.t, changes, want...)
	wantRows(w.t, w.rows("SELECT run_id, record_id, state FROM rollcall.changes WHERE state IN ('sent', 'unknown') ORDER BY ALL"), open...)
	runs, err := w.engine.Run(w.t.Context(), []string{sync}, engine.RunOptions{DryRun: true})
	if err != nil || len(runs) != 1 || runs[0].Status != engine.DryRun {
		w.t.Fatalf("%+v, %v", runs, err)
	}
	run := w.one(sync, engine.Succeeded)
	if runs[0].Plan.Hash != hash || run.Plan.Hash != hash {
		w.t.Errorf("plan has the hash %s, the dry run %s, the run %s", hash, runs[0].Plan.Hash, run.Plan.Hash)
	}
	for _, id := range []string{runs[0].RunID, run.RunID} {
		wantRows(w.t, w.rows("SELECT concat(action, ' ', cause, ' ', count(*)) FROM rollcall.changes WHERE run_id = "+quote(id)+" GROUP BY action, cause ORDER BY 1"), want...)
	}
}

// After a kill, or after calls whose answers were lost, plan and dry runs count who was added as Rollcall's, as the run does.
func TestPlanAfterLostAnswers(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*world){
		"unknown": func(w *world) {
			w.fault(sandbox.Fault{Operation: writes, Effect: sandbox.EffectResetAfter, Count: -1})
			w.one("vip", engine.Failed)
			w.sandbox.ForgetFaults()
			w.reopen()
		},
		"killed": func(w *world) {
			var killed string
			w.config.Failpoint = func(step string) {
				if step == "before record outcomes" && killed == "" {
					killed = w.image()
				}
			}
			w.reopen()
			w.one("vip", engine.Succeeded)
			w.config.Failpoint, w.config.Warehouse.Database = nil, killed
			w.reopen()
		},
		"in the journal": func(w *world) {
			w.whenCalled("/memberships/add-and-remove", 1, func() { w.exec("ALTER TABLE rollcall.changes RENAME TO gone") })
			w.runIntoJournal("vip")
			w.exec("ALTER TABLE rollcall.gone RENAME TO changes")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 40)
			w.byHand("101", []int{30}, nil)
			w.sync("vip", map[string]string{"list_id": "101", "foreign_members": "'keep'"})
			w.people(numbers(1, 20)...)
			lose(w)
			w.people(numbers(1, 15)...)
			w.wantForeseen("vip", "remove left 5")
			w.wantMembers("101", append(numbers(1, 15), 30)...)
		})
	}
}

// What the journal tells counts before what the list shows, in plans as in runs: who was added and taken out by hand since is restored.
func TestPlanTakesTheJournalIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 3)...)
	w.whenCalled("/memberships/add-and-remove", 1, func() { w.exec("ALTER TABLE rollcall.changes RENAME TO gone") })
	w.runIntoJournal("vip")
	w.exec("ALTER TABLE rollcall.gone RENAME TO changes")
	w.byHand("101", nil, []int{2})
	w.wantForeseen("vip", "add restored 1")
}

// A dry run of an undo shows what the undo does, also where the run to be undone lost its answers.
func TestUndoDryAfterLostAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.sync("vip", map[string]string{"list_id": "101", "max_removal_pct": "100"})
	w.people(numbers(1, 5)...)
	w.fault(sandbox.Fault{Operation: writes, Effect: sandbox.EffectResetAfter, Count: -1})
	lost := w.one("vip", engine.Failed)
	w.sandbox.ForgetFaults()
	w.reopen()
	dry, err := w.engine.Undo(w.t.Context(), lost.RunID, engine.RunOptions{DryRun: true})
	if err != nil || dry.Status != engine.DryRun {
		t.Fatalf("%+v, %v", dry, err)
	}
	w.wantStates(dry, "remove planned 5")
}
