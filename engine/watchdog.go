package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"rollcall/engine/hint"
	"rollcall/engine/kind"
	"rollcall/engine/ledger"
)

// UnresponsiveError says that the database engine continues with a query whose time is over and does not answer its interruption: one long
// call of a function can't be interrupted. The process has to end; nothing was sent, since queries are staged before.
type UnresponsiveError struct {
	Sync  string        // whose query it is
	After time.Duration // how long the engine has not answered
	Err   error         // why the query was to end: its limit, the run's time, a signal
}

// Error says whose query it is, and why it was to end.
func (e *UnresponsiveError) Error() string {
	return fmt.Sprintf("the query of %s held the runner: it was to end %s ago (%v), and the database engine does not answer", e.Sync, e.After, e.Err)
}

// Unwrap is why the query was to end.
func (e *UnresponsiveError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *UnresponsiveError) Hint() string {
	return fmt.Sprintf("it is not tried again until its query changes: make the query cheaper, or try it as it is: rollcall run %s", e.Sync)
}

// afterSecondSignal is how long the engine may continue after the second signal. Measured: the driver interrupts in steps of half a
// second.
const afterSecondSignal = 2 * time.Second

// errQueryTime is why a query's context ends whose time is over; by it the run is FAILED, and not INTERRUPTED.
var errQueryTime = errors.New("query_timeout")

// bounded bounds ctx by Config.QueryTimeout, the time that a query may take.
func (e *Engine) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, e.config.QueryTimeout, errQueryTime)
}

// watched does a step of the execution that sends nothing. Where the step continues for Config.Patience after its context has ended, or for two
// seconds after the second signal, what is known is written down, Config.Unresponsive is told, and the step does not return any more.
//
// Measured on DuckDB 1.5: one long call of a scalar function, such as list_reduce over 50 million elements, ignored its
// interruption for more than a minute. A goroutine can't be ended from outside, so the process has to be.
func (x *execution) watched(ctx context.Context, sync string, do func() error) error {
	if x.engine.config.Unresponsive == nil {
		return do()
	}
	var abort <-chan struct{} // never closed where there is no second signal
	if x.abort != nil {
		abort = x.abort.Done()
	}
	w := &watchdog{patience: x.engine.config.Patience, abort: abort, done: make(chan struct{})}
	go w.watch(ctx, func(after time.Duration) {
		err := &UnresponsiveError{Sync: sync, After: after, Err: context.Cause(ctx)}
		if x.unresponsive != nil {
			x.unresponsive(err)
		}
		x.engine.config.Unresponsive(err)
	})
	err := do()
	w.end()
	return err
}

// watchdog watches one step.
// It acts or the step ends, never both: whichever takes mu first decides. The step that comes too late waits for mu for
// ever, so that it can't continue writing while the process ends.
type watchdog struct {
	patience time.Duration   // how long the step may continue after its context has ended
	abort    <-chan struct{} // closed at the second signal; nil: never
	done     chan struct{}   // closed when the step has ended
	mu       sync.Mutex      // held for ever by the watchdog that has acted
}

// end says that the step has ended. It never returns where the watchdog has acted.
func (w *watchdog) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	close(w.done)
}

// watch calls act when the step does not end in time after ctx, with how long that was.
func (w *watchdog) watch(ctx context.Context, act func(after time.Duration)) {
	select {
	case <-w.done:
		return
	case <-ctx.Done():
	}
	began := time.Now()
	timer := time.NewTimer(w.patience)
	defer timer.Stop()
	select {
	case <-w.done:
		return
	case <-timer.C:
	case <-w.abort:
		soon := time.NewTimer(min(afterSecondSignal, w.patience))
		defer soon.Stop()
		select {
		case <-w.done:
			return
		case <-timer.C:
		case <-soon.C:
		}
	}
	w.mu.Lock()
	select {
	case <-w.done:
		w.mu.Unlock()
	// mu stays locked.
	default:
		act(time.Since(began).Round(time.Millisecond))
	}
}

// othersHint is the hint for the syncs of a run that another one's query has ended.
const othersHint = "run it again: the sync whose query held the runner is left out"

// endUnresponsive writes how every run of the invocation ended, and gives the lease back: on a connection of its own, as the engine holds
// the round's; into the journal where the database does not take it within Config.Grace; else into the log.
func (r *runner) endUnresponsive(ctx context.Context, runs []*syncRun, why *UnresponsiveError) {
	for _, t := range runs {
		t.Run.Status, t.Run.Error, t.Run.Hint = Interrupted, hint.OneLine(errors.New("the query of "+why.Sync+" held the runner, which ended itself")), othersHint
		if t.row.Name == why.Sync {
			t.Run.HeldRunner, t.Run.Error, t.Run.Hint = true, hint.OneLine(why), why.Hint()
			if errors.Is(why, errQueryTime) {
				t.Run.Status = Failed
			}
		}
		t.Run.FinishedAt = r.engine.now()
	}
	// The database may hang, too, and the process must end all the same.
	written := make(chan error, 1)
	go func() { written <- r.writeEnds(context.WithoutCancel(ctx), runs) }()
	timer := time.NewTimer(r.engine.config.Grace)
	defer timer.Stop()
	var err error
	select {
	case err = <-written:
	case <-timer.C:
		err = errors.New("the database does not answer")
	}
	for _, t := range runs {
		if err != nil {
			r.keepEnd(t.Run, err)
		}
		r.tellFinished(t.Run)
	}
}

// writeEnds writes the ends of runs on a connection of its own, and then gives the lease back. It runs beside the step
// that holds the engine.
func (r *runner) writeEnds(ctx context.Context, runs []*syncRun) error {
	conn, err := r.engine.warehouse.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	var ended []*ledger.Entry
	for _, t := range runs {
		ended = append(ended, &ledger.Entry{Run: t.Run, Calls: &kind.CallLog{}}) // the caller may have gone on
	}
	if err := r.ledger.Finish(ctx, conn, ended, nil); err != nil {
		return err
	}
	return r.ledger.Lease.Release(ctx, conn)
}

// keepEnd writes the end of a run into the journal, or where that can't be, into the log.
func (r *runner) keepEnd(run Run, why error) {
	end := ledger.Ending{Status: run.Status, Error: run.Error, Hint: run.Hint, HeldRunner: run.HeldRunner, FinishedAt: run.FinishedAt}
	if err := r.engine.journal.Keep(ledger.JournalLine{RunID: run.RunID, Ended: &end}); err != nil {
		r.engine.config.Log.Error().Str("sync", run.Sync).Str("run_id", run.RunID).Str("status", string(run.Status)).Str("error", run.Error).
			AnErr("ledger", why).AnErr("journal", err).Msg("a run's end is in neither ledger nor journal")
	}
}
