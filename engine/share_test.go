package engine_test

import (
	"strconv"
	"testing"
	"time"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// sharedAccount is a world whose account has that many calls a day, of which Rollcall may use up the given percent.
func sharedAccount(t *testing.T, contacts, daily int, share float64, change ...func(*engine.Config)) *world {
	t.Helper()
	return sandboxWorld(t, contacts, sandbox.Options{Rate: sandbox.RateLimit{Daily: daily}},
		append(change, func(c *engine.Config) { c.MaxDailyShare = share })...)
}

// wantShared wants the run to say that the day's share is used up, everywhere where a person looks, and to have left the list as it was.
func (w *world) wantShared(run engine.Run, listID string, members []int) {
	w.t.Helper()
	wantWords(w.t, run.Error, "today's calls", "max_daily_share")
	wantWords(w.t, run.Hint, "tomorrow", "max_daily_share")
	wantRows(w.t, w.rows("SELECT status, error LIKE '%max_daily_share%', hint LIKE '%tomorrow%', finished_at IS NOT NULL FROM rollcall.runs WHERE run_id = "+quote(run.RunID)),
		"FAILED true true true")
	wantRows(w.t, w.rows("SELECT count(*) FROM rollcall.changes WHERE run_id = "+quote(run.RunID)), "0")
	w.wantMembers(listID, members...)
	if n := w.sandbox.CountCalls(writes); n != 0 {
		w.t.Errorf("%d writes over the share of the day", n)
	}
}

// A run stops asking before the account's other apps are left less than their share of the day's calls. Keys that were not asked
// about remove nobody, and what was answered is not asked again the day after.
func TestKeysStopAtTheDailyShare(t *testing.T) {
	t.Parallel()
	for _, atATime := range []int{1, 16} {
		t.Run(strconv.Itoa(atATime)+" at a time", func(t *testing.T) {
			t.Parallel()
			w := sharedAccount(t, 400, 100, 30, reads(10), func(c *engine.Config) { c.Concurrency = atATime })
			w.sync("vip", map[string]string{"list_id": "101"})
			w.byHand("101", numbers(301, 310), nil)
			w.people(numbers(1, 400)...)
			run := w.one("vip", engine.Failed)
			w.wantShared(run, "101", numbers(301, 310))
			// Until the first answers have come, the use of the daily limit is not known.
			if n := w.sandbox.CountCalls(""); n > 30 || n < 25 {
				t.Errorf("%d calls where the share allows 30", n)
			}
			asked := w.sandbox.CountCalls(batchRead)
			w.config.MaxDailyShare = 90
			w.reopen()
			w.one("vip", engine.Succeeded)
			w.wantMembers("101", numbers(1, 400)...)
			if n := w.sandbox.CountCalls(batchRead) - asked; n != 40-asked {
				t.Errorf("%d batch reads after %d of 40 were answered", n, asked)
			}
		})
	}
}

// Pages of a list stop at the share too, and a list of which some pages are missing is not diffed.
func TestPagesStopAtTheDailyShare(t *testing.T) {
	t.Parallel()
	w := sharedAccount(t, 5000, 100, 12)
	w.byHand("101", numbers(1, 5000), nil)
	w.sync("vip", map[string]string{"list_id": "101", "id_property": "'hs_object_id'", "query": quote("SELECT 1000001 AS hs_object_id"), "max_removal_pct": "100"})
	run := w.one("vip", engine.Failed)
	w.wantShared(run, "101", numbers(1, 5000))
	if n := w.sandbox.CountCalls(""); n > 12 {
		t.Errorf("%d calls where the share allows 12", n)
	}
	w.config.MaxDailyShare = 90
	w.reopen()
	w.one("vip", engine.Succeeded)
	w.wantMembers("101", 1)
}

// A plan that would go over the share is blocked, and a person may let it pass.
func TestPlanBeyondTheDailyShare(t *testing.T) {
	t.Parallel()
	w := sharedAccount(t, 60, 100, 20, chunks(2))
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 60)...)
	run := w.one("vip", engine.Blocked)
	wantWords(t, run.Error, "max_daily_share", "30 more", "20%")
	wantWords(t, run.Hint, "rollcall approve "+run.RunID)
	if n := w.sandbox.CountCalls(writes); n != 0 {
		t.Errorf("%d writes of a plan that is blocked", n)
	}
	wantRows(t, w.rows("SELECT status, n_to_add, n_added FROM rollcall.runs"), "BLOCKED 60 0")
	w.exec("INSERT INTO rollcall.approvals (run_id, approved_by) VALUES (" + quote(run.RunID) + ", 'ada')")
	w.one("vip", engine.Succeeded)
	w.wantMembers("101", numbers(1, 60)...)
}

// A new day brings new calls.
func TestDailyShareStartsAnew(t *testing.T) {
	t.Parallel()
	var passed time.Duration
	clock := func() time.Time { return time.Now().Add(passed) }
	w := sandboxWorld(t, 100, sandbox.Options{Now: clock, Rate: sandbox.RateLimit{Daily: 100}}, reads(10),
		clockAhead(&passed), func(c *engine.Config) { c.MaxDailyShare, c.Concurrency = 8, 1 })
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 100)...)
	w.one("vip", engine.Failed)
	passed = 24*time.Hour - time.Minute // what was answered is still fresh
	w.one("vip", engine.Succeeded)
	w.wantMembers("101", numbers(1, 100)...)
}
