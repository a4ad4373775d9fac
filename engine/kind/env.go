package kind

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"rollcall/engine/hubspot"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// Env is what a kind works with during one execution.
type Env struct {
	Conn    *warehouse.Conn // its temp tables are the sets; no other connection sees them
	Client  *hubspot.Client // counts its calls for no sync; nil: there is no token, which Check alone allows
	Limits  Limits
	Now     func() time.Time // to the microsecond, which is what a TIMESTAMPTZ holds
	Log     zerolog.Logger
	Queries Queries
	Guards  Guards
	Ledger  Ledger // nil in a preview, which writes nothing
	// Join adds a sync without a row to the execution, which has no run.
	Join func(syncspec.Spec) *Sync
	// Progress tells how far a step has come: done of total, 0 where that is not known.
	Progress func(sync, step string, done, total int64)
	// Failpoint is called with the name of every boundary between two steps, where tests stop the process.
	Failpoint func(name string)

	// Unanswered are the targets with changes whose answer was lost before this execution; the temp table rollcall_pending_unknown has the changes.
	Unanswered map[string]bool

	Preview bool // plans are only looked at
	Unsent  bool // nothing of the execution is sent: a preview, or a run that was asked to be dry
	Full    bool // caches are ignored: all is read from HubSpot
	// RetryRejects says that what was refused or had no record is tried now, whenever its next try would be.
	RetryRejects bool
}

// Limits bound the calls of an execution and the age of what is cached. See engine.Config for their defaults.
type Limits struct {
	ReadSize    int  // keys that one batch read asks for
	ChunkSize   int  // changes that one membership write carries
	PageSize    int  // members that one page of a list is asked for
	ReadForward bool // lists are read from their start alone
	Concurrency int  // calls at a time

	FoundTTL      time.Duration // how long the record ID of a key is cached
	MissingTTL    time.Duration // how long it is cached that a key has no record
	FullReadEvery time.Duration // how long a list may go without being read page by page
	VerifyWait    time.Duration // how long to wait before a list is read again

	ForbidTakeover bool // no row may allow a take-over
	WithoutData    bool // the database was made to check rows alone: it knows no runs
}

// Queries runs analysts' queries.
type Queries interface {
	// Run gives run a connection of its own on which it runs the sync's query, within the time that queries may take, and then has take
	// read what it left in temp tables there.
	Run(ctx context.Context, s *Sync, run func(context.Context, *warehouse.Conn, warehouse.Scope) error, take func(context.Context, *warehouse.Conn) error) error
}

// Guards holds plans against what may be sent.
type Guards interface {
	// Count counts and hashes the temp table plan.
	Count(ctx context.Context, s *Sync, p *plan.Plan) error
	// Judge fills in the plan's cost, violations and warning.
	Judge(ctx context.Context, s *Sync, p *plan.Plan) error
	// MayPass says whether no guard blocks the plan, or a person let it pass.
	MayPass(ctx context.Context, s *Sync, p *plan.Plan) (bool, error)
	// MayBeApproved says whether a person has let a plan of the sync pass that has not been applied since; it need not be the plan of now.
	MayBeApproved(ctx context.Context, s *Sync) (bool, error)
	// TakesOver says whether removing what others put on a target would need an approval, which is so before any run has ended well on it.
	TakesOver(ctx context.Context, s *Sync, target string) (bool, error)
	// CheckQuota returns an error if so many calls would leave the account's other apps too few of the day's calls.
	CheckQuota(calls int64) error
	// IsFatal reports whether every further call would fail with err as well.
	IsFatal(err error) bool
}

// Ledger writes to the control tables, under the lease. Nothing writes to them otherwise.
type Ledger interface {
	// Write runs do, a step of the run, in one transaction on Env.Conn that holds only if the lease does, together with the calls that the
	// syncs have made since the last time. do must be free to run again. The caller's cancellation does not reach it.
	Write(ctx context.Context, step string, syncs []*Sync, do func(context.Context) error) error
	// Reconcile sets the states that the temp table rollcall_reconciled has for changes to target whose answer was lost, and runs then, in one
	// transaction. $now of then is when they were reconciled.
	Reconcile(ctx context.Context, target string, then func(ctx context.Context, now time.Time) error) error
	// NoteDrift writes the number of drift records to the run's row, in a transaction of Write.
	NoteDrift(ctx context.Context, s *Sync, drift int64) error
	// CountTries writes to rollcall.rejects that HubSpot was asked once more, and when it is asked again, in a transaction of the ledger such as that of
	// Kind.Record. The temp table rollcall_tried has the rejects: key, reason, values_hash (of what was tried: the same value means the same try) and
	// detail (NULL: the detail stays). Those of the reason refused become rejects where they are none yet.
	CountTries(ctx context.Context, s *Sync) error
	// EndRefused ends the rejects of the reason refused whose change is done by the temp table outcomes, in a transaction as that of CountTries.
	EndRefused(ctx context.Context, s *Sync) error
}

// NothingMore is a step that does nothing, for kinds whose ledger holds nothing but the changes.
func NothingMore(context.Context, time.Time) error { return nil }
