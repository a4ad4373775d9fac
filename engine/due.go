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

// lastRun is the last turn of a sync, as the ledger tells it. Neither undoing a run nor a rehearsal is a turn.
type lastRun struct {
	at        time.Time
	status    Status
	rowSHA256 string // of the row as it was then; empty: not known
	failures  int64  // how many turns up to and with this one FAILED in a row
	approved  bool   // it is BLOCKED, and an approval lets the next run pass
	alive     bool   // it is RUNNING, and its runner holds the lease
	heldQuery string // the SHA-256 of the query that held its runner; empty: none did
}

// lastRuns reads the last turn of every sync that had one, by name.
func (e *Engine) lastRuns(ctx context.Context, conn *warehouse.Conn) (map[string]lastRun, error) {
	all := map[string]lastRun{}
	err := conn.ReadRows(ctx, queries.ReadLastRuns, warehouse.Args{"now": e.now(), "exclusive": e.exclusive}, func(scan func(...any) error) error {
		var name string
		var l lastRun
		err := scan(&name, &l.at, &l.status, &l.rowSHA256, &l.failures, &l.approved, &l.alive, &l.heldQuery)
		all[name] = l
		return err
	})
	return all, err
}

// due keeps the jobs that a run without names takes now.
func (e *Engine) due(all []job, last map[string]lastRun) []job {
	return slices.DeleteFunc(all, func(j job) bool { return !j.dueAt(last, e.now()) })
}

// held says whether the job's query is the one that held its last runner, and the job is not asked for by name.
func (j job) held(last map[string]lastRun) bool {
	return !j.named && j.undoes == "" && last[j.name].heldQuery == hashOf(j.query)
}

// leaveHeld leaves out the jobs whose query held its last runner, which would do so again.
func (e *Engine) leaveHeld(all []job, last map[string]lastRun) []job {
	return slices.DeleteFunc(all, func(j job) bool {
		held := j.held(last)
		if held {
			e.config.Log.Warn().Str("sync", j.name).Msg("left out: its query held the runner")
		}
		return held
	})
}

// hashOf is the SHA-256 of a query, as the ledger has it.
func hashOf(query string) string {
	sum := sha256.Sum256([]byte(query))
	return hex.EncodeToString(sum[:])
}

// thatFailed keeps the jobs whose last turn FAILED.
func thatFailed(all []job, last map[string]lastRun) []job {
	return slices.DeleteFunc(all, func(j job) bool { return last[j.name].status != Failed })
}

// dueAt says whether a run without names takes the job.
func (j job) dueAt(last map[string]lastRun, now time.Time) bool {
	next := j.next(last)
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
func (j job) next(last map[string]lastRun) time.Time {
	if j.err != nil || j.spec.Schedule.IsZero() {
		return time.Time{}
	}
	l, ran := last[j.name]
	switch {
	case !ran:
		return j.spec.Schedule.First(j.created)
	case l.status == Interrupted, l.status == Running && !l.alive, l.approved:
		return time.Time{}
	case l.status == Failed && l.rowSHA256 != "" && l.rowSHA256 != j.rowSHA256:
		return time.Time{}
	}
	next := j.spec.Schedule.Next(l.at)
	if again := l.at.Add(pause(l.failures)); l.status == Failed && again.Before(next) {
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

// nextAfter is when the job is due next, now that its run has ended: zero where only the next run of Rollcall knows.
func (r *runner) nextAfter(j job, run *Run) time.Time {
	last := r.last
	if run.Undoes == "" && (!run.DryRun || j.spec.DryRun) {
		ended := lastRun{at: run.RunAt, status: run.Status, rowSHA256: j.rowSHA256}
		if run.Status == Failed {
			ended.failures = last[j.name].failures + 1
		}
		last = map[string]lastRun{j.name: ended}
	}
	return j.next(last)
}
