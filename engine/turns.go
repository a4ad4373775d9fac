package engine

import (
	"context"
	"time"
)

// runEach runs the turns one after another, and reports each that has ended. The error means that the ledger could not be written.
func (r *runner) runEach(ctx context.Context, turns []*turn, prepareErr error) ([]Run, error) {
	var runs []Run
	for _, t := range turns {
		if err := r.runOne(ctx, t, prepareErr); err != nil {
			return runs, err
		}
		runs = append(runs, t.run)
		r.tellFinished(t.run)
	}
	return runs, nil
}

// failAll leaves in the ledger why none of the jobs can run: whoever reads only the ledger sees it too.
func (r *runner) failAll(ctx context.Context, asked []job, why error) ([]Run, error) {
	for i := range asked {
		if asked[i].err == nil {
			asked[i].err = why
		}
	}
	turns, err := r.begin(ctx, asked)
	if err != nil {
		return nil, err
	}
	return r.runEach(ctx, turns, nil)
}

func (r *runner) tellFinished(run Run) {
	r.engine.config.Events(Finished{Run: run})
	if run.Warning != "" {
		r.engine.config.Events(Warned{Sync: run.Sync, RunID: run.RunID, Message: run.Warning})
	}
}

// leaveHeld leaves out the jobs whose query held the runner of their last run, which would do so again, and warns of each.
func (e *Engine) leaveHeld(asked []job, last lastRuns) []job {
	kept, held := last.leaveHeld(asked)
	for _, name := range held {
		e.config.Log.Warn().Str("sync", name).Msg("left out: its query held the runner")
	}
	return kept
}

// nextAfter returns when the job is due next, now that its run has ended: zero where only the next run of Rollcall knows.
func (r *runner) nextAfter(j job, run *Run) time.Time {
	last := r.last
	if run.Undoes == "" && (!run.DryRun || j.spec.DryRun) {
		ended := lastRun{at: run.RunAt, failed: run.Status == Failed, interrupted: run.Status == Interrupted, rowSHA256: j.rowSHA256}
		if ended.failed {
			ended.failures = last[j.name].failures + 1
		}
		last = lastRuns{j.name: ended}
	}
	return last.next(j)
}
