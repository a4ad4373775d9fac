package engine_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"rollcall/engine"
	"rollcall/engine/control"
	"rollcall/engine/hint"
	"rollcall/syncspec"
)

// The console has the sets of a sync as tables, whether the sync changes anything or not, and the ledger beside them.
func TestConsoleHoldsTheSets(t *testing.T) {
	t.Parallel()
	w := full(t, 3, nil)
	w.byHand("101", []int{7}, []int{2})
	w.exec("DELETE FROM people WHERE email = '" + address(1) + "'; INSERT INTO people VALUES ('nobody@example.com', 'vip'), ('x', 'vip')")
	console, err := w.engine.Console(t.Context(), "vip")
	if err != nil {
		t.Fatal(err)
	}
	defer console.Close()
	for query, want := range map[string][]string{
		"FROM desired ORDER BY 1":                                           {address(2), address(3), "nobody@example.com"},
		"SELECT record_id - 1000000 FROM resolved ORDER BY 1":               {"2", "3"},
		"SELECT record_id - 1000000 FROM current ORDER BY 1":                {"1", "3", "7"},
		"SELECT record_id - 1000000 FROM applied ORDER BY 1":                {"1", "2", "3"},
		"SELECT action, record_id - 1000000, cause FROM plan ORDER BY 1, 2": {"add 2 restored", "remove 1 left", "remove 7 foreign"},
		"SELECT key, reason FROM rejected ORDER BY 1":                       {"nobody@example.com not_found", "x invalid_email"},
		"SELECT status FROM rollcall.runs":                                  {"SUCCEEDED"},
	} {
		wantRows(t, consoleRows(t, console, query), want...)
	}
	if p := console.Plan(); p.Add != 1 || p.Remove != 2 {
		t.Errorf("plan %+v, want 1 to add, 2 to remove", p)
	}
	w.wantMembers("101", 1, 3, 7)
	if _, err := w.engine.Console(t.Context(), "nonsense"); err == nil {
		t.Error("a console for no sync: no error")
	}
}

// Console.Read can't write, also where the database is open for writing, as it always is on MotherDuck.
func TestReadOnlyConsole(t *testing.T) {
	t.Parallel()
	w := full(t, 3, nil)
	console, err := w.engine.Console(t.Context(), "vip")
	if err != nil {
		t.Fatal(err)
	}
	defer console.Close()
	shown := 0
	show := func(*engine.Result) error { shown++; return nil }
	if err := console.Read(t.Context(), "FROM plan; FROM rollcall.runs", show); err != nil || shown != 2 {
		t.Errorf("%d results, %v; want 2", shown, err)
	}
	for _, script := range []string{"EXPLAIN ANALYZE DELETE FROM rollcall.runs", "SELECT 1; DELETE FROM rollcall.runs", "COMMIT; DELETE FROM rollcall.runs", "COPY rollcall.runs TO 'runs.csv'", "CALL pragma_version()"} {
		if err := console.Read(t.Context(), script, func(*engine.Result) error { return nil }); err == nil {
			t.Errorf("%s: it ran", script)
		}
	}
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.runs"), "1")
	var mistaken *hint.UsageError
	if err := console.Read(t.Context(), "SELECT 1; DELETE FROM rollcall.runs", show); !errors.As(err, &mistaken) || shown != 2 {
		t.Errorf("%v after %d results; want a UsageError before the first", err, shown-2)
	}
}

// A saved plan is a database that any tool opens, for its owner alone.
func TestSavePlan(t *testing.T) {
	t.Parallel()
	w := full(t, 3, nil)
	w.people(2, 3, 4)
	file := filepath.Join(t.TempDir(), "plan.duckdb")
	save := func(p engine.Preview, console *engine.Console) error {
		if console == nil {
			t.Fatalf("no plan: %s", p.Error)
		}
		return console.Save(t.Context(), file)
	}
	if err := w.engine.Plan(t.Context(), []string{"vip"}, save); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v; want a file for its owner alone", info, err)
	}
	db, err := sql.Open("duckdb", file+"?access_mode=read_only")
	if err != nil {
		t.Fatal(err)
	}
	var adds, removes, desired, resolved, current, applied, plan int
	err = db.QueryRowContext(t.Context(), `SELECT n_to_add, n_to_remove, (SELECT count(*) FROM desired), (SELECT count(*) FROM resolved),
		(SELECT count(*) FROM current), (SELECT count(*) FROM applied), (SELECT count(*) FROM plan WHERE key LIKE 'contact-%') FROM about WHERE sync = 'vip'`).
		Scan(&adds, &removes, &desired, &resolved, &current, &applied, &plan)
	if err = errors.Join(err, db.Close()); err != nil || adds != 1 || removes != 1 || desired != 3 || resolved != 3 || current != 3 || applied != 3 || plan != 2 {
		t.Errorf("%d %d %d %d %d %d %d, %v; want 1 1 3 3 3 3 2", adds, removes, desired, resolved, current, applied, plan, err)
	}
	var usage *hint.UsageError
	if err := w.engine.Plan(t.Context(), []string{"vip"}, save); !errors.As(err, &usage) {
		t.Errorf("saving over a file: %v, want a usage error", err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.sync("a_good", map[string]string{"list_name": "'vip customers'", "query": quote("SELECT email, tier FROM people")})
	w.sync("b_made", map[string]string{"list_name": "'Brand new'"})
	w.sync("c_query", map[string]string{"list_id": "102", "query": quote("SELECT tier, 1 AS one FROM people")})
	w.sync("d_list", map[string]string{"list_id": "103", "enabled": "false", "query": quote("SELECT nothing")})
	w.sync("e_row", map[string]string{"list_id": "'x'", "mode": "'y'"})
	all, err := w.engine.Check(t.Context(), nil)
	if err != nil || len(all) != 5 {
		t.Fatalf("%d rows, %v; want 5", len(all), err)
	}
	for i, findings := range []int{0, 0, 1, 2, 2} {
		if n := len(all[i].Findings); n != findings {
			t.Errorf("%s: %d findings, want %d: %+v", all[i].Sync, n, findings, all[i].Findings)
		}
	}
	if a, b := all[0], all[1]; a.ListID != "101" || a.ListName != "VIP customers" || len(a.Columns) != 2 || b.ListID != "" || b.ListName != "Brand new" {
		t.Errorf("%+v, %+v; want list 101, and one that is not there", a, b)
	}
	if n := w.sandbox.CountCalls("lists.create") + w.sandbox.CountCalls(batchRead); n != 0 {
		t.Errorf("checking made %d calls too many", n)
	}
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.runs"), "0")
	if _, err := w.engine.Check(t.Context(), []string{"a_god"}); err == nil {
		t.Error("checking no sync: no error")
	} else {
		wantWords(t, hint.Of(err), "a_good")
	}
}

func TestStatusAndHistory(t *testing.T) {
	t.Parallel()
	w := full(t, 5, nil)
	w.sync("never", map[string]string{"list_id": "102"})
	w.people(1, 2, 3)
	w.one("vip", engine.Succeeded)
	w.people()
	last := w.one("vip", engine.Blocked)
	all, err := w.engine.Status(t.Context(), nil)
	if err != nil || len(all) != 2 || all[0].State != "NEVER_RUN" || all[1].State != "BLOCKED" || *all[1].RunID != last.RunID || *all[1].Members != 3 {
		t.Errorf("%+v, %v", all, err)
	}
	summaries, err := w.engine.History(t.Context(), []string{"vip"}, 2)
	if err != nil || len(summaries) != 2 || summaries[0].RunID != last.RunID || summaries[1].Status != engine.Succeeded || *summaries[1].Removed != 2 || *summaries[1].Final != 3 {
		t.Errorf("%+v, %v", summaries, err)
	}
	if summaries, err := w.engine.History(t.Context(), []string{"gone"}, 5); err != nil || len(summaries) != 0 {
		t.Errorf("history of no sync: %v, %v", summaries, err)
	}
}

// Rows are written all or none, in place where they are there.
func TestWriteRows(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	row := func(name, list string) *syncspec.Row {
		query := "SELECT email FROM people"
		return &syncspec.Row{Name: &name, Query: &query, ListID: &list}
	}
	write := func(edits ...control.Edit) {
		t.Helper()
		if err := w.engine.WriteRows(t.Context(), edits); err != nil {
			t.Fatal(err)
		}
	}
	write(control.Edit{Name: "a", Row: row("a", "101")}, control.Edit{Name: "b", Row: row("b", "102")})
	created := w.row("SELECT created_at FROM rollcall.syncs WHERE name = 'a'")
	write(control.Edit{Name: "a", Row: row("a", "105")}, control.Edit{Name: "b"}, control.Edit{Name: "c", Row: row("c", "103")})
	wantRows(t, w.rows("SELECT name, list_id, mode, max_removal_pct FROM rollcall.syncs ORDER BY 1"), "a 105 <nil> <nil>", "c 103 <nil> <nil>")
	if again := w.row("SELECT created_at FROM rollcall.syncs WHERE name = 'a'"); again != created {
		t.Errorf("created at %s, and then at %s", created, again)
	}
	rows, err := w.engine.Rows(t.Context())
	if err != nil || len(rows) != 2 || !syncspec.Equal(rows[0], *row("a", "105")) {
		t.Errorf("%+v, %v; want the rows as they were written", rows, err)
	}
}

func TestQueryTimeout(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, func(c *engine.Config) { c.QueryTimeout = 20 * time.Millisecond })
	w.sync("slow", map[string]string{"list_id": "101", "query": quote("SELECT count(*)::VARCHAR AS email FROM range(3000000000) a, range(1000) b WHERE a.range % 7 = b.range")})
	run := w.one("slow", engine.Failed)
	wantWords(t, run.Error, "took longer")
	wantWords(t, run.Hint, "query_timeout")
}
