package engine

import (
	"context"
	"fmt"

	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// compare makes the temp table plan.
func (s *session) compare(ctx context.Context, p *plan.Plan) error {
	if s.undoes != "" {
		_, err := s.conn.Exec(ctx, queries.PlanUndo, warehouse.Args{"undoes": s.undoes, "list_id": s.list.ID, "chunk": s.engine.config.ChunkSize, "sync": int32(s.number)})
		return err
	}
	differ := map[syncspec.Mode]warehouse.NamedQuery{
		syncspec.Mirror: queries.DifferMirror, syncspec.Add: queries.DifferAdd, syncspec.Remove: queries.DifferRemove,
	}[s.spec.Mode]
	if _, err := s.conn.Exec(ctx, differ, nil); err != nil {
		return err
	}
	leftAlone, err := s.conn.Exec(ctx, queries.LeaveNewcomers, warehouse.Args{"sync": int32(s.number)})
	if err != nil {
		return err
	}
	p.LeftAlone = leftAlone
	_, err = s.conn.Exec(ctx, queries.Plan, warehouse.Args{
		"keep_foreign": s.spec.Mode == syncspec.Mirror && s.spec.ForeignMembers == syncspec.KeepForeign, "chunk": s.engine.config.ChunkSize,
	})
	return err
}

// sampled is how many changes of each action a plan shows.
const sampled = 5

// diff makes the temp table plan of the sets, and holds it against the guards.
func (s *session) diff(ctx context.Context, r plan.Resolved) (*plan.Plan, error) {
	p := &plan.Plan{
		Sync: s.spec.Name, ListID: s.list.ID, ListName: s.list.Name, Mode: s.spec.Mode, Undoes: s.undoes,
		Desired: s.desired, Resolved: r.Keys, Unmatched: r.Unmatched, Records: r.Records, Current: s.members, InPart: s.inPart(),
	}
	p.Gone, p.Follows = s.gone, s.follows()
	if err := s.compare(ctx, p); err != nil {
		return nil, fmt.Errorf("diff: %w", err)
	}
	if err := s.conn.ReadRow(ctx, queries.CountPlan, nil, &p.Add, &p.Remove, &p.Entered, &p.Restored, &p.Left, &p.Foreign, &p.Undone, &p.Batches); err != nil {
		return nil, fmt.Errorf("diff: %w", err)
	}
	if err := s.conn.ReadRow(ctx, queries.HashPlan, warehouse.Args{"sync": p.Sync, "list": p.Target()}, &p.Hash); err != nil {
		return nil, fmt.Errorf("diff: %w", err)
	}
	if err := s.confirmRecordsExist(ctx, p); err != nil {
		return nil, fmt.Errorf("diff: %w", err)
	}
	p.Cost = s.cost(p)
	if err := s.judge(ctx, p); err != nil {
		return nil, fmt.Errorf("guard: %w", err)
	}
	s.log.Info().Int64("add", p.Add).Int64("remove", p.Remove).Str("plan_hash", p.Hash).Int64("calls", p.Cost.Calls).Float64("seconds", p.Cost.Seconds).Msg("planned")
	return p, nil
}

// firstChanges reads the first changes of the temp table plan, most of them of each action.
func firstChanges(ctx context.Context, conn *warehouse.Conn, limit int64) ([]plan.Change, error) {
	changes := []plan.Change{} // in JSON none are [], not null
	err := conn.ReadRows(ctx, queries.SamplePlan, warehouse.Args{"limit": limit}, func(scan func(...any) error) error {
		var c plan.Change
		err := scan(&c.Action, &c.RecordID, &c.Key, &c.Cause)
		changes = append(changes, c)
		return err
	})
	return changes, err
}
