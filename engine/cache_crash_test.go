package engine_test

import (
	"testing"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// cachedWorld is a world whose list 101 has contacts 1 to 10 and is cached, and whose query now desires 4 to 13.
func cachedWorld(t *testing.T, change ...func(*engine.Config)) *world {
	t.Helper()
	w := newWorld(t, 20, change...)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 10)...)
	w.one("vip", engine.Succeeded)
	if n := w.calls(pages, func() { w.one("vip", engine.Succeeded) }); n != 0 {
		t.Fatalf("%d pages: the list is not cached", n)
	}
	w.people(numbers(4, 13)...)
	return w
}

// wantReadAndRight wants the next run to read the list, whatever is cached of it, and to make it right; from then on it is cached.
func (w *world) wantReadAndRight() {
	w.t.Helper()
	if n := w.calls(pages, func() { w.wantConverged("vip", "101", numbers(4, 13)...) }); n == 0 {
		w.t.Error("the list was not read after a run that did not end well")
	}
	w.wantQuietRuns(1, "vip")
}

// After a failed run the list is read, not taken from the cache: whether the run knows what it wrote or not.
func TestListIsReadAfterARunThatFailed(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]sandbox.Fault{
		"after the first of its batches":  {Status: 401, Body: "{}", After: 1, Count: -1},
		"without an answer, and not done": {Effect: sandbox.EffectReset, After: 1, Count: -1},
		"without an answer, but done":     {Effect: sandbox.EffectResetAfter, Count: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := cachedWorld(t, chunks(2))
			f.Operation = writes
			w.fault(f)
			w.one("vip", engine.Failed)
			w.sandbox.ForgetFaults()
			w.wantReadAndRight()
		})
	}
}

// kills are the moments at which a run of three batches is killed.
func kills() map[string]func(w *world, kill func()) {
	return map[string]func(w *world, kill func()){
		"while the first batch is under way": func(w *world, kill func()) { w.whenCalled("/add-and-remove", 1, kill) },
		"while the last batch is under way":  func(w *world, kill func()) { w.whenCalled("/add-and-remove", 3, kill) },
		"after the last answer": func(w *world, kill func()) {
			w.config.Events = on(func(s engine.Sent) {
				if s.Done == s.Total {
					kill()
				}
			})
			w.reopen()
		},
	}
}

// After a killed run the list is read, not taken from the cache, wherever the kill fell.
func TestListIsReadAfterAKill(t *testing.T) {
	t.Parallel()
	for name, when := range kills() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := cachedWorld(t, chunks(2))
			left := ""
			when(w, func() { left = w.image() })
			w.one("vip", engine.Succeeded)
			if left == "" {
				t.Fatal("the run did not come to the kill")
			}
			w.config.Warehouse.Database, w.config.Events = left, nil
			w.reopen()
			wantRows(t, w.rows("SELECT count(*) FROM rollcall.runs WHERE status = 'RUNNING'"), "1")
			w.wantReadAndRight()
			wantRows(t, w.rows("SELECT count(*) FROM rollcall.runs WHERE status = 'INTERRUPTED'"), "1")
		})
	}
}

// A list that is deleted after a kill is not made anew in silence, wherever the kill fell, and whether an earlier run filled it or the one that
// was killed made it. A row by ID fails, with what to do.
func TestListIsDeletedAfterAKill(t *testing.T) {
	t.Parallel()
	for row, columns := range map[string]map[string]string{
		"first run on it": {"list_name": "'VIP customers'"},
		"filled before":   {"list_name": "'VIP customers'"},
		"made by the run": {"list_name": "'Made by us'"},
		"given by its ID": {"list_id": "101"},
	} {
		for name, when := range kills() {
			t.Run(row+" "+name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, 20, chunks(2))
				w.sync("vip", columns)
				if row == "filled before" || row == "given by its ID" {
					w.people(numbers(9, 10)...)
					w.one("vip", engine.Succeeded)
				}
				w.people(numbers(4, 9)...)
				left, made := "", w.sandbox.CountCalls("lists.create")
				when(w, func() { left = w.image() })
				run := w.one("vip", engine.Succeeded)
				if left == "" {
					t.Fatal("the run did not come to the kill")
				}
				if row == "made by the run" {
					made++
				}
				if err := w.sandbox.DeleteList(run.ListID); err != nil {
					t.Fatal(err)
				}
				w.config.Warehouse.Database, w.config.Events = left, nil
				w.reopen()
				w.wantListGone(columns["list_id"] != "", run.ListID, made)
			})
		}
	}
}

// wantListGone wants runs to say that the list is gone, and to make none until that is approved; a row by ID never does.
func (w *world) wantListGone(byID bool, listID string, made int) {
	w.t.Helper()
	var run engine.Run
	for range 2 {
		if byID {
			run = w.one("vip", engine.Failed)
			wantWords(w.t, run.Error, "HubSpot has no list "+listID)
			wantWords(w.t, run.Hint, "restored for 90 days")
		} else {
			run = w.one("vip", engine.Blocked)
			wantWords(w.t, run.Error, "list_gone: list "+listID, "90 days")
			wantWords(w.t, run.Hint, "rollcall approve "+run.RunID)
		}
	}
	if n := w.sandbox.CountCalls("lists.create"); n != made {
		w.t.Errorf("%d lists made, want %d", n, made)
	}
	wantRows(w.t, w.rows("SELECT count(*) FROM rollcall.runs WHERE status = 'RUNNING'"), "0")
	if byID {
		return
	}
	w.approve(run.RunID)
	run = w.one("vip", engine.Succeeded)
	if !run.MadeList || run.ListID == listID {
		w.t.Errorf("after the approval: list %s, made %v", run.ListID, run.MadeList)
	}
	w.wantConverged("vip", run.ListID, numbers(4, 9)...)
}
