package engine_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// remembering is a world whose list 101 holds contacts 1 to 10 and is remembered, and whose query now wants 4 to 13.
func remembering(t *testing.T, change ...func(*engine.Config)) *world {
	t.Helper()
	w := newWorld(t, 20, change...)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 10)...)
	w.one("vip", engine.Succeeded)
	if n := w.calls(pages, func() { w.one("vip", engine.Succeeded) }); n != 0 {
		t.Fatalf("%d pages: the list is not remembered", n)
	}
	w.people(numbers(4, 13)...)
	return w
}

// wantReadAndRight wants the next run to read the list, whatever is remembered of it, and to make it right; from then on it is remembered.
func (w *world) wantReadAndRight() {
	w.t.Helper()
	if n := w.calls(pages, func() { w.wantConverged("vip", "101", numbers(4, 13)...) }); n == 0 {
		w.t.Error("the list was not read after a run that did not end well")
	}
	w.quiet(1, "vip")
}

// What a run that failed has left on the list is read, not remembered: whether it knows what it wrote or not.
func TestListIsReadAfterARunThatFailed(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]sandbox.Fault{
		"after the first of its batches":  {Status: 401, Body: "{}", After: 1, Count: -1},
		"without an answer, and not done": {Effect: sandbox.EffectReset, After: 1, Count: -1},
		"without an answer, but done":     {Effect: sandbox.EffectResetAfter, Count: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := remembering(t, chunks(2))
			f.Operation = writes
			w.fault(f)
			w.one("vip", engine.Failed)
			w.sandbox.ForgetFaults()
			w.wantReadAndRight()
		})
	}
}

// image copies the control database as a kill at this moment would leave it.
func (w *world) image() string {
	w.t.Helper()
	from, to := w.config.Warehouse.Database, filepath.Join(w.t.TempDir(), "rollcall.duckdb")
	for _, ending := range []string{"", ".wal"} {
		data, err := os.ReadFile(from + ending)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.WriteFile(to+ending, data, 0o600)
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return to
}

// What a killed run has left on the list is read, not remembered, wherever the kill fell.
func TestListIsReadAfterAKill(t *testing.T) {
	t.Parallel()
	for name, when := range map[string]func(w *world, kill func()){
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
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := remembering(t, chunks(2))
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
