package engine_test

import (
	"testing"
	"time"

	"rollcall/engine"
)

// clockwork is a world whose clock the returned function sets: to a time of day of 2 March 2026.
func clockwork(t *testing.T) (w *world, at func(timeOfDay string)) {
	t.Helper()
	c := &clock{}
	at = func(timeOfDay string) {
		t.Helper()
		moment, err := time.Parse(time.DateTime, "2026-03-02 "+timeOfDay)
		if err != nil {
			t.Fatal(err)
		}
		c.now = moment
	}
	at("05:00:00")
	w = newWorld(t, 30, c.set)
	w.people(1)
	return w, at
}

// made is when a test's row was made.
const made = "'2026-03-02 04:00:00+00'"

// down makes every query fail, and up ends that; the rows stay as they are.
func (w *world) down() { w.t.Helper(); w.exec("ALTER TABLE people RENAME TO hidden") }
func (w *world) up()   { w.t.Helper(); w.exec("ALTER TABLE hidden RENAME TO people") }

// next is what the view status says of the next runs.
func (w *world) next() []string {
	w.t.Helper()
	return w.rows("SELECT sync, coalesce(strftime(next_run_at AT TIME ZONE 'UTC', '%H:%M'), '-') FROM rollcall.status ORDER BY sync")
}

func TestFailedIsStillDue(t *testing.T) {
	t.Parallel()
	w, at := clockwork(t)
	w.sync("daily", map[string]string{"list_id": "101", "schedule": "'0 6 * * *'", "created_at": made})
	w.sync("hourly", map[string]string{"list_id": "102", "schedule": "'0 * * * *'", "created_at": made})
	at("06:00:00")
	w.down()
	wantNames(t, w.run(), "daily", "hourly")
	wantRows(t, w.next(), "daily 06:05", "hourly 06:05")
	at("06:04:59")
	wantNames(t, w.run())
	for _, again := range []string{"06:05:00", "06:15:00", "06:35:00"} { // after 5, 10 and 20 minutes
		at(again)
		wantNames(t, w.run(), "daily", "hourly")
		wantNames(t, w.run())
	}
	wantRows(t, w.next(), "daily 07:15", "hourly 07:00") // 40 minutes later, or its next date if that comes first
	at("07:00:00")
	wantNames(t, w.run(), "hourly")
	at("07:15:00")
	wantNames(t, w.run(), "daily")
	at("08:15:00") // an hour later at the most
	w.up()
	wantNames(t, w.run(), "daily", "hourly")
	w.wantMembers("101", 1)
	at("08:30:00")
	wantNames(t, w.run()) // they have succeeded
	wantRows(t, w.rows("SELECT sync, state, strftime(next_run_at AT TIME ZONE 'UTC', '%d %H:%M') FROM rollcall.status ORDER BY sync"),
		"daily SUCCEEDED 03 06:00", "hourly SUCCEEDED 02 09:00")
}

func TestRunFailed(t *testing.T) {
	t.Parallel()
	w, at := clockwork(t)
	w.sync("daily", map[string]string{"list_id": "101", "schedule": "'0 6 * * *'", "created_at": made})
	w.sync("well", map[string]string{"list_id": "102"})
	at("06:00:00")
	w.run("well")
	w.down()
	w.run("daily")
	w.up()
	wantNames(t, w.runWith(engine.RunOptions{Failed: true}, "well"))
	wantNames(t, w.runWith(engine.RunOptions{Failed: true}), "daily")
	wantNames(t, w.runWith(engine.RunOptions{Failed: true}))
	w.wantMembers("101", 1)
}

func TestMendedRowsAreDue(t *testing.T) {
	t.Parallel()
	w, at := clockwork(t)
	w.sync("daily", map[string]string{"list_id": "101", "schedule": "'0 6 * * *'", "created_at": made, "query": quote("SELECT email FROM nowhere")})
	at("06:00:00")
	w.run()
	at("06:01:00")
	wantNames(t, w.run())
	w.exec("UPDATE rollcall.syncs SET owner = 'ops'")
	wantNames(t, w.run()) // nothing that matters
	w.exec("UPDATE rollcall.syncs SET query = 'SELECT email FROM people'")
	wantNames(t, w.run(), "daily")
	w.wantMembers("101", 1)
	w.exec("UPDATE rollcall.syncs SET query = 'SELECT email FROM people WHERE true'")
	wantNames(t, w.run()) // it did not fail, so its change waits for its date
}

func TestApprovedAndInterruptedAreDue(t *testing.T) {
	t.Parallel()
	w, at := clockwork(t)
	w.sync("daily", map[string]string{"list_id": "101", "schedule": "'0 6 * * *'", "created_at": made})
	at("06:00:00")
	w.run()
	w.people()
	at("06:01:00")
	run := w.one("daily", engine.Blocked)
	at("06:02:00")
	wantNames(t, w.run())
	w.exec("INSERT INTO rollcall.approvals (run_id, approved_at, expires_at) VALUES (" + quote(run.RunID) + ", '2026-03-02 06:02:00+00', '2100-01-01 00:00:00+00')")
	wantRows(t, w.next(), "daily -")
	wantNames(t, w.run(), "daily")
	w.wantMembers("101")
	wantNames(t, w.run())

	w.people(1)
	at("06:03:00")
	w.run("daily")
	w.exec("UPDATE rollcall.runs SET status = 'INTERRUPTED', next_run_at = NULL WHERE run_at = '2026-03-02 06:03:00+00'")
	wantNames(t, w.run(), "daily")
	// What a killed runner left open is due too.
	at("06:04:00")
	w.run("daily")
	w.exec("UPDATE rollcall.runs SET status = 'RUNNING', finished_at = NULL, next_run_at = NULL WHERE run_at = '2026-03-02 06:04:00+00'")
	at("06:05:00")
	wantNames(t, w.run(), "daily")
}

func TestNewRowsWaitForTheirDate(t *testing.T) {
	t.Parallel()
	w, at := clockwork(t)
	w.sync("cron", map[string]string{"list_id": "101", "schedule": "'CRON_TZ=Europe/Berlin 0 7 * * *'", "created_at": made})
	w.sync("interval", map[string]string{"list_id": "102", "schedule": "'@every 1h'", "created_at": made})
	w.list("301", "Of unknown age", "0-1")
	w.sync("unknown_age", map[string]string{"list_id": "301", "schedule": "'0 3 * * *'", "created_at": "NULL"})
	statusOf := func(sync string) engine.SyncStatus {
		t.Helper()
		all, err := w.engine.Status(t.Context(), []string{sync})
		if err != nil || len(all) != 1 {
			t.Fatalf("%d, %v", len(all), err)
		}
		return all[0]
	}
	if s := statusOf("cron"); s.Due || s.NextRunAt == nil || s.NextRunAt.Format(time.TimeOnly) != "06:00:00" {
		t.Errorf("a row that never ran: %+v", s)
	}
	if s := statusOf("unknown_age"); !s.Due || s.NextRunAt != nil {
		t.Errorf("a row of unknown age: %+v", s)
	}
	wantNames(t, w.run(), "interval", "unknown_age")
	at("06:00:00")
	wantNames(t, w.run(), "cron", "interval")
	at("06:30:00")
	wantRows(t, w.next(), "cron 06:00", "interval 07:00", "unknown_age 03:00")
	w.exec("UPDATE rollcall.syncs SET schedule = '0 12 * * *' WHERE name = 'cron'; UPDATE rollcall.syncs SET enabled = false WHERE name = 'interval'")
	wantRows(t, w.next(), "cron -", "interval -", "unknown_age 03:00") // of the first only the next run or the command knows
	if s := statusOf("cron"); s.NextRunAt == nil || s.NextRunAt.Format(time.TimeOnly) != "12:00:00" {
		t.Errorf("a row with another schedule: %+v", s)
	}
	if s := statusOf("interval"); s.Due || s.Enabled || s.NextRunAt != nil {
		t.Errorf("a row that is off: %+v", s)
	}
}
