package engine_test

import (
	"testing"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// drift are the rows of rollcall.drift of a run: contact, kind, cause, key or <nil>.
func (w *world) drift(runID string) []string {
	w.t.Helper()
	return w.rows("SELECT record_id - 1000000, kind, cause, key FROM rollcall.drift WHERE run_id = " + quote(runID) + " ORDER BY 1")
}

func wantDrift(t *testing.T, run engine.Run, want string) {
	t.Helper()
	if got := number(run.Drift); got != want {
		t.Errorf("n_drift %s, want %s", got, want)
	}
}

func verified(w *world, want engine.Status) engine.Run {
	w.t.Helper()
	runs := w.runWith(engine.RunOptions{Verify: true}, "vip")
	if len(runs) != 1 || runs[0].Status != want {
		w.t.Fatalf("%+v, want one run that is %s", runs, want)
	}
	return runs[0]
}

func TestDriftBetweenRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	w.byHand("101", numbers(1, 3), nil)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(2, 10)...)
	first := w.one("vip", engine.Succeeded)
	wantDrift(t, first, "0") // nobody had left anything there
	w.byHand("101", []int{20, 21}, []int{5})
	second := w.one("vip", engine.Succeeded)
	wantDrift(t, second, "3")
	wantRows(t, w.drift(second.RunID), "5 disappeared removed_by_hand "+address(5), "20 appeared added_by_hand <nil>", "21 appeared added_by_hand <nil>")
	wantWords(t, second.Detail, "drift: 3")
	wantRows(t, w.rows("SELECT n_drift FROM rollcall.status"), "3")
	wantWords(t, w.row("SELECT what_to_do FROM rollcall.status"), "rollcall.drift", second.RunID)
	w.wantConverged("vip", "101", numbers(2, 10)...)
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.drift"), "3")

	// The same one goes again: that is news.
	w.byHand("101", nil, []int{5})
	wantDrift(t, w.one("vip", engine.Succeeded), "1")
}

// A plan that is not sent leaves the list as it was found, which is told once.
func TestDriftOfABlockedRun(t *testing.T) {
	t.Parallel()
	w := full(t, 12, nil)
	w.byHand("101", []int{20}, nil)
	w.people()
	wantDrift(t, w.one("vip", engine.Blocked), "1")
	wantDrift(t, w.one("vip", engine.Blocked), "0")
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.drift"), "1")
}

// Two rows on one list are read at one time, and applied one after another: what the first one left is not drift for the second.
func TestOwnChangesAreNoDrift(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	w.people(1, 2)
	w.sync("a", map[string]string{"list_id": "101", "mode": "'add'"})
	w.sync("b", map[string]string{"list_id": "101", "mode": "'add'", "query": quote("SELECT '" + address(5) + "' AS email")})
	w.run()
	w.people(1, 2, 3)
	runs := w.runWith(engine.RunOptions{Full: true})
	wantDrift(t, runs[0], "0")
	wantDrift(t, runs[1], "NULL") // which saw what the first one left
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.drift"), "0")
}

func TestVerify(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30, atOnce)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 10)...)
	run := verified(w, engine.Succeeded)
	wantDrift(t, run, "0")
	wantRows(t, w.rows("SELECT verified, n_final, n_drift FROM rollcall.runs"), "true 10 0")
	if n := w.sandbox.CountCalls(pages); n != 2 {
		t.Errorf("the list was read %d times, want once before and once after", n)
	}
	w.one("vip", engine.Succeeded)
	wantRows(t, w.rows("SELECT verified FROM rollcall.runs ORDER BY run_at DESC LIMIT 1"), "false")
}

// HubSpot says that it did what it did not do, and somebody was there meanwhile.
func TestVerifyFindsADifference(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30, atOnce)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 10)...)
	w.one("vip", engine.Succeeded)
	w.people(numbers(2, 11)...) // 11 comes, 1 goes
	w.fault(sandbox.Fault{Operation: writes, Status: 200, Body: `{"recordsIdsAdded":["1000011"],"recordIdsRemoved":["1000001"],"recordIdsMissing":[]}`})
	w.meanwhile(func() { w.byHand("101", []int{25}, []int{7}) })
	run := verified(w, engine.Succeeded)
	wantCounts(t, run, "1 1 0 10")
	wantDrift(t, run, "4")
	wantRows(t, w.drift(run.RunID),
		"1 appeared not_applied "+address(1), "7 disappeared lost "+address(7), "11 disappeared not_applied "+address(11), "25 appeared added_by_hand <nil>")
	wantWords(t, run.Detail, "drift: 4")
	w.wantMembers("101", 1, 2, 3, 4, 5, 6, 8, 9, 10, 25)
	next := w.one("vip", engine.Succeeded)
	wantRows(t, w.rows("SELECT record_id - 1000000, action, cause FROM rollcall.changes WHERE run_id = "+quote(next.RunID)+" ORDER BY 1"),
		"1 remove left", "7 add entered", "11 add entered", "25 remove foreign")
	w.wantConverged("vip", "101", numbers(2, 11)...)
}

// A difference that is gone when the list is read again was only late.
func TestVerifyWaitsForLateReads(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30, atOnce)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 10)...)
	w.fault(sandbox.Fault{Operation: pages, Status: 200, Body: `{"results":[],"total":0}`, After: 1, Count: 1})
	run := verified(w, engine.Succeeded)
	wantDrift(t, run, "0")
	wantCounts(t, run, "10 0 0 10")
	if n := w.sandbox.CountCalls(pages); n != 3 {
		t.Errorf("the list was read %d times, want 3", n)
	}
}

// What can't be read back is not proved.
func TestVerifyThatCannotRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30, atOnce)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 10)...)
	w.fault(sandbox.Fault{Operation: pages, Status: 500, After: 1, Count: -1})
	run := verified(w, engine.Failed)
	wantWords(t, run.Error, "verify")
	wantCounts(t, run, "10 0 0 10")
	w.sandbox.ForgetFaults()
	w.reopen()
	w.wantConverged("vip", "101", numbers(1, 10)...)
}

// A list that is said to have nobody on it, without a count, is no proof that all have gone.
func TestVerifyRefusesAnEmptyAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30, atOnce)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 10)...)
	w.fault(sandbox.Fault{Operation: pages, Status: 200, Body: `{"results":[]}`, After: 1, Count: -1})
	run := verified(w, engine.Failed)
	wantWords(t, run.Error, "verify", "no members")
	w.wantOwned("101", numbers(1, 10)...)
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.drift"), "0")
	w.sandbox.ForgetFaults()
	w.wantConverged("vip", "101", numbers(1, 10)...)
}

// A person who moved somebody since is not overruled by undoing, also when the list has come to look as the run left it.
func TestUndoKeepsOutDrift(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	w.sync("vip", map[string]string{"list_id": "101", "mode": "'add'"})
	w.people(1, 2)
	run := w.one("vip", engine.Succeeded)
	w.people(1)
	w.byHand("101", nil, []int{2})
	w.runWith(engine.RunOptions{Full: true}, "vip")
	w.byHand("101", []int{2}, nil)
	w.exec("UPDATE rollcall.syncs SET allow_empty = true")
	w.undo(run.RunID, engine.Succeeded)
	w.wantMembers("101", 2)
}

// The next run reconciles a change without an answer; it is no drift.
func TestVerifyLeavesUnknownChangesOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30, atOnce)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(4, 5)
	w.fault(sandbox.Fault{Operation: writes, Effect: sandbox.EffectStatusAfter, Status: 504, IDs: ids([]int{5}), Count: -1})
	run := verified(w, engine.Partial)
	wantDrift(t, run, "0")
	if w.states(run.RunID) == "add done 2" {
		t.Fatal("no change was left without an answer")
	}
	w.sandbox.ForgetFaults()
	w.reopen()
	w.wantConverged("vip", "101", 4, 5)
}

// A list that can't be read back whole has all that was sent to it. What was read is compared; who is missing can't be told, so the run is not
// verified, and says so.
func TestVerifyInPart(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"add", "mirror"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			w := sandboxWorld(t, 1700, sandbox.Options{}, atOnce, func(c *engine.Config) { c.Concurrency = 1 })
			w.sync("vip", map[string]string{"list_id": "101", "mode": quote(mode)})
			w.people(numbers(1, 1600)...)
			w.one("vip", engine.Succeeded)
			w.people(numbers(1, 1601)...)
			w.config.Events = on(func(engine.Planned) {
				w.byHand("101", []int{1650}, nil)
				w.fault(sandbox.Fault{Operation: pages, Effect: sandbox.EffectSkip, Records: 3, Count: -1})
			})
			w.reopen()
			run := verified(w, engine.Succeeded)
			wantCounts(t, run, "1 0 0 1601")
			if run.Verified || run.Hint != "" {
				t.Errorf("verified %v, hint %q", run.Verified, run.Hint)
			}
			wantWords(t, run.Detail, "read back in part", "were not looked for")
			wantRows(t, w.drift(run.RunID), "1650 appeared added_by_hand <nil>")
			wantRows(t, w.rows("SELECT verified, error IS NULL FROM rollcall.runs ORDER BY run_at DESC LIMIT 1"), "false true")
			wantRows(t, w.rows("SELECT count(*) FROM rollcall.members WHERE list_id = '101'"), "1602")
			w.sandbox.ForgetFaults()
			w.config.Events = nil
			w.reopen()
			if n := w.calls(pages, func() { w.one("vip", engine.Succeeded) }); n == 0 {
				t.Error("the list was cached after it was read back in part")
			}
			want := numbers(1, 1601)
			if mode == "add" {
				want = append(want, 1650)
			}
			w.wantMembers("101", want...)
		})
	}
}

// Where the plan's own reading was in part, who is found on the list afterwards may have been there all the time: that is no drift.
func TestVerifyOfAPlanInPart(t *testing.T) {
	t.Parallel()
	for name, whole := range map[string]bool{"read back whole": true, "read back in part": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := sandboxWorld(t, 1700, sandbox.Options{}, atOnce, func(c *engine.Config) { c.Concurrency = 1 })
			w.byHand("101", numbers(1, 1600), nil)
			w.sync("vip", map[string]string{"list_id": "101", "mode": "'add'"})
			w.people(1601)
			w.fault(sandbox.Fault{Operation: pages, Effect: sandbox.EffectSkip, Records: 3, Count: -1})
			w.config.Events = on(func(engine.Planned) {
				if whole {
					w.sandbox.ForgetFaults()
				}
			})
			w.reopen()
			before := w.sandbox.CountCalls(pages)
			run := verified(w, engine.Succeeded)
			if n := w.sandbox.CountCalls(pages) - before; whole && n > 4*9 {
				t.Errorf("%d pages; want the list read back once", n)
			}
			if run.Verified != whole || run.Drift != nil && *run.Drift != 0 {
				t.Errorf("verified %v, drift %s", run.Verified, number(run.Drift))
			}
			wantRows(t, w.rows("SELECT count(*) FROM rollcall.drift"), "0")
			final := "1601"
			if !whole {
				final = "NULL"
			}
			wantCounts(t, run, "1 0 0 "+final)
			w.sandbox.ForgetFaults()
			w.config.Events = nil
			w.reopen()
			next := w.one("vip", engine.Succeeded)
			if next.Plan.Current != 1601 {
				t.Errorf("the next run knows %d members, want 1601", next.Plan.Current)
			}
		})
	}
}
