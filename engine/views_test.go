package engine_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"rollcall/engine"
)

// views are the names of the control database's views.
func (w *world) views() []string {
	w.t.Helper()
	all := w.rows("SELECT view_name FROM duckdb_views() WHERE schema_name = 'rollcall' ORDER BY 1")
	if !slices.Contains(all, "row_history") {
		w.t.Fatalf("views are %q", all)
	}
	return all
}

// The sets of a sync are temp tables, and the views name their tables without a schema: none hides another.
func TestViewsBesideTheSets(t *testing.T) {
	t.Parallel()
	w := full(t, 3, nil)
	w.exec("INSERT INTO people VALUES ('nobody@example.com', 'vip'), ('x', 'vip')")
	w.one("vip", engine.Succeeded)
	want := map[string][]string{}
	for _, view := range w.views() {
		want[view] = w.rows("FROM rollcall." + view + " ORDER BY ALL")
	}
	console, err := w.engine.Console(t.Context(), "vip")
	if err != nil {
		t.Fatal(err)
	}
	defer console.Close()
	for view, rows := range want {
		if got := consoleRows(t, console, "FROM rollcall."+view+" ORDER BY ALL"); !slices.Equal(got, rows) {
			t.Errorf("beside the sets rollcall.%s is %q, else %q", view, got, rows)
		}
	}
	if len(want["unmatched"]) != 2 {
		t.Errorf("unmatched is %q, want two keys", want["unmatched"])
	}
}

// What an analyst sees on the console, a row's query may read too.
func TestQueriesMayReadTheViews(t *testing.T) {
	t.Parallel()
	w := full(t, 3, nil)
	for _, view := range w.views() {
		w.exec("UPDATE rollcall.syncs SET dry_run = true, query = 'SELECT ''a@example.com'' AS email FROM rollcall." + view + "'")
		if run := w.run("vip")[0]; run.Status == engine.Failed {
			t.Errorf("rollcall.%s: %s", view, run.Error)
		}
	}
}

// A row's history is what the runs found: who it was before, and after.
func TestRowHistory(t *testing.T) {
	t.Parallel()
	w := full(t, 3, map[string]string{"owner": "'ana'"})
	history := func() []string {
		return w.rows(`SELECT event, changed, row_before ->> 'max_removals', row_after ->> 'max_removals', row_after ->> 'owner', query_before <> query_after
			FROM rollcall.row_history WHERE sync = 'vip' ORDER BY coalesce(seen_at, 'infinity')`)
	}
	first := "added <nil> <nil> <nil> ana <nil>"
	w.one("vip", engine.Succeeded)
	wantRows(t, history(), first)
	w.exec("UPDATE rollcall.syncs SET max_removals = 7, owner = 'ben'")
	w.one("vip", engine.Succeeded)
	second := "changed [max_removals owner] <nil> 7 ben false"
	wantRows(t, history(), first, second)
	w.exec("UPDATE rollcall.syncs SET query = query || ' '")
	w.one("vip", engine.Succeeded)
	w.one("vip", engine.Succeeded)
	third := "changed [query] 7 7 ben true"
	wantRows(t, history(), first, second, third)
	if _, err := w.engine.Undo(t.Context(), w.rows("SELECT min(run_id) FROM rollcall.runs")[0], engine.RunOptions{}); err != nil {
		t.Fatal(err)
	}
	w.one("vip", engine.Succeeded)
	wantRows(t, history(), first, second, third)
	w.exec("DELETE FROM rollcall.syncs")
	wantRows(t, history(), first, second, third, "deleted <nil> 7 <nil> <nil> <nil>")
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.runs WHERE row_json IS NOT NULL"), "3")
}

// However long the ledger is kept, the row as the last run found it stays: else the next run would tell of a new one.
func TestRowHistoryOutlivesTheLedger(t *testing.T) {
	t.Parallel()
	w, later := keeping(t, 30)
	w.people(1, 2)
	for range 4 {
		w.one("vip", engine.Succeeded)
		later(31)
	}
	wantRows(t, w.rows("SELECT event FROM rollcall.row_history"), "added")
}

// History tells what the view of that name does, column by column.
func TestHistoryHasTheColumnsOfItsView(t *testing.T) {
	t.Parallel()
	w := full(t, 3, nil)
	all, err := w.engine.History(t.Context(), nil, 1)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d runs, %v", len(all), err)
	}
	text, err := json.Marshal(all[0])
	if err != nil {
		t.Fatal(err)
	}
	var told map[string]any
	if err := json.Unmarshal(text, &told); err != nil {
		t.Fatal(err)
	}
	columns := w.rows("SELECT column_name FROM duckdb_columns() WHERE schema_name = 'rollcall' AND table_name = 'history' ORDER BY 1")
	if got := slices.Sorted(maps.Keys(told)); !slices.Equal(got, columns) {
		t.Errorf("told are %q, the view has %q", got, columns)
	}
	if told["list_id"] != "101" || told["n_invalid"] != 0.0 || told["api_retries"] != 0.0 {
		t.Errorf("told is %s", text)
	}
}
