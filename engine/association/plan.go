package association

import (
	"context"
	"fmt"

	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// Plan makes the difference, of associations that were just read as far as it changes them, and holds it against the guards.
func (a *associations) Plan(ctx context.Context, ks *kind.Sync) (*plan.Plan, error) {
	s := a.of(ks)
	for !s.compared {
		if err := s.revalidate(ctx); err != nil {
			return nil, err
		}
	}
	c, err := s.countStaged(ctx)
	if err != nil {
		return nil, err
	}
	p := &plan.Plan{
		Sync: s.Spec.Name, Association: s.target(), Mode: s.Spec.Mode, Undoes: s.Undoes, Wave: int64(s.env.Limits.Concurrency),
		Desired: s.Desired, Resolved: c.resolved, Unmatched: c.unmatched, Records: c.pairs,
	}
	if err := s.conn.ReadRow(ctx, queries.CountCurrent, nil, &p.Current); err != nil {
		return nil, err
	}
	if err := s.stageClaims(ctx); err != nil {
		return nil, err
	}
	held, err := s.settleRefused(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.env.Guards.Count(ctx, ks, p); err != nil {
		return nil, fmt.Errorf("diff: %w", err)
	}
	if err := s.env.Guards.Judge(ctx, ks, p); err != nil {
		return nil, fmt.Errorf("guard: %w", err)
	}
	warnHeld(held, p)
	if err := s.warnGone(ctx, p); err != nil {
		return nil, err
	}
	s.Log.Info().Int64("link", p.Add).Int64("unlink", p.Remove).Str("plan_hash", p.Hash).Int64("calls", p.Cost.Calls).Msg("planned")
	return p, nil
}

// revalidate makes the difference, and reads the associations again of the records that it changes, unless they were just read. Where it has read,
// the difference is to be made anew: it concerns the same records.
func (s *linkSync) revalidate(ctx context.Context) error {
	if err := s.compare(ctx); err != nil {
		return fmt.Errorf("diff: %w", err)
	}
	changed, err := s.verifyLabels(ctx)
	if err == nil && changed {
		err = s.compare(ctx)
	}
	if err != nil {
		return fmt.Errorf("diff: %w", err)
	}
	unread, err := s.readIDs(ctx, queries.ReadUnread, s.subject())
	if err != nil {
		return err
	}
	if s.compared = len(unread) == 0; s.compared {
		return nil
	}
	if err := s.read(ctx, unread); err != nil {
		return fmt.Errorf("read associations: %w", err)
	}
	return s.exec(ctx, nil, queries.StageKnown, queries.StageLive)
}

// compare makes the temp table plan of differing, which is the EXCEPT of the row's mode, or, where a run is undone, of that run's changes.
func (s *linkSync) compare(ctx context.Context) error {
	differ := map[syncspec.Mode]warehouse.NamedQuery{
		syncspec.Mirror: queries.DifferMirror, syncspec.Add: queries.DifferAdd, syncspec.Remove: queries.DifferRemove,
	}[s.Spec.Mode]
	if s.Undoes != "" {
		differ = queries.DifferUndo
	}
	foreign := s.Spec.ForeignMembers == syncspec.RemoveForeign && s.Spec.Mode != syncspec.Add
	chunk := min(hubspot.MaxAssociationWrite, s.env.Limits.ChunkSize)
	return s.exec(ctx, warehouse.Args{
		"all": foreign, "foreign": foreign, "undoes": warehouse.NullText(s.Undoes), "to_side": s.side(1).Number,
		"present": s.present, "until": s.env.RetryUntil(), "chunk": chunk, "archived": min(hubspot.MaxAssociationArchive, chunk),
	}, queries.StageCurrent, queries.StageApplied, differ, queries.StageGone, queries.LeaveGone, queries.StageSuccessors, queries.LeaveClaimed, queries.LeaveDefaults, queries.AddDefaults, queries.StageRefused, queries.LeaveHeld, queries.Plan)
}

// Final is how many links there are of those that the sync keeps in step, by HubSpot's answers.
func (a *associations) Final(_ *kind.Sync, p *plan.Plan, net int64) int64 { return p.Current + net }
