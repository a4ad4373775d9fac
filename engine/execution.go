package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"rollcall/engine/association"
	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/ledger"
	"rollcall/engine/list"
	"rollcall/engine/object"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// execution is the syncs of one invocation. They share one connection, whose temp tables are their sets, and by their kinds
// the calls that read HubSpot.
//
// Every query is run on a connection of its own, because a temp table hides a real one of the same name from it, and before any set
// exists. Each sync's sets have their plain names, desired, current, plan, while it is planned and sent.
// An execution implements kind.Queries and kind.Guards. One goroutine uses it; the calls that kinds make run on others
// and use nothing of it. Its life: prepare, or queryAll and then load kind by kind, and plan for one sync after another.
type execution struct {
	engine *Engine
	conn   *warehouse.Conn
	client *hubspot.Client
	env    *kind.Env
	kinds  []namedKind // in the order in which they load and send
	syncs  []*kind.Sync

	staged        bool             // the tables that syncs share were made
	setsStaged    bool             // a sync's sets are staged
	rejectsStaged bool             // rollcall_open_rejects has the rejects of the syncs
	keysBefore    map[string]int64 // usable keys of each sync's last run that had any; nil: not read yet
	taken         map[string]bool  // lists on which a run has ended well; of associations the sync's name and the target

	abort        context.Context          // ends at the second signal; nil: never
	unresponsive func(*UnresponsiveError) // writes down how the runs ended before the process does; nil: there are none
}

// namedKind is a kind of sync with its name in rollcall.syncs.
type namedKind struct {
	name syncspec.Kind
	kind.Kind
}

// drivers are the kinds of sync in the order in which they load and send: a link or a list may need a record that an object sync of the
// same run creates.
func drivers() []NamedDriver {
	return []NamedDriver{{syncspec.Object, object.Driver}, {syncspec.Association, association.Driver}, {syncspec.List, list.Driver}}
}

// NamedDriver makes the kind of sync that has the name in rollcall.syncs.
type NamedDriver struct {
	Name syncspec.Kind
	kind.Driver
}

// newExecution begins an execution. The caller closes it, which drops the sets.
func (e *Engine) newExecution(ctx context.Context, full bool) (*execution, error) {
	client, err := e.hubspot()
	if err != nil {
		return nil, err
	}
	conn, err := e.warehouse.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return e.executionOn(conn, client, full), nil
}

// executionOn begins an execution on a connection, which its close closes.
func (e *Engine) executionOn(conn *warehouse.Conn, client *hubspot.Client, full bool) *execution {
	c := e.config
	x := &execution{engine: e, conn: conn, client: client}
	x.env = &kind.Env{
		Conn: conn, Client: client, Now: e.now, Log: c.Log, Queries: x, Guards: x, Join: x.join, Full: full, Unanswered: map[string]bool{}, Failpoint: c.Failpoint,
		Progress: func(sync, step string, done, total int64) {
			c.Events(Progress{Sync: sync, Step: step, Done: done, Total: total})
		},
		// Ledger is set by a run alone: a preview and a check have none, so that a kind can't write in them.
		Limits: kind.Limits{
			ReadSize: c.ReadSize, ChunkSize: c.ChunkSize, PageSize: c.PageSize, ReadForward: c.ReadForward, Concurrency: c.Concurrency,
			FoundTTL: c.FoundTTL, MissingTTL: c.MissingTTL, FullReadEvery: c.FullReadEvery, VerifyWait: c.VerifyWait,
			ForbidTakeover: c.Ceilings.ForbidTakeover, WithoutData: c.WithoutData,
		},
	}
	return x
}

// close closes the connection, and with it every temp table.
func (x *execution) close() error { return x.conn.Close() }

// join adds a sync to the execution, and gives it the next number, a log of its own and a client that counts the calls to
// it. It has no run: runner.join adds that. Kinds call it by Env.Join for syncs without a row.
func (x *execution) join(spec syncspec.Spec) *kind.Sync {
	s := &kind.Sync{Number: int32(len(x.syncs) + 1), Spec: spec, Calls: &kind.CallLog{}, Log: x.engine.config.Log.With().Str("sync", spec.Name).Logger()}
	s.Client = x.client.Observed(s.Calls.Count)
	x.syncs = append(x.syncs, s)
	return s
}

// kindOf returns the sync's kind. Rows of a kind without a driver are invalid, so that there is one. A sync without a row is of a list.
func (x *execution) kindOf(s *kind.Sync) kind.Kind {
	name := cmp.Or(s.Spec.Kind, syncspec.List)
	i := slices.IndexFunc(x.kinds, func(k namedKind) bool { return k.name == name })
	return x.kinds[max(i, 0)].Kind
}

// makeKinds makes the kinds, and the temp tables that their syncs share. Later steps, which run after an interruption
// too, name these tables, so the cancellation of ctx does not reach it.
func (x *execution) makeKinds(ctx context.Context) error {
	for _, d := range x.engine.config.Drivers {
		k, err := d.Driver.New(context.WithoutCancel(ctx), x.env)
		if err != nil {
			return err
		}
		x.kinds = append(x.kinds, namedKind{d.Name, k})
	}
	x.staged = true
	return nil
}

// prepare runs every query, and reads from the caches and from HubSpot what all plans need, for who sends nothing. A run loads kind by kind
// instead, since what it sends of one kind may be what the next one looks for.
func (x *execution) prepare(ctx context.Context) error {
	if err := x.queryAll(ctx); err != nil {
		return err
	}
	for _, k := range x.kinds {
		if err := x.load(ctx, k.name); err != nil {
			return err
		}
	}
	return nil
}

// queryAll makes the shared tables and runs the query of every sync, before anything is sent. An error of one sync is kept in it; the error
// returned concerns all.
//
// All queries come before the first call to HubSpot, because a sync whose query fails needs none, and because no set may
// exist while a query runs.
func (x *execution) queryAll(ctx context.Context) error {
	if err := x.makeKinds(ctx); err != nil {
		return err
	}
	// Before the kinds load: which lists have to be read whole depends on it.
	if err := x.stageUnanswered(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("look at changes without an answer: %w", err)
	}
	for _, s := range x.syncs {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		began := x.engine.config.Now()
		ended := x.engine.config.step(s.Spec.Name, "query")
		if err := x.query(ctx, s); err != nil {
			s.Fail(err)
		}
		ended()
		s.Queried = x.engine.config.Now().Sub(began)
	}
	return nil
}

// load reads from the caches and from HubSpot what the plans of one kind's syncs need. An error of one sync is kept in it; the error returned
// concerns all of the kind. Where no sync of the kind continues it does nothing.
func (x *execution) load(ctx context.Context, name syncspec.Kind) error {
	for _, k := range x.kinds {
		of := slices.DeleteFunc(slices.Clone(x.syncs), func(s *kind.Sync) bool { return x.kindOf(s) != k.Kind })
		if k.name == name && len(kind.Live(of)) > 0 {
			return k.Load(ctx, of)
		}
	}
	return nil
}

// query runs the sync's query, unless the settings refuse its row.
func (x *execution) query(ctx context.Context, s *kind.Sync) error {
	if err := x.engine.config.Bounds.Refuse(s.Spec); err != nil {
		return err
	}
	return x.kindOf(s).Query(ctx, s)
}

// Run is the kinds' way to run a query; see kind.Queries. Both run and take are watched; the time that queries may take
// bounds run alone.
func (x *execution) Run(ctx context.Context, s *kind.Sync, run func(context.Context, *warehouse.Conn, warehouse.Scope) error, take func(context.Context, *warehouse.Conn) error) (err error) {
	conn, err := x.engine.warehouse.Conn(ctx)
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := x.runBounded(ctx, s, func(ctx context.Context) error { return run(ctx, conn, x.engine.config.Bounds.Scope()) }); err != nil {
		return fmt.Errorf("query: %w", err)
	}
	if err := x.watched(ctx, s.Spec.Name, func() error { return take(ctx, conn) }); err != nil {
		return fmt.Errorf("stage desired: %w", err)
	}
	return nil
}

// runBounded runs a sync's query within its time, and tells the trace how long it took.
func (x *execution) runBounded(ctx context.Context, s *kind.Sync, run func(context.Context) error) error {
	defer warehouse.Trace(ctx, "query of "+s.Spec.Name)()
	ctx, cancel := x.engine.bounded(ctx)
	defer cancel()
	return x.watched(ctx, s.Spec.Name, func() error {
		x.engine.config.Failpoint("before query")
		return run(ctx)
	})
}

// save writes what the kinds have found to the ledger's caches. In a preview kinds write nothing.
func (x *execution) save(ctx context.Context) error {
	for _, k := range x.kinds {
		if err := k.Save(ctx); err != nil {
			return err
		}
	}
	return nil
}

// sampled is how many changes of each action a plan shows.
const sampled = 5

// plan stages the sync's sets, calls reconcile, and makes the plan. It is called once for each sync. reconcile comes
// before the plan, because it decides which members are managed: a run writes the reconciled changes to the ledger, a
// preview, which gives nil, does not. Afterwards the sets are those of this sync, until the next call drops them.
func (x *execution) plan(ctx context.Context, s *kind.Sync, reconcile func() error) (*plan.Plan, error) {
	if x.setsStaged {
		if err := x.conn.ExecAll(ctx, queries.DropSets); err != nil {
			return nil, err
		}
	}
	if s.Err() != nil {
		return nil, s.Err()
	}
	x.setsStaged = true
	k := x.kindOf(s)
	if err := k.Stage(ctx, s); err != nil {
		return nil, err
	}
	if reconcile != nil {
		if err := reconcile(); err != nil {
			return nil, err
		}
	}
	p, err := k.Plan(ctx, s)
	if err != nil {
		return nil, err
	}
	p.Sample, err = firstChanges(ctx, x.conn, p, sampled)
	return p, err
}

// hasTables reports whether the temp tables exist: they were made, and their connection was not given up.
func (x *execution) hasTables() bool { return x.staged && !x.conn.Lost() }

// stageUnanswered fills the temp table rollcall_pending_unknown with the changes whose answer was lost and their outcomes in the
// journal, and notes their targets.
func (x *execution) stageUnanswered(ctx context.Context) error {
	entries, _, err := x.engine.journal.Read()
	if err != nil {
		return err
	}
	if err := ledger.StageJournal(ctx, x.conn, entries); err != nil {
		return err
	}
	if err := x.conn.ExecAll(ctx, queries.StagePendingUnknown); err != nil {
		return err
	}
	return x.conn.ReadRows(ctx, queries.ReadPendingUnknown, nil, func(scan func(...any) error) error {
		var target string
		err := scan(&target)
		x.env.Unanswered[target] = true
		return err
	})
}
