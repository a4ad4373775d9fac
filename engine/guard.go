package engine

import (
	"context"
	"errors"

	"rollcall/engine/kind"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// Count counts and hashes the temp table plan. The hash is the same for the same changes to the same target alone: by it
// approvals and later runs know a plan again.
func (x *execution) Count(ctx context.Context, _ *kind.Sync, p *plan.Plan) error {
	if err := x.conn.ReadRow(ctx, queries.CountPlan, nil, &p.Add, &p.Remove, &p.Update, &p.Entered, &p.Restored, &p.Left, &p.Foreign, &p.Undone, &p.Batches); err != nil {
		return err
	}
	if p.ObjectType != "" || p.Association != "" {
		return x.conn.ReadRow(ctx, queries.HashValues, warehouse.Args{"sync": p.Sync, "list": p.Target()}, &p.Hash)
	}
	return x.conn.ReadRow(ctx, queries.HashPlan, warehouse.Args{"sync": p.Sync, "list": p.Target()}, &p.Hash)
}

// Judge holds the plan against the row's guards, the account's daily share and earlier runs, and fills in its cost, violations and warning.
func (x *execution) Judge(ctx context.Context, s *kind.Sync, p *plan.Plan) error {
	p.Cost = cost(s, p)
	before, err := x.readEarlierRuns(ctx, s, p.Target())
	if err != nil {
		return err
	}
	p.Violations = plan.Guard(x.limits(s), p, before)
	if p.Undoes == "" {
		p.Warning = plan.Shrunk(p.Desired, before.Keys)
	}
	// The quota is a guard here, and not an error: the plan is known, and an approval lets it pass.
	var share *DailyShareError
	if errors.As(x.CheckQuota(p.Cost.Calls), &share) && p.Cost.Calls > 0 {
		p.Violations = append(p.Violations, plan.Violation{Guard: "max_daily_share", Message: share.Error()})
	}
	return nil
}

// TakesOver says whether a run on the target would be the first of a row that removes what others put there, and may not;
// see kind.Guards.
func (x *execution) TakesOver(ctx context.Context, s *kind.Sync, target string) (bool, error) {
	before, err := x.readEarlierRuns(ctx, s, target)
	return err == nil && plan.TakesOver(x.limits(s), before), err
}

// readEarlierRuns returns what the ledger has of the sync and of a target. The ledger is read once an execution, for all
// syncs; noteEnd keeps up with what the execution itself does.
func (x *execution) readEarlierRuns(ctx context.Context, s *kind.Sync, target string) (plan.EarlierRuns, error) {
	if x.keysBefore == nil {
		if err := x.loadEarlierRuns(ctx); err != nil {
			return plan.EarlierRuns{}, err
		}
	}
	before := plan.EarlierRuns{Keys: x.keysBefore[s.Spec.Name], Taken: x.taken[target]}
	if s.Spec.Kind == syncspec.Association { // several syncs link records of two types, each others': what counts is that the sync itself has run
		before.Taken = x.taken[s.Spec.Name+" "+target]
	}
	return before, nil
}

// loadEarlierRuns fills in keysBefore and taken.
func (x *execution) loadEarlierRuns(ctx context.Context) error {
	keys, taken := map[string]int64{}, map[string]bool{}
	err := x.conn.ReadRows(ctx, queries.ReadEarlierRuns, nil, func(scan func(...any) error) error {
		var sync, target string
		var n int64
		err := scan(&sync, &target, &n)
		switch {
		case target == "":
			keys[sync] = n
		case sync == "":
			taken[target] = true
		default:
			taken[sync+" "+target] = true
		}
		return err
	})
	if err == nil {
		x.keysBefore, x.taken = keys, taken
	}
	return err
}

// noteEnd notes a run that has ended well on its list, so that a later sync of the same execution is not held to take it
// over.
func (x *execution) noteEnd(run *Run) {
	if x.taken != nil && (run.Status == Succeeded || run.Status == Partial) && run.Undoes == "" && !run.DryRun && run.ListID != "" {
		x.taken[run.ListID] = true
	}
}

// limits returns what the guards of the sync's row allow, under the ceilings of the settings.
func (x *execution) limits(s *kind.Sync) plan.Limits {
	return plan.Limits{Spec: s.Spec, Ceilings: x.engine.config.Ceilings}
}

// MayPass says whether no guard blocks the plan, or a person let it pass. It only looks: RecordIntent uses the approval
// up.
func (x *execution) MayPass(ctx context.Context, _ *kind.Sync, p *plan.Plan) (bool, error) {
	if len(p.Violations) == 0 {
		return true, nil
	}
	approvedRun, err := x.approval(ctx, p)
	return approvedRun != "", err
}

// approval returns the blocked run whose approval covers the plan, "" where there is none. A plan that no guard stops
// needs none, but where it removes what an approved plan that was cut short had still to remove, it is the rest of that
// plan, and is recorded under the same approval.
func (x *execution) approval(ctx context.Context, p *plan.Plan) (approvedRun string, err error) {
	if len(p.Violations) == 0 && p.Remove == 0 && !p.MakesList() {
		return "", nil
	}
	var fresh int64
	if err := x.conn.ReadRow(ctx, queries.CountFresh, warehouse.Args{"now": x.engine.now()}, &fresh); err != nil || fresh == 0 {
		return "", err
	}
	tooFewKeys, tooManyChanges := any(nil), any(nil)
	if p.Breaks(plan.TooFew) {
		tooFewKeys = p.Keys
	}
	if p.Breaks(plan.TooMany) {
		tooManyChanges = p.Changes()
	}
	if p.ObjectType != "" {
		return x.approvalOfValues(ctx, p)
	}
	find, about := queries.FindApproval, warehouse.Args{
		"sync": p.Sync, "undoes": warehouse.NullText(p.Undoes), "now": x.engine.now(), "begun": len(p.Violations) == 0, "too_few": tooFewKeys, "too_many": tooManyChanges,
	}
	if p.Association != "" {
		find, about["target"] = queries.FindApprovalOfLinks, p.Target()
	} else {
		about["list_id"], about["list_name"] = warehouse.NullText(p.ListID), p.ListName
	}
	err = x.conn.ReadRow(ctx, find, about, &approvedRun)
	if errors.Is(err, warehouse.ErrNoRows) {
		return "", nil
	}
	return approvedRun, err
}

// MayBeApproved says whether an approval of the sync counts, whichever plan it covers; see kind.Guards.
func (x *execution) MayBeApproved(ctx context.Context, s *kind.Sync) (bool, error) {
	now := warehouse.Args{"now": x.engine.now()}
	var n int64
	if err := x.conn.ReadRow(ctx, queries.CountFresh, now, &n); err != nil || n == 0 {
		return false, err
	}
	now["sync"], now["undoes"] = s.Spec.Name, warehouse.NullText(s.Undoes)
	err := x.conn.ReadRow(ctx, queries.CountApprovals, now, &n)
	return n > 0, err
}

// approvalOfValues is the blocked run whose approval covers a plan of records: each of its changes, with its values, was in that run's plan.
func (x *execution) approvalOfValues(ctx context.Context, p *plan.Plan) (approvedRun string, err error) {
	err = x.conn.ReadRow(ctx, queries.FindApprovalOfValues, warehouse.Args{"sync": p.Sync, "undoes": warehouse.NullText(p.Undoes), "now": x.engine.now()}, &approvedRun)
	if errors.Is(err, warehouse.ErrNoRows) {
		return "", nil
	}
	return approvedRun, err
}
