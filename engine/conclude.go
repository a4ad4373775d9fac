package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/engine/ledger"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// BlockedError says which guards a plan breaks. Nothing was sent; the plan is in the ledger. Callers find it by
// errors.As: the run's status is BLOCKED and the exit code 4.
type BlockedError struct {
	RunID      string
	PlanRunID  string // whose changes in the ledger are the plan: RunID, or an earlier run that came to the same plan
	Violations []plan.Violation
	// ForbidTakeover says that no row may allow a take-over.
	ForbidTakeover bool
}

// Error names every guard.
func (e *BlockedError) Error() string { return "blocked by a guard: " + plan.Describe(e.Violations) }

// Hint says how to look at the plan and how to let it pass.
func (e *BlockedError) Hint() string {
	hint := fmt.Sprintf("nothing was sent; see rollcall.changes for run %s; if it is right, let it pass once: rollcall approve %s", e.PlanRunID, e.RunID)
	if slices.ContainsFunc(e.Violations, func(v plan.Violation) bool { return v.Guard == plan.Takeover }) && !e.ForbidTakeover {
		hint += "; where the control database does not outlive the run, set allow_takeover = true in the row"
	}
	return hint
}

// tally is what the answers to a run's changes come to.
type tally struct{ added, removed, updated, already, missing, notAdded, failed, unknown, planned, net int64 }

// conclude fills in how the run ended: counts, status, detail, error and hint of its row. It writes nothing. ended is why
// the run ended early; the error returned means that the ledger could not be read. The counts are read from the ledger
// and not kept on the way, so that they are what the ledger says whichever batches were recorded.
func (r *runner) conclude(ctx context.Context, s *syncRun, ended error) error {
	run := &s.Run
	keep := context.WithoutCancel(ctx)
	var t tally
	if run.Plan != nil && run.Plan.Changes() > 0 {
		if err := r.conn.ReadRow(keep, queries.CountChanges, warehouse.Args{"run_id": run.RunID},
			&t.added, &t.removed, &t.updated, &t.already, &t.missing, &t.notAdded, &t.failed, &t.unknown, &t.planned, &t.net); err != nil {
			return err
		}
	}
	if run.Plan != nil {
		run.Added, run.Removed, run.Missing = &t.added, &t.removed, &t.missing
		if run.Plan.ObjectType != "" {
			run.Updated, run.Unchanged = &t.updated, &run.Plan.Unchanged
		}
		if t.unknown == 0 && !hubspot.IsNotFound(ended) { // a list that is gone has no members
			if final := r.execution.kindOf(s.sync).Final(s.sync, run.Plan, t.net); final >= 0 {
				run.Final = &final
			}
		}
		if run.Verified {
			run.Final = &s.measured
		}
	}
	run.Status = status(ctx, run, t, ended)
	run.Invalid = invalid(ended)
	run.Detail = detail(s, t)
	// A warning is for runs that went well: an error says more.
	if ended == nil && run.Plan != nil {
		run.Warning = run.Plan.Warning
	}
	switch {
	case ended != nil:
		run.Error, run.Hint = hint.OneLine(ended), hint.Of(ended)
		switch {
		case run.Hint != "":
		case run.Invalid:
			run.Hint = "fix the row, then: rollcall check " + syncspec.ShowName(run.Sync)
		case run.Status == Interrupted:
			run.Hint = "run it again: the next run continues from what the list shows"
		}
	case run.Status == Partial:
		run.Hint = fmt.Sprintf("see why: rollcall sql -c \"FROM rollcall.changes WHERE run_id = '%s' AND state IN ('missing', 'failed')\"", run.RunID)
	case run.Undoes != "":
		run.Hint = redoing(run)
	}
	return nil
}

// status returns how the run ended. A lost lease is a failure, though it ends ctx: no one has interrupted the run.
func status(ctx context.Context, run *Run, t tally, ended error) Status {
	var blocked *BlockedError
	switch {
	case errors.As(ended, &blocked):
		return Blocked
	case ended != nil && ctx.Err() != nil && !errors.Is(context.Cause(ctx), ledger.ErrLeaseLost):
		return Interrupted
	case ended != nil:
		return Failed
	case run.DryRun:
		return DryRun
	case t.failed+t.unknown+t.notAdded > 0:
		return Partial
	}
	return Succeeded
}

// detail says in a sentence what happened: the column detail of the run's row, for people.
func detail(s *syncRun, t tally) string {
	run := &s.Run
	p := run.Plan
	if p == nil {
		return ""
	}
	var parts []string
	if run.Undoes != "" {
		parts = append(parts, undid(run))
	}
	say := func(n int64, one, many string) {
		if n > 0 {
			parts = append(parts, hint.Counted(n, one, many))
		}
	}
	if p.Follows != "" {
		parts = append(parts, p.Follows)
	}
	if run.MadeList {
		parts = append(parts, fmt.Sprintf("made list %s %q", run.ListID, p.ListName))
	}
	switch {
	case run.Status == DryRun || run.Status == Blocked:
		parts = append(parts, "would "+p.Intent())
		if run.Status == DryRun && len(p.Violations) > 0 {
			parts = append(parts, "a guard would block it: "+plan.Describe(p.Violations))
		}
	case p.Changes() == 0:
		parts = append(parts, "nothing to do")
	case p.ObjectType != "":
		parts = append(parts, fmt.Sprintf("created %d, updated %d, left %d unchanged", t.added, t.updated, p.Unchanged))
		if p.Remove > 0 {
			parts = append(parts, fmt.Sprintf("archived or cleared %d", t.removed))
		}
	case p.Association != "":
		parts = append(parts, fmt.Sprintf("linked %d, unlinked %d", t.added, t.removed))
	default:
		parts = append(parts, fmt.Sprintf("added %d, removed %d", t.added, t.removed))
	}
	if run.Status != DryRun && run.Status != Blocked {
		say(t.already, "held already", "held already")
		say(t.failed, "refused", "refused")
		say(t.unknown, "without an answer", "without an answer")
		say(t.planned, "not sent", "not sent")
		say(t.missing, "record ID that HubSpot does not know", "record IDs that HubSpot does not know")
	}
	if run.Drift != nil && *run.Drift > 0 {
		parts = append(parts, fmt.Sprintf("drift: %d", *run.Drift))
	}
	for _, changed := range []string{p.Changing(), s.readBack} {
		if changed != "" {
			parts = append(parts, changed)
		}
	}
	say(p.Unmatched, "key without a record", "keys without a record")
	say(p.Invalid, "invalid key", "invalid keys")
	return strings.Join(parts, "; ")
}
