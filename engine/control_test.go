package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"rollcall/engine"
	"rollcall/engine/hint"
)

// clock is a test's time.
type clock struct{ now time.Time }

func (c *clock) set(config *engine.Config) { config.Now = func() time.Time { return c.now } }

func TestNamesThatCannotRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.sync("vip_customers", map[string]string{"list_id": "101"})
	w.sync("off", map[string]string{"list_id": "102", "enabled": "false"})
	for name, words := range map[string][]string{
		"vip_customer": {`"vip_customer"`, "did you mean vip_customers?"},
		"zzzzzzzzzzz":  {"no sync", "rollcall status"},
		"off":          {"disabled", "rollcall plan off", "enabled = true"},
		"o*":           {"disabled", "rollcall plan 'o*'"},
		"mail_*":       {"no sync matches", "rollcall status"},
	} {
		_, err := w.engine.Run(t.Context(), []string{name}, engine.RunOptions{})
		var usage *hint.UsageError
		if !errors.As(err, &usage) {
			t.Errorf("%s: %v, want a usage error", name, err)
			continue
		}
		wantWords(t, err.Error()+" "+hint.Of(err), words...)
	}
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.runs"), "0")
	if n := w.sandbox.CountCalls(""); n != 0 {
		t.Errorf("%d calls", n)
	}
	w.people(1)
	wantNames(t, w.run(), "vip_customers")
	wantNames(t, w.run("vip_customers", "vip_customers"), "vip_customers")
	wantNames(t, w.run("*_cust?mers"), "vip_customers")
	wantNames(t, w.run("*"), "vip_customers") // what is off is not what a pattern is about
	// The others run all the same.
	runs, err := w.engine.Run(t.Context(), []string{"off", "vip_customers", "zzz", "x*"}, engine.RunOptions{})
	wantNames(t, runs, "vip_customers")
	var usage *hint.UsageError
	if !errors.As(err, &usage) {
		t.Fatalf("%v, want a usage error", err)
	}
	wantWords(t, err.Error(), "off is disabled", `"zzz"`, `"x*"`)
	wantWords(t, hint.Of(err), "rollcall plan off", "rollcall status")
	// What is off can be planned, and stays off.
	disabled := map[string]bool{}
	err = w.engine.Plan(t.Context(), []string{"o*", "vip_customers"}, func(p engine.Preview, _ *engine.Console) error {
		if p.Plan == nil {
			t.Errorf("%s: no plan: %s", p.Sync, p.Error)
		}
		disabled[p.Sync] = p.Disabled
		return nil
	})
	if err != nil || len(disabled) != 2 || !disabled["off"] || disabled["vip_customers"] {
		t.Errorf("planned %v, %v", disabled, err)
	}
	w.wantMembers("102")
	wantRows(t, w.rows("SELECT sync, state, what_to_do FROM rollcall.status WHERE sync = 'off'"), "off DISABLED see what it would do: rollcall plan off; enabled = true lets it run")
}

// The ledger knows a sync by its name as it is written, so a name with blanks around it is refused: a yes to its plan, say,
// would never be found.
func TestBlanksAroundAName(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.people(1)
	w.sync(" vip ", map[string]string{"list_id": "101"})
	run := w.one(" vip ", engine.Failed)
	wantWords(t, run.Error+run.Hint, "blanks around", "trim(name)")
	wantRows(t, w.rows("SELECT state, what_to_do FROM rollcall.status"), "FAILED UPDATE rollcall.syncs SET name = trim(name)")
	w.exec(run.Hint)
	w.one("vip", engine.Succeeded)
}

func TestSchedules(t *testing.T) {
	t.Parallel()
	c := &clock{time.Date(2026, 3, 2, 5, 50, 0, 0, time.UTC)}
	w := newWorld(t, 30, c.set)
	w.people(1)
	w.sync("daily", map[string]string{"list_id": "101", "schedule": "'0 6 * * *'", "created_at": "NULL"})
	w.sync("always", map[string]string{"list_id": "102"})
	at := func(clock string) {
		t.Helper()
		moment, err := time.Parse(time.DateTime, "2026-03-"+clock)
		if err != nil {
			t.Fatal(err)
		}
		c.now = moment
	}
	wantNames(t, w.run(), "always", "daily") // it never ran
	at("02 05:59:00")
	wantNames(t, w.run(), "always")
	wantNames(t, w.run("daily"), "daily") // by name, due or not
	at("02 06:00:00")
	// A rehearsal does not count as its run.
	wantNames(t, w.runWith(engine.RunOptions{DryRun: true}), "always", "daily")
	at("02 06:00:30")
	wantNames(t, w.run(), "always", "daily")
	at("02 06:10:00")
	wantNames(t, w.run(), "always")
	at("03 06:01:00")
	w.exec("UPDATE rollcall.syncs SET dry_run = true WHERE name = 'daily'")
	wantNames(t, w.run(), "always", "daily")
	at("03 06:02:00")
	wantNames(t, w.run(), "always") // a row that only rehearses has run

	w.exec("UPDATE rollcall.syncs SET list_id = 'x' WHERE name = 'daily'")
	wantNames(t, w.run(), "always", "daily") // somebody has to hear of it
	w.exec("DELETE FROM rollcall.syncs WHERE name = 'always'; UPDATE rollcall.syncs SET list_id = '101' WHERE name = 'daily'")
	at("03 06:03:00")
	wantNames(t, w.run(), "daily") // it was mended
	calls := w.sandbox.CountCalls("")
	wantNames(t, w.run())
	if n := w.sandbox.CountCalls("") - calls; n != 0 {
		t.Errorf("%d calls while nothing is due", n)
	}
}

// One sync that fails in any way leaves the others as they would be without it.
func TestOneBadSyncAmongOthers(t *testing.T) {
	t.Parallel()
	for name, columns := range map[string]map[string]string{
		"a query that fails as it runs":  {"query": quote("SELECT email, 1 / (SELECT error('boom')) AS x FROM people")},
		"a query that writes":            {"query": quote("DELETE FROM people")},
		"two statements":                 {"query": quote("SELECT email FROM people; DELETE FROM people")},
		"a table that is not there":      {"query": quote("SELECT email FROM nowhere")},
		"a file":                         {"query": quote("SELECT content AS email FROM read_text('/etc/passwd')")},
		"our own staged tables":          {"query": quote("SELECT key AS email FROM desired")},
		"no query":                       {"query": "NULL"},
		"a mode that is not there":       {"mode": "'sync'"},
		"a list that is not there":       {"list_id": "4711"},
		"a key column that is not there": {"key_column": "'mail'"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 10)
			w.people(1, 2)
			w.sync("a", map[string]string{"list_id": "101"})
			w.sync("z", map[string]string{"list_id": "102"})
			bad := map[string]string{"list_name": "'Never made'"}
			if columns["list_id"] != "" {
				delete(bad, "list_name")
			}
			for column, value := range columns {
				bad[column] = value
			}
			w.sync("m", bad)
			w.run()
			wantRows(t, w.rows("SELECT sync, status, finished_at IS NOT NULL, error IS NOT NULL FROM rollcall.runs ORDER BY ALL"),
				"a SUCCEEDED true false", "m FAILED true true", "z SUCCEEDED true false")
			w.wantMembers("101", 1, 2)
			w.wantMembers("102", 1, 2)
			wantRows(t, w.rows("SELECT count(*) FROM people"), "2")
			if w.row("SELECT coalesce(hint, '') FROM rollcall.runs WHERE sync = 'm'") == "" {
				t.Errorf("no hint for %s", w.row("SELECT error FROM rollcall.runs WHERE sync = 'm'"))
			}
			if n := w.sandbox.CountCalls("lists.create"); n != 0 {
				t.Errorf("%d lists made", n)
			}
		})
	}
}

// What one sync takes is not counted as another's.
func TestSecondsAreTheSyncsOwn(t *testing.T) {
	t.Parallel()
	c := &clock{time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)}
	w := newWorld(t, 30, c.set)
	w.people(1, 2)
	w.sync("a", map[string]string{"list_id": "101"})
	w.sync("b", map[string]string{"list_id": "102"})
	w.sync("c", map[string]string{"list_id": "'x'"})
	writing := 0
	w.whenCalled("/memberships/add-and-remove", 1, func() { c.now = c.now.Add(time.Duration(10) * time.Second); writing++ })
	w.whenCalled("/memberships/add-and-remove", 2, func() { c.now = c.now.Add(time.Duration(3) * time.Second); writing++ })
	var told []string
	for _, run := range w.run() {
		told = append(told, fmt.Sprint(run.Sync, " ", run.Seconds))
	}
	if writing != 2 {
		t.Errorf("%d writes", writing)
	}
	want := []string{"a 10", "b 3", "c 0"}
	if !slices.Equal(told, want) {
		t.Errorf("runs took %v, want %v", told, want)
	}
	wantRows(t, w.rows("SELECT sync, seconds FROM rollcall.history ORDER BY sync"), want...)
	wantRows(t, w.rows("SELECT sync, seconds FROM rollcall.runs ORDER BY sync"), want...)
}

func TestOrphanedLists(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.people(1, 2)
	w.sync("a", map[string]string{"list_id": "101"})
	w.sync("b", map[string]string{"list_name": "'Made'"})
	w.run()
	wantRows(t, w.rows("FROM rollcall.orphaned_lists"))
	w.exec("UPDATE rollcall.syncs SET list_name = 'Another' WHERE name = 'b'; DELETE FROM rollcall.syncs WHERE name = 'a'")
	w.run()
	wantRows(t, w.rows("SELECT list_name, members, sync FROM rollcall.orphaned_lists ORDER BY list_name"), "Made 2 b", "VIP customers 2 a")
}
