package engine

import (
	"context"
	"errors"
	"fmt"

	"rollcall/engine/kind"
	"rollcall/engine/plan"
)

// send sends the plan batch by batch; the ledger has plan and run already. No call is begun when ctx has ended; the one in flight
// lingers as the sync's writer does. An error ends it; what was sent until then is in the ledger.
func (r *runner) send(ctx context.Context, t *syncRun) error {
	sent, err := r.sendFrom(ctx, t, 1, 0)
	if err != nil {
		return err
	}
	refiller, ok := r.execution.kindOf(t.sync).(kind.Refiller)
	if !ok {
		return nil
	}
	p, last := t.run.Plan, t.run.Plan.Batches
	if more, err := refiller.Refill(ctx, t.sync, p); err != nil || more == 0 {
		return err
	}
	if err := r.execution.conn.ReadRow(ctx, queries.LastBatch, nil, &p.Batches); err != nil {
		return err
	}
	if err := r.ledger.recordMore(ctx, r.execution.conn, &t.run, last); err != nil {
		return err
	}
	_, err = r.sendFrom(ctx, t, last+1, sent)
	return err
}

// sendFrom sends the plan's batches from the given one on, which the ledger has as sent already. sent counts changes of the run.
func (r *runner) sendFrom(ctx context.Context, t *syncRun, from int64, sent int) (int, error) {
	p, conn := t.run.Plan, r.execution.conn
	for batch := from; batch <= p.Batches; batch++ {
		if err := context.Cause(ctx); err != nil {
			if batch == from {
				err = errors.Join(err, r.ledger.markUnsent(ctx, conn, &t.run, batch))
			}
			return sent, err
		}
		if batch > from {
			if err := r.ledger.markSent(ctx, conn, &t.run, batch); err != nil {
				return sent, fmt.Errorf("mark sent: %w", err)
			}
		}
		n, err := r.sendBatch(ctx, t, batch)
		if err != nil {
			return sent, fmt.Errorf("batch %d of %d: %w", batch, p.Batches, err)
		}
		sent += n
		r.engine.config.Events(Sent{Sync: t.run.Sync, ListID: p.ListID, Done: int64(sent), Total: p.Add + p.Remove})
	}
	return sent, nil
}

// sendBatch sends one batch, which the ledger has as sent, and writes the outcomes after it, also when the call fails.
func (r *runner) sendBatch(ctx context.Context, t *syncRun, batch int64) (int, error) {
	x, p := r.execution, t.run.Plan
	k, keep := x.kindOf(t.sync), context.WithoutCancel(ctx)
	call, err := k.Batch(keep, t.sync, p, batch)
	if err == nil {
		err = x.conn.ExecAll(keep, queries.StageOutcomes)
	}
	if err != nil {
		return 0, errors.Join(err, r.ledger.markUnsent(ctx, x.conn, &t.run, batch))
	}
	outcomes, callErr := call(ctx)
	err = r.loadOutcomes(outcomes)
	if err == nil {
		err = r.ledger.recordOutcomes(keep, x.conn, t, func(ctx context.Context) error { return k.Record(ctx, t.sync, p, outcomes) })
	}
	if err != nil {
		return 0, errors.Join(callErr, r.journalize(t, batch, outcomes, err))
	}
	return len(outcomes), callErr
}

// loadOutcomes fills the temp table outcomes.
func (r *runner) loadOutcomes(outcomes []plan.Outcome) error {
	load := r.execution.conn.Loader("outcomes")
	for _, o := range outcomes {
		var reason any
		if o.Reason != "" {
			reason = o.Reason
		}
		if err := load.Add(o.N, o.Action, o.RecordID, o.State, reason); err != nil {
			return err
		}
	}
	return load.Flush()
}

// journalize writes the batch's outcomes to the journal when the ledger can't be written.
func (r *runner) journalize(t *syncRun, batch int64, outcomes []plan.Outcome, cause error) error {
	var unwritten *LedgerError
	if errors.As(cause, &unwritten) {
		cause = unwritten.Err
	}
	e := &JournalError{Path: r.engine.journal.path, Err: fmt.Errorf("record outcomes: %w", cause)}
	r.engine.config.Failpoint("before keep journal")
	defer r.engine.config.Failpoint("after keep journal")
	if err := r.engine.journal.keep(entry{RunID: t.run.RunID, ListID: t.run.Plan.ListID, Batch: batch, Outcomes: outcomes}); err != nil {
		e.Path, e.Err = "", errors.Join(e.Err, err)
	}
	t.sync.Log.Error().Err(e).Str("journal", e.Path).Int("changes", len(outcomes)).Msg("the ledger can't be written")
	return e
}
