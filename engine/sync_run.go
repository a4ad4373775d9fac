package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"rollcall/engine/control"
	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/ledger"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// syncRun is a row with its run, and with its sync if the row is valid. begin makes it, join gives it its sync, runOne
// runs it and finish writes its end.
type syncRun struct {
	ledger.Entry
	row  control.Selection
	sync *kind.Sync // nil: the row is invalid
	end  kind.End   // how the run ended, as its kind is told

	measured int64  // what the set has come to, where it was read back as a whole
	readBack string // what reading it back in part leaves open
	// journaled says that the ledger could not be written after HubSpot had answered; nil: it could.
	journaled *ledger.JournalError
}

// entriesOf returns what the ledger takes of runs.
func entriesOf(runs []*syncRun) (entries []*ledger.Entry) {
	for _, t := range runs {
		entries = append(entries, &t.Entry)
	}
	return entries
}

// runOne plans and applies one sync, and concludes its run, which finish then writes down. The error means that the
// ledger could not be read; the sync's own failure is in t.Run. prepareErr is the failure of what was done for all syncs
// of the kind, which every valid one shares.
func (r *runner) runOne(ctx context.Context, t *syncRun, prepareErr error) error {
	began := r.engine.config.Now()
	err, staged := t.row.Err, time.Duration(0)
	// An invalid row has no sync, and its own error counts.
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

// syncOne takes one sync through the steps of a run, from its sets on: plan, guard, intent, send, verify. Whatever
// returns before intend has changed nothing in HubSpot.
func (r *runner) syncOne(ctx context.Context, t *syncRun) error {
	x, run := r.execution, &t.Run
	plan, err := x.plan(ctx, t.sync, func() error { return r.reconcile(ctx, t) })
	if err != nil {
		return err
	}
	for i := range plan.Sample {
		plan.Sample[i].Key, plan.Sample[i].Values = "", nil // what starts runs keeps what they say; addresses and values are in the ledger
	}
	run.Plan, run.ListID, run.ListName = plan, plan.ListID, plan.ListName
	if t.RejectsDue, err = x.rejectsDue(ctx, t.sync, plan); err != nil {
		return err
	}
	// A dry run keeps the plan, whatever the guards say of it, and uses no approval up.
	if run.DryRun {
		return r.ledger.RecordPlan(ctx, x.conn, &t.Entry)
	}
	run.ApprovedRun, err = r.pass(ctx, plan)
	var blocked *BlockedError
	if errors.As(err, &blocked) {
		err := r.ledger.RecordPlan(ctx, x.conn, &t.Entry)
		// Known only now: RecordPlan finds the earlier run that has the same plan.
		blocked.RunID, blocked.PlanRunID = run.RunID, cmp.Or(run.PlanRunID, run.RunID)
		return errors.Join(err, blocked)
	} else if err != nil {
		return err
	}
	if t.Quiet, err = r.isQuiet(ctx, t); err != nil || t.Quiet {
		return err
	}
	// From here on the ledger says what is going to be sent, before it is sent.
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

// reconcile lets the kind write to the ledger what HubSpot shows of earlier runs' changes, and of others'. A dry run
// leaves it out.
func (r *runner) reconcile(ctx context.Context, t *syncRun) (err error) {
	if !t.Run.DryRun {
		t.Run.Drift, err = r.execution.kindOf(t.sync).Reconcile(ctx, t.sync)
	}
	return err
}

// isQuiet says whether the run has nothing to send, and nothing to write but its own row. Such runs are the most, and the
// ends of several are written in one transaction.
func (r *runner) isQuiet(ctx context.Context, t *syncRun) (bool, error) {
	run := &t.Run
	unwritten, err := r.execution.kindOf(t.sync).Unwritten(ctx, t.sync, run.Plan)
	return err == nil && !unwritten && !t.RejectsDue && !r.options.Verify && run.Plan.Empty() && run.ApprovedRun == "" && (run.Drift == nil || *run.Drift == 0), err
}

// pass returns the blocked run whose approval covers the plan, "" where it needs none, or a BlockedError. It sends and
// writes nothing.
func (r *runner) pass(ctx context.Context, p *plan.Plan) (approvedRun string, err error) {
	if approvedRun, err = r.execution.approval(ctx, p); err != nil || len(p.Violations) == 0 {
		return approvedRun, err
	}
	if approvedRun == "" || p.Unread > 0 { // an approval that came while the plan was made is for the next run, which reads all that would go
		return "", &BlockedError{Violations: p.Violations, ForbidTakeover: r.engine.config.Ceilings.ForbidTakeover}
	}
	return approvedRun, nil
}

// intend records the plan, makes the target where it is missing, and records that too. The plan comes first: a kill after
// the target was made then leaves a run that says that it was about to make it.
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

// verify reads back what was sent, where the kind can, and takes over what that came to. An error leaves the run's
// changes as HubSpot answered them.
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

// noteEnd lets the sync's kind note what it stores at the run's end. Nothing is written: finish does that, perhaps
// together with other runs.
func (r *runner) noteEnd(t *syncRun, ended error) {
	run := &t.Run
	r.execution.noteEnd(run)
	t.end = kind.End{Sync: t.sync, Err: ended, Plan: run.Plan, Added: run.Added, Removed: run.Removed, Final: run.Final, DryRun: run.DryRun, Quiet: t.Quiet}
	if k, ok := r.execution.kindOf(t.sync).(kind.Rememberer); ok {
		k.Conclude(t.sync, t.end)
	}
}

// contextCause returns the cause of the context's end, where err only says that the context ended. Errors that tell
// outcomes of changes stay: they are reported however the run was ended.
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
