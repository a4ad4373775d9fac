package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/engine/plan"
	"rollcall/engine/pool"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// mostNamed is how many records are read at the most for a plan that stays blocked.
const mostNamed = 1000

// revalidate asks HubSpot again for cached answers that a removal depends on, and returns the plan without the removals that were
// wrong. Of a mirrored list, the records to be removed are read once: a record that has a desired key by now stays. Then the keys with
// a cached answer that a change depends on are looked up again. For a plan that a guard blocks and nobody approved, at most mostNamed
// records are read, and no key is looked up.
func (s *session) revalidate(ctx context.Context, p *plan.Plan) (*plan.Plan, error) {
	if err := s.conn.ExecAll(ctx, queries.StageRecords); err != nil {
		return nil, err
	}
	s.nRead = 0
	p, err := s.linkSurvivors(ctx, p)
	if err != nil {
		return nil, err
	}
	if p.Remove == 0 || s.undoes != "" {
		return p, nil
	}
	for {
		passes, err := s.mayPass(ctx, p)
		if err != nil {
			return nil, err
		}
		unread, err := s.suspects(ctx, p)
		if err != nil {
			return nil, err
		}
		p.Unread = unread
		n := unread
		if !passes {
			n = min(n, mostNamed-s.nRead)
		}
		changed := false
		switch {
		case n > 0:
			changed, err = s.readSuspects(ctx, n)
			if err != nil && !passes && ctx.Err() == nil {
				s.log.Warn().Err(err).Msg("the records that a blocked plan removes could not be read")
				return p, nil
			}
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

// linkSurvivors reads, where foreign members stay and members of Rollcall's own have disappeared, those that have appeared, and returns the
// plan in which the survivors of a merge are Rollcall's.
func (s *session) linkSurvivors(ctx context.Context, p *plan.Plan) (*plan.Plan, error) {
	if s.undoes != "" || p.Mode != syncspec.Mirror || s.spec.ForeignMembers != syncspec.KeepForeign || s.fromCache {
		return p, nil
	}
	if _, err := s.conn.Exec(ctx, queries.StageAppeared, warehouse.Args{"list_id": s.list.ID}); err != nil {
		return nil, err
	}
	var n int64
	if err := s.conn.ReadRow(ctx, queries.CountSuspects, nil, &n); err != nil || n == 0 {
		return p, err
	}
	changed, err := s.readSuspects(ctx, n)
	if err != nil {
		return nil, fmt.Errorf("read members that appeared: %w", err)
	}
	linked, err := s.conn.Exec(ctx, queries.LinkSurvivors, nil)
	if err != nil || !changed && linked == 0 {
		return p, err
	}
	return s.resolveAndDiff(ctx)
}

// mayPass says whether no guard blocks the plan, or a person let it pass.
func (s *session) mayPass(ctx context.Context, p *plan.Plan) (bool, error) {
	if len(p.Violations) == 0 {
		return true, nil
	}
	approvedRun, err := s.approval(ctx, p)
	return approvedRun != "", err
}

// suspects counts the records that would go, and whose keys of today can show that they belong on the list: those of a mirrored list that
// have not been read, where a cached answer about any desired key may be wrong.
func (s *session) suspects(ctx context.Context, p *plan.Plan) (n int64, err error) {
	if p.Mode != syncspec.Mirror {
		return 0, nil
	}
	if _, err := s.conn.Exec(ctx, queries.StageSuspects, s.kind()); err != nil {
		return 0, err
	}
	err = s.conn.ReadRow(ctx, queries.CountSuspects, nil, &n)
	return n, err
}

// kind are the parameters that say what the session's keys are.
func (s *session) kind() warehouse.Args {
	return warehouse.Args{"object_type_id": s.list.ObjectType.ID, "id_property": s.spec.IDProperty}
}

// askAgainAboutCached looks up again the keys with a cached answer that a change of the plan depends on, and reports whether there were any.
func (s *session) askAgainAboutCached(ctx context.Context) (bool, error) {
	named := s.kind()
	named["sync"] = int32(s.number)
	if _, err := s.conn.Exec(ctx, queries.StageCachedKeys, named); err != nil {
		return false, err
	}
	asked, err := s.askAgain(ctx)
	return asked > 0, err
}

// readSuspects reads the first n records of the temp table rollcall_suspects, stores their keys as answers, and reports whether
// one of them contradicts the answer about a desired key.
func (s *session) readSuspects(ctx context.Context, n int64) (changed bool, err error) {
	size := int64(s.engine.config.ReadSize)
	if err := s.checkQuota((n + size - 1) / size); err != nil {
		return false, err
	}
	s.nRead += n
	load := s.conn.Loader("rollcall_records")
	err = s.conn.ReadPages(ctx, queries.PageSuspects, warehouse.Extent{Rows: n, Longest: longestRecordID}, func(page []warehouse.NullString) error {
		page = page[:min(int64(len(page)), n)]
		n -= int64(len(page))
		workers := pool.New(s.engine.config.Concurrency)
		for batch := range slices.Chunk(page, s.engine.config.ReadSize) {
			ids := make([]string, len(batch))
			for i, id := range batch {
				ids[i] = id.String
			}
			workers.Add(s.readRecords(load, ids))
		}
		return workers.Run(ctx)
	})
	if err != nil {
		return false, err
	}
	if err := load.Flush(); err != nil {
		return false, err
	}
	return s.learnKeys(ctx)
}

// readRecords returns the task that reads records and stores their keys. A record that was deleted has none; one that the answer does not
// mention is an error.
func (s *session) readRecords(load *warehouse.Loader, ids []string) pool.Task {
	return func(ctx context.Context) func() error {
		read, err := s.client.BatchRead(ctx, s.list.ObjectType.Path(), syncspec.RecordIDProperty, ids, append(hubspot.KeyProperties(s.spec.IDProperty), hubspot.PropertyMergedIDs))
		return func() error {
			if err != nil {
				return err
			}
			silent := map[string]bool{}
			for _, id := range ids {
				silent[id] = true
			}
			for _, id := range read.NotFound {
				delete(silent, id)
			}
			for _, record := range read.Records {
				delete(silent, strconv.FormatInt(record.ID, 10))
				if err := s.putRecord(load, record); err != nil {
					return err
				}
			}
			if len(silent) > 0 {
				return hint.New("run it again: no one was removed for want of an answer", "HubSpot said nothing about %d of %d records", len(silent), len(ids))
			}
			for _, id := range read.NotFound {
				number, err := strconv.ParseInt(id, 10, 64)
				if err == nil {
					err = load.Add(number, nil, nil, nil)
				}
				if err != nil {
					return err
				}
			}
			return nil
		}
	}
}

// putRecord stores a record once, and once more for every key that it has and every record that was merged into it.
func (s *session) putRecord(load *warehouse.Loader, record hubspot.Record) error {
	if err := load.Add(record.ID, nil, nil, nil); err != nil {
		return err
	}
	for _, id := range record.MergedIDs() {
		if err := load.Add(record.ID, nil, nil, id); err != nil {
			return err
		}
	}
	primary := hubspot.NormalizeKey(s.spec.IDProperty, strings.TrimSpace(record.Properties[s.spec.IDProperty]))
	for key := range hubspot.RecordsByKey([]hubspot.Record{record}, s.spec.IDProperty) {
		if err := load.Add(record.ID, key, key == primary, nil); err != nil {
			return err
		}
	}
	return nil
}

// learnKeys replaces cached answers by the keys of the records that were read, and reports whether the record of a desired key changes.
func (s *session) learnKeys(ctx context.Context) (changed bool, err error) {
	if err := s.answers.Flush(); err != nil {
		return false, err
	}
	var contradicted int64
	if err := s.conn.ReadRow(ctx, queries.CountContradicted, s.kind(), &contradicted); err != nil {
		return false, err
	}
	for _, name := range []warehouse.NamedQuery{queries.DeleteContradicted, queries.LearnKeys} {
		if _, err := s.conn.Exec(ctx, name, s.kind()); err != nil {
			return false, err
		}
	}
	s.asked = true
	return contradicted > 0, nil
}

// approval is the blocked run whose approval covers the plan, "" where there is none. A plan that no guard stops needs none, but where it
// removes what an approved plan that was cut short had still to remove, it is the rest of that plan.
func (s *session) approval(ctx context.Context, p *plan.Plan) (approvedRun string, err error) {
	if len(p.Violations) == 0 && p.Remove == 0 && !p.MakesList() {
		return "", nil
	}
	tooFewKeys := any(nil)
	if p.Breaks(plan.TooFew) {
		tooFewKeys = p.Keys
	}
	err = s.conn.ReadRow(ctx, queries.FindApproval, warehouse.Args{
		"sync": p.Sync, "undoes": nullString(p.Undoes), "list_id": nullString(p.ListID), "list_name": p.ListName,
		"now": s.engine.now(), "begun": len(p.Violations) == 0, "too_few": tooFewKeys,
	}, &approvedRun)
	if errors.Is(err, warehouse.ErrNoRows) {
		return "", nil
	}
	return approvedRun, err
}
