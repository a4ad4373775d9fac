package engine_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// fromClockAhead makes a run look like one of a runner whose clock was a day ahead: its ID comes after those of later runs, and so does the
// moment when it began. It returns the run's new ID.
func (w *world) fromClockAhead(run engine.Run) string {
	w.t.Helper()
	id := "f" + run.RunID
	for _, column := range []string{"runs.run_id", "changes.run_id", "members.run_id", "lists.run_id", "drift.run_id", "rejects.since_run", "rejects.until_run"} {
		table, name, _ := strings.Cut(column, ".")
		w.exec("UPDATE rollcall." + table + " SET " + name + " = " + quote(id) + " WHERE " + name + " = " + quote(run.RunID))
	}
	w.exec("UPDATE rollcall.runs SET run_at = run_at + INTERVAL 1 DAY, finished_at = finished_at + INTERVAL 1 DAY WHERE run_id = " + quote(id))
	return id
}

// What a later run has touched is kept out of undoing a run, whichever of them has the higher ID.
func TestUndoKnowsLaterRunsByTheirEpoch(t *testing.T) {
	t.Parallel()
	w, run := moved(t) // added 11, 12; removed 1, 2
	id := w.fromClockAhead(run)
	w.people(numbers(1, 12)...)
	w.one("vip", engine.Succeeded)
	w.people(numbers(3, 12)...)
	w.one("vip", engine.Succeeded) // 1 and 2 are as the first of the three left them, and not by it
	undo := w.undo(id, engine.Succeeded)
	w.wantStates(undo, "remove done 2")
	w.wantMembers("101", numbers(3, 10)...)
}

// The last run of a sync is that of the highest epoch: for its status, its rejects and its row's history.
func TestLastRunIsThatOfTheHighestEpoch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.reject("gone@x", 1, 2)
	first := w.fromClockAhead(w.one("vip", engine.Succeeded))
	w.exec("UPDATE rollcall.syncs SET description = 'second'")
	second := w.one("vip", engine.Succeeded)
	w.exec("UPDATE rollcall.syncs SET description = 'third'")
	third := w.one("vip", engine.Succeeded)
	wantRows(t, w.rows("SELECT run_id FROM rollcall.status"), third.RunID)
	wantRows(t, w.rows("SELECT run_id, since_run FROM rollcall.unmatched"), third.RunID+" "+first)
	wantRows(t, w.rows("SELECT event, run_id FROM rollcall.row_history ORDER BY run_id"), "changed "+second.RunID, "changed "+third.RunID, "added "+first)
	w.exec("DELETE FROM rollcall.syncs")
	wantRows(t, w.rows("SELECT row_before LIKE '%third%' FROM rollcall.row_history WHERE event = 'deleted'"), "true")
}

// A run numbers its changes in the plan's order, and names what they are about.
func TestChangesAreNumbered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10, chunks(2))
	w.sync("vip", map[string]string{"list_name": "'New people'"})
	w.people(numbers(1, 5)...)
	run := w.one("vip", engine.Succeeded)
	wantRows(t, w.rows("SELECT n, target = list_id, action, record_id - 1000000, batch, values FROM rollcall.changes ORDER BY n"),
		"1 true add 1 1 <nil>", "2 true add 2 1 <nil>", "3 true add 3 2 <nil>", "4 true add 4 2 <nil>", "5 true add 5 3 <nil>")
	wantRows(t, w.rows("SELECT kind, n_updated, n_unchanged FROM rollcall.runs"), "list <nil> <nil>")
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.change_values"), "0")
	w.wantLedgerConsistent(run)
}

// Undoing takes back what a run did, whatever the ledger says of it in words.
func TestUndoReadsNoWords(t *testing.T) {
	t.Parallel()
	w, run := moved(t)
	w.exec("UPDATE rollcall.changes SET state = 'already', reason = 'the answer was lost' WHERE record_id = 1000011; UPDATE rollcall.changes SET reason = 'not done' WHERE record_id = 1000012")
	undo := w.undo(run.RunID, engine.Succeeded)
	w.wantStates(undo, "add done 2, remove done 1")
	w.wantMembers("101", append(numbers(1, 10), 11)...)
}

// Of two batches that were answered in one moment, only that which the ledger lacks is taken in from the journal; its outcomes go to their
// changes by number, or, in a journal of a version that had none, by action and record.
func TestJournalTellsChangesApart(t *testing.T) {
	t.Parallel()
	for name, rewrite := range map[string]func([]byte) []byte{
		"numbered":   func(lines []byte) []byte { return lines },
		"unnumbered": func(lines []byte) []byte { return regexp.MustCompile(`"n":\d+,`).ReplaceAll(lines, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			moment := time.Now().UTC().Truncate(time.Microsecond)
			w := newWorld(t, 6, chunks(2), func(c *engine.Config) { c.Now = func() time.Time { return moment } })
			w.sync("vip", map[string]string{"list_id": "'101'"})
			w.people(numbers(1, 6)...)
			w.fault(sandbox.Fault{Operation: writes, Effect: sandbox.EffectRefuse, IDs: ids([]int{3}), Count: -1})
			w.whenCalled("/memberships/add-and-remove", 2, func() { w.exec("ALTER TABLE rollcall.members RENAME TO gone") })
			journal := w.runIntoJournal("vip")
			w.exec("ALTER TABLE rollcall.gone RENAME TO members")
			lines, err := os.ReadFile(journal)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(journal, rewrite(lines), 0o600); err != nil {
				t.Fatal(err)
			}
			w.exec("UPDATE rollcall.syncs SET enabled = false")
			w.sync("other", map[string]string{"list_id": "'102'", "query": "'SELECT email FROM people LIMIT 0'"})
			w.one("other", engine.Succeeded)
			wantRows(t, w.rows("SELECT n, state FROM rollcall.changes WHERE sync = 'vip' ORDER BY n"), "1 done", "2 done", "3 failed", "4 done", "5 planned", "6 planned")
			wantRows(t, w.rows("SELECT n_added, detail LIKE '%; 2 changes taken in from the journal' FROM rollcall.runs WHERE sync = 'vip'"), "3 true")
			w.wantOwned("101", 1, 2, 4)
		})
	}
}

// Saying yes twice in one moment is one yes.
func TestApprovedTwiceInOneMoment(t *testing.T) {
	t.Parallel()
	moment := time.Now().UTC().Truncate(time.Microsecond)
	w := newWorld(t, 20, func(c *engine.Config) { c.Now = func() time.Time { return moment } })
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 20)...)
	w.one("vip", engine.Succeeded)
	w.people()
	run := w.one("vip", engine.Blocked)
	w.approve(run.RunID)
	w.approve(run.RunID)
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.approvals"), "1")
}
