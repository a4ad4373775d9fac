package control

import (
	"context"
	"slices"
	"time"

	"rollcall/engine/warehouse"
)

// LastRun is the last run of a sync that counts for its schedule, as the ledger has it. Undoing a run does not count, nor does a dry run of
// a row that does not ask for it.
// Schedules are worked out from it alone: no process needs to run between two runs, and a runner that comes late takes
// what is due by then, once.
type LastRun struct {
	At          time.Time
	Failed      bool   // it is FAILED
	Interrupted bool   // it is INTERRUPTED, or RUNNING and its runner does not hold the lease
	Approved    bool   // it is BLOCKED, and an approval lets the next run pass
	Failures    int64  // how many runs up to and with this one FAILED in a row
	RowSHA256   string // of the row as it was then; empty: not known
	HeldQuery   string // the SHA-256 of the query that held its runner; empty: none did

	blocked bool // it is BLOCKED
}

// LastRuns are the last runs of all syncs that had one, by the sync's name.
type LastRuns map[string]LastRun

// ReadLastRuns reads the last run of every sync. exclusive says that no other process has the database open: what is RUNNING then has no
// runner.
func ReadLastRuns(ctx context.Context, conn *warehouse.Conn, now time.Time, exclusive bool) (LastRuns, error) {
	last, anyBlocked := LastRuns{}, false
	err := conn.ReadRows(ctx, queries.ReadLastRuns, warehouse.Args{"now": now, "exclusive": exclusive}, func(scan func(...any) error) error {
		var name string
		var l LastRun
		err := scan(&name, &l.At, &l.Failed, &l.Interrupted, &l.blocked, &l.Failures, &l.RowSHA256, &l.HeldQuery)
		last[name], anyBlocked = l, anyBlocked || l.blocked
		return err
	})
	if err != nil || !anyBlocked {
		return last, err
	}
	return last, last.readApproved(ctx, conn, now)
}

// readApproved fills in which of the runs that are BLOCKED have an approval that counts.
func (last LastRuns) readApproved(ctx context.Context, conn *warehouse.Conn, now time.Time) error {
	return conn.ReadRows(ctx, queries.ReadApproved, warehouse.Args{"now": now}, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		if l, ran := last[name]; ran {
			l.Approved = l.blocked
			last[name] = l
		}
		return err
	})
}

// Due keeps the rows that a run without names takes at the time now.
func (last LastRuns) Due(all []Selection, now time.Time) []Selection {
	return slices.DeleteFunc(all, func(s Selection) bool { return !last.IsDue(s, now) })
}

// Failed keeps the rows whose last run FAILED.
func (last LastRuns) Failed(all []Selection) []Selection {
	return slices.DeleteFunc(all, func(s Selection) bool { return !last[s.Name].Failed })
}

// HeldRunner reports whether the row's query is the one that held the runner of its last run.
func (last LastRuns) HeldRunner(s Selection) bool {
	return s.Undoes == "" && last[s.Name].HeldQuery == s.QuerySHA256()
}

// LeaveHeld keeps the rows whose query did not hold the runner of their last run, and those that are asked for by name. held are the names
// of the others.
func (last LastRuns) LeaveHeld(all []Selection) (kept []Selection, held []string) {
	for _, s := range all {
		if !s.Named && last.HeldRunner(s) {
			held = append(held, s.Name)
			continue
		}
		kept = append(kept, s)
	}
	return kept, held
}

// IsDue reports whether a run without names takes the row at the time now. A date of its schedule is due a little early
// (see Schedule.Slack), because whatever starts the runner is not punctual to the second; the end of a pause after a
// failure is not.
func (last LastRuns) IsDue(s Selection, now time.Time) bool {
	next := last.Next(s)
	if next.IsZero() {
		return true
	}
	slack := time.Duration(0)
	if l, ok := last[s.Name]; ok && next.Equal(s.Spec.Schedule.Next(l.At)) {
		slack = s.Spec.Schedule.Slack()
	}
	return !next.Add(-slack).After(now)
}

// Next returns when a run without names takes the row; zero: the next one does, whenever it is. That goes for rows without a schedule,
// and with one for those that are invalid (somebody has to hear of it), that were interrupted, that were blocked and then approved,
// and that failed and have a changed row. One that failed pauses, unless the next date of its schedule comes first.
func (last LastRuns) Next(s Selection) time.Time {
	if s.Err != nil || s.Spec.Schedule.IsZero() {
		return time.Time{}
	}
	l, ran := last[s.Name]
	switch {
	case !ran:
		return s.Spec.Schedule.First(s.Created)
	case l.Interrupted, l.Approved:
		return time.Time{}
	case l.Failed && l.RowSHA256 != "" && l.RowSHA256 != s.RowSHA256:
		return time.Time{}
	}
	next := s.Spec.Schedule.Next(l.At)
	if again := l.At.Add(pause(l.Failures)); l.Failed && again.Before(next) {
		return again
	}
	return next
}

// The pauses after a run that FAILED, counted from its start.
const (
	firstPause = 5 * time.Minute
	maxPause   = time.Hour
)

// pause returns how long to wait after so many failures in a row: twice as long each time, up to maxPause.
func pause(failures int64) time.Duration {
	d := firstPause
	for ; failures > 1 && d < maxPause; failures-- {
		d *= 2
	}
	return min(d, maxPause)
}
