// Package ledger is the record of what runs did: the lease that one runner holds at a time, runs, changes, rejects, calls, and the journal that keeps
// what HubSpot answered while the database could not be written. It is the only writer of these tables.
//
// In: runs, plans and outcomes as values, and a connection whose temp tables hold a plan and its outcomes. Out: rows of rollcall.*. Every write proves, in its own
// transaction, that the lease is still held.
//
// It may import kind, plan, hint, warehouse and hubspot.
//
// Which file to open:
//
//	ledger.go, finish.go  a run: its beginning, plan, intent, outcomes and end, in the order in which they are written
//	kind.go               the same for kinds, on the connection of their temp tables
//	write.go, lease.go    one transaction under the lease; how the lease is taken, kept and given back
//	calls.go, approval.go what goes along: calls to HubSpot, approvals given by SQL
//	journal.go            outcomes that could not be written, and how the next run takes them in
//	retention.go          what is deleted, and when
//
// The states of a change follow one another so that a kill at any time leaves a true one: planned when the plan is
// recorded, sent in a transaction before the call, and its outcome in one after. What is still sent when the next run
// begins has no answer, and becomes unknown.
package ledger

import (
	"context"
	"errors"
	"time"

	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
)

// Status is the status of a run.
type Status string

// The statuses of a run. RUNNING is written when it begins, every other one once, at its end.
const (
	Running     Status = "RUNNING"
	Succeeded   Status = "SUCCEEDED"
	DryRun      Status = "DRY_RUN"
	Blocked     Status = "BLOCKED"     // by a guard; nothing was sent
	Partial     Status = "PARTIAL"     // finished, with changes that HubSpot did not take
	Failed      Status = "FAILED"      // ended by an error
	Interrupted Status = "INTERRUPTED" // ended by a signal, a deadline or a kill
)

// Run is a row of rollcall.runs: one run of one sync. Counts are nil where the run did not come so far.
type Run struct {
	// A UUID of version 7.
	RunID       string     `json:"run_id"`
	RunAt       time.Time  `json:"run_at"`
	Sync        string     `json:"sync"`
	ListID      string     `json:"list_id,omitempty"`
	ListName    string     `json:"list_name,omitempty"` // the list's name, or the one that the row gives
	Status      Status     `json:"status"`
	Detail      string     `json:"detail,omitempty"`
	Error       string     `json:"error,omitempty"`
	Hint        string     `json:"hint,omitempty"`
	MadeList    bool       `json:"made_list"`         // the run made the list
	Warning     string     `json:"warning,omitempty"` // what should be looked at though the run did not fail
	QuerySHA256 string     `json:"query_sha256"`
	DryRun      bool       `json:"dry_run"`
	Undoes      string     `json:"undoes,omitempty"`       // the run that it undid
	PlanRunID   string     `json:"plan_run_id,omitempty"`  // the earlier run whose changes are this one's plan too; "": its own are
	ApprovedRun string     `json:"approved_run,omitempty"` // the blocked run whose approval let the plan pass
	Plan        *plan.Plan `json:"plan,omitempty"`
	// What HubSpot's answers came to: Final is the size of the set, as they leave it or as it was read back.
	Added      *int64  `json:"n_added"`
	Updated    *int64  `json:"n_updated,omitempty"`   // records whose values were changed; nil for lists
	Unchanged  *int64  `json:"n_unchanged,omitempty"` // records that had the desired values already; nil for lists
	Removed    *int64  `json:"n_removed"`
	Missing    *int64  `json:"n_missing"`
	Final      *int64  `json:"n_final"`
	Drift      *int64  `json:"n_drift"`            // records found on the list, or off it, by another's hand; nil where it was not compared
	Verified   bool    `json:"verified,omitempty"` // the list was read back at the end
	APICalls   int64   `json:"api_calls"`
	APIRetries int64   `json:"api_retries"`
	Seconds    float64 `json:"seconds"` // spent on this sync alone, without what is done for all syncs of a run together
	// NextRunAt is when a run without names takes the sync next; nil: the next one does.
	NextRunAt *time.Time `json:"next_run_at"`
	// HeldRunner says that the query continued when its time was over, so that the runner ended itself.
	HeldRunner bool `json:"held_runner,omitempty"`
	// Invalid says that the row itself has to be mended before the sync can run.
	Invalid bool `json:"invalid,omitempty"`

	FinishedAt time.Time `json:"finished_at"`
}

// Entry is a run to be written to the ledger, with what its row and its calls add to it.
type Entry struct {
	Run   Run
	Kind  string // of the sync; empty: the row names none that there is
	Query string
	// Schedule, RowSHA256 and RowJSON are of the row as it was when the run began; empty: it has none.
	Schedule, RowSHA256, RowJSON string

	Calls      *kind.CallLog
	RejectsDue bool // keys have become rejects, or are none any more
	Quiet      bool // it has sent nothing, and written nothing but its beginning; its end can wait for others
}

// caller returns whose calls those of the run are.
func (t *Entry) caller() caller { return caller{t.Run.RunID, t.Run.Sync, t.Calls} }

// ledgerTime bounds one transaction on the ledger: long enough for a million changes, short enough to be noticed.
const ledgerTime = 10 * time.Minute

// Ledger writes to the control tables, under the lease.
// Its transactions come one after another, by the lock of its lease; the heartbeat waits for them.
type Ledger struct {
	Lease     *Lease
	Now       func() time.Time
	Runner    string            // who runs
	Version   string            // of the program
	Failpoint func(step string) // called before and after every transaction, with its name

	ApprovalTTL time.Duration // how long an approval counts
}

// CloseCrashed closes the runs of runners that have crashed: those that are RUNNING with a smaller epoch than this
// lease's, which no one can write to any more. The changes that they had sent become unknown; the next run of the sync
// reconciles them with the list. The journal must have been taken in before, since it knows the answers to some of them.
func (l *Ledger) CloseCrashed(ctx context.Context, conn *warehouse.Conn) error {
	crashed, err := readIDs(ctx, conn, queries.FindCrashed, warehouse.Args{"epoch": l.Lease.Epoch})
	if err != nil || len(crashed) == 0 {
		return err
	}
	now := l.Now()
	return l.write(ctx, conn, "close crashed runs", func(ctx context.Context) error {
		if _, err := conn.Exec(ctx, queries.InterruptChanges, warehouse.Args{"runs": crashed, "now": now}); err != nil {
			return err
		}
		n, err := conn.Exec(ctx, queries.InterruptRuns, warehouse.Args{
			"runs": crashed, "now": now,
			"detail": "the runner stopped without a word: killed, or its machine was, or it could no longer write the ledger",
			"hint":   "run it again: the next run continues from what the list shows", "uncounted": hubspot.TokenOperation,
		})
		if err != nil || n == 0 {
			return err
		}
		_, err = conn.Exec(ctx, queries.RecountRuns, warehouse.Args{"runs": crashed})
		return err
	})
}

// Begin writes the rows of runs, as RUNNING, before anything is done for them. Approvals given by SQL are completed with
// it, so that their time begins at the latest now.
func (l *Ledger) Begin(ctx context.Context, conn *warehouse.Conn, entries []*Entry) error {
	if err := stageRuns(context.WithoutCancel(ctx), conn, entries); err != nil {
		return err
	}
	return l.write(ctx, conn, "begin runs", func(ctx context.Context) error {
		if err := CompleteApprovals(ctx, conn, l.Now(), l.ApprovalTTL); err != nil {
			return err
		}
		_, err := conn.Exec(ctx, queries.BeginRuns, warehouse.Args{"runner": l.Runner, "version": l.Version, "epoch": l.Lease.Epoch})
		return err
	})
}

// stageRuns loads the rows of runs that are about to begin into the temp table rollcall_begun.
func stageRuns(ctx context.Context, conn *warehouse.Conn, entries []*Entry) error {
	if err := conn.ExecAll(ctx, queries.StageRuns); err != nil {
		return err
	}
	load := conn.Loader("rollcall_begun")
	for _, t := range entries {
		r := &t.Run
		if err := load.Add(r.RunID, r.RunAt, r.Sync, warehouse.NullText(t.Kind), t.Query, r.QuerySHA256, r.DryRun, warehouse.NullText(r.Undoes), warehouse.NullText(t.Schedule), warehouse.NullText(t.RowSHA256), warehouse.NullText(t.RowJSON)); err != nil {
			return err
		}
	}
	return load.Flush()
}

// RecordPlan writes a plan that is not to be sent: of a dry run, or one that a guard blocks. One that an earlier run left
// in the ledger just as it is, is not written again: the run refers to it by its PlanRunID, so that a sync that stays
// blocked does not fill the ledger.
func (l *Ledger) RecordPlan(ctx context.Context, conn *warehouse.Conn, t *Entry) error {
	r, p := &t.Run, t.Run.Plan
	if p.Changes() > 0 {
		err := conn.ReadRow(ctx, queries.FindSamePlan, warehouse.Args{"sync": r.Sync, "plan_hash": p.Hash, "undoes": warehouse.NullText(r.Undoes)}, &r.PlanRunID)
		if err != nil && !errors.Is(err, warehouse.ErrNoRows) {
			return err
		}
	}
	if err := stagePlans(context.WithoutCancel(ctx), conn, r); err != nil {
		return err
	}
	return l.write(ctx, conn, "record plan", func(ctx context.Context) error { return l.writePlan(ctx, conn, t) })
}

// RecordIntent writes a plan before it is sent, its first wave of batches as sent unless the target is made before that, and what the kind
// writes with it. If the plan needs an approval, the same transaction uses it up.
//
// All of it is one transaction: either the plan is in the ledger, its approval used up and the kind's cache invalid, or
// none of that is so and nothing is sent. The first wave is marked here rather than in a transaction of its own, since
// most plans have one wave.
func (l *Ledger) RecordIntent(ctx context.Context, conn *warehouse.Conn, t *Entry, intend func(context.Context) error) error {
	r, p := &t.Run, t.Run.Plan
	if err := stagePlans(context.WithoutCancel(ctx), conn, r); err != nil {
		return err
	}
	return l.writeWithCalls(ctx, conn, "record intent", []caller{t.caller()}, func(ctx context.Context) error {
		if r.ApprovedRun != "" {
			if err := CompleteApprovals(ctx, conn, l.Now(), l.ApprovalTTL); err != nil {
				return err
			}
			if _, err := conn.Exec(ctx, queries.UseApproval, warehouse.Args{"run_id": r.RunID, "sync": r.Sync, "undoes": warehouse.NullText(r.Undoes), "now": l.Now()}); err != nil {
				return err
			}
		}
		if err := l.writePlan(ctx, conn, t); err != nil {
			return err
		}
		// The changes of a list that is still to be made can't have reached HubSpot: NameTarget marks them.
		if err := intend(ctx); err != nil || p.MakesList() {
			return err
		}
		return l.markWave(ctx, conn, r, r.Plan, 1)
	})
}

// NameTarget writes which list the run has made for its changes, that the first batch of them may reach HubSpot from now on, and what the kind
// writes with it.
func (l *Ledger) NameTarget(ctx context.Context, conn *warehouse.Conn, r *Run, opened func(context.Context) error) error {
	return l.write(ctx, conn, "name list", func(ctx context.Context) error {
		for _, name := range []warehouse.NamedQuery{queries.NameListOfRun, queries.NameListOfChanges} {
			if _, err := conn.Exec(ctx, name, warehouse.Args{"run_id": r.RunID, "list_id": r.ListID}); err != nil {
				return err
			}
		}
		if err := opened(ctx); err != nil {
			return err
		}
		return l.markWave(ctx, conn, r, r.Plan, 1)
	})
}

// writePlan writes the staged plan's counts, its changes as planned unless an earlier run has them, and which rejects are
// new or no longer stand. It runs in the caller's transaction.
func (l *Ledger) writePlan(ctx context.Context, conn *warehouse.Conn, t *Entry) error {
	r, p := &t.Run, t.Run.Plan
	if err := conn.ExecAll(ctx, queries.RecordPlans); err != nil {
		return err
	}
	if t.RejectsDue { // undoing a run asks for no keys
		for _, name := range []warehouse.NamedQuery{queries.EndRejects, queries.BeginRejects} {
			if _, err := conn.Exec(ctx, name, warehouse.Args{"run_id": r.RunID, "sync": r.Sync}); err != nil {
				return err
			}
		}
	}
	if p.Changes() == 0 || r.PlanRunID != "" {
		return nil
	}
	return l.recordChanges(ctx, conn, r, p)
}

// RecordSecondPlan writes a plan that was made while the run's first one was sent, its first wave of batches as sent. The run's row stays as
// the first plan left it.
func (l *Ledger) RecordSecondPlan(ctx context.Context, conn *warehouse.Conn, r *Run, second *plan.Plan) error {
	return l.write(ctx, conn, "record second plan", func(ctx context.Context) error {
		if err := l.recordChanges(ctx, conn, r, second); err != nil {
			return err
		}
		return l.markWave(ctx, conn, r, second, second.FirstBatch())
	})
}

// recordChanges writes the changes of the temp table plan, which is p's, as planned.
func (l *Ledger) recordChanges(ctx context.Context, conn *warehouse.Conn, r *Run, p *plan.Plan) (err error) {
	about := warehouse.Args{"run_id": r.RunID, "sync": r.Sync, "now": l.Now(), "plan": p.Number()}
	if p.ObjectType != "" {
		about["target"] = p.Target()
		_, err = conn.Exec(ctx, queries.RecordValues, about)
		return err
	}
	if p.Association != "" {
		about["target"] = p.Target()
		_, err = conn.Exec(ctx, queries.RecordLinks, about)
		return err
	}
	about["list_id"] = warehouse.NullText(p.ListID)
	_, err = conn.Exec(ctx, queries.RecordChanges, about)
	return err
}

// MarkSent says that the wave of batches that begins with the given one may reach HubSpot from now on. It is committed
// before the first of its calls.
func (l *Ledger) MarkSent(ctx context.Context, conn *warehouse.Conn, r *Run, p *plan.Plan, batch int64) error {
	return l.write(ctx, conn, "mark sent", func(ctx context.Context) error { return l.markWave(ctx, conn, r, p, batch) })
}

// markWave is MarkSent within a transaction. Where the plan has no such batch it does nothing.
func (l *Ledger) markWave(ctx context.Context, conn *warehouse.Conn, r *Run, p *plan.Plan, batch int64) error {
	last := p.WaveFrom(batch)
	if last == 0 {
		return nil
	}
	_, err := conn.Exec(ctx, queries.MarkSent, warehouse.Args{"run_id": r.RunID, "batch": batch, "last": last, "now": l.Now()})
	return err
}

// MarkUnsent says that the wave that begins with the given batch, which was marked as sent, was not sent: the run ended
// in between. Without it the next run would have to settle changes of which nothing needs to be found out.
func (l *Ledger) MarkUnsent(ctx context.Context, conn *warehouse.Conn, r *Run, p *plan.Plan, batch int64) error {
	return l.write(ctx, conn, "mark unsent", func(ctx context.Context) error {
		_, err := conn.Exec(ctx, queries.MarkUnsent, warehouse.Args{"run_id": r.RunID, "batch": batch, "last": p.WaveFrom(batch), "now": l.Now()})
		return err
	})
}

// RecordOutcomes writes the outcomes of the temp table outcomes, and what the kind writes with them, so that the ledger's
// changes and what it has of the set never differ.
func (l *Ledger) RecordOutcomes(ctx context.Context, conn *warehouse.Conn, t *Entry, record func(context.Context) error) error {
	return l.writeWithCalls(ctx, conn, "record outcomes", []caller{t.caller()}, func(ctx context.Context) error {
		if _, err := conn.Exec(ctx, queries.RecordOutcomes, warehouse.Args{"run_id": t.Run.RunID, "now": l.Now()}); err != nil {
			return err
		}
		return record(ctx)
	})
}

// StageOutcomes makes the temp table outcomes, without rows, before the calls of a wave: what can fail is done before
// something is sent.
func StageOutcomes(ctx context.Context, conn *warehouse.Conn) error {
	return conn.ExecAll(ctx, queries.StageOutcomes)
}

// LoadOutcomes fills the temp table outcomes. It takes no context: the answers are there, and have to be kept.
func LoadOutcomes(conn *warehouse.Conn, outcomes []plan.Outcome) error {
	load := conn.Loader("outcomes")
	for _, o := range outcomes {
		if err := load.Add(o.N, o.Action, nullNumber(o.RecordID), o.State, warehouse.NullText(o.Reason)); err != nil {
			return err
		}
	}
	return load.Flush()
}
