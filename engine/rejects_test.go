package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"rollcall/engine"
)

// spans are the rejects as they are in the ledger, with the numbers of the given runs in place of their IDs; 0: the span stands.
func (w *world) spans(runs ...string) []string {
	w.t.Helper()
	var numbers []string
	for i, id := range runs {
		numbers = append(numbers, fmt.Sprintf("(%d, %s)", i+1, quote(id)))
	}
	return w.rows(fmt.Sprintf(`WITH runs(n, id) AS (VALUES %s)
		SELECT j.key, j.reason, since.n, coalesce(until.n, 0) FROM rollcall.rejects j
		JOIN runs since ON since.id = j.since_run LEFT JOIN runs until ON until.id = j.until_run ORDER BY ALL`, strings.Join(numbers, ", ")))
}

// tables are the contents of all control tables, but for those that are named.
func (w *world) tables(but ...string) map[string]string {
	w.t.Helper()
	contents := map[string]string{}
	for _, name := range w.rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'rollcall'") {
		contents[name] = strings.Join(w.rows("FROM rollcall."+name+" ORDER BY ALL"), "\n")
	}
	for _, name := range but {
		delete(contents, name)
	}
	return contents
}

func TestRunWithNothingToDoWritesItsRowAndItsCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 20)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.reject("x y@nowhere.example.con nobody@example.com nobody2@example.com", numbers(1, 5)...)
	w.one("vip", engine.Succeeded)
	w.one("vip", engine.Succeeded) // which learns what HubSpot says of the list since the write
	before := w.tables("runs", "calls", "lease")
	run := w.one("vip", engine.Succeeded)
	if run.Plan.Unmatched != 2 || run.Plan.Invalid != 2 {
		t.Fatalf("%d unmatched, %d invalid; want 2 each", run.Plan.Unmatched, run.Plan.Invalid)
	}
	for name, after := range w.tables("runs", "calls", "lease") {
		if after != before[name] {
			t.Errorf("rollcall.%s was\n%s\nand is\n%s", name, before[name], after)
		}
	}
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.runs"), "3")
	wantRows(t, w.rows("SELECT DISTINCT sync, run_id FROM rollcall.unmatched"), "vip "+run.RunID)
}

// Of a reject the ledger has the run that found it first and the run that did not find it any more.
func TestRejectsAreSpans(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 20)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.sync("other", map[string]string{"list_id": "102", "query": "'SELECT ''a'' AS email'", "allow_empty": "true"})
	w.one("other", engine.Succeeded)
	w.reject("a b", 1, 2)
	first := w.one("vip", engine.Succeeded)
	w.reject("b c nobody@example.com", 1, 2)
	second := w.one("vip", engine.Succeeded)
	w.reject("a b nobody@example.com", 1, 2)
	third := w.runWith(engine.RunOptions{DryRun: true}, "vip")[0]
	wantRows(t, w.spans(first.RunID, second.RunID, third.RunID),
		"a invalid_email 1 2", "a invalid_email 3 0", "b invalid_email 1 0", "c invalid_email 2 3", "nobody@example.com not_found 2 0")
	wantRows(t, w.rows("SELECT key, run_id, since_run FROM rollcall.unmatched WHERE sync = 'vip' ORDER BY key"),
		"a "+third.RunID+" "+third.RunID, "b "+third.RunID+" "+first.RunID, "nobody@example.com "+third.RunID+" "+second.RunID)
	wantRows(t, w.rows("SELECT key FROM rollcall.unmatched WHERE sync = 'other'"), "a")
}

// Runs that never came to a plan say nothing of rejects; those that came to one do, however they ended. Undoing asks for no keys.
func TestRejectsOfRunsThatEndedBadly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 20)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.reject("a b", numbers(1, 5)...)
	first := w.one("vip", engine.Succeeded)

	w.exec("UPDATE rollcall.syncs SET query = 'SELECT nothing'")
	w.one("vip", engine.Failed)
	w.exec("UPDATE rollcall.syncs SET query = 'SELECT email FROM people'")
	wantRows(t, w.spans(first.RunID), "a invalid_email 1 0", "b invalid_email 1 0")

	w.reject("b c", numbers(1, 6)...)
	w.whenCalled("/memberships/add-and-remove", 1, func() { w.exec("ALTER TABLE rollcall.changes RENAME TO gone") })
	if _, err := w.engine.Run(t.Context(), []string{"vip"}, engine.RunOptions{}); err == nil {
		t.Fatal("the ledger can't be written, and there is no error")
	}
	w.exec("ALTER TABLE rollcall.gone RENAME TO changes")
	killed := w.row("SELECT max(run_id) FROM rollcall.runs")
	wantRows(t, w.spans(first.RunID, killed), "a invalid_email 1 2", "b invalid_email 1 0", "c invalid_email 2 0")

	w.reject("a c", numbers(1, 6)...)
	next := w.one("vip", engine.Succeeded)
	spans := []string{"a invalid_email 1 2", "a invalid_email 3 0", "b invalid_email 1 3", "c invalid_email 2 0"}
	wantRows(t, w.spans(first.RunID, killed, next.RunID), spans...)
	if _, err := w.engine.Undo(t.Context(), first.RunID, engine.RunOptions{}); err != nil {
		t.Fatal(err)
	}
	wantRows(t, w.spans(first.RunID, killed, next.RunID), spans...)
	wantRows(t, w.rows("SELECT key, run_id FROM rollcall.unmatched ORDER BY key"), "a "+next.RunID, "c "+next.RunID)
}

// The record of a cached key was deleted: the key is a reject of that run, and stays one in the next.
func TestRejectFoundWhileApplying(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 20)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(1, 2)
	w.one("vip", engine.Succeeded)
	w.exec("UPDATE rollcall.syncs SET enabled = false; INSERT INTO people VALUES ('" + address(3) + "', 'vip')")
	w.sync("other", map[string]string{"list_id": "102"})
	w.one("other", engine.Succeeded) // which learns who 3 is
	if err := w.sandbox.DeleteObject("contacts", fmt.Sprint(firstContact+2)); err != nil {
		t.Fatal(err)
	}
	w.exec("UPDATE rollcall.syncs SET enabled = name = 'vip'")
	found := w.one("vip", engine.Succeeded)
	again := w.one("vip", engine.Succeeded)
	wantRows(t, w.spans(found.RunID, again.RunID), address(3)+" not_found 1 0")
}
