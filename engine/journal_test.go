package engine_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/engine"
)

// runBroken runs vip and wants it to end because the ledger can't be written, with what was sent in the journal.
func (w *world) runBroken() (journal string) {
	w.t.Helper()
	_, err := w.engine.Run(w.t.Context(), []string{"vip"}, engine.RunOptions{})
	var journaled *engine.JournalError
	if !errors.As(err, &journaled) {
		w.t.Fatalf("%v, want a JournalError", err)
	}
	journal = w.config.Warehouse.Database + ".journal"
	wantWords(w.t, engine.HintOf(err), journal, "nothing more was sent")
	info, err := os.Stat(journal)
	if err != nil || info.Mode().Perm() != 0o600 {
		w.t.Fatalf("%v, %v; want a journal that its owner alone can read", info, err)
	}
	return journal
}

// wantTaken wants the next run to take the journal in: n changes are done as HubSpot said, not as the list shows.
func (w *world) wantTaken(journal string, n string, want ...int) {
	w.t.Helper()
	w.wantConverged("vip", "101", want...)
	if _, err := os.Stat(journal); !errors.Is(err, os.ErrNotExist) {
		w.t.Errorf("the journal is still there: %v", err)
	}
	wantRows(w.t, w.rows(`SELECT c.state, c.reason IS NULL, count(*), any_value(r.n_added), any_value(r.detail LIKE '%from the journal%')
		FROM rollcall.changes c JOIN rollcall.runs r USING (run_id)
		WHERE run_id = (SELECT min(run_id) FROM rollcall.runs) AND c.state = 'done' GROUP BY ALL`), "done true "+n+" "+n+" true")
	if open := w.rows("SELECT run_id FROM rollcall.runs WHERE status = 'RUNNING'"); len(open) > 0 {
		w.t.Errorf("runs left open: %v", open)
	}
}

// A ledger that can't be written after HubSpot answered ends the run; what was sent is in the journal, and then in the ledger.
func TestLedgerIsGoneInMidRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, chunks(2))
	w.sync("vip", map[string]string{"list_id": "'101'"})
	w.people(numbers(1, 6)...)
	w.whenCalled("/memberships/add-and-remove", 2, func() { w.exec("ALTER TABLE rollcall.changes RENAME TO gone") })
	journal := w.runBroken()
	if n := w.sandbox.CountCalls(writes); n != 2 {
		t.Errorf("%d writes, want none after the ledger was gone", n)
	}
	w.exec("ALTER TABLE rollcall.gone RENAME TO changes")
	w.wantTaken(journal, "4", numbers(1, 6)...)
}

// A runner that lost its lease ends the batch in flight and sends no other.
func TestLeaseIsLostInMidRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, chunks(2))
	w.sync("vip", map[string]string{"list_id": "'101'"})
	w.people(numbers(1, 6)...)
	w.whenCalled("/memberships/add-and-remove", 1, func() { w.exec("UPDATE rollcall.lease SET owner = 'other:2', epoch = epoch + 1") })
	journal := w.runBroken()
	if n := w.sandbox.CountCalls(writes); n != 1 {
		t.Errorf("%d writes, want none after the lease was lost", n)
	}
	w.wantTaken(journal, "2", numbers(1, 6)...)
}

// A line that was cut off, and lines of runs that this ledger does not know, change nothing; taking in what is known already neither.
func TestJournalThatSaysNothingNew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	w.sync("vip", map[string]string{"list_id": "'101'"})
	w.people(1, 2)
	run := w.one("vip", engine.Succeeded)
	before := w.rows("FROM rollcall.changes ORDER BY ALL")
	journal := w.config.Warehouse.Database + ".journal"
	known := `{"run_id":"` + run.RunID + `","list_id":"101","batch":1,"outcomes":[{"action":"add","record_id":1000001,"state":"failed"}]}`
	write := func(lines ...string) {
		if err := os.WriteFile(journal, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(known, `{"run_id":"r`)
	w.wantConverged("vip", "101", 1, 2)
	if _, err := os.Stat(journal); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the journal is still there: %v", err)
	}
	write(`{"run_id":"x","list_id":"101","batch":1,"outcomes":[{"action":"add","record_id":7,"state":"done"}]}`)
	w.wantConverged("vip", "101", 1, 2)
	wantRows(t, w.rows("FROM rollcall.changes ORDER BY ALL"), before...)
	if _, err := os.Stat(journal + ".unknown"); err != nil {
		t.Errorf("%v, want the lines of unknown runs kept", err)
	}
}

// A folder that several databases share keeps their journals apart.
func TestJournalFolder(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "state")
	w := newWorld(t, 2, func(c *engine.Config) { c.JournalDir = folder })
	w.sync("vip", map[string]string{"list_id": "'101'"})
	w.people(1, 2)
	w.whenCalled("/memberships/add-and-remove", 1, func() { w.exec("ALTER TABLE rollcall.changes RENAME TO gone") })
	if _, err := w.engine.Run(t.Context(), []string{"vip"}, engine.RunOptions{}); err == nil || !strings.Contains(engine.HintOf(err), folder) {
		t.Fatalf("%v (%s), want a journal in the folder", err, engine.HintOf(err))
	}
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v; want one journal", files, err)
	}
	w.exec("ALTER TABLE rollcall.gone RENAME TO changes")
	w.wantTaken(filepath.Join(folder, files[0].Name()), "2", 1, 2)
}
