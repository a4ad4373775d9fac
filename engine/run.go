package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"rollcall/engine/control"
	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/ledger"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
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
	// Abort ends when even a write in flight has to stop at once; nil: never. The context of Run itself ending leaves it Config.Grace.
	Abort context.Context
}

// runner is one invocation of Run: the lease, the ledger, and the last runs of its syncs.
type runner struct {
	engine  *Engine
	conn    *warehouse.Conn
	ledger  *ledger.Ledger
	options RunOptions
	abort   context.Context // ends writes in flight
	last    control.LastRuns

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
	runs, err := e.execute(ctx, conn, o, func() (asked []control.Selection, err error) {
		asked, refused, err = e.wanted(ctx, conn, names, o)
		return asked, err
	})
	if err == nil {
		err = refused
	}
	return runs, contextCause(ctx, err)
}

// execute takes the lease, runs the wanted rows and releases it. If it had to wait, it calls wanted again: the previous holder may have
// run some of them.
func (e *Engine) execute(ctx context.Context, conn *warehouse.Conn, o RunOptions, wanted func() ([]control.Selection, error)) ([]Run, error) {
	defer e.config.step("", "prepare")()
	if err := e.checkMacros(ctx, conn); err != nil {
		return nil, err
	}
	asked, err := wanted()
	if err != nil || len(asked) == 0 {
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
		if asked, err = wanted(); err != nil || len(asked) == 0 {
			return nil, errors.Join(err, e.release(ctx, l, conn))
		}
	}
	r := &runner{engine: e, conn: conn, options: o, ledger: &ledger.Ledger{
		Lease: l, Now: e.now, Runner: e.config.Runner, Version: e.config.Version, Failpoint: e.config.Failpoint,
		ApprovalTTL: e.config.ApprovalTTL,
	}}
	runs, err := r.runAll(ctx, asked)
	e.config.Failpoint("before release lease")
	defer e.config.Failpoint("after release lease")
	return runs, errors.Join(err, e.release(ctx, l, conn))
}

// wanted are the enabled rows that names and patterns ask for: where there are none, all that are due; with o.Failed those of them that FAILED.
// refused are the names that ask for none.
func (e *Engine) wanted(ctx context.Context, conn *warehouse.Conn, names []string, o RunOptions) (asked []control.Selection, refused, err error) {
	asked, unknown, err := control.Select(ctx, conn, names)
	if err != nil {
		return nil, nil, err
	}
	asked, off := control.Enabled(asked, names)
	refused = append(unknown, off...).Err()
	if len(names) > 0 && !o.Failed {
		return asked, refused, nil
	}
	last, err := control.ReadLastRuns(ctx, conn, e.now(), e.exclusive)
	if err != nil {
		return nil, nil, err
	}
	asked = e.leaveHeld(asked, last)
	if o.Failed {
		return last.Failed(asked), refused, nil
	}
	return last.Due(asked, e.now()), refused, nil
}

// syncRun is a row with its run, and with its sync if the row is valid.
type syncRun struct {
	ledger.Entry
	row  control.Selection
	sync *kind.Sync
	end  kind.End

	measured int64  // what the set has come to, where it was read back as a whole
	readBack string // what reading it back in part leaves open
	// journaled says that the ledger could not be written after HubSpot had answered; nil: it could.
	journaled *ledger.JournalError
}

// entriesOf are what the ledger takes of runs.
func entriesOf(runs []*syncRun) (entries []*ledger.Entry) {
	for _, t := range runs {
		entries = append(entries, &t.Entry)
	}
	return entries
}

// runAll closes what earlier runners left open in the ledger, and runs the rows while the lease is held.
func (r *runner) runAll(ctx context.Context, asked []control.Selection) ([]Run, error) {
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
	if asked = r.engine.leaveHeld(asked, r.last); len(asked) == 0 { // the journal may have told of them
		return nil, nil
	}
	ctx, release, err := r.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	if _, err := r.engine.hubspot(); err != nil {
		return r.failAll(ctx, asked, err)
	}
	defer r.linger(ctx)()
	if r.execution, err = r.engine.newExecution(ctx, r.options.Full); err != nil {
		return nil, err
	}
	defer r.execution.close()
	runs, err := r.begin(ctx, asked)
	if err != nil {
		return nil, err
	}
	r.join(ctx, runs)
	return r.runPrepared(ctx, runs)
}

// join adds a sync to the execution for every valid row, and gives the execution what it needs of the runner.
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

// runPrepared fetches what all syncs need, runs one sync after another, and does the housekeeping.
func (r *runner) runPrepared(ctx context.Context, syncRuns []*syncRun) ([]Run, error) {
	x := r.execution
	r.engine.config.Failpoint("before fetch")
	prepareErr := x.prepare(ctx)
	r.engine.config.Failpoint("after fetch")
	if x.hasTables() {
		if err := x.save(ctx); err != nil && x.hasTables() {
			return nil, err
		}
	}
	runs, err := r.runEach(ctx, syncRuns, prepareErr)
	if err != nil {
		return runs, err // the ledger can't be written: nothing more may be sent
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

// reconcileOrphans reconciles changes without an answer that no sync will.
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

// heartbeats makes a connection for the heartbeats.
func (r *runner) heartbeats(ctx context.Context) (*warehouse.Conn, error) {
	conn, err := r.engine.warehouse.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return conn.Hasty(), nil
}

// hold keeps the lease until release is called; the context ends when it is lost.
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

// begin writes a run into the ledger for every row.
func (r *runner) begin(ctx context.Context, asked []control.Selection) ([]*syncRun, error) {
	var begun []*syncRun
	for _, row := range asked {
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

// kindNamed is the kind that the row names; empty: there is no such kind.
func kindNamed(row control.Selection) string {
	if row.Flawed("kind") {
		return ""
	}
	return string(row.Draft.Kind)
}

// runOne plans and applies one sync, and concludes its run, which finish then writes down. The error means that the ledger could not be
// read; the sync's own failure is in t.Run.
func (r *runner) runOne(ctx context.Context, t *syncRun, prepareErr error) error {
	began := r.engine.config.Now()
	err, staged := t.row.Err, time.Duration(0)
	if t.sync != nil {
		err, staged = prepareErr, t.sync.Queried
	}
	if err == nil {
		err = context.Cause(ctx)
	}
	if err == nil {
		err = r.syncOne(ctx, t)
	}
	err = contextCause(ctx, err)
	errors.As(err, &t.journaled)
	t.Quiet = t.Quiet || t.Run.Plan == nil && prepareErr != nil // a failure of its own is reported at once
	if err := r.conclude(ctx, t, err); err != nil {
		return fmt.Errorf("conclude run of %s: %w", syncspec.ShowName(t.row.Name), firstOf(t.journaled, err))
	}
	if t.sync != nil {
		r.noteEnd(t, err)
	}
	t.Run.APICalls, t.Run.APIRetries = t.Calls.Counts()
	t.Run.Seconds = (staged + r.engine.config.Now().Sub(began)).Seconds()
	if next := r.nextAfter(t.row, &t.Run); !next.IsZero() {
		t.Run.NextRunAt = &next
	}
	t.Run.FinishedAt = r.engine.now()
	return nil
}

// contextCause returns the cause of the context's end, where err only says that the context ended.
func contextCause(ctx context.Context, err error) error {
	var journaled *ledger.JournalError
	cause := context.Cause(ctx)
	if cause == nil || errors.As(err, &journaled) || errors.Is(err, hubspot.ErrAmbiguous) {
		return err
	}
	if errors.Is(err, cause) || errors.Is(err, ctx.Err()) || warehouse.IsInterrupt(err) {
		return cause
	}
	return err
}

// firstOf returns the JournalError, which says where to find what was sent, or else err.
func firstOf(journaled *ledger.JournalError, err error) error {
	if journaled != nil {
		return journaled
	}
	return err
}

// noteEnd lets the sync's kind note what it stores at the run's end.
func (r *runner) noteEnd(t *syncRun, ended error) {
	run := &t.Run
	r.execution.noteEnd(run)
	t.end = kind.End{Sync: t.sync, Err: ended, Plan: run.Plan, Added: run.Added, Removed: run.Removed, Final: run.Final, DryRun: run.DryRun, Quiet: t.Quiet}
	if k, ok := r.execution.kindOf(t.sync).(kind.Rememberer); ok {
		k.Conclude(t.sync, t.end)
	}
}

// syncOne takes one sync through the steps of a run, from its sets on.
func (r *runner) syncOne(ctx context.Context, t *syncRun) error {
	x, run := r.execution, &t.Run
	plan, err := x.plan(ctx, t.sync, func() error { return r.reconcile(ctx, t) })
	if err != nil {
		return err
	}
	for i := range plan.Sample {
		plan.Sample[i].Key = "" // what starts runs keeps what they say; the addresses are in the ledger
	}
	run.Plan, run.ListID, run.ListName = plan, plan.ListID, plan.ListName
	if t.RejectsDue, err = x.rejectsDue(ctx, t.sync, plan); err != nil {
		return err
	}
	if run.DryRun {
		return r.ledger.RecordPlan(ctx, x.conn, &t.Entry)
	}
	run.ApprovedRun, err = r.pass(ctx, plan)
	var blocked *BlockedError
	if errors.As(err, &blocked) {
		err := r.ledger.RecordPlan(ctx, x.conn, &t.Entry)
		blocked.RunID, blocked.PlanRunID = run.RunID, cmp.Or(run.PlanRunID, run.RunID)
		return errors.Join(err, blocked)
	} else if err != nil {
		return err
	}
	if t.Quiet, err = r.isQuiet(ctx, t); err != nil || t.Quiet {
		return err
	}
	if err := r.intend(ctx, t); err != nil {
		return err
	}
	if !plan.Empty() {
		r.engine.config.Events(Planned{Plan: plan})
	}
	if err := r.send(ctx, t); err != nil || !r.options.Verify {
		return err
	}
	return r.verify(ctx, t)
}

// reconcile lets the kind write to the ledger what HubSpot shows of earlier runs' changes, and of others'.
func (r *runner) reconcile(ctx context.Context, t *syncRun) (err error) {
	if !t.Run.DryRun {
		t.Run.Drift, err = r.execution.kindOf(t.sync).Reconcile(ctx, t.sync)
	}
	return err
}

// isQuiet says whether the run has nothing to send, and nothing to write but its own row.
func (r *runner) isQuiet(ctx context.Context, t *syncRun) (bool, error) {
	run := &t.Run
	unwritten, err := r.execution.kindOf(t.sync).Unwritten(ctx, t.sync, run.Plan)
	return err == nil && !unwritten && !t.RejectsDue && !r.options.Verify && run.Plan.Empty() && run.ApprovedRun == "" && (run.Drift == nil || *run.Drift == 0), err
}

// intend records the plan, makes the target where it is missing, and records that too.
func (r *runner) intend(ctx context.Context, t *syncRun) error {
	x, run := r.execution, &t.Run
	k := x.kindOf(t.sync)
	if err := r.ledger.RecordIntent(ctx, x.conn, &t.Entry, func(ctx context.Context) error { return k.Intend(ctx, t.sync, run.Plan) }); err != nil {
		return fmt.Errorf("record plan: %w", err)
	}
	opener, opens := k.(kind.Opener)
	if !opens || !run.Plan.MakesList() {
		return nil
	}
	if err := opener.Open(ctx, t.sync, run.Plan); err != nil {
		return err
	}
	run.ListID, run.MadeList = run.Plan.ListID, true
	if err := r.ledger.NameTarget(ctx, x.conn, run, func(ctx context.Context) error { return opener.Opened(ctx, t.sync, run.Plan) }); err != nil {
		return fmt.Errorf("record the list that was made: %w", err)
	}
	return nil
}

// verify reads back what was sent, where the kind can.
func (r *runner) verify(ctx context.Context, t *syncRun) error {
	verifier, ok := r.execution.kindOf(t.sync).(kind.Verifier)
	if !ok {
		return nil
	}
	v, err := verifier.Verify(ctx, t.sync, t.Run.Plan, t.Run.Drift)
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	t.Run.Drift, t.Run.Verified, t.readBack, t.measured = v.Drift, v.Whole, v.Note, v.Size
	return nil
}

// pass returns the blocked run whose approval covers the plan, "" where it needs none, or a BlockedError.
func (r *runner) pass(ctx context.Context, p *plan.Plan) (approvedRun string, err error) {
	if approvedRun, err = r.execution.approval(ctx, p); err != nil || len(p.Violations) == 0 {
		return approvedRun, err
	}
	if approvedRun == "" || p.Unread > 0 { // an approval that came while the plan was made is for the next run, which reads all that would go
		return "", &BlockedError{Violations: p.Violations, ForbidTakeover: r.engine.config.Ceilings.ForbidTakeover}
	}
	return approvedRun, nil
}
