package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"rollcall/engine/hubspot"
	"rollcall/syncspec"
)

// RunOptions say how a run goes.
type RunOptions struct {
	// DryRun plans and writes the plan to the ledger, and sends nothing.
	DryRun bool
	// Abort ends when even the call in flight has to stop; nil: never. The context of Run itself ending lets it finish.
	Abort context.Context
	// Finished is told each sync's run when it has ended; may be nil.
	Finished func(Run)
}

// runner is one invocation of Run: the lease, the ledger, and the lists that its syncs have had their turn on.
type runner struct {
	engine  *Engine
	conn    *sql.Conn
	ledger  *ledger
	options RunOptions
	claimed map[string]syncspec.Spec
}

// Run plans, guards, applies and records the syncs that names ask for: all that are enabled and due where there are none.
// Each leaves a row in rollcall.runs, and one that fails does not stop the others, so the error is about the whole only:
// no database, no token, no such sync, another runner at work. ctx ending finishes the batch in flight.
func (e *Engine) Run(ctx context.Context, names []string, o RunOptions) ([]Run, error) {
	conn, err := e.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	asked, err := jobs(ctx, conn, names)
	if err == nil && len(names) == 0 {
		asked, err = e.due(ctx, conn, asked)
	}
	if err != nil || len(asked) == 0 {
		return nil, err
	}
	if _, err := e.hubspot(); err != nil {
		return nil, err
	}
	if o.Abort == nil {
		o.Abort = context.WithoutCancel(ctx)
	}
	l, err := e.takeLease(ctx, conn)
	if err != nil {
		return nil, err
	}
	r := &runner{engine: e, conn: conn, options: o, claimed: map[string]syncspec.Spec{}, ledger: &ledger{
		lease: l, now: e.now, runner: e.config.Runner, version: e.config.Version,
	}}
	runs, err := r.all(ctx, asked)
	return runs, errors.Join(err, l.release(context.WithoutCancel(ctx), conn))
}

// all runs the jobs one after another while the lease is kept.
func (r *runner) all(ctx context.Context, asked []job) ([]Run, error) {
	if err := r.ledger.closeDead(ctx, r.conn); err != nil {
		return nil, fmt.Errorf("close what a dead runner left: %w", err)
	}
	beat, err := r.engine.warehouse.Conn(ctx)
	if err != nil {
		return nil, err
	}
	ctx, lost := context.WithCancelCause(ctx)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		r.ledger.lease.keep(ctx, beat, lost)
	}()
	defer func() {
		lost(nil)
		<-stopped
		beat.Close()
	}()
	var runs []Run
	for _, j := range asked {
		if ctx.Err() != nil {
			break
		}
		run, err := r.one(ctx, j)
		if err != nil {
			return runs, err // the ledger can't be written: nothing more may be sent
		}
		runs = append(runs, run)
		if r.options.Finished != nil {
			r.options.Finished(run)
		}
	}
	return runs, r.ledger.forgetCalls(ctx, r.conn, r.engine.config.CallsKept)
}

// one carries one job from its first row in the ledger to its last. The error is the ledger's; what became of the sync is in
// the run.
func (r *runner) one(ctx context.Context, j job) (Run, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Run{}, err
	}
	run := Run{
		RunID: id.String(), RunAt: r.engine.now(), Sync: j.name, ListID: j.spec.ListID, Status: Running, query: j.query,
		DryRun: r.options.DryRun || j.spec.DryRun,
	}
	if err := r.ledger.begin(ctx, r.conn, &run); err != nil {
		return run, fmt.Errorf("begin run of %s: %w", j.name, err)
	}
	calls := &meter{}
	err = j.err
	if err == nil {
		var s *session
		if s, err = r.engine.open(ctx, j.spec); err == nil {
			calls = s.meter
			err = r.carry(ctx, s, &run)
			err = errors.Join(err, s.close())
		}
	}
	if err := r.conclude(ctx, &run, err); err != nil {
		return run, fmt.Errorf("conclude run of %s: %w", j.name, err)
	}
	if err := r.ledger.finish(ctx, r.conn, &run, calls); err != nil {
		return run, fmt.Errorf("finish run of %s: %w", j.name, err)
	}
	return run, nil
}

// carry is the way through for one sync.
func (r *runner) carry(ctx context.Context, s *session, run *Run) error {
	plan, err := s.prepare(ctx, func(listID string) error {
		if run.DryRun || listID == "" {
			return nil
		}
		return r.ledger.settle(ctx, s.conn, listID)
	})
	if err != nil {
		return err
	}
	run.Plan, run.ListID = plan, plan.ListID
	if err := r.claim(s.spec, plan); err != nil {
		return err
	}
	approvedRun, err := r.pass(ctx, s, plan)
	blocked := (*BlockedError)(nil)
	if err != nil && !errors.As(err, &blocked) {
		return err
	}
	if !run.DryRun && blocked == nil && plan.makesList() {
		if err := s.makeList(ctx, plan); err != nil {
			return err
		}
		run.ListID = plan.ListID
	}
	if run.DryRun {
		approvedRun = "" // a yes is for the run that sends
	}
	if err := r.ledger.recordPlan(ctx, s.conn, run, plan, approvedRun); err != nil {
		return fmt.Errorf("record plan: %w", err)
	}
	if run.DryRun {
		return nil
	}
	if blocked != nil {
		blocked.RunID = run.RunID
		return blocked
	}
	if err := r.ledger.adopt(ctx, s.conn, run, plan); err != nil {
		return fmt.Errorf("adopt members: %w", err)
	}
	return s.apply(ctx, r.options.Abort, r.ledger, run, plan)
}

// claim refuses a list that another sync of this run has had its turn on, if either mirrors it. Rows that name one list in two
// ways, by its ID and by its name, are found out only here.
func (r *runner) claim(spec syncspec.Spec, p *Plan) error {
	if p.ListID == "" {
		return nil
	}
	if other, ok := r.claimed[p.ListID]; ok && (other.Mode == syncspec.Mirror || spec.Mode == syncspec.Mirror) {
		return clash([]string{other.Name})
	}
	r.claimed[p.ListID] = spec
	return nil
}

// pass returns the blocked run whose approval lets the plan through, "" where it needs none, or a BlockedError.
func (r *runner) pass(ctx context.Context, s *session, p *Plan) (approvedRun string, err error) {
	if len(p.Violations) == 0 {
		return "", nil
	}
	err = readRow(ctx, s.conn, "56_find_approval", params{"sync": p.Sync, "plan_hash": p.Hash}, &approvedRun)
	if errors.Is(err, sql.ErrNoRows) {
		return "", &BlockedError{Violations: p.Violations}
	}
	return approvedRun, err
}

// makeList makes the list that the row names, and puts its ID into the plan.
func (s *session) makeList(ctx context.Context, p *Plan) error {
	objectType, err := s.client.ObjectType(ctx, s.spec.ObjectType)
	if err != nil {
		return err
	}
	made, err := s.client.CreateList(ctx, objectType.ID, p.ListName)
	if errors.Is(err, hubspot.ErrDuplicateName) {
		return refuse("give the row another list_name, or the list's own object_type", "HubSpot has a list named %q of another kind: %w", p.ListName, err)
	} else if err != nil {
		return fmt.Errorf("make list %q: %w", p.ListName, err)
	}
	p.ListID = made.ID
	s.log.Info().Str("list_id", made.ID).Msg("made list")
	return nil
}
