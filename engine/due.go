package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// lastRun is the last run of a sync that counts for its schedule, as the ledger has it. Undoing a run does not count, nor does a dry run of
// a row that does not ask for it.
type lastRun struct {
	at          time.Time
	failed      bool   // it is FAILED
	interrupted bool   // it is INTERRUPTED, or RUNNING and its runner does not hold the lease
	approved    bool   // it is BLOCKED, and an approval lets the next run pass
	failures    int64  // how many runs up to and with this one FAILED in a row
	rowSHA256   string // of the row as it was then; empty: not known
	heldQuery   string // the SHA-256 of the query that held its runner; empty: none did
}

// lastRuns are the last runs of all syncs that had one, by the sync's name.
type lastRuns map[string]lastRun

// readLastRuns reads the last run of every sync. exclusive says that no other process has the database open: what is RUNNING then has no
// runner.
func readLastRuns(ctx context.Context, conn *warehouse.Conn, now time.Time, exclusive bool) (lastRuns, error) {
	last := lastRuns{}
	err := conn.ReadRows(ctx, queries.ReadLastRuns, warehouse.Args{"now": now, "exclusive": exclusive}, func(scan func(...any) error) error {
		var name string
		var l lastRun
		err := scan(&name, &l.at, &l.failed, &l.interrupted, &l.approved, &l.failures, &l.rowSHA256, &l.heldQuery)
		last[name] = l
		return err
	})
	return last, err
}

// due keeps the jobs that a run without names takes at the time now.
func (last lastRuns) due(all []job, now time.Time) []job {
	return slices.DeleteFunc(all, func(j job) bool { return !last.isDue(j, now) })
}

// failed keeps the jobs whose last run FAILED.
func (last lastRuns) failed(all []job) []job {
	return slices.DeleteFunc(all, func(j job) bool { return !last[j.name].failed })
}

// heldRunner reports whether the job's query is the one that held the runner of its last run.
func (last lastRuns) heldRunner(j job) bool {
	return j.undoes == "" && last[j.name].heldQuery == j.querySHA256()
}

// leaveHeld keeps the jobs whose query did not hold the runner of their last run, and those that are asked for by name. held are the names
// of the others.
func (last lastRuns) leaveHeld(all []job) (kept []job, held []string) {
	for _, j := range all {
		if !j.named && last.heldRunner(j) {
			held = append(held, j.name)
			continue
		}
		kept = append(kept, j)
	}
	return kept, held
}

// isDue reports whether a run without names takes the job at the time now.
func (last lastRuns) isDue(j job, now time.Time) bool {
	next := last.next(j)
	if next.IsZero() {
		return true
	}
	slack := time.Duration(0)
	if l, ok := last[j.name]; ok && next.Equal(j.spec.Schedule.Next(l.at)) {
		slack = j.spec.Schedule.Slack()
	}
	return !next.Add(-slack).After(now)
}

// next is when a run without names takes the job; zero: the next one does, whenever it is. That goes for jobs without a schedule,
// and with one for those that are invalid (somebody has to hear of it), that were interrupted, that were blocked and then approved,
// and that failed and have a changed row. One that failed pauses, unless the next date of its schedule comes first.
func (last lastRuns) next(j job) time.Time {
	if j.err != nil || j.spec.Schedule.IsZero() {
		return time.Time{}
	}
	l, ran := last[j.name]
	switch {
	case !ran:
		return j.spec.Schedule.First(j.created)
	case l.interrupted, l.approved:
		return time.Time{}
	case l.failed && l.rowSHA256 != "" && l.rowSHA256 != j.rowSHA256:
		return time.Time{}
	}
	next := j.spec.Schedule.Next(l.at)
	if again := l.at.Add(pause(l.failures)); l.failed && again.Before(next) {
		return again
	}
	return next
}

// The pauses after a turn that FAILED, counted from its start.
const (
	firstPause = 5 * time.Minute
	maxPause   = time.Hour
)

// pause is how long to wait after so many failures in a row.
func pause(failures int64) time.Duration {
	d := firstPause
	for ; failures > 1 && d < maxPause; failures-- {
		d *= 2
	}
	return min(d, maxPause)
}

// hashOfRow tells whether a row was changed: in anything but the columns that are for people.
func hashOfRow(row syncspec.Row) string {
	row.Description, row.Owner, row.CreatedAt = nil, nil, nil
	text, err := json.Marshal(row)
	if err != nil {
		return "" // a number that JSON does not have: nothing is known of the row
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// rowWithoutQuery is what the ledger keeps of a row beside its query.
func rowWithoutQuery(row syncspec.Row) string {
	row.Query = nil
	text, err := row.JSON()
	if err != nil {
		return "" // as in hashOfRow
	}
	return text
}
