package engine

import "context"

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
