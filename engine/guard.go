package engine

import (
	"context"
	"errors"

	"rollcall/engine/plan"
)

// judge holds the plan against the row's guards, the account's daily share and earlier runs, and fills in its violations and warning.
func (s *session) judge(ctx context.Context, p *plan.Plan) error {
	before, err := s.readEarlierRuns(ctx, p.ListID)
	if err != nil {
		return err
	}
	p.Violations = plan.Guard(s.limits(), p, before)
	if p.Undoes == "" {
		p.Warning = plan.Shrunk(p.Desired, before.Keys)
	}
	var share *DailyShareError
	if errors.As(s.checkQuota(p.Cost.Calls), &share) && p.Cost.Calls > 0 {
		p.Violations = append(p.Violations, plan.Violation{Guard: "max_daily_share", Message: share.Error()})
	}
	return nil
}

// readEarlierRuns returns what the ledger has of the session's sync and of a list. The ledger is read once a round.
func (s *session) readEarlierRuns(ctx context.Context, listID string) (plan.EarlierRuns, error) {
	if s.keysBefore == nil {
		if err := s.loadEarlierRuns(ctx); err != nil {
			return plan.EarlierRuns{}, err
		}
	}
	return plan.EarlierRuns{Keys: s.keysBefore[s.spec.Name], Taken: s.taken[listID]}, nil
}

// loadEarlierRuns fills in keysBefore and taken.
func (r *round) loadEarlierRuns(ctx context.Context) error {
	keys, taken := map[string]int64{}, map[string]bool{}
	err := r.conn.ReadRows(ctx, queries.ReadEarlierRuns, nil, func(scan func(...any) error) error {
		var sync, listID string
		var n int64
		err := scan(&sync, &listID, &n)
		if listID != "" {
			taken[listID] = true
		} else {
			keys[sync] = n
		}
		return err
	})
	if err == nil {
		r.keysBefore, r.taken = keys, taken
	}
	return err
}

// noteEnd tells the round of a run that has ended well on its list.
func (r *round) noteEnd(run *Run) {
	if r.taken != nil && (run.Status == Succeeded || run.Status == Partial) && run.Undoes == "" && !run.DryRun && run.ListID != "" {
		r.taken[run.ListID] = true
	}
}

// limits are what the guards of the session's row allow.
func (s *session) limits() plan.Limits {
	return plan.Limits{Spec: s.spec, Ceilings: s.engine.config.Ceilings}
}
