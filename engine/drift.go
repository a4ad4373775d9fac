package engine

import (
	"context"
	"fmt"

	"rollcall/engine/hint"
	"rollcall/engine/pool"
	"rollcall/engine/warehouse"
)

// backReadings is how often a list is read back before a difference counts: HubSpot's reads may lag behind its writes.
const backReadings = 3

// reconcile writes to the ledger what the list shows: the states of changes whose answer was lost, and, where the list was read whole,
// the drift: members that joined or left by other means than Rollcall since its last run.
func (r *runner) reconcile(ctx context.Context, s *session, run *Run) error {
	if run.DryRun || s.list.ID == "" {
		return nil
	}
	if s.pendingUnknown[s.list.ID] {
		s.writesMembers()
		if err := r.ledger.reconcile(ctx, s.conn, s.list.ID); err != nil {
			return err
		}
	}
	if _, touched := s.touched[s.list.ID]; s.fromCache || touched || s.inPart() { // touched by another row's run: current comes from rollcall.members
		return nil
	}
	strangers, err := s.countStrangers(ctx)
	if err != nil {
		return err
	}
	if strangers == 0 {
		run.Drift = new(int64)
		return nil
	}
	return r.ledger.recordDrift(ctx, s, run)
}

// recordDrift writes and counts the members that joined or left by other means than Rollcall.
func (l *ledger) recordDrift(ctx context.Context, s *session, r *Run) error {
	var n int64
	conn := s.conn
	err := l.write(ctx, conn, "record drift", func(ctx context.Context) (err error) {
		n, err = conn.Exec(ctx, queries.RecordDrift, warehouse.Args{
			"run_id": r.RunID, "sync": r.Sync, "list_id": s.list.ID, "now": l.now(),
		})
		if err != nil {
			return err
		}
		if err := nameDrift(ctx, s, r, n); err != nil {
			return err
		}
		return noteDrift(ctx, conn, r, n)
	})
	if err == nil {
		r.Drift = &n
	}
	return err
}

// nameDrift adds the cached keys to the n drift records of the run.
func nameDrift(ctx context.Context, s *session, r *Run, n int64) error {
	if n == 0 {
		return nil
	}
	named := s.kind()
	named["run_id"] = r.RunID
	_, err := s.conn.Exec(ctx, queries.NameDrift, named)
	return err
}

// nameMembers adds the known keys to the members that the run has found.
func nameMembers(ctx context.Context, s *session, r *Run) error {
	named := s.kind()
	named["run_id"], named["list_id"] = r.RunID, s.list.ID
	_, err := s.conn.Exec(ctx, queries.NameMembers, named)
	return err
}

// noteDrift writes the number of drift records to the run's row in the same transaction, so that a run that is killed later has it too.
func noteDrift(ctx context.Context, conn *warehouse.Conn, r *Run, n int64) error {
	_, err := conn.Exec(ctx, queries.NoteDrift, warehouse.Args{"run_id": r.RunID, "n_drift": n})
	return err
}

// verify reads the list back and compares it with rollcall.members. A difference is read again after a while; what remains is drift,
// and the members follow what the list shows, so that the next run repairs it. A list that is read back in part shows who is on it and
// not who is missing: the run is not verified, and says so. An error is that the list could not be read back.
func (r *runner) verify(ctx context.Context, s *session, run *Run) error {
	s.applied = true
	var differing int64
	for reading := 1; ; reading++ {
		r.engine.config.Failpoint("before read back")
		if err := s.readBack(ctx); err != nil {
			return err
		}
		if _, err := s.conn.Exec(ctx, queries.StageDifference, warehouse.Args{
			"sync": int32(s.number), "run_id": run.RunID, "list_id": s.list.ID, "whole": s.reading.whole, "in_part": run.Plan.InPart,
		}); err != nil {
			return err
		}
		if err := s.conn.ReadRow(ctx, queries.CountDifference, nil, &differing); err != nil {
			return err
		}
		if differing == 0 || reading == backReadings {
			break
		}
		s.log.Info().Int64("differing", differing).Msg("the list read back differs; reading it again")
		if err := waitFor(ctx, r.engine.config.VerifyWait); err != nil {
			return err
		}
	}
	if differing > 0 && s.reading.looksEmpty() {
		return noMembers(s.list.ID, fmt.Sprint(differing))
	}
	if err := r.ledger.recordDifference(ctx, s, run, differing); err != nil {
		return err
	}
	s.fromCache = false
	if !s.reading.whole {
		run.readBack = s.reading.partly()
		return nil
	}
	run.Verified, run.measured = true, s.members
	return nil
}

// partly says in a sentence what a list that was read back in part leaves open.
func (r *reading) partly() string {
	read := hint.Counted(r.session.members, "member", "members")
	if r.total >= 0 {
		read = fmt.Sprintf("%d of %s", r.session.members, hint.Counted(r.total, "member", "members"))
	}
	return fmt.Sprintf("not verified: the list changed too fast and was read back in part (%s), members that are missing were not looked for", read)
}

// readBack reads the list into rollcall_pages, in place of what was read before: whole, or in part where that is enough.
func (s *session) readBack(ctx context.Context) error {
	if _, err := s.conn.Exec(ctx, queries.DropPages, warehouse.Args{"sync": int32(s.number)}); err != nil {
		return err
	}
	workers := pool.New(s.engine.config.Concurrency)
	s.reading = s.newReading(workers, 1)
	s.reading.begin(s.list.ID)
	err := workers.Run(ctx)
	s.reading.end()
	if err != nil {
		return err
	}
	switch {
	case s.err != nil:
		return s.err
	case !s.reading.whole && !s.reading.part:
		return fmt.Errorf("read list %s: not read whole", s.list.ID)
	}
	return nil
}

// recordDifference writes what reading the list back has shown, and lets the members follow it.
func (l *ledger) recordDifference(ctx context.Context, s *session, r *Run, differing int64) error {
	conn, listID := s.conn, s.list.ID
	defer s.writesMembers()
	total := differing
	if r.Drift != nil {
		total += *r.Drift
	}
	named := warehouse.Args{"run_id": r.RunID, "sync": r.Sync, "list_id": listID, "now": l.now()}
	err := l.write(ctx, conn, "record difference", func(ctx context.Context) error {
		if _, err := conn.Exec(ctx, queries.RecordDifference, named); err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, queries.DeleteDisappeared, warehouse.Args{"list_id": listID}); err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, queries.JoinAppeared, named); err != nil {
			return err
		}
		if err := nameDrift(ctx, s, r, differing); err != nil {
			return err
		}
		if err := nameMembers(ctx, s, r); err != nil {
			return err
		}
		return noteDrift(ctx, conn, r, total)
	})
	if err == nil {
		r.Drift = &total
	}
	return err
}
