package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"rollcall/engine/kind"
	"rollcall/engine/ledger"
	"rollcall/engine/plan"
)

// send sends the plan batch by batch; the ledger has plan and run already. No call is begun when ctx has ended; the one
// in flight lingers as the sync's writer does. An error ends it; what was sent until then is in the ledger. The second plan
// that the kind may make of the answers is recorded and sent the same way.
func (r *runner) send(ctx context.Context, t *syncRun) error {
	p := t.Run.Plan
	if err := r.sendPlan(ctx, t, p, Sent{Sync: p.Sync, ListID: p.ListID, Total: p.Changes()}); err != nil {
		return err
	}
	replanner, ok := r.execution.kindOf(t.sync).(kind.Replanner)
	if !ok {
		return nil
	}
	second, err := replanner.PlanAgain(ctx, t.sync, p)
	if err != nil || second == nil {
		return err
	}
	if err := r.ledger.RecordSecondPlan(ctx, r.execution.conn, &t.Run, second); err != nil {
		return err
	}
	return r.sendPlan(ctx, t, second, Sent{Sync: p.Sync, ListID: p.ListID, Done: p.Changes(), Total: p.Changes() + second.Changes()})
}

// sendPlan sends a plan's batches wave by wave; the ledger has the plan, and its first wave as sent already. progress is
// what was sent of the run before.
func (r *runner) sendPlan(ctx context.Context, t *syncRun, p *plan.Plan, progress Sent) error {
	conn := r.execution.conn
	for batch := p.FirstBatch(); batch <= p.Batches; batch = p.WaveFrom(batch) + 1 {
		if err := context.Cause(ctx); err != nil {
			// It is marked as sent already, and its call is not made.
			if batch == p.FirstBatch() {
				err = errors.Join(err, r.ledger.MarkUnsent(ctx, conn, &t.Run, p, batch))
			}
			return err
		}
		if batch > p.FirstBatch() {
			// Before the call, in a transaction of its own: a kill between the two leaves changes that are settled
			// against the list, never some that reached HubSpot and that the ledger has as planned.
			if err := r.ledger.MarkSent(ctx, conn, &t.Run, p, batch); err != nil {
				return fmt.Errorf("mark sent: %w", err)
			}
		}
		n, err := r.sendWave(ctx, t, p, batch)
		if err != nil {
			return fmt.Errorf("batch %d of %d: %w", batch, p.Batches, err)
		}
		progress.Done += int64(n)
		r.engine.config.Events(progress)
	}
	return nil
}

// sendWave sends the wave that begins with the given batch, which the ledger has as sent, its calls side by side, and writes the outcomes after them,
// also when a call fails.
func (r *runner) sendWave(ctx context.Context, t *syncRun, p *plan.Plan, first int64) (int, error) {
	x := r.execution
	// What is sent must be recorded, so ctx bounds the calls alone.
	k, keep := x.kindOf(t.sync), context.WithoutCancel(ctx)
	var calls []kind.Call
	err := ledger.StageOutcomes(keep, x.conn)
	for batch := first; batch <= p.WaveFrom(first) && err == nil; batch++ {
		var call kind.Call
		call, err = k.Batch(keep, t.sync, p, batch)
		calls = append(calls, call)
	}
	if err != nil {
		return 0, errors.Join(err, r.ledger.MarkUnsent(ctx, x.conn, &t.Run, p, first))
	}
	// With an error there are outcomes, too: one for each change of the wave.
	outcomes, callErr := callAll(ctx, calls)
	err = ledger.LoadOutcomes(x.conn, outcomes)
	if err == nil {
		err = r.ledger.RecordOutcomes(keep, x.conn, &t.Entry, func(ctx context.Context) error { return k.Record(ctx, t.sync, p, outcomes) })
	}
	if err != nil {
		return 0, errors.Join(callErr, r.journalize(t, first, outcomes, err))
	}
	return len(outcomes), callErr
}

// callAll makes the calls side by side, each on a goroutine, and returns the outcomes and the errors of all of them when
// the last has returned.
func callAll(ctx context.Context, calls []kind.Call) (all []plan.Outcome, err error) {
	outcomes, errs := make([][]plan.Outcome, len(calls)), make([]error, len(calls))
	var wave sync.WaitGroup
	for i, call := range calls {
		wave.Go(func() { outcomes[i], errs[i] = call(ctx) })
	}
	wave.Wait()
	return slices.Concat(outcomes...), errors.Join(errs...)
}

// journalize writes the wave's outcomes to the journal when the ledger can't be written, and returns the JournalError
// that ends the run: nothing more may be sent that could not be recorded. Where the journal fails too, the changes stay
// sent in the ledger, and the next run settles them.
func (r *runner) journalize(t *syncRun, batch int64, outcomes []plan.Outcome, cause error) error {
	var unwritten *ledger.LedgerError
	if errors.As(cause, &unwritten) {
		cause = unwritten.Err
	}
	e := &ledger.JournalError{Path: r.engine.journal.Path, Err: fmt.Errorf("record outcomes: %w", cause)}
	r.engine.config.Failpoint("before keep journal")
	defer r.engine.config.Failpoint("after keep journal")
	if err := r.engine.journal.Keep(ledger.JournalLine{RunID: t.Run.RunID, ListID: t.Run.Plan.ListID, Batch: batch, Outcomes: outcomes}); err != nil {
		e.Path, e.Err = "", errors.Join(e.Err, err)
	}
	t.sync.Log.Error().Err(e).Str("journal", e.Path).Int("changes", len(outcomes)).Msg("the ledger can't be written")
	return e
}
