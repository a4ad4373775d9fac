package list

import (
	"context"
	"fmt"

	"rollcall/engine/hint"
	"rollcall/engine/kind"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
)

// Stage makes the sync's temp tables desired, rejected and current, and determines the outcome of its changes whose answer
// was lost. It writes temp tables alone, so that a preview stages the same as a run.
func (l *lists) Stage(ctx context.Context, ks *kind.Sync) error {
	s := l.of(ks)
	if err := s.stageDesired(ctx); err != nil {
		return err
	}
	s.findMade()
	if err := s.stageCurrent(ctx); err != nil {
		return err
	}
	return s.stageReconciled(ctx)
}

// Plan stages applied, which reconciling may have changed, and makes the plan. The keys without a record become rejects
// last, because revalidating may have found records for some of them.
func (l *lists) Plan(ctx context.Context, ks *kind.Sync) (*plan.Plan, error) {
	s := l.of(ks)
	if err := s.copyMembers(ctx); err != nil {
		return nil, err
	}
	if _, err := s.conn.Exec(ctx, queries.StageApplied, warehouse.Args{"list_id": s.list.ID}); err != nil {
		return nil, err
	}
	p, err := s.resolveAndDiff(ctx)
	if err != nil {
		return nil, err
	}
	if p, err = s.revalidate(ctx, p); err != nil {
		return nil, err
	}
	if err := s.namePlan(ctx, p); err != nil {
		return nil, fmt.Errorf("name changes: %w", err)
	}
	if _, err := s.conn.Exec(ctx, queries.RejectUnmatched, warehouse.Args{"detail": "HubSpot has no record with this " + s.Spec.IDProperty}); err != nil {
		return nil, err
	}
	return p, nil
}

// stageDesired makes the temp tables desired and rejected from rollcall_keys, and counts them.
func (s *listSync) stageDesired(ctx context.Context) error {
	for _, name := range []warehouse.NamedQuery{queries.StageDesired, queries.StageRejects} {
		if _, err := s.conn.Exec(ctx, name, warehouse.Args{"sync": s.Number}); err != nil {
			return err
		}
	}
	d := &s.Desired
	if err := s.conn.ReadRow(ctx, queries.CountDesired, nil, &d.Keys, &d.Invalid); err != nil {
		return err
	}
	// What is left of the rows: each row is blank, a duplicate, invalid or a key.
	d.Duplicate = d.Rows - d.Blank - d.Keys - d.Invalid
	s.Log.Info().Int64("rows", d.Rows).Int64("keys", d.Keys).Int64("blank", d.Blank).Int64("duplicate", d.Duplicate).Int64("invalid", d.Invalid).Msg("staged desired")
	return nil
}

// stageCurrent makes the temp table current, from the list's pages or from the cache. A list that is not made yet has no
// members. It is an error where the members are not known as far as the plan needs them: nobody may be removed, or added
// again, for want of an answer.
func (s *listSync) stageCurrent(ctx context.Context) error {
	ambiguous, touched := s.touched[s.list.ID]
	switch {
	case ambiguous:
		return hint.New("run it again", "another sync of this run left changes of list %s without an answer", s.list.ID)
	case touched: // what was fetched before is out of date, and rollcall.members is not
		if err := s.loadCurrent(ctx); err != nil {
			return err
		}
		return s.conn.ReadRow(ctx, queries.CountCurrent, nil, &s.members)
	case s.fromCache:
		s.members = s.cached[s.list.ID].members
		s.env.Progress(s.Spec.Name, "current", s.members, s.members)
		return s.loadCurrent(ctx)
	case s.list.ID != "" && (s.reading == nil || !s.reading.whole && !s.reading.part):
		return fmt.Errorf("read list %s: not read whole", s.list.ID)
	}
	// The metadata says that there are members.
	if s.reading != nil && s.reading.looksEmpty() && s.seen.size != "" && s.seen.size != "0" {
		return noMembers(s.list.ID, s.seen.size)
	}
	_, err := s.conn.Exec(ctx, queries.StageCurrent, warehouse.Args{"sync": s.Number})
	return err
}

// loadCurrent makes the temp table current of what rollcall.members has, which the caller knows to be the list's members.
func (s *listSync) loadCurrent(ctx context.Context) error {
	if err := s.copyMembers(ctx); err != nil {
		return err
	}
	_, err := s.conn.Exec(ctx, queries.LoadCurrent, warehouse.Args{"list_id": s.list.ID})
	return err
}

// writesMembers says that rollcall.members of the sync's list is written, so that what was copied of it is out of date.
// Everything that writes these rows calls it.
func (s *listSync) writesMembers() { delete(s.copied, s.list.ID) }

// copiedMembers is about how many members of lists rollcall_members has at a time, unless a single list has more: a bound
// of the memory that is used.
const copiedMembers = 1_000_000

// copyMembers copies what rollcall.members has of the sync's list into rollcall_members, unless it is there, and together
// with it what it has of the lists of the syncs that follow. On a remote database each read of rollcall.members is a
// round trip, and several statements of a sync need it.
func (s *listSync) copyMembers(ctx context.Context) error {
	if s.list.ID == "" || s.copied[s.list.ID] {
		return nil
	}
	lists, copied, sum := []string{}, map[string]bool{}, int64(0)
	for _, next := range s.syncs {
		if next.Number < s.Number || next.Err() != nil || next.list.ID == "" || copied[next.list.ID] {
			continue
		}
		if sum += next.expects(); sum > copiedMembers && len(lists) > 0 {
			break
		}
		lists, copied[next.list.ID] = append(lists, next.list.ID), true
	}
	if _, err := s.conn.Exec(ctx, queries.CopyMembers, warehouse.Args{"lists": lists}); err != nil {
		return err
	}
	s.copied = copied
	return nil
}

// resolveAndDiff makes resolved, unmatched and the plan from the answers that are there now. It makes no call for keys.
func (s *listSync) resolveAndDiff(ctx context.Context) (*plan.Plan, error) {
	r, err := s.resolver.Resolve(ctx, s.Sync)
	if err != nil {
		return nil, err
	}
	return s.diff(ctx, r)
}
