package list

import (
	"context"
	"fmt"

	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// mostNamed is how many records are read at the most for a plan that stays blocked: people look at its first removals,
// and it is planned anew at every run until it is approved or its cause is gone.
const mostNamed = 1000

// revalidate asks HubSpot again for cached answers that a removal depends on, and returns the plan without the removals
// that were wrong. Of a mirrored list, the records to be removed are read once: a record that has a desired key by now
// stays. Then the keys with a cached answer that a change depends on are looked up again. For a plan that a guard blocks
// and nobody approved, at most mostNamed records are read, and no key is looked up.
//
// It is why keys may be cached at all: a contact may have got another address, or been merged into another record, since
// its key was looked up, and would be taken off the list for it. Its calls grow with the removals, not with the audience.
func (s *listSync) revalidate(ctx context.Context, p *plan.Plan) (*plan.Plan, error) {
	if err := s.resolver.StageRecords(ctx); err != nil {
		return nil, err
	}
	s.nRead = 0
	p, err := s.linkSurvivors(ctx, p)
	if err != nil {
		return nil, err
	}
	if p.Remove == 0 || s.Undoes != "" {
		return p, nil
	}
	// Every round reads records, or asks about keys, that no round before it did, or is the last.
	for {
		passes, err := s.env.Guards.MayPass(ctx, s.Sync, p)
		if err != nil {
			return nil, err
		}
		unread, err := s.stageUnread(ctx, p)
		if err != nil {
			return nil, err
		}
		// For the guard's message: these many removals are not sure.
		p.Unread = unread
		n := unread
		if !passes {
			n = min(n, mostNamed-s.nRead)
		}
		changed := false
		switch {
		case n > 0:
			changed, err = s.readUnread(ctx, n)
			if err != nil && !passes && ctx.Err() == nil {
				s.Log.Warn().Err(err).Msg("the records that a blocked plan removes could not be read")
				return p, nil
			}
		// Nothing is sent, so what the keys lead to today is asked when somebody has let the plan pass.
		case !passes:
			return p, nil
		default:
			if changed, err = s.askAgainAboutCached(ctx); err == nil && !changed {
				return p, nil
			}
		}
		if err != nil {
			return nil, fmt.Errorf("revalidate removals: %w", err)
		}
		if changed {
			if p, err = s.resolveAndDiff(ctx); err != nil {
				return nil, err
			}
		}
	}
}

// linkSurvivors reads, where foreign members stay and members of Rollcall's own have disappeared, those that have
// appeared, and returns the plan in which the survivors of a merge are Rollcall's. When HubSpot merges two contacts, the
// list may hold a record ID that Rollcall never put there: as a foreign member it would stay for ever.
func (s *listSync) linkSurvivors(ctx context.Context, p *plan.Plan) (*plan.Plan, error) {
	if s.Undoes != "" || p.Mode != syncspec.Mirror || s.Spec.ForeignMembers != syncspec.KeepForeign || s.fromCache {
		return p, nil
	}
	if _, err := s.conn.Exec(ctx, queries.StageAppeared, warehouse.Args{"list_id": s.list.ID}); err != nil {
		return nil, err
	}
	n, err := s.resolver.CountUnread(ctx)
	if err != nil || n == 0 {
		return p, err
	}
	changed, err := s.readUnread(ctx, n)
	if err != nil {
		return nil, fmt.Errorf("read members that appeared: %w", err)
	}
	linked, err := s.conn.Exec(ctx, queries.LinkSurvivors, nil)
	if err != nil || !changed && linked == 0 {
		return p, err
	}
	return s.resolveAndDiff(ctx)
}

// stageUnread stages and counts the records that would go, and whose keys of today can show that they belong on the list:
// those of a mirrored list that have not been read, where a cached answer about any desired key may be wrong.
func (s *listSync) stageUnread(ctx context.Context, p *plan.Plan) (n int64, err error) {
	if p.Mode != syncspec.Mirror {
		return 0, nil
	}
	if _, err := s.conn.Exec(ctx, queries.StageUnreadRemovals, s.resolver.Subject(s.Sync)); err != nil {
		return 0, err
	}
	return s.resolver.CountUnread(ctx)
}

// askAgainAboutCached looks up again the keys with a cached answer that a change of the plan depends on, and reports
// whether there were any. The new answers are not cached ones any more, so that a second call finds none of them.
func (s *listSync) askAgainAboutCached(ctx context.Context) (bool, error) {
	named := s.resolver.Subject(s.Sync)
	named["sync"] = s.Number
	if _, err := s.conn.Exec(ctx, queries.StageCachedKeys, named); err != nil {
		return false, err
	}
	asked, err := s.resolver.AskAgain(ctx)
	return asked > 0, err
}

// readUnread reads the first n records of the temp table rollcall_unread, and reports whether one of them contradicts the answer about a
// desired key.
func (s *listSync) readUnread(ctx context.Context, n int64) (changed bool, err error) {
	s.nRead += n
	return s.resolver.ReadUnread(ctx, s.Sync, n)
}
