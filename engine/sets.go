package engine

import (
	"context"
	"fmt"

	"rollcall/engine/hint"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// stageAndPlan stages desired and current, calls reconcile, then stages applied and plans. It is called once for each sync. reconcile must
// come before applied, because it decides which members are managed: a run writes the reconciled changes to the ledger, a preview
// does not.
func (s *session) stageAndPlan(ctx context.Context, reconcile func(*session) error) (*plan.Plan, error) {
	if s.setsStaged {
		if err := s.conn.ExecAll(ctx, queries.DropSets); err != nil {
			return nil, err
		}
	}
	if s.err != nil {
		return nil, s.err
	}
	s.setsStaged = true
	if err := s.stageDesired(ctx); err != nil {
		return nil, err
	}
	s.findMade()
	if err := s.stageCurrent(ctx); err != nil {
		return nil, err
	}
	if err := s.stageReconciled(ctx); err != nil {
		return nil, err
	}
	if err := reconcile(s); err != nil {
		return nil, err
	}
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
	if p.Sample, err = firstChanges(ctx, s.conn, sampled); err != nil {
		return nil, err
	}
	if _, err := s.conn.Exec(ctx, queries.RejectUnmatched, warehouse.Args{"detail": "HubSpot has no record with this " + s.spec.IDProperty}); err != nil {
		return nil, err
	}
	return p, nil
}

// stageDesired makes the temp tables desired and rejected.
func (s *session) stageDesired(ctx context.Context) error {
	for _, name := range []warehouse.NamedQuery{queries.StageDesired, queries.StageRejects} {
		if _, err := s.conn.Exec(ctx, name, warehouse.Args{"sync": int32(s.number)}); err != nil {
			return err
		}
	}
	d := &s.desired
	if err := s.conn.ReadRow(ctx, queries.CountDesired, nil, &d.Keys, &d.Invalid); err != nil {
		return err
	}
	d.Duplicate = d.Rows - d.Blank - d.Keys - d.Invalid
	s.log.Info().Int64("rows", d.Rows).Int64("keys", d.Keys).Int64("blank", d.Blank).Int64("duplicate", d.Duplicate).Int64("invalid", d.Invalid).Msg("staged desired")
	return nil
}

// stageCurrent makes the temp table current, from the list's pages or from the cache. A list that is not made yet has no members.
func (s *session) stageCurrent(ctx context.Context) error {
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
		s.members = s.cachedLists[s.list.ID].members
		s.progress("current", s.members, s.members)
		return s.loadCurrent(ctx)
	case s.list.ID != "" && (s.reading == nil || !s.reading.whole && !s.reading.part):
		return fmt.Errorf("read list %s: not read whole", s.list.ID)
	}
	if s.reading != nil && s.reading.looksEmpty() && s.seen.size != "" && s.seen.size != "0" {
		return noMembers(s.list.ID, s.seen.size)
	}
	_, err := s.conn.Exec(ctx, queries.StageCurrent, warehouse.Args{"sync": int32(s.number)})
	return err
}

// loadCurrent makes the temp table current of what rollcall.members has.
func (s *session) loadCurrent(ctx context.Context) error {
	if err := s.copyMembers(ctx); err != nil {
		return err
	}
	_, err := s.conn.Exec(ctx, queries.LoadCurrent, warehouse.Args{"list_id": s.list.ID})
	return err
}

// writesMembers says that rollcall.members of the session's list is written, so that what was copied of it is out of date.
func (s *session) writesMembers() { delete(s.copied, s.list.ID) }

// copiedMembers is about how many members of lists rollcall_members has at a time, unless a single list has more.
const copiedMembers = 1_000_000

// copyMembers copies what rollcall.members has of the session's list into rollcall_members, unless it is there, and together with it what it
// has of the lists of the sessions that follow.
func (s *session) copyMembers(ctx context.Context) error {
	if s.list.ID == "" || s.copied[s.list.ID] {
		return nil
	}
	lists, copied, sum := []string{}, map[string]bool{}, int64(0)
	for _, next := range s.sessions[s.number-1:] {
		if next.err != nil || next.list.ID == "" || copied[next.list.ID] {
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

// resolveAndDiff makes resolved, unmatched and the plan from the answers.
func (s *session) resolveAndDiff(ctx context.Context) (*plan.Plan, error) {
	r, err := s.resolve(ctx)
	if err != nil {
		return nil, err
	}
	return s.diff(ctx, r)
}

// resolve makes the temp tables resolved and unmatched. A key without an answer fails the run: it must not look like one that left the query.
func (s *session) resolve(ctx context.Context) (r plan.Resolved, err error) {
	kind := warehouse.Args{"object_type_id": s.list.ObjectType.ID, "id_property": s.spec.IDProperty}
	var lookupErr int
	if err := s.conn.ReadRow(ctx, queries.FindLookupError, kind, &lookupErr); err != nil {
		return r, err
	}
	if lookupErr > 0 {
		return r, s.lookupErrors[lookupErr-1]
	}
	if s.spec.IDProperty == syncspec.RecordIDProperty {
		err = s.conn.ExecAll(ctx, queries.StageResolvedIDs)
	} else {
		_, err = s.conn.Exec(ctx, queries.StageResolved, kind)
	}
	if err != nil {
		return r, err
	}
	if _, err := s.conn.Exec(ctx, queries.StageUnmatched, kind); err != nil {
		return r, err
	}
	var unanswered, surplus int64
	if err := s.conn.ReadRow(ctx, queries.AccountResolved, nil, &r.Keys, &r.Unmatched, &unanswered, &surplus); err != nil {
		return r, err
	}
	if unanswered != 0 || surplus != 0 {
		return r, fmt.Errorf("resolve: of %d keys %d have no answer and %d too many", s.desired.Keys, unanswered, surplus)
	}
	if err := s.conn.ReadRow(ctx, queries.CountWanted, nil, &r.Records); err != nil {
		return r, err
	}
	s.log.Info().Int64("resolved", r.Keys).Int64("unmatched", r.Unmatched).Int64("records", r.Records).Msg("resolved")
	return r, nil
}
