package engine

import (
	"context"
	"errors"
	"maps"
	"time"

	"rollcall/engine/hubspot"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
)

// Status is the status of a run.
type Status string

// The statuses of a run.
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
	Added       *int64     `json:"n_added"`
	Removed     *int64     `json:"n_removed"`
	Missing     *int64     `json:"n_missing"`
	Final       *int64     `json:"n_final"`
	Drift       *int64     `json:"n_drift"`            // records found on the list, or off it, by another's hand; nil where it was not compared
	Verified    bool       `json:"verified,omitempty"` // the list was read back at the end
	APICalls    int64      `json:"api_calls"`
	APIRetries  int64      `json:"api_retries"`
	Seconds     float64    `json:"seconds"` // spent on this sync alone, without what is done for all syncs of a run together
	// NextRunAt is when a run without names takes the sync next; nil: the next one does.
	NextRunAt *time.Time `json:"next_run_at"`
	// HeldRunner says that the query went on when its time was over, so that the runner ended itself.
	HeldRunner bool `json:"held_runner,omitempty"`
	// Invalid says that the row itself has to be mended before the sync can run.
	Invalid bool `json:"invalid,omitempty"`

	FinishedAt time.Time `json:"finished_at"`
	query      string
	measured   int64  // members of the list that was read back
	readBack   string // what a list that was read back in part leaves open
}

// ledgerTime bounds one transaction on the ledger: long enough for a million changes, short enough to be noticed.
const ledgerTime = 10 * time.Minute

// ledger writes to the control tables, under the lease.
type ledger struct {
	lease     *lease
	now       func() time.Time
	runner    string
	version   string
	failpoint func(step string)

	approvalTTL time.Duration // how long an approval counts
}

// closeCrashed closes the runs of runners that have crashed. The changes that they had sent become unknown; the next run of the
// sync reconciles them with the list.
func (l *ledger) closeCrashed(ctx context.Context, conn *warehouse.Conn) error {
	crashed, err := readIDs(ctx, conn, queries.FindCrashed, warehouse.Args{"epoch": l.lease.epoch})
	if err != nil || len(crashed) == 0 {
		return err
	}
	now := l.now()
	return l.write(ctx, conn, "close crashed runs", func(ctx context.Context) error {
		if _, err := conn.Exec(ctx, queries.InterruptChanges, warehouse.Args{"runs": crashed, "now": now}); err != nil {
			return err
		}
		n, err := conn.Exec(ctx, queries.InterruptRuns, warehouse.Args{
			"runs": crashed, "now": now,
			"detail": "the runner stopped without a word: killed, or its machine was, or it could no longer write the ledger",
			"hint":   "run it again: the next run goes on from what the list shows", "uncounted": hubspot.TokenOperation,
		})
		if err != nil || n == 0 {
			return err
		}
		_, err = conn.Exec(ctx, queries.RecountRuns, warehouse.Args{"runs": crashed})
		return err
	})
}

// begin writes the rows of runs.
func (l *ledger) begin(ctx context.Context, conn *warehouse.Conn, turns []*turn) error {
	if err := stageRuns(context.WithoutCancel(ctx), conn, turns); err != nil {
		return err
	}
	return l.write(ctx, conn, "begin runs", func(ctx context.Context) error {
		if err := completeApprovals(ctx, conn, l.now(), l.approvalTTL); err != nil {
			return err
		}
		_, err := conn.Exec(ctx, queries.BeginRuns, warehouse.Args{"runner": l.runner, "version": l.version, "epoch": l.lease.epoch})
		return err
	})
}

// stageRuns loads the rows of runs that are about to begin into the temp table rollcall_begun.
func stageRuns(ctx context.Context, conn *warehouse.Conn, turns []*turn) error {
	if err := conn.ExecAll(ctx, queries.StageRuns); err != nil {
		return err
	}
	load := conn.Loader("rollcall_begun")
	for _, t := range turns {
		r := &t.run
		r.QuerySHA256 = t.row.QuerySHA256()
		if err := load.Add(r.RunID, r.RunAt, r.Sync, "list", r.query, r.QuerySHA256, r.DryRun, nullString(r.Undoes), nullString(t.row.Schedule), nullString(t.row.RowSHA256), nullString(t.row.RowJSON)); err != nil {
			return err
		}
	}
	return load.Flush()
}

// cacheAnswers stores HubSpot's answers about keys for the next rounds, and writes the calls that were made so far. Where there are no new
// answers it writes nothing.
func (l *ledger) cacheAnswers(ctx context.Context, r *round) error {
	var uncached int64
	if err := r.conn.ReadRow(context.WithoutCancel(ctx), queries.CountUncached, nil, &uncached); err != nil || uncached == 0 {
		return err
	}
	var callers []caller
	for _, s := range r.sessions {
		callers = append(callers, s.caller())
	}
	return l.writeWithCalls(ctx, r.conn, "cache answers", callers, func(ctx context.Context) error {
		if _, err := r.conn.Exec(ctx, queries.EvictIdentities, warehouse.Args{"before": l.now().Add(-identitiesKept)}); err != nil {
			return err
		}
		_, err := r.conn.Exec(ctx, queries.CacheAnswers, warehouse.Args{"now": l.now()})
		return err
	})
}

// identitiesKept is the age at which a cached answer is too old for every setting.
const identitiesKept = 30 * 24 * time.Hour

// recordPlan writes a plan that is not to be sent. One that an earlier run left in the ledger just as it is, is not written again: the run
// refers to it by its PlanRunID.
func (l *ledger) recordPlan(ctx context.Context, s *session, r *Run, p *plan.Plan) error {
	conn := s.conn
	if p.Add+p.Remove > 0 {
		err := conn.ReadRow(ctx, queries.FindSamePlan, warehouse.Args{"sync": r.Sync, "plan_hash": p.Hash, "undoes": nullString(r.Undoes)}, &r.PlanRunID)
		if err != nil && !errors.Is(err, warehouse.ErrNoRows) {
			return err
		}
	}
	if err := stagePlans(context.WithoutCancel(ctx), conn, r); err != nil {
		return err
	}
	return l.write(ctx, conn, "record plan", func(ctx context.Context) error { return l.writePlan(ctx, s, r, p) })
}

// recordIntent writes a plan before it is sent, its first batch as sent unless the list is made before that, and updates rollcall.members to the
// list's members. If the plan needs an approval, the same transaction uses it up.
func (l *ledger) recordIntent(ctx context.Context, s *session, r *Run, p *plan.Plan) error {
	conn := s.conn
	defer s.writesMembers()
	if err := stagePlans(context.WithoutCancel(ctx), conn, r); err != nil {
		return err
	}
	return l.writeWithCalls(ctx, conn, "record intent", []caller{s.caller()}, func(ctx context.Context) error {
		if r.ApprovedRun != "" {
			if err := completeApprovals(ctx, conn, l.now(), l.approvalTTL); err != nil {
				return err
			}
			if _, err := conn.Exec(ctx, queries.UseApproval, warehouse.Args{"run_id": r.RunID, "sync": r.Sync, "undoes": nullString(r.Undoes), "now": l.now()}); err != nil {
				return err
			}
		}
		if err := l.writePlan(ctx, s, r, p); err != nil || p.MakesList() {
			return err
		}
		if err := l.adopt(ctx, s, r, p); err != nil {
			return err
		}
		return l.markBatch(ctx, conn, r, min(1, p.Batches))
	})
}

// nameList writes which list the run has made for its changes, and that the first batch of them may reach HubSpot from now on.
func (l *ledger) nameList(ctx context.Context, s *session, r *Run) error {
	return l.write(ctx, s.conn, "name list", func(ctx context.Context) error {
		for _, name := range []warehouse.NamedQuery{queries.NameListOfRun, queries.NameListOfChanges} {
			if _, err := s.conn.Exec(ctx, name, warehouse.Args{"run_id": r.RunID, "list_id": r.ListID}); err != nil {
				return err
			}
		}
		if err := l.knowList(ctx, s, r); err != nil {
			return err
		}
		return l.markBatch(ctx, s.conn, r, min(1, r.Plan.Batches))
	})
}

// knowList writes that the session's row means its list, where nothing is known of the list.
func (l *ledger) knowList(ctx context.Context, s *session, r *Run) error {
	if _, known := s.cachedLists[s.list.ID]; known {
		return nil
	}
	n, err := s.conn.Exec(ctx, queries.KnowList, warehouse.Args{
		"list_id": s.list.ID, "list_name": nullString(s.list.Name), "known_as": nullString(s.spec.ListName), "object_type_id": s.list.ObjectType.ID, "run_id": r.RunID,
	})
	s.names[s.list.ID] = listNames{s.list.Name, s.spec.ListName}
	if err == nil && n > 0 && s.spec.ListName != "" {
		_, err = s.conn.Exec(ctx, queries.PassName, warehouse.Args{"list_id": s.list.ID, "name": s.spec.ListName})
	}
	return err
}

// writePlan writes the staged plan's counts, its changes as planned unless an earlier run has them, and which rejects are new or no longer stand.
func (l *ledger) writePlan(ctx context.Context, s *session, r *Run, p *plan.Plan) error {
	conn := s.conn
	if err := conn.ExecAll(ctx, queries.RecordPlans); err != nil {
		return err
	}
	if s.due.rejects { // undoing a run asks for no keys
		for _, name := range []warehouse.NamedQuery{queries.EndRejects, queries.BeginRejects} {
			if _, err := conn.Exec(ctx, name, warehouse.Args{"run_id": r.RunID, "sync": r.Sync}); err != nil {
				return err
			}
		}
	}
	if p.Add+p.Remove == 0 || r.PlanRunID != "" {
		return nil
	}
	_, err := conn.Exec(ctx, queries.RecordChanges, warehouse.Args{"run_id": r.RunID, "sync": r.Sync, "list_id": nullString(p.ListID), "now": l.now(), "after": 0})
	return err
}

// adopt brings rollcall.members in step with what was found on the list. What is cached of the list holds no longer from here on,
// until the run has seen its end.
func (l *ledger) adopt(ctx context.Context, s *session, r *Run, p *plan.Plan) error {
	named := warehouse.Args{"run_id": r.RunID, "sync": r.Sync, "list_id": p.ListID, "now": l.now()}
	if !p.Empty() || !s.atRest() {
		s.invalidated[p.ListID] = true
		if _, err := s.conn.Exec(ctx, queries.InvalidateList, warehouse.Args{"list_id": p.ListID}); err != nil {
			return err
		}
		if err := l.knowList(ctx, s, r); err != nil {
			return err
		}
	}
	if s.due.adoption {
		if _, err := s.conn.Exec(ctx, queries.AdoptForeign, named); err != nil {
			return err
		}
	}
	if !s.due.members {
		return nil // rollcall.members is what was found
	}
	if !s.inPart() {
		if _, err := s.conn.Exec(ctx, queries.DeleteMembers, warehouse.Args{"list_id": p.ListID}); err != nil {
			return err
		}
	}
	found := warehouse.Args{"own": p.Adopts()}
	maps.Copy(found, named)
	n, err := s.conn.Exec(ctx, queries.AdoptMembers, found)
	if err != nil || n == 0 {
		return err
	}
	return nameMembers(ctx, s, r)
}

// reconcile writes the states that the temp table rollcall_reconciled has for changes whose answer was lost.
func (l *ledger) reconcile(ctx context.Context, conn *warehouse.Conn, listID string) error {
	now := l.now()
	return l.write(ctx, conn, "reconcile changes", func(ctx context.Context) error {
		runs, err := readIDs(ctx, conn, queries.FindReconciled, nil)
		if err != nil || len(runs) == 0 {
			return err
		}
		n, err := conn.Exec(ctx, queries.ReconcileChanges, warehouse.Args{"now": now})
		if err != nil || n == 0 {
			return err
		}
		if _, err := conn.Exec(ctx, queries.ReconcileJoined, warehouse.Args{"list_id": listID, "now": now}); err != nil {
			return err
		}
		if _, err = conn.Exec(ctx, queries.ReconcileLeft, warehouse.Args{"list_id": listID}); err != nil {
			return err
		}
		_, err = conn.Exec(ctx, queries.RecountRuns, warehouse.Args{"runs": runs})
		return err
	})
}

// markSent says that the batch may reach HubSpot from now on.
func (l *ledger) markSent(ctx context.Context, conn *warehouse.Conn, r *Run, batch int64) error {
	return l.write(ctx, conn, "mark sent", func(ctx context.Context) error { return l.markBatch(ctx, conn, r, batch) })
}

// markBatch is markSent within a transaction; batch 0 is none.
func (l *ledger) markBatch(ctx context.Context, conn *warehouse.Conn, r *Run, batch int64) error {
	if batch == 0 {
		return nil
	}
	_, err := conn.Exec(ctx, queries.MarkSent, warehouse.Args{"run_id": r.RunID, "batch": batch, "now": l.now()})
	return err
}

// markUnsent says that the batch, which was marked as sent, was not sent.
func (l *ledger) markUnsent(ctx context.Context, conn *warehouse.Conn, r *Run, batch int64) error {
	return l.write(ctx, conn, "mark unsent", func(ctx context.Context) error {
		_, err := conn.Exec(ctx, queries.MarkUnsent, warehouse.Args{"run_id": r.RunID, "batch": batch, "now": l.now()})
		return err
	})
}

// recordMore writes the changes that came to the plan while it was applied: those of batches after the given one, the first of them as sent.
func (l *ledger) recordMore(ctx context.Context, conn *warehouse.Conn, r *Run, p *plan.Plan, after int64) error {
	return l.write(ctx, conn, "record more", func(ctx context.Context) error {
		more := warehouse.Args{"run_id": r.RunID, "sync": r.Sync, "list_id": p.ListID, "now": l.now(), "after": after}
		if _, err := conn.Exec(ctx, queries.RecordChanges, more); err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, queries.CountMore, warehouse.Args{"run_id": r.RunID, "n_to_add": p.Add}); err != nil {
			return err
		}
		return l.markBatch(ctx, conn, r, after+1)
	})
}

// excuseMissing writes the outcome for keys whose cached records were deleted: those without a record are rejects now.
func (l *ledger) excuseMissing(ctx context.Context, conn *warehouse.Conn, r *Run, detail string) error {
	return l.write(ctx, conn, "excuse missing", func(ctx context.Context) error {
		if _, err := conn.Exec(ctx, queries.ExcuseMissing, warehouse.Args{"run_id": r.RunID, "reason": "the cached record is gone; its key was looked up again", "now": l.now()}); err != nil {
			return err
		}
		_, err := conn.Exec(ctx, queries.RejectAgain, warehouse.Args{"run_id": r.RunID, "sync": r.Sync, "detail": detail})
		return err
	})
}

// recordOutcomes writes the outcomes of the temp table outcomes, and updates rollcall.members by them; had says what is among them.
func (l *ledger) recordOutcomes(ctx context.Context, s *session, r *Run, p *plan.Plan, had kindsOfOutcome) error {
	conn := s.conn
	defer s.writesMembers()
	return l.writeWithCalls(ctx, conn, "record outcomes", []caller{s.caller()}, func(ctx context.Context) error {
		if _, err := conn.Exec(ctx, queries.RecordOutcomes, warehouse.Args{"run_id": r.RunID, "now": l.now()}); err != nil {
			return err
		}
		if had.joined {
			if _, err := conn.Exec(ctx, queries.JoinMembers, warehouse.Args{"run_id": r.RunID, "sync": r.Sync, "list_id": p.ListID, "now": l.now()}); err != nil {
				return err
			}
		}
		if had.left {
			if _, err := conn.Exec(ctx, queries.LeaveMembers, warehouse.Args{"list_id": p.ListID}); err != nil {
				return err
			}
		}
		if !had.missing {
			return nil
		}
		return conn.ExecAll(ctx, queries.EvictMissing, queries.SkipMissingAnswers)
	})
}

// recordCalls writes calls that belong to no run: those of reading a list only to reconcile its changes.
func (l *ledger) recordCalls(ctx context.Context, conn *warehouse.Conn, s *session) error {
	return l.writeWithCalls(ctx, conn, "record calls", []caller{s.caller()}, func(context.Context) error { return nil })
}

// nullString returns nil, SQL's NULL, for the empty string.
func nullString(s string) any {
	if s == "" {
		return nil
	}
	return s
}
