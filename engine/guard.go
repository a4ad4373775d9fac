package engine

import (
	"context"
	"errors"

	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
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

// readEarlierRuns reads the earlier runs of the session's sync and of a list.
func (s *session) readEarlierRuns(ctx context.Context, listID string) (before plan.EarlierRuns, err error) {
	err = s.conn.ReadRow(ctx, queries.ReadEarlierRuns, warehouse.Args{"sync": s.spec.Name, "list_id": listID}, &before.Keys, &before.Taken)
	return before, err
}

// limits are what the guards of the session's row allow.
func (s *session) limits() plan.Limits {
	return plan.Limits{Spec: s.spec, Ceilings: s.engine.config.Ceilings}
}
