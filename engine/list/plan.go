package list

import (
	"context"
	"fmt"

	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// compare makes the temp table plan: of differing, which is the EXCEPT of the row's mode, or, where a run is undone, of
// that run's changes. The changes are numbered and cut into batches of Limits.ChunkSize in SQL, in an order that depends
// on them alone.
func (s *listSync) compare(ctx context.Context, p *plan.Plan) error {
	if s.Undoes != "" {
		_, err := s.conn.Exec(ctx, queries.PlanUndo, warehouse.Args{"undoes": s.Undoes, "list_id": s.list.ID, "chunk": s.env.Limits.ChunkSize, "sync": s.Number})
		return err
	}
	differ := map[syncspec.Mode]warehouse.NamedQuery{
		syncspec.Mirror: queries.DifferMirror, syncspec.Add: queries.DifferAdd, syncspec.Remove: queries.DifferRemove,
	}[s.Spec.Mode]
	if _, err := s.conn.Exec(ctx, differ, nil); err != nil {
		return err
	}
	// Between the EXCEPT and the plan, so that those who joined meanwhile are neither hashed nor counted by the guards.
	leftAlone, err := s.conn.Exec(ctx, queries.LeaveNewcomers, warehouse.Args{"sync": s.Number})
	if err != nil {
		return err
	}
	p.LeftAlone = leftAlone
	_, err = s.conn.Exec(ctx, queries.Plan, warehouse.Args{
		"keep_foreign": s.Spec.Mode == syncspec.Mirror && s.Spec.ForeignMembers == syncspec.KeepForeign, "chunk": s.env.Limits.ChunkSize,
	})
	return err
}

// diff makes the temp table plan of the sets, and holds it against the guards. Each call makes it anew: revalidating and
// naming survivors call it again when they have found something. An error means that there is no plan; a plan that a
// guard blocks is none.
func (s *listSync) diff(ctx context.Context, r plan.Resolved) (*plan.Plan, error) {
	p := &plan.Plan{
		Sync: s.Spec.Name, ListID: s.list.ID, ListName: s.list.Name, Mode: s.Spec.Mode, Undoes: s.Undoes,
		Desired: s.Desired, Resolved: r.Keys, Unmatched: r.Unmatched, Records: r.Records, Current: s.members, InPart: s.inPart(),
	}
	p.Gone, p.Follows = s.gone, s.follows()
	if err := s.compare(ctx, p); err != nil {
		return nil, fmt.Errorf("diff: %w", err)
	}
	if err := s.env.Guards.Count(ctx, s.Sync, p); err != nil {
		return nil, fmt.Errorf("diff: %w", err)
	}
	// It sets p.Records, by which Judge tells whether the list would be emptied.
	if err := s.confirmRecordsExist(ctx, p); err != nil {
		return nil, fmt.Errorf("diff: %w", err)
	}
	if err := s.env.Guards.Judge(ctx, s.Sync, p); err != nil {
		return nil, fmt.Errorf("guard: %w", err)
	}
	s.Log.Info().Int64("add", p.Add).Int64("remove", p.Remove).Str("plan_hash", p.Hash).Int64("calls", p.Cost.Calls).Float64("seconds", p.Cost.Seconds).Msg("planned")
	return p, nil
}
