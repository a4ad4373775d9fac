package engine_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/engine"
	"rollcall/engine/hint"
	"rollcall/engine/hubspot/sandbox"
)

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

// A ledger that can't be written after HubSpot answered ends the run, and no other sync starts, though the rest of the ledger could
// be written; what was sent is in the journal, and then in the ledger.
func TestLedgerIsGoneInMidRun(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"changes", "members"} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 6, chunks(2))
			w.sync("vip", map[string]string{"list_id": "'101'"})
			w.sync("zzz", map[string]string{"list_id": "'102'"})
			w.people(numbers(1, 6)...)
			w.whenCalled("/memberships/add-and-remove", 2, func() { w.exec("ALTER TABLE rollcall." + table + " RENAME TO gone") })
			journal := w.runIntoJournal("vip", "zzz")
			if n := w.sandbox.CountCalls(writes); n != 2 {
				t.Errorf("%d writes, want none after the ledger was gone", n)
			}
			w.exec("ALTER TABLE rollcall.gone RENAME TO " + table)
			w.wantTaken(journal, "4", numbers(1, 6)...)
		})
	}
}

// What is taken in is all that the run knew, before any list is read again: what was done, what was refused and why, who is on the
// list, and the counts of the run. What stood in the journal already, cut off, is no harm.
func TestJournalIsTakenInWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12)
	w.sync("vip", map[string]string{"list_id": "'101'"})
	w.sync("other", map[string]string{"list_id": "'102'", "query": "'SELECT email FROM people LIMIT 0'"})
	w.people(numbers(1, 6)...)
	w.one("vip", engine.Succeeded)
	w.people(numbers(4, 9)...)
	w.fault(sandbox.Fault{Operation: writes, Effect: sandbox.EffectRefuse, IDs: ids([]int{9}), Count: -1})
	w.whenCalled("/memberships/add-and-remove", 1, func() {
		w.exec("ALTER TABLE rollcall.changes RENAME TO gone")
		if err := os.WriteFile(w.config.Warehouse.Database+".journal", []byte(`{"run_id":"cut o`), 0o600); err != nil {
			t.Error(err)
		}
	})
	w.runIntoJournal("vip")
	w.exec("ALTER TABLE rollcall.gone RENAME TO changes")
	w.sandbox.ForgetCalls()
	w.one("other", engine.Succeeded)
	broken := w.row("SELECT max(run_id) FROM rollcall.runs WHERE sync = 'vip'")
	wantRows(t, w.rows("SELECT action, state, reason LIKE '%400%', count(*) FROM rollcall.changes WHERE run_id = "+quote(broken)+" GROUP BY ALL ORDER BY ALL"),
		"add done <nil> 2", "add failed true 1", "remove done <nil> 3")
	wantRows(t, w.rows("SELECT status, n_added, n_removed, detail LIKE '%6 changes taken in from the journal' FROM rollcall.runs WHERE run_id = "+quote(broken)), "INTERRUPTED 2 3 true")
	w.wantOwned("101", numbers(4, 8)...)
	w.wantMembers("101", numbers(4, 8)...)
}

// Where the journal can't be written either, nothing is said to be kept, and the list tells the next run.
func TestJournalCannotBeWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	w.sync("vip", map[string]string{"list_id": "'101'"})
	w.people(1, 2)
	journal := w.config.Warehouse.Database + ".journal"
	w.whenCalled("/memberships/add-and-remove", 1, func() {
		w.exec("ALTER TABLE rollcall.changes RENAME TO gone")
		if err := os.Mkdir(journal, 0o700); err != nil {
			t.Error(err)
		}
	})
	_, err := w.engine.Run(t.Context(), []string{"vip"}, engine.RunOptions{})
	var journaled *engine.JournalError
	if !errors.As(err, &journaled) || journaled.Path != "" {
		t.Fatalf("%v, want a JournalError without a journal", err)
	}
	wantWords(t, err.Error(), "keep journal", "changes does not exist")
	wantWords(t, hint.Of(err), "nothing more was sent", "from the list")
	if err := os.Remove(journal); err != nil {
		t.Fatal(err)
	}
	w.exec("ALTER TABLE rollcall.gone RENAME TO changes")
	w.wantConverged("vip", "101", 1, 2)
	wantRows(t, w.rows("SELECT DISTINCT state, reason FROM rollcall.changes"), "done the answer was lost; the list shows the change")
}

// A runner that lost its lease ends the batch in flight and sends no other.
func TestLeaseIsLostInMidRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, chunks(2))
	w.sync("vip", map[string]string{"list_id": "'101'"})
	w.people(numbers(1, 6)...)
	w.whenCalled("/memberships/add-and-remove", 1, func() { w.exec("UPDATE rollcall.lease SET owner = 'other:2', epoch = epoch + 1") })
	journal := w.runIntoJournal("vip")
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

// A folder that several databases share keeps their journals apart, though the files have one name.
func TestJournalFolder(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "state")
	journals := map[string]*world{}
	for range 2 {
		w := newWorld(t, 2, func(c *engine.Config) { c.JournalDir = folder })
		w.sync("vip", map[string]string{"list_id": "'101'"})
		w.people(1, 2)
		w.whenCalled("/memberships/add-and-remove", 1, func() { w.exec("ALTER TABLE rollcall.changes RENAME TO gone") })
		_, err := w.engine.Run(t.Context(), []string{"vip"}, engine.RunOptions{})
		var journaled *engine.JournalError
		if !errors.As(err, &journaled) || filepath.Dir(journaled.Path) != folder || !strings.Contains(hint.Of(err), journaled.Path) {
			t.Fatalf("%v (%s), want a journal in the folder", err, hint.Of(err))
		}
		journals[journaled.Path] = w
		w.exec("ALTER TABLE rollcall.gone RENAME TO changes")
	}
	if len(journals) != 2 {
		t.Fatalf("%d journals of two databases", len(journals))
	}
	for journal, w := range journals {
		w.wantTaken(journal, "2", 1, 2)
	}
}
