package engine

import (
	"context"
	"fmt"

	"rollcall/engine/control"
	"rollcall/engine/hint"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// Undo plans the opposite of what a run did, holds it against the guards of the sync's row, applies it, and records it as a run of
// the same sync. The run is named by the beginning of its ID, as long as no other's begins so. Members that a later run or a person has touched are kept out of it: an added member that is no longer
// on the list is not removed again, a removed one that is back is not added again. The list is read from HubSpot, whatever is cached. Of records the
// values before are written back where the run's are still there, and records that it created are archived, for which an approval is needed.
// What can't be undone, because the run is unknown, still at work, sent nothing, or has changes that are no longer in the ledger, is a hint.UsageError. Of the options Full means
// nothing here.
func (e *Engine) Undo(ctx context.Context, beginning string, o RunOptions) (Run, error) {
	conn, err := e.connect(ctx)
	if err != nil {
		return Run{}, err
	}
	defer conn.Close()
	// What is cached of the list may be what the run did wrong.
	o.Full = true
	runs, err := e.execute(ctx, conn, o, func() ([]control.Selection, error) {
		row, err := undoing(ctx, conn, beginning)
		return []control.Selection{row}, err
	})
	if len(runs) == 0 {
		return Run{}, contextCause(ctx, err)
	}
	return runs[0], contextCause(ctx, err)
}

// undoing selects the row of the run whose ID begins so, to undo that run: on the list that the run was about, or records of that object type, even
// where the row names another one by now.
func undoing(ctx context.Context, conn *warehouse.Conn, beginning string) (control.Selection, error) {
	var name, target, kindOfRun string
	var state Status
	var dropped int64
	runID, err := findRun(ctx, conn, beginning)
	if err != nil {
		return control.Selection{}, err
	}
	err = conn.ReadRow(ctx, queries.ReadUndone, warehouse.Args{"run_id": runID}, &name, &state, &target, &kindOfRun, &dropped)
	shown := syncspec.ShowName(name)
	switch {
	case err != nil:
		return control.Selection{}, err
	case state == Running:
		return control.Selection{}, hint.Usage("wait until it has ended; if its runner is dead, the next rollcall run "+shown+" closes it", "run %s of %s is RUNNING", runID, shown)
	case state == DryRun, state == Blocked, target == "" && dropped == 0 && kindOfRun != string(syncspec.Association):
		return control.Selection{}, hint.Usage("there is nothing to undo", "run %s of %s is %s: it sent nothing", runID, shown, state)
	case dropped > 0:
		return control.Selection{}, hint.Usage("changes go after keep_days; fix the query, then: rollcall run "+shown,
			"run %s of %s can't be undone: of its changes %d are no longer in the ledger", runID, shown, dropped)
	}
	row, found, err := control.Find(ctx, conn, name)
	if err != nil {
		return control.Selection{}, err
	}
	if !found {
		return control.Selection{}, hint.Usage("put the row back, with enabled = false if it is not to run: its limits guard the undoing too", "rollcall.syncs has no row %s any more", shown)
	}
	selected := control.Read(row)
	if selected.Err != nil {
		return control.Selection{}, fmt.Errorf("%s: %w", shown, selected.Err)
	}
	if kindOfRun != "" && kindOfRun != string(selected.Spec.Kind) {
		return control.Selection{}, hint.Usage("give the row back the kind that it had", "run %s of %s was of kind %s, its row is of kind %s by now", runID, shown, kindOfRun, selected.Spec.Kind)
	}
	return selected.Undoing(runID, target), nil
}

// redoing returns the hint after an undo: the row still says what it said. It is empty where there was nothing to undo.
func redoing(run *Run) string {
	if run.Plan == nil || run.Plan.Empty() || run.Status != Succeeded && run.Status != DryRun {
		return ""
	}
	return fmt.Sprintf("the next run of %s makes these changes again, if its query still asks for them: fix the query or set enabled = false", run.Sync)
}

// undid returns the outcome of undoing a run, before the counts of the run's detail.
func undid(run *Run) string {
	switch {
	case run.Status == DryRun || run.Status == Blocked:
		return "would undo run " + run.Undoes
	case run.Plan.Empty():
		return "nothing to undo of run " + run.Undoes
	}
	return "undid run " + run.Undoes
}
