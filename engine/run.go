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
	ledger  *ledger
	options RunOptions
	abort   context.Context // ends writes in flight
	last    control.LastRuns
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
	var l *lease
	waited := false
	err = e.config.waitWhile(ctx, func(err error) bool {
		var held *HeldError
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
	r := &runner{engine: e, conn: conn, options: o, ledger: &ledger{
		lease: l, now: e.now, runner: e.config.Runner, version: e.config.Version, failpoint: e.config.Failpoint,
		approvalTTL: e.config.ApprovalTTL,
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

// turn is a row with its run, and with its session if the row is valid.
type turn struct {
	row     control.Selection
	run     Run
	session *session

	quiet bool       // it has sent nothing, and written nothing but its beginning; its end can wait for others
	calls *callLog   // the calls of the run
	entry *listEntry // what is to be cached of the list; nil: nothing
	// journaled says that the ledger could not be written after HubSpot had answered; nil: it could.
	journaled *JournalError
}

// runAll closes what earlier runners left open in the ledger, and runs the rows while the lease is held.
func (r *runner) runAll(ctx context.Context, asked []control.Selection) ([]Run, error) {
	if err := r.replayJournal(ctx, r.conn); err != nil {
		return nil, fmt.Errorf("take in %s: %w", r.engine.journal.path, err)
	}
	if err := r.ledger.closeCrashed(ctx, r.conn); err != nil {
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
	round, err := r.engine.newRound(ctx, r.options.Full)
	if err != nil {
		return nil, err
	}
	defer round.close()
	turns, err := r.begin(ctx, asked)
	if err != nil {
		return nil, err
	}
	r.join(ctx, round, turns)
	return r.runRound(ctx, round, turns)
}

// join makes a session in the round for every valid row, and gives the round what it needs of the runner.
func (r *runner) join(ctx context.Context, round *round, turns []*turn) {
	for _, t := range turns {
		if t.row.Err == nil {
			t.session = round.join(t.row.Spec)
			t.session.writer = t.session.client.Lingering(r.abort)
			t.session.runID, t.session.undoes, t.session.created = t.run.RunID, t.row.Undoes, t.row.Created
		}
	}
	round.keep = func(ctx context.Context) error { return r.ledger.cacheAnswers(ctx, round) }
	round.abort = r.options.Abort
	round.unresponsive = func(why *UnresponsiveError) { r.endUnresponsive(ctx, turns, why) }
}

// runRound fetches what all syncs need, runs one sync after another, and does the housekeeping.
func (r *runner) runRound(ctx context.Context, round *round, turns []*turn) ([]Run, error) {
	r.engine.config.Failpoint("before fetch")
	prepareErr := round.prepare(ctx)
	r.engine.config.Failpoint("after fetch")
	if round.hasTables() {
		if err := round.keepAnswers(ctx); err != nil && round.hasTables() {
			return nil, err
		}
	}
	runs, err := r.runEach(ctx, turns, prepareErr)
	if err != nil {
		return runs, err // the ledger can't be written: nothing more may be sent
	}
	if !round.hasTables() {
		return runs, nil
	}
	if err := r.reconcileOrphans(ctx, round); err != nil {
		return runs, err
	}
	if round.asked {
		if err := r.ledger.cacheAnswers(ctx, round); err != nil {
			return runs, err
		}
	}
	return runs, r.deleteOld(ctx)
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
	kept.Go(func() { r.ledger.lease.keep(ctx, conn, r.heartbeats, lost) })
	kept.Go(func() { r.ledger.lease.watch(ctx, lost) })
	return ctx, func() {
		lost(nil)
		kept.Wait()
	}, nil
}

// begin writes a run into the ledger for every row.
func (r *runner) begin(ctx context.Context, asked []control.Selection) ([]*turn, error) {
	var turns []*turn
	for _, row := range asked {
		id, err := uuid.NewV7()
		if err != nil {
			return nil, err
		}
		t := &turn{row: row, run: Run{
			RunID: id.String(), RunAt: r.engine.now(), Sync: row.Name, ListID: row.Spec.ListID, ListName: row.Spec.ListName, Status: Running, query: row.Query,
			DryRun: r.options.DryRun || row.Spec.DryRun, Undoes: row.Undoes,
		}}
		turns = append(turns, t)
	}
	if err := r.ledger.begin(ctx, r.conn, turns); err != nil {
		return nil, fmt.Errorf("begin runs: %w", err)
	}
	for _, t := range turns {
		r.engine.config.Events(Started{Sync: t.run.Sync, RunID: t.run.RunID})
	}
	return turns, nil
}

// runOne plans and applies one sync, and concludes its run, which finish then writes down. The error means that the ledger could not be
// read; the sync's own failure is in t.run.
func (r *runner) runOne(ctx context.Context, t *turn, prepareErr error) error {
	began := r.engine.config.Now()
	err, staged := t.row.Err, time.Duration(0)
	t.calls = &callLog{}
	if t.session != nil {
		t.calls, err, staged = t.session.callLog, prepareErr, t.session.staged
	}
	if err == nil {
		err = context.Cause(ctx)
	}
	if err == nil {
		err = r.syncOne(ctx, t)
	}
	err = contextCause(ctx, err)
	errors.As(err, &t.journaled)
	t.quiet = t.quiet || t.run.Plan == nil && prepareErr != nil // a failure of its own is reported at once
	if err := r.conclude(ctx, &t.run, err); err != nil {
		return fmt.Errorf("conclude run of %s: %w", syncspec.ShowName(t.row.Name), firstOf(t.journaled, err))
	}
	if t.session != nil {
		t.session.noteEnd(&t.run)
	}
	if r.cachesList(t, err) {
		t.entry = t.session.listEntry(&t.run)
	}
	t.run.APICalls, t.run.APIRetries = t.calls.counts()
	t.run.Seconds = (staged + r.engine.config.Now().Sub(began)).Seconds()
	if next := r.nextAfter(t.row, &t.run); !next.IsZero() {
		t.run.NextRunAt = &next
	}
	t.run.FinishedAt = r.engine.now()
	return nil
}

// contextCause returns the cause of the context's end, where err only says that the context ended.
func contextCause(ctx context.Context, err error) error {
	var journaled *JournalError
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
func firstOf(journaled *JournalError, err error) error {
	if journaled != nil {
		return journaled
	}
	return err
}

// cachesList says whether the list's metadata is to be cached: after a run in which every change was answered.
func (r *runner) cachesList(t *turn, ended error) bool {
	s := t.session
	return ended == nil && !t.run.DryRun && t.run.Final != nil && s != nil && s.atRest() && (!s.fromCache || !t.run.Plan.Empty() || s.cachedLists[s.list.ID].wroteFrom.Valid)
}

// syncOne takes one sync through the steps of a run, from its sets on.
func (r *runner) syncOne(ctx context.Context, t *turn) error {
	s, run := t.session, &t.run
	plan, err := s.stageAndPlan(ctx, func(s *session) error { return r.reconcile(ctx, s, run) })
	if err != nil {
		return err
	}
	for i := range plan.Sample {
		plan.Sample[i].Key = "" // what starts runs keeps what they say; the addresses are in the ledger
	}
	run.Plan, run.ListID, run.ListName = plan, plan.ListID, plan.ListName
	if err := s.findDueWrites(ctx, plan); err != nil {
		return err
	}
	if run.DryRun {
		return r.ledger.recordPlan(ctx, s, run, plan)
	}
	run.ApprovedRun, err = r.pass(ctx, s, plan)
	var blocked *BlockedError
	if errors.As(err, &blocked) {
		err := r.ledger.recordPlan(ctx, s, run, plan)
		blocked.RunID, blocked.PlanRunID = run.RunID, cmp.Or(run.PlanRunID, run.RunID)
		return errors.Join(err, blocked)
	} else if err != nil {
		return err
	}
	if t.quiet = !r.options.Verify && s.nothingDue(run, plan); t.quiet {
		return nil
	}
	if err := r.ledger.recordIntent(ctx, s, run, plan); err != nil {
		return fmt.Errorf("record plan: %w", err)
	}
	if plan.MakesList() {
		if err := s.makeList(ctx, plan); err != nil {
			return err
		}
		run.ListID, run.MadeList = plan.ListID, true
		if err := r.ledger.nameList(ctx, s, run); err != nil {
			return fmt.Errorf("record the list that was made: %w", err)
		}
	}
	if !plan.Empty() {
		r.engine.config.Events(Planned{Plan: plan})
	}
	if err := s.apply(ctx, r.ledger, run, plan); err != nil || !r.options.Verify {
		return err
	}
	if err := r.verify(ctx, s, run); err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	return nil
}

// pass returns the blocked run whose approval covers the plan, "" where it needs none, or a BlockedError.
func (r *runner) pass(ctx context.Context, s *session, p *plan.Plan) (approvedRun string, err error) {
	if approvedRun, err = s.approval(ctx, p); err != nil || len(p.Violations) == 0 {
		return approvedRun, err
	}
	if approvedRun == "" || p.Unread > 0 { // an approval that came while the plan was made is for the next run, which reads all that would go
		return "", &BlockedError{Violations: p.Violations, ForbidTakeover: s.engine.config.Ceilings.ForbidTakeover}
	}
	return approvedRun, nil
}
