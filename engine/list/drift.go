package list

import (
	"context"
	"fmt"

	"rollcall/engine/hint"
	"rollcall/engine/kind"
	"rollcall/engine/plan"
	"rollcall/engine/pool"
	"rollcall/engine/warehouse"
)

// backReadings is how often a list is read back before a difference counts: HubSpot's reads may lag behind its writes, by
// how much is not documented.
const backReadings = 3

// recordDrift writes the members that joined or left by other means than Rollcall, and returns their number, in one
// transaction with the number in the run's row. The lists' pages were compared with rollcall.members, so it must come
// before Intend, which lets these follow the list.
func (s *listSync) recordDrift(ctx context.Context) (drift *int64, err error) {
	var n int64
	err = s.env.Ledger.Write(ctx, "record drift", nil, func(ctx context.Context) (err error) {
		n, err = s.conn.Exec(ctx, queries.RecordDrift, warehouse.Args{
			"run_id": s.RunID, "sync": s.Spec.Name, "list_id": s.list.ID, "now": s.env.Now(),
		})
		if err != nil {
			return err
		}
		if err := s.nameDrift(ctx, n); err != nil {
			return err
		}
		return s.env.Ledger.NoteDrift(ctx, s.Sync, n)
	})
	if err != nil {
		return nil, err
	}
	return &n, nil
}

// nameDrift adds the cached keys to the n drift records of the run. HubSpot is not asked for the others: drift is a
// report, and costs no calls.
func (s *listSync) nameDrift(ctx context.Context, n int64) error {
	if n == 0 {
		return nil
	}
	named := s.resolver.Subject(s.Sync)
	named["run_id"] = s.RunID
	_, err := s.conn.Exec(ctx, queries.NameDrift, named)
	return err
}

// nameMembers adds the known keys to the members that the run has found on the list, which are record IDs without a key
// until then.
func (s *listSync) nameMembers(ctx context.Context) error {
	named := s.resolver.Subject(s.Sync)
	named["run_id"], named["list_id"] = s.RunID, s.list.ID
	_, err := s.conn.Exec(ctx, queries.NameMembers, named)
	return err
}

// Verify reads the list back and compares it with rollcall.members. A difference is read again after a while; what remains is drift,
// and the members follow what the list shows, so that the next run repairs it. A list that is read back in part shows who is on it and
// not who is missing: the run is not verified, and says so. An error is that the list could not be read back.
func (l *lists) Verify(ctx context.Context, ks *kind.Sync, p *plan.Plan, found *int64) (v kind.Verification, err error) {
	s := l.of(ks)
	// From here on a reading in part is enough; see needsPart.
	s.applied = true
	var differing int64
	for reading := 1; ; reading++ {
		l.env.Failpoint("before read back")
		if err := s.readBack(ctx); err != nil {
			return v, err
		}
		if _, err := s.conn.Exec(ctx, queries.StageDifference, warehouse.Args{
			"sync": s.Number, "run_id": s.RunID, "list_id": s.list.ID, "whole": s.reading.whole, "in_part": p.InPart,
		}); err != nil {
			return v, err
		}
		if err := s.conn.ReadRow(ctx, queries.CountDifference, nil, &differing); err != nil {
			return v, err
		}
		if differing == 0 || reading == backReadings {
			break
		}
		s.Log.Info().Int64("differing", differing).Msg("the list read back differs; reading it again")
		if err := pool.Wait(ctx, l.env.Limits.VerifyWait); err != nil {
			return v, err
		}
	}
	// A truncated answer looks like an empty list: believing it would delete all of rollcall.members.
	if differing > 0 && s.reading.looksEmpty() {
		return v, noMembers(s.list.ID, fmt.Sprint(differing))
	}
	total := differing
	if found != nil {
		total += *found
	}
	if err := s.recordDifference(ctx, differing, total); err != nil {
		return v, err
	}
	// The members are those that were read now, so that the list is cached as of this reading.
	s.fromCache = false
	if !s.reading.whole {
		return kind.Verification{Drift: &total, Note: s.reading.partly()}, nil
	}
	return kind.Verification{Whole: true, Size: s.members, Drift: &total}, nil
}

// partly says in a sentence what a list that was read back in part leaves open.
func (r *reading) partly() string {
	read := hint.Counted(r.sync.members, "member", "members")
	if r.total >= 0 {
		read = fmt.Sprintf("%d of %s", r.sync.members, hint.Counted(r.total, "member", "members"))
	}
	return fmt.Sprintf("not verified: the list changed too fast and was read back in part (%s), members that are missing were not looked for", read)
}

// readBack reads the list into rollcall_pages, in place of what was read before: whole, or in part where that is enough.
// The error is the sync's own where the reading gave up.
func (s *listSync) readBack(ctx context.Context) error {
	if _, err := s.conn.Exec(ctx, queries.DropPages, warehouse.Args{"sync": s.Number}); err != nil {
		return err
	}
	workers := pool.New(s.env.Limits.Concurrency)
	s.reading = s.newReading(workers, 1)
	s.reading.begin(s.list.ID)
	err := workers.Run(ctx)
	s.reading.end()
	if err != nil {
		return err
	}
	switch {
	case s.Err() != nil:
		return s.Err()
	case !s.reading.whole && !s.reading.part:
		return fmt.Errorf("read list %s: not read whole", s.list.ID)
	}
	return nil
}

// recordDifference writes what reading the list back has shown, with the total of the run's drift, and lets the members
// follow it. The transaction may run again, so what was copied of rollcall.members is out of date in either case.
func (s *listSync) recordDifference(ctx context.Context, differing, total int64) error {
	defer s.writesMembers()
	named := warehouse.Args{"run_id": s.RunID, "sync": s.Spec.Name, "list_id": s.list.ID, "now": s.env.Now()}
	return s.env.Ledger.Write(ctx, "record difference", nil, func(ctx context.Context) error {
		if _, err := s.conn.Exec(ctx, queries.RecordDifference, named); err != nil {
			return err
		}
		if _, err := s.conn.Exec(ctx, queries.DeleteDisappeared, warehouse.Args{"list_id": s.list.ID}); err != nil {
			return err
		}
		if _, err := s.conn.Exec(ctx, queries.JoinAppeared, named); err != nil {
			return err
		}
		if err := s.nameDrift(ctx, differing); err != nil {
			return err
		}
		if err := s.nameMembers(ctx); err != nil {
			return err
		}
		return s.env.Ledger.NoteDrift(ctx, s.Sync, total)
	})
}
