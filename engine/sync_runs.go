package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"rollcall/engine/control"
	"rollcall/engine/kind"
	"rollcall/engine/ledger"
	"rollcall/syncspec"
)

// begin writes a run into the ledger for every row, all in one transaction, and tells the events. Run IDs are UUIDs of
// version 7, which sort by time.
func (r *runner) begin(ctx context.Context, rows []control.Selection) ([]*syncRun, error) {
	var begun []*syncRun
	for _, row := range rows {
		id, err := uuid.NewV7()
		if err != nil {
			return nil, err
		}
		begun = append(begun, &syncRun{row: row, Entry: ledger.Entry{
			Run: Run{
				RunID: id.String(), RunAt: r.engine.now(), Sync: row.Name, ListID: row.Spec.ListID, ListName: row.Spec.ListName, Status: Running,
				QuerySHA256: row.QuerySHA256(), DryRun: r.options.DryRun || row.Spec.DryRun, Undoes: row.Undoes,
			},
			Kind: kindNamed(row), Query: row.Query, Schedule: row.Schedule, RowSHA256: row.RowSHA256, RowJSON: row.RowJSON, Calls: &kind.CallLog{},
		}})
	}
	if err := r.ledger.Begin(ctx, r.conn, entriesOf(begun)); err != nil {
		return nil, fmt.Errorf("begin runs: %w", err)
	}
	for _, t := range begun {
		r.engine.config.Events(Started{Sync: t.Run.Sync, RunID: t.Run.RunID})
	}
	return begun, nil
}

// kindNamed returns the kind that the row names; empty: there is no such kind.
func kindNamed(row control.Selection) string {
	if row.Flawed("kind") {
		return ""
	}
	return string(row.Draft.Kind)
}

// failAll leaves in the ledger why none of the rows can run, such as a token that is missing: whoever reads only the
// ledger sees it too.
func (r *runner) failAll(ctx context.Context, rows []control.Selection, why error) ([]Run, error) {
	for i := range rows {
		if rows[i].Err == nil {
			rows[i].Err = why
		}
	}
	runs, err := r.begin(ctx, rows)
	if err != nil {
		return nil, err
	}
	return r.runEach(ctx, runs, why)
}

// runEach runs one sync after another, and reports each run that has ended once its end is written. Runs that changed nothing wait for the
// next one that did, or for the last one: their ends are written together. The error means that the ledger could not be written.
// No further sync is run then. prepareErr is the failure of what was done for all of them.
func (r *runner) runEach(ctx context.Context, syncRuns []*syncRun, prepareErr error) ([]Run, error) {
	var runs []Run
	var ended []*syncRun
	for i, t := range syncRuns {
		err := r.runOne(ctx, t, prepareErr)
		if err == nil {
			ended = append(ended, t)
			if t.Quiet && i < len(syncRuns)-1 {
				continue
			}
		}
		finished, finishErr := r.finish(ctx, ended)
		if runs, ended = append(runs, finished...), nil; err == nil {
			err = finishErr
		}
		if err != nil {
			return runs, err
		}
	}
	return runs, nil
}

// finish writes the ends of runs, and reports them. One of them, the last, may be one whose answers the ledger did not take: that is the error.
// What waited is written first even where the last run could not be concluded.
func (r *runner) finish(ctx context.Context, ended []*syncRun) (runs []Run, err error) {
	if len(ended) == 0 {
		return nil, nil
	}
	last := ended[len(ended)-1]
	remember, err := r.remember(ctx, ended)
	if err == nil {
		err = r.ledger.Finish(ctx, r.conn, entriesOf(ended), remember)
	}
	if err != nil {
		return nil, fmt.Errorf("finish run of %s: %w", syncspec.ShowName(last.row.Name), firstOf(last.journaled, err))
	}
	for _, t := range ended {
		if t.journaled != nil {
			return runs, fmt.Errorf("run %s: %w", syncspec.ShowName(t.row.Name), t.journaled)
		}
		runs = append(runs, t.Run)
		r.tellFinished(t.Run)
	}
	return runs, nil
}

// remember returns what the kinds write of runs that have ended, in the transaction that records their ends. It stages
// what they need for it.
func (r *runner) remember(ctx context.Context, ended []*syncRun) (writes []func(context.Context) error, err error) {
	if r.execution == nil {
		return nil, nil
	}
	for _, k := range r.execution.kinds {
		rememberer, ok := k.Kind.(kind.Rememberer)
		if !ok {
			continue
		}
		var ends []kind.End
		for _, t := range ended {
			if t.sync != nil && r.execution.kindOf(t.sync) == k.Kind {
				ends = append(ends, t.end)
			}
		}
		write, err := rememberer.Remember(context.WithoutCancel(ctx), r.conn, ends)
		if err != nil {
			return nil, ledger.Unwritten(err)
		}
		if write != nil {
			writes = append(writes, write)
		}
	}
	return writes, nil
}

// tellFinished reports a run whose end is written, and its warning.
func (r *runner) tellFinished(run Run) {
	r.engine.config.Events(Finished{Run: run})
	if run.Warning != "" {
		r.engine.config.Events(Warned{Sync: run.Sync, RunID: run.RunID, Message: run.Warning})
	}
}

// leaveHeld leaves out the rows whose query held the runner of their last run, which would do so again, and warns of each.
func (e *Engine) leaveHeld(rows []control.Selection, last control.LastRuns) []control.Selection {
	kept, held := last.LeaveHeld(rows)
	for _, name := range held {
		e.config.Log.Warn().Str("sync", name).Msg("left out: its query held the runner")
	}
	return kept
}

// nextAfter returns when the row is due next, now that its run has ended: zero where only the next run of Rollcall knows.
// Undoing, and a dry run that the row does not ask for, leave the schedule as it was.
func (r *runner) nextAfter(row control.Selection, run *Run) time.Time {
	last := r.last
	if run.Undoes == "" && (!run.DryRun || row.Spec.DryRun) {
		ended := control.LastRun{At: run.RunAt, Failed: run.Status == Failed, Interrupted: run.Status == Interrupted, RowSHA256: row.RowSHA256}
		if ended.Failed {
			ended.Failures = last[row.Name].Failures + 1
		}
		last = control.LastRuns{row.Name: ended}
	}
	return last.Next(row)
}
