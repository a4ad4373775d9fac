// Package kind is the socket that kinds of sync plug into: lists now; objects, associations and events next.
//
// Every kind is a set, and every change is a set difference. The engine owns what all kinds share: the rows, the lease, the ledger, the guards
// and approvals, the order of the steps, batches, the journal. A kind owns what it alone knows: what the query's rows mean, what HubSpot holds,
// how the two differ, which call carries a batch, and what its answer means.
//
// In: an [Env] with the connection and the services of the engine, and the [Sync] of each row. Out: temp tables, which are the contract
// between a kind and the engine, and a [plan.Plan]:
//
//	desired   what the query spells out: key
//	rejected  what can't be used, and why: key, reason, detail
//	plan      the difference: n (from 1), batch, action, record_id, key, cause; where the plan has an ObjectType also values, JSON
//	          {property: [before, after]}
//
// It may import control, plan, warehouse, hubspot and syncspec.
package kind

import (
	"context"
	"time"

	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
)

// Kind carries the syncs of one kind through one execution. They share a Kind because they share calls: one search finds 500 lists, and a key
// that several syncs desire is looked up once.
//
// All methods are called from one goroutine, in the order in which they stand here: Query for each sync, Load once, and then for one sync after
// another Stage to Record. A method that returns an error ends the sync, and nothing more is sent for it. What ends one sync among several is
// given to [Sync.Fail].
type Kind interface {
	// Query runs the sync's query through Env.Queries and stores what it returned for Stage. No set of any sync is staged at that time.
	Query(ctx context.Context, s *Sync) error
	// Load reads from the ledger's caches and from HubSpot what the plans of the syncs need, concurrently.
	Load(ctx context.Context, syncs []*Sync) error
	// Save writes what Load and later steps have found to the ledger's caches, so that the next execution need not ask again. It is called after Load,
	// also where Load has failed, and at the end. In a preview it does nothing.
	Save(ctx context.Context) error

	// Stage makes the temp tables desired and rejected and whatever else Plan compares, and fills in Sync.Desired. It writes nothing else.
	Stage(ctx context.Context, s *Sync) error
	// Reconcile writes to the ledger the outcome of changes whose answer was lost, and what others changed in HubSpot. It returns the number
	// of the latter, nil where it was not compared. Previews and dry runs leave it out.
	Reconcile(ctx context.Context, s *Sync) (drift *int64, err error)
	// Plan makes the temp table plan, or the opposite of the run Sync.Undoes, and holds it against the guards with Env.Guards.
	// It may ask HubSpot again about what a removal depends on.
	Plan(ctx context.Context, s *Sync) (*plan.Plan, error)

	// Unwritten reports whether Intend would write something for a plan without changes. Where it would not, the run is quiet: its
	// row is written together with those of other quiet runs, and Intend is not called.
	Unwritten(ctx context.Context, s *Sync, p *plan.Plan) (bool, error)
	// Intend brings what the ledger knows of HubSpot in step with what Stage found, in the transaction that records the plan. It must be free
	// to run again, as must be Record.
	Intend(ctx context.Context, s *Sync, p *plan.Plan) error
	// Batch reads a batch of the plan and returns the call that carries it.
	Batch(ctx context.Context, s *Sync, p *plan.Plan, batch int64) (Call, error)
	// Record moves what the ledger knows of HubSpot on by the outcomes of a batch, which are in the temp table outcomes, in the transaction that
	// records them.
	Record(ctx context.Context, s *Sync, p *plan.Plan, outcomes []plan.Outcome) error

	// Final is the size of the set after the changes were answered, -1 where it is not known. net is additions less removals.
	Final(s *Sync, p *plan.Plan, net int64) int64
}

// Driver makes the kind for one execution.
type Driver struct {
	// New makes the kind, and the temp tables that its syncs share; they are there from then on, whatever happens.
	New func(context.Context, *Env) (Kind, error)
	// Replay brings what the ledger knows of HubSpot in step with outcomes of changes that were taken in from the journal at now, in the
	// transaction that took them in. nil: there is nothing to bring in step.
	Replay func(ctx context.Context, conn *warehouse.Conn, now time.Time) error
}

// Call sends a batch, and returns exactly one outcome for each of its changes, also when it fails: a change that may have been applied is
// unknown, never failed. Calls of a wave run concurrently, so that a Call uses neither Env.Conn nor what other calls change. ctx ends when nothing
// more may be begun; a call in flight lingers as Sync.Writer does.
type Call func(ctx context.Context) ([]plan.Outcome, error)

// What a Kind may do besides.
type (
	// Opener is a Kind whose plan may begin with making its target, such as a list that a row names and HubSpot does not have.
	Opener interface {
		// Open makes the target and puts its ID into the plan.
		Open(ctx context.Context, s *Sync, p *plan.Plan) error
		// Opened stores what is known of the target, in the transaction that records its ID.
		Opened(ctx context.Context, s *Sync, p *plan.Plan) error
	}
	// Replanner is a Kind that learns from outcomes what has to be sent besides, such as to the record that a key has now.
	Replanner interface {
		// PlanAgain makes a second plan, p.Second, and replaces the temp table plan with its changes, whose numbers and batches come after those
		// of p. nil: there is nothing more to send. It is called once, when all batches of p are sent. No guard checks a second plan, so it may
		// only add, and no more than p failed to add.
		PlanAgain(ctx context.Context, s *Sync, p *plan.Plan) (*plan.Plan, error)
	}
	// Verifier is a Kind that can read back what it has sent.
	Verifier interface {
		// Verify compares HubSpot with the ledger after all batches are sent, and lets the ledger follow. found is the drift that the run
		// has found before, nil where it was not compared.
		Verify(ctx context.Context, s *Sync, p *plan.Plan, found *int64) (Verification, error)
	}
	// Rememberer is a Kind that stores something at the end of a run that was answered in full.
	Rememberer interface {
		// Conclude prepares what is to be stored of a run that has ended with err. It writes nothing.
		Conclude(s *Sync, e End)
		// Remember returns what writes that of the given runs on conn, in the transaction that records their ends; nil: nothing.
		Remember(ctx context.Context, conn *warehouse.Conn, ended []End) (write func(context.Context) error, err error)
	}
	// Reconciler is a Kind that reconciles changes without an answer whose row is gone, so that no sync will.
	Reconciler interface {
		ReconcileOrphans(ctx context.Context) error
	}
	// Checker is a Kind that can look at a row's target without a query.
	Checker interface {
		// Check returns what a run of the row would find. It changes nothing.
		Check(ctx context.Context, s *Sync) Checked
	}
)

// Verification is what reading back has shown.
type Verification struct {
	Whole bool   // all was read, so that Size is exact
	Size  int64  // members
	Drift *int64 // what differs by others' doing, in all; nil where it was not compared
	Note  string // what reading back in part leaves open; "": nothing
}

// End is how a sync's run ended.
type End struct {
	Sync *Sync
	Err  error
	Plan *plan.Plan // nil: it came to none
	// Added, Removed and Final are counts of HubSpot's answers; nil where they are not known.
	Added, Removed, Final *int64
	DryRun                bool
	// Quiet says that the run has sent and written nothing; between it and its end others may have changed its target.
	Quiet bool
}

// Checked is what a look at a sync's target found.
type Checked struct {
	ListID, ListName string
	Errors           []error
	Notes            []string
}
