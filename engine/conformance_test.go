package engine_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/engine"
)

// everyKind runs a test with each of conformingKinds.
func everyKind(t *testing.T, test func(*testing.T, *kindWorld), change ...func(*engine.Config)) {
	for name, open := range conformingKinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t, change...)
			w.rowFor("vip", "101")
			test(t, w)
		})
	}
}

// rowFor writes the row of a sync over a set.
func (w *kindWorld) rowFor(sync, set string) {
	w.t.Helper()
	if w.columns == nil {
		w.world.sync(sync, map[string]string{"list_id": set})
		return
	}
	w.world.sync(sync, w.columns(set))
}

// sets leaves out kinds without sets of their own, to which others add.
func (w *kindWorld) sets(t *testing.T) {
	t.Helper()
	if w.list == nil || w.add == nil {
		t.Skip("there are no sets of their own")
	}
}

func (w *kindWorld) wantHeld(want ...int) {
	w.t.Helper()
	if got := w.held("101"); !slices.Equal(got, want) {
		w.t.Errorf("the set holds %v, want %v", got, want)
	}
}

// wantQuiet wants the set to be as desired, the ledger to agree, and further runs to send nothing.
func (w *kindWorld) wantQuiet(desired ...int) {
	w.t.Helper()
	w.one("vip", engine.Succeeded)
	w.wantHeld(desired...)
	wantRows(w.t, w.rows("SELECT run_id, n, state FROM rollcall.changes WHERE state IN ('sent', 'unknown')"))
	wantRows(w.t, w.rows("SELECT run_id FROM rollcall.runs WHERE status = 'RUNNING'"))
	sent := w.send()
	run := w.one("vip", engine.Succeeded)
	if p, _ := w.plan("vip"); !p.Empty() || !run.Plan.Empty() || w.send() != sent {
		w.t.Errorf("not quiet: %d writes, plans %+v and %+v", w.send()-sent, run.Plan, p)
	}
	if run.Final == nil || *run.Final != int64(len(desired)) {
		w.t.Errorf("the run says %s in the set, want %d", number(run.Final), len(desired))
	}
}

// A plan that was applied leaves nothing to plan, and every change is in the ledger with its number and its record.
func TestKindConverges(t *testing.T) {
	t.Parallel()
	everyKind(t, func(t *testing.T, w *kindWorld) {
		w.people(numbers(1, 10)...)
		run := w.one("vip", engine.Succeeded)
		wantCounts(t, run, "10 0 0 10")
		wantRows(t, w.rows("SELECT count(*), count(DISTINCT n), min(n), max(n), count(record_id), count(DISTINCT coalesce(to_record_id, record_id)) FROM rollcall.changes WHERE run_id = "+quote(run.RunID)), "10 10 1 10 10 10")
		w.wantQuiet(numbers(1, 10)...)
		w.people(numbers(4, 12)...)
		if run := w.one("vip", engine.Succeeded); w.keeps {
			wantCounts(t, run, "2 0 0 9")
		} else {
			wantCounts(t, run, "2 3 0 9")
		}
		w.wantQuiet(numbers(4, 12)...)
	})
}

// A preview is the plan of the run that follows, and writes nothing anywhere.
func TestKindPreview(t *testing.T) {
	t.Parallel()
	everyKind(t, func(t *testing.T, w *kindWorld) {
		w.people(numbers(1, 5)...)
		p, _ := w.plan("vip")
		if w.send() != 0 || p.Add != 5 {
			t.Errorf("%d writes, plan %+v", w.send(), p)
		}
		wantRows(t, w.rows("SELECT run_id FROM rollcall.runs"))
		if run := w.one("vip", engine.Succeeded); run.Plan.Hash != p.Hash {
			t.Errorf("the run's plan %s, the preview's %s", run.Plan.Hash, p.Hash)
		}
	})
}

// A write whose answer was lost is not made twice.
func TestKindLosesAnAnswer(t *testing.T) {
	t.Parallel()
	everyKind(t, func(t *testing.T, w *kindWorld) {
		w.people(numbers(1, 10)...)
		w.lose()
		w.run("vip")
		w.wantQuiet(numbers(1, 10)...)
		w.people(numbers(6, 12)...)
		w.lose()
		w.run("vip")
		w.wantQuiet(numbers(6, 12)...)
	})
}

// A plan that takes over what others filled is blocked, keeps its changes in the ledger, and passes once it is approved.
func TestKindIsBlockedAndApproved(t *testing.T) {
	t.Parallel()
	everyKind(t, func(t *testing.T, w *kindWorld) {
		w.sets(t)
		w.exec("UPDATE rollcall.syncs SET allow_takeover = false")
		w.add(20, 21, 22)
		w.people(numbers(1, 4)...)
		run := w.one("vip", engine.Blocked)
		wantWords(t, run.Error, "takeover")
		if w.send() != 0 {
			t.Errorf("a blocked plan sent %d writes", w.send())
		}
		wantRows(t, w.rows("SELECT action, state, count(*) FROM rollcall.changes WHERE run_id = "+quote(run.RunID)+" GROUP BY ALL ORDER BY ALL"), cmp.Or(w.actions[0], "add")+" planned 4", cmp.Or(w.actions[1], "remove")+" planned 3")
		w.approve(run.RunID)
		wantCounts(t, w.one("vip", engine.Succeeded), "4 3 0 4")
		w.wantQuiet(numbers(1, 4)...)
	})
}

// Undoing a run puts back what it changed.
func TestKindIsUndone(t *testing.T) {
	t.Parallel()
	everyKind(t, func(t *testing.T, w *kindWorld) {
		w.sets(t)
		w.people(numbers(1, 12)...)
		w.one("vip", engine.Succeeded)
		w.people(numbers(3, 14)...)
		run := w.one("vip", engine.Succeeded)
		w.undo(run.RunID, engine.Succeeded)
		w.wantHeld(numbers(1, 12)...)
		w.wantQuiet(numbers(3, 14)...)
	})
}

// Two syncs of one run have their own sets.
func TestKindRunsTwoSyncs(t *testing.T) {
	t.Parallel()
	everyKind(t, func(t *testing.T, w *kindWorld) {
		w.sets(t)
		w.list("301")
		w.rowFor("more", "301")
		w.exec("UPDATE rollcall.syncs SET query = replace(query, 'FROM people', 'FROM (FROM people WHERE email < ''contact-00005'')') WHERE name = 'more'")
		w.people(numbers(1, 8)...)
		for _, run := range w.run() {
			if run.Status != engine.Succeeded {
				t.Errorf("%+v", run)
			}
		}
		w.wantHeld(numbers(1, 8)...)
		if got := w.held("301"); !slices.Equal(got, numbers(1, 4)) {
			t.Errorf("the other set holds %v", got)
		}
	})
}

// A runner that has lost its lease sends nothing more, and the next one continues.
func TestKindLosesTheLease(t *testing.T) {
	t.Parallel()
	for _, boundary := range []string{"before record intent", "before mark sent", "before record outcomes"} {
		for name, open := range conformingKinds {
			t.Run(name+" "+boundary, func(t *testing.T) {
				t.Parallel()
				losesTheLease(t, open, boundary)
			})
		}
	}
}

// losesTheLease lets another runner take the lease at a boundary.
func losesTheLease(t *testing.T, open func(*testing.T, ...func(*engine.Config)) *kindWorld, boundary string) {
	t.Helper()
	taken := false
	var w *kindWorld
	w = open(t, func(c *engine.Config) {
		c.Concurrency = 1
		c.Failpoint = func(step string) {
			if step == boundary && !taken {
				taken = true
				w.exec("UPDATE rollcall.lease SET owner = 'other:2', epoch = epoch + 1, expires_at = now() + INTERVAL 1 HOUR")
			}
		}
	})
	w.rowFor("vip", "101")
	w.people(numbers(1, 10)...)
	if _, err := w.engine.Run(t.Context(), nil, engine.RunOptions{}); err == nil || !strings.Contains(err.Error(), engine.ErrLeaseLost.Error()) {
		t.Errorf("run without a lease: %v", err)
	}
	if sent := w.send(); sent > 1 {
		t.Errorf("%d writes after the lease was lost", sent)
	}
	w.exec("UPDATE rollcall.lease SET owner = NULL, expires_at = now() - INTERVAL 1 HOUR")
	w.wantQuiet(numbers(1, 10)...)
}

// A run that is killed at any boundary between two of its steps is gone on with by the next one.
func TestKindIsKilled(t *testing.T) {
	t.Parallel()
	for name, open := range conformingKinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			passed := killAt(t, open, 0)
			for n := 1; n <= passed; n++ {
				if *long || n%5 == int(*sample)%5 {
					killAt(t, open, n)
				}
			}
		})
	}
}

// killAt kills a run that adds and removes at the nth boundary, 0 at none, wants the next run to converge, and returns how many boundaries there were.
func killAt(t *testing.T, open func(*testing.T, ...func(*engine.Config)) *kindWorld, n int) (passed int) {
	t.Helper()
	w := open(t)
	w.rowFor("vip", "101")
	w.people(numbers(1, 10)...)
	w.one("vip", engine.Succeeded)
	w.people(numbers(5, 14)...)
	killed, at := "", ""
	w.config.Failpoint = func(step string) {
		if passed++; passed == n {
			killed, at = w.image(), step
			w.down(true)
		}
	}
	w.reopen()
	passed = 0
	_, _ = w.engine.Run(t.Context(), nil, engine.RunOptions{})
	w.config.Failpoint = nil
	if n > 0 {
		w.down(false)
		w.config.Warehouse.Database = killed
	}
	w.reopen()
	w.wantQuiet(numbers(5, 14)...)
	if t.Failed() {
		t.Fatalf("killed %s, boundary %d", at, n)
	}
	return passed
}

// Batches of a wave are sent side by side, as many as there may be calls at a time, and recorded in two transactions.
func TestKindSendsWaves(t *testing.T) {
	t.Parallel()
	server := newToyServer(t)
	server.gate = make(chan struct{})
	records := map[string]int{}
	w := newWorld(t, 1, func(c *engine.Config) {
		c.Drivers = []engine.NamedDriver{{Name: "list", Driver: server.driver()}}
		c.Concurrency = 4
		c.Failpoint = func(step string) { records[step]++ }
	})
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 7*toyBatch)...)
	go func() {
		for { // the first wave is under way as a whole before any of its calls is answered
			server.mu.Lock()
			inFlight := server.inFlight
			server.mu.Unlock()
			if inFlight == 4 {
				close(server.gate)
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	wantCounts(t, w.one("vip", engine.Succeeded), fmt.Sprintf("%d 0 0 %d", 7*toyBatch, 7*toyBatch))
	if server.mostInFlight != 4 || server.writes != 7 {
		t.Errorf("%d writes, %d at a time; want 7, 4", server.writes, server.mostInFlight)
	}
	if records["before mark sent"] != 1 || records["before record outcomes"] != 2 {
		t.Errorf("%d transactions of intent after the first, %d of outcomes; want 1, 2", records["before mark sent"], records["before record outcomes"])
	}
}
