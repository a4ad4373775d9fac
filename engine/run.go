package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"rollcall/engine/control"
	"rollcall/engine/kind"
	"rollcall/engine/ledger"
	"rollcall/engine/warehouse"
)

// RunOptions say how a run goes.
type RunOptions struct {
	// DryRun plans and writes the plan to the ledger, and sends nothing.
	DryRun bool
	// Full ignores the cache: it looks up every key and reads every list page by page.
	Full bool
	// Failed takes the syncs whose last run FAILED, due or not, and no others.
	Failed bool
	// Verify reads the list back after applying, and records what differs from the ledger as drift.
	Verify bool
	// RetryRejects tries again now what HubSpot refused, had no record for, or did not keep, whenever its next try would be.
	RetryRejects bool
	// Abort ends when even a write in flight has to stop at once; nil: never. The context of Run itself ending leaves it Config.Grace.
	Abort context.Context
}

// runner is one invocation of Run or Undo: the lease, the ledger, and the last runs of its syncs. Its conn is for what
// concerns runs as a whole; plans and outcomes are written on the execution's, whose temp tables are the sets.
type runner struct {
	engine  *Engine
	conn    *warehouse.Conn // for what concerns runs as a whole
	ledger  *ledger.Ledger
	options RunOptions
	abort   context.Context  // ends writes in flight
	last    control.LastRuns // as they were when this invocation began

	execution *execution // nil before there is one
}

// Run plans, guards, applies and records the syncs that names ask for: all that are enabled and due where there are none.
// Each leaves a row in rollcall.runs, and one that fails does not stop the others, so the error is about the whole only: no database,
// another runner at work; or a hint.UsageError for names that ask for no row or a disabled one, after the others have run. When ctx ends no call is begun any more, and a write in flight gets Config.Grace.
func (e *Engine) Run(ctx context.Context, names []string, o RunOptions) ([]Run, error) {
	conn, err := e.connect(ctx)
	if err != nil {
		return nil, contextCause(ctx, err)
	}
	defer conn.Close()
	var refused error
	runs, err := e.execute(ctx, conn, o, func() (rows []control.Selection, err error) {
		rows, refused, err = e.wanted(ctx, conn, names, o)
		return rows, err
	})
	if err == nil {
		err = refused
	}
	return runs, contextCause(ctx, err)
}

// execute takes the lease, runs the wanted rows and releases it. If it had to wait, it calls wanted again: the previous
// holder may have run some of them. Without wanted rows it takes no lease, so that a scheduled run with nothing due costs
// a read.
func (e *Engine) execute(ctx context.Context, conn *warehouse.Conn, o RunOptions, wanted func() ([]control.Selection, error)) ([]Run, error) {
	defer e.config.step("", "prepare")()
	if err := e.checkMacros(ctx, conn); err != nil {
		return nil, err
	}
	rows, err := wanted()
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	if o.Abort == nil {
		o.Abort = context.WithoutCancel(ctx)
	}
	var l *ledger.Lease
	waited := false
	err = e.config.waitWhile(ctx, func(err error) bool {
		var held *ledger.HeldError
		waited = errors.As(err, &held)
		return waited
	}, func() (err error) {
		e.config.Failpoint("before take lease")
		l, err = e.takeLease(ctx, conn)
		e.config.Failpoint("after take lease")
		return err
	})
	if err != nil {
		return nil, err
	}
	if waited { // the other one may have run what was due
		if rows, err = wanted(); err != nil || len(rows) == 0 {
			return nil, errors.Join(err, e.release(ctx, l, conn))
		}
	}
	r := &runner{engine: e, conn: conn, options: o, ledger: &ledger.Ledger{
		Lease: l, Now: e.now, Runner: e.config.Runner, Version: e.config.Version, Failpoint: e.config.Failpoint,
		ApprovalTTL: e.config.ApprovalTTL,
	}}
	runs, err := r.runAll(ctx, rows)
	e.config.Failpoint("before release lease")
	defer e.config.Failpoint("after release lease")
	return runs, errors.Join(err, e.release(ctx, l, conn))
}

// wanted returns the enabled rows that names and patterns ask for: where there are none, all that are due; with o.Failed
// those of them that FAILED. refused are the names that ask for none, as one hint.UsageError.
func (e *Engine) wanted(ctx context.Context, conn *warehouse.Conn, names []string, o RunOptions) (rows []control.Selection, refused, err error) {
	rows, unknown, err := control.Select(ctx, conn, names)
	if err != nil {
		return nil, nil, err
	}
	rows, off := control.Enabled(rows, names)
	refused = append(unknown, off...).Err()
	if len(names) > 0 && !o.Failed {
		return rows, refused, nil
	}
	last, err := control.ReadLastRuns(ctx, conn, e.now(), e.exclusive)
	if err != nil {
		return nil, nil, err
	}
	rows = e.leaveHeld(rows, last)
	if o.Failed {
		return last.Failed(rows), refused, nil
	}
	return last.Due(rows, e.now()), refused, nil
}

// runAll closes what earlier runners left open in the ledger, and runs the rows while the lease is held.
//
// The order matters: the journal comes before the runs of dead runners are closed, because it knows how some of them
// ended, and both before the last runs are read, by which rows are due.
func (r *runner) runAll(ctx context.Context, rows []control.Selection) ([]Run, error) {
	if err := r.ledger.Replay(ctx, r.conn, r.engine.journal, r.engine.config.Log, r.engine.replay); err != nil {
		return nil, fmt.Errorf("take in %s: %w", r.engine.journal.Path, err)
	}
	if err := r.ledger.CloseCrashed(ctx, r.conn); err != nil {
		return nil, fmt.Errorf("close what a dead runner left: %w", err)
	}
	var err error
	if r.last, err = control.ReadLastRuns(ctx, r.conn, r.engine.now(), r.engine.exclusive); err != nil {
		return nil, err
	}
	if rows = r.engine.leaveHeld(rows, r.last); len(rows) == 0 { // the journal may have told of them
		return nil, nil
	}
	ctx, release, err := r.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	// A wrong token concerns every row, and each gets a run that says so.
	if _, err := r.engine.hubspot(); err != nil {
		return r.failAll(ctx, rows, err)
	}
	defer r.linger(ctx)()
	if r.execution, err = r.engine.newExecution(ctx, r.options.Full); err != nil {
		return nil, err
	}
	defer r.execution.close()
	r.execution.env.RetryRejects, r.execution.env.Unsent = r.options.RetryRejects, r.options.DryRun
	// Every run has its row before its query is run: a kill from here on leaves a trace.
	runs, err := r.begin(ctx, rows)
	if err != nil {
		return nil, err
	}
	r.join(ctx, runs)
	return r.runJoined(ctx, runs)
}

// join adds a sync to the execution for every valid row, and gives the execution what it needs of the runner: the ledger,
// and whom to tell when a query holds it.
func (r *runner) join(ctx context.Context, runs []*syncRun) {
	x := r.execution
	for _, t := range runs {
		if t.row.Err == nil {
			s := x.join(t.row.Spec)
			s.Writer = s.Client.Lingering(r.abort)
			s.RunID, s.RunAt, s.Undoes, s.Created = t.Run.RunID, t.Run.RunAt, t.row.Undoes, t.row.Created
			t.sync, t.Calls = s, s.Calls
		}
	}
	x.env.Ledger = ledger.OfKinds{Ledger: r.ledger, Conn: x.conn}
	x.abort = r.options.Abort
	x.unresponsive = func(why *UnresponsiveError) { r.endUnresponsive(ctx, runs, why) }
}

// runJoined runs the queries of all syncs, then kind by kind fetches what the plans need and runs one sync after another, and does the
// housekeeping.
// Where fetching fails, each run still ends with a row that says why. Housekeeping comes last, because runs are worth
// more than it: old rows stay for the next run where it fails.
func (r *runner) runJoined(ctx context.Context, joined []*syncRun) (runs []Run, err error) {
	x := r.execution
	r.engine.config.Failpoint("before fetch")
	queryErr := x.queryAll(ctx)
	for i, group := range r.byKind(joined) {
		loadErr := queryErr
		if loadErr == nil {
			loadErr = x.load(ctx, r.engine.config.Drivers[i].Name)
		}
		if len(group) == 0 {
			continue
		}
		r.engine.config.Failpoint("after fetch")
		if x.hasTables() {
			// Before anything is sent: what HubSpot has answered about keys is kept whatever ends the run. A connection
			// that was given up has no answers left.
			if err := x.save(ctx); err != nil && x.hasTables() {
				return runs, err
			}
		}
		ran, err := r.runEach(ctx, group, loadErr)
		if runs = append(runs, ran...); err != nil {
			return runs, err // the ledger can't be written: nothing more may be sent
		}
	}
	if !x.hasTables() {
		return runs, nil
	}
	if err := r.reconcileOrphans(ctx); err != nil {
		return runs, err
	}
	if err := x.save(ctx); err != nil {
		return runs, err
	}
	return runs, r.ledger.DeleteOld(ctx, r.conn, ledger.Kept{Calls: r.engine.config.CallsKept, Runs: r.engine.config.Kept})
}

// byKind are the runs of each kind, in the order in which kinds load and send. Runs of rows that are invalid keep their place among those of the
// kind that the row names; where it names none they come last.
func (r *runner) byKind(runs []*syncRun) [][]*syncRun {
	drivers := r.engine.config.Drivers
	groups := make([][]*syncRun, len(drivers))
	for _, t := range runs {
		of := slices.IndexFunc(drivers, func(d NamedDriver) bool { return string(d.Name) == t.Kind })
		if of < 0 {
			of = len(groups) - 1
		}
		groups[of] = append(groups[of], t)
	}
	return groups
}

// reconcileOrphans reconciles changes without an answer that no sync will. Dry runs write nothing of that kind.
func (r *runner) reconcileOrphans(ctx context.Context) error {
	if len(r.execution.env.Unanswered) == 0 || r.options.DryRun || ctx.Err() != nil {
		return nil
	}
	for _, k := range r.execution.kinds {
		if reconciler, ok := k.Kind.(kind.Reconciler); ok {
			if err := reconciler.ReconcileOrphans(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// heartbeats makes a connection for the heartbeats, which must not wait for a transaction on another one, nor long for a
// database that hangs.
func (r *runner) heartbeats(ctx context.Context) (*warehouse.Conn, error) {
	conn, err := r.engine.warehouse.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return conn.Hasty(), nil
}

// hold keeps the lease until release is called; the context that it returns ends when it is lost. Two goroutines do that:
// one prolongs it on a connection of its own, the other watches the clock, since a heartbeat that hangs can't tell that
// the lease has lapsed.
func (r *runner) hold(ctx context.Context) (_ context.Context, release func(), err error) {
	conn, err := r.heartbeats(ctx)
	if err != nil {
		return nil, nil, err
	}
	ctx, lost := context.WithCancelCause(ctx)
	var kept sync.WaitGroup
	kept.Go(func() { r.ledger.Lease.Keep(ctx, conn, r.heartbeats, lost) })
	kept.Go(func() { r.ledger.Lease.Watch(ctx, lost) })
	return ctx, func() {
		lost(nil)
		kept.Wait()
	}, nil
}
