package engine_test

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"rollcall/engine"
)

// Whoever would go is named: in the plan that is looked at, and in the ledger where the plan is blocked.
func TestNamesOfThoseWhoWouldGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 100)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(1, 2)
	w.byHand("101", numbers(1, 20), nil)
	plan, _ := w.plan("vip")
	for _, c := range plan.Sample {
		if want := address(int(c.RecordID) - firstContact + 1); c.Key != want {
			t.Errorf("%s %d is called %q, want %q", c.Action, c.RecordID, c.Key, want)
		}
	}
	run := w.one("vip", engine.Blocked)
	var want []string
	for _, n := range numbers(3, 20) {
		want = append(want, address(n))
	}
	wantRows(t, w.rows("SELECT key FROM rollcall.changes WHERE run_id = "+quote(run.RunID)+" ORDER BY record_id"), want...)
	w.exec("UPDATE rollcall.syncs SET max_removal_pct = 100, allow_takeover = true")
	if n := w.calls(batchRead, func() { run = w.runWith(engine.RunOptions{Full: true}, "vip")[0] }); n != 1 {
		t.Errorf("%d batch reads, want one for the keys: the names are cached", n)
	}
	wantRows(t, w.rows("SELECT key FROM rollcall.changes WHERE run_id = "+quote(run.RunID)+" ORDER BY record_id"), want...)
}

// A plan that is only looked at, or stays blocked, reads a thousand records for their names.
func TestCallsForNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1_300)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(1, 2)
	w.byHand("101", numbers(1, 1_300), nil)
	if n := w.calls(batchRead, func() { w.plan("vip") }); n != 11 {
		t.Errorf("plan: %d batch reads, want one for the keys and ten for names", n)
	}
	var run engine.Run
	if n := w.calls(batchRead, func() { run = w.one("vip", engine.Blocked) }); n != 11 {
		t.Errorf("run: %d batch reads, want one for the keys and ten for names", n)
	}
	wantRows(t, w.rows("SELECT count(key), count(*) FROM rollcall.changes WHERE run_id = "+quote(run.RunID)), "1000 1298")
}

// A member that the cache knows has a key in drift and among the members, without a call.
func TestNamesFromTheCache(t *testing.T) {
	t.Parallel()
	w := full(t, 5, map[string]string{"foreign_members": "'keep'"})
	w.sync("other", map[string]string{"list_id": "102", "query": quote("SELECT '" + address(8) + "' AS email")})
	w.one("other", engine.Succeeded)
	w.byHand("101", []int{8}, nil)
	if n := w.calls(batchRead, func() { w.one("vip", engine.Succeeded) }); n != 0 {
		t.Errorf("%d batch reads, want none", n)
	}
	wantRows(t, w.rows("SELECT key, is_foreign FROM rollcall.members WHERE list_id = '101' AND record_id = "+ids([]int{8})[0]), address(8)+" true")
	wantRows(t, w.rows("SELECT key, kind FROM rollcall.drift WHERE list_id = '101'"), address(8)+" appeared")
}

// A plan with a member who has no address can be saved.
func TestSavePlanWithoutKey(t *testing.T) {
	t.Parallel()
	w := full(t, 5, nil)
	made, err := w.sandbox.CreateContact(map[string]string{"firstname": "Nobody"})
	if err == nil {
		err = w.sandbox.AddMembers("101", made)
	}
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "plan.duckdb")
	err = w.engine.Plan(t.Context(), []string{"vip"}, func(p engine.Preview, console *engine.Console) error {
		if console == nil {
			return errors.New(p.Error)
		}
		return console.Save(t.Context(), file)
	})
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", file+"?access_mode=read_only")
	if err != nil {
		t.Fatal(err)
	}
	var id string
	var nameless bool
	err = db.QueryRowContext(t.Context(), "SELECT record_id::VARCHAR, key IS NULL FROM plan").Scan(&id, &nameless)
	if err = errors.Join(err, db.Close()); err != nil || id != made || !nameless {
		t.Errorf("%s, %t, %v; want %s without a key", id, nameless, err, made)
	}
}

// A member's key is one that the query names today, and a person with two addresses is found by either.
func TestKeyOfMemberFollows(t *testing.T) {
	t.Parallel()
	w := full(t, 3, nil)
	if err := w.sandbox.Readdress(ids([]int{2})[0], "two@example.com"); err != nil {
		t.Fatal(err)
	}
	key := func() string {
		return w.row("SELECT key FROM rollcall.members WHERE list_id = '101' AND record_id = %s", ids([]int{2})[0])
	}
	since := w.row("SELECT since, run_id FROM rollcall.members WHERE record_id = %s", ids([]int{2})[0])
	w.exec("INSERT INTO people VALUES ('two@example.com', 'vip')")
	w.one("vip", engine.Succeeded)
	if got := key(); got != address(2) {
		t.Errorf("key %s, want %s: the query still names it", got, address(2))
	}
	for _, either := range []string{address(2), "two@example.com"} {
		wantRows(t, w.rows("SELECT record_id, since, run_id FROM rollcall.member_keys WHERE list_id = '101' AND key = "+quote(either)), fmt.Sprintf("%s %s", ids([]int{2})[0], since))
	}
	w.exec("DELETE FROM people WHERE email = " + quote(address(2)))
	w.one("vip", engine.Succeeded)
	if got := key(); got != "two@example.com" {
		t.Errorf("key %s, want two@example.com", got)
	}
	wantRows(t, w.rows("SELECT since, run_id FROM rollcall.members WHERE record_id = "+ids([]int{2})[0]), since)
}
