package engine_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rollcall/engine"
	"rollcall/engine/hubspot"
	"rollcall/engine/hubspot/sandbox"
)

// The usual script that copies a query's emails into a list goes wrong in well-known ways. Each test here is named for what must
// not happen; what the setting up of a token or a flag can do wrong is tested where those are read.

// recipe is a world whose list 101 holds contacts 1 to 5 because the query said so.
func recipe(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	return full(t, 5, nil)
}

func TestEmptyQueryDoesNotEmptyTheList(t *testing.T) {
	w := recipe(t)
	w.people()
	w.one("vip", engine.Blocked)
	w.wantMembers("101", 1, 2, 3, 4, 5)
}

func TestQueryOfOneWrongAddressDoesNotEmptyTheList(t *testing.T) {
	w := recipe(t)
	w.exec("DELETE FROM people; INSERT INTO people VALUES ('nobody@example.com', 'vip')")
	w.one("vip", engine.Blocked)
	w.wantMembers("101", 1, 2, 3, 4, 5)
}

func TestErrorInsideABatchRemovesNobody(t *testing.T) {
	w := recipe(t)
	w.exec("DELETE FROM rollcall.identities")                                                                                                         // nothing is cached
	w.fault(sandbox.Fault{Operation: batchRead, Effect: sandbox.EffectUnknownError, Category: "INTERNAL_ERROR", IDs: []string{address(2)}, Count: 2}) // the key is asked for once more
	w.one("vip", engine.Failed)
	w.wantMembers("101", 1, 2, 3, 4, 5)
}

func TestListOfAnotherObjectTypeIsNotFilledWithContacts(t *testing.T) {
	w := recipe(t)
	w.list("104", "Companies", "companies")
	if err := w.sandbox.AddMembers("104", "9000000001", "9000000002"); err != nil {
		t.Fatal(err)
	}
	w.exec("UPDATE rollcall.syncs SET list_id = '104'")
	w.one("vip", engine.Failed)
	if members, err := w.sandbox.Members("104"); err != nil || strings.Join(members, " ") != "9000000001 9000000002" {
		t.Errorf("the company list holds %v, %v", members, err)
	}
}

func TestDryRunOfARowDoesNotWrite(t *testing.T) {
	w := recipe(t)
	w.people(1, 2, 3, 6)
	w.exec("UPDATE rollcall.syncs SET dry_run = true")
	w.one("vip", engine.DryRun)
	w.wantMembers("101", 1, 2, 3, 4, 5)
}

func TestMembersAddedByHandStayWhereTheRowSaysSo(t *testing.T) {
	w := recipe(t)
	w.exec("UPDATE rollcall.syncs SET foreign_members = 'keep'")
	w.byHand("101", []int{9}, nil)
	w.people(1, 2, 3, 4)
	w.one("vip", engine.Succeeded)
	w.wantMembers("101", 1, 2, 3, 4, 9)
}

func TestAddedIsWhatHubSpotAddedNotWhatWasAsked(t *testing.T) {
	w := recipe(t)
	w.people(1, 2, 3, 4, 5, 6, 7, 8)
	w.meanwhile(func() { w.byHand("101", []int{6, 7}, nil) })
	wantCounts(t, w.one("vip", engine.Succeeded), "1 0 0 8")
}

func TestMissingRecordsAreNotCountedAsAdded(t *testing.T) {
	w := recipe(t)
	w.people(1, 2, 3, 4, 5, 6, 7, 8)
	w.fault(sandbox.Fault{Operation: writes, Effect: sandbox.EffectDeleteRecord, IDs: ids([]int{6, 7})})
	run := w.one("vip", engine.Partial)
	wantCounts(t, run, "1 0 2 6")
	w.wantMembers("101", 1, 2, 3, 4, 5, 8)
	wantRows(t, w.rows("SELECT record_id - 1000000, key FROM rollcall.changes WHERE state = 'missing' ORDER BY 1"), "6 "+address(6), "7 "+address(7))
}

func TestFinalIsWhatTheListHoldsNotWhatIsDesired(t *testing.T) {
	w := recipe(t)
	w.exec("UPDATE rollcall.syncs SET foreign_members = 'keep'")
	w.byHand("101", []int{8, 9}, nil)
	w.people(1, 2, 3, 4, 6)
	wantCounts(t, w.one("vip", engine.Succeeded), "1 1 0 7")
	w.wantMembers("101", 1, 2, 3, 4, 6, 8, 9)
}

func TestContactOfASecondaryAddressIsNotReportedAsUnmatched(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.exec("INSERT INTO people VALUES ('contact-00050@old.example.com', 'vip'), ('" + address(1) + "', 'vip')")
	run := w.one("vip", engine.Succeeded)
	if p := run.Plan; p.Resolved != 2 || p.Unmatched != 0 {
		t.Errorf("%d resolved, %d unmatched; want 2, 0", p.Resolved, p.Unmatched)
	}
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.rejects"), "0")
}

func TestKeysOfAnotherPropertyAreMatchedByThatProperty(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	if err := w.sandbox.DefineProperty("contacts", sandbox.Property{Name: "member_no", Unique: true}); err != nil {
		t.Fatal(err)
	}
	for n, value := range map[int]string{1: "M-1", 2: "m-1"} {
		if err := w.sandbox.PatchObject("contacts", ids([]int{n})[0], map[string]string{"member_no": value}); err != nil {
			t.Fatal(err)
		}
	}
	w.sync("vip", map[string]string{"list_id": "101", "id_property": "'member_no'", "query": quote("SELECT 'M-1' AS member_no")})
	run := w.one("vip", engine.Succeeded)
	if p := run.Plan; p.Resolved != 1 || p.Unmatched != 0 {
		t.Errorf("%d resolved, %d unmatched; want 1, 0", p.Resolved, p.Unmatched)
	}
	w.wantMembers("101", 1) // and not 2, whose value differs by case
}

func TestFailureHalfwayLeavesARow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30, chunks(5))
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 10)...)
	w.fault(sandbox.Fault{Operation: writes, Status: 401, Nth: 2})
	run := w.one("vip", engine.Failed)
	wantRows(t, w.rows("SELECT status, n_added, error LIKE '%401%', hint IS NOT NULL, detail <> '' FROM rollcall.runs"), "FAILED 5 true true true")
	w.wantStates(run, "add done 5, add failed 5")
	w.wantConverged("vip", "101", numbers(1, 10)...)
}

func TestLedgerThatCannotBeWrittenStopsTheRunBeforeHubSpotIsWritten(t *testing.T) {
	w := recipe(t)
	w.people(1, 2, 3)
	w.exec("ALTER TABLE rollcall.changes RENAME TO lost")
	before := w.sandbox.CountCalls(writes)
	runs, err := w.engine.Run(t.Context(), []string{"vip"}, engine.RunOptions{})
	if err == nil && (len(runs) != 1 || runs[0].Status != engine.Failed) {
		t.Errorf("%+v, %v; want a failure", runs, err)
	}
	if n := w.sandbox.CountCalls(writes) - before; n != 0 {
		t.Errorf("%d writes", n)
	}
	w.wantMembers("101", 1, 2, 3, 4, 5)
}

func TestQueryAndUnmatchedKeysAreKept(t *testing.T) {
	w := recipe(t)
	w.exec("INSERT INTO people VALUES ('nobody@example.com', 'vip')")
	w.one("vip", engine.Succeeded)
	wantRows(t, w.rows("SELECT key, reason FROM rollcall.unmatched"), "nobody@example.com not_found")
	wantRows(t, w.rows("SELECT DISTINCT query, sha256(query) = query_sha256 FROM rollcall.runs"), "SELECT email FROM people WHERE tier = 'vip' true")
}

func TestQueryCannotWrite(t *testing.T) {
	w := recipe(t)
	for _, query := range []string{
		"DELETE FROM people RETURNING email", "INSERT INTO people VALUES ('a@example.com', 'vip') RETURNING email", "CREATE TABLE x AS SELECT 1 AS email",
		"COPY people TO 'people.csv'", "ATTACH 'x.duckdb'", "SET threads = 1", "DELETE FROM people; SELECT email FROM people", "DROP TABLE people",
	} {
		w.exec("UPDATE rollcall.syncs SET query = " + quote(query))
		if run := w.one("vip", engine.Failed); !run.Invalid {
			t.Errorf("%s: %s", query, run.Error)
		}
	}
	wantRows(t, w.rows("SELECT count(*) FROM people"), "5")
	w.wantMembers("101", 1, 2, 3, 4, 5)
}

func TestKilledRunIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30, chunks(3))
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 10)...)
	w.fault(sandbox.Fault{Operation: writes, Effect: sandbox.EffectResetAfter, After: 1, Count: -1})
	w.one("vip", engine.Failed)
	w.wantMembers("101", numbers(1, 6)...)
	w.sandbox.ForgetFaults()
	before := w.sandbox.CountCalls(writes)
	w.wantConverged("vip", "101", numbers(1, 10)...)
	if n := w.sandbox.CountCalls(writes) - before; n != 2 {
		t.Errorf("%d writes for the four that were left, in threes; want 2", n)
	}
}

func TestShortReadOfTheListRemovesNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 600)
	w.byHand("101", numbers(1, 600), nil)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 599)...)
	w.fault(sandbox.Fault{Operation: pages, Effect: sandbox.EffectSkip, Records: 100, Count: -1})
	w.one("vip", engine.Failed)
	w.wantMembers("101", numbers(1, 600)...)
}

func TestDailyLimitIsNotRetried(t *testing.T) {
	w := recipe(t)
	w.exec("DELETE FROM rollcall.identities") // nothing is cached
	w.fault(sandbox.Fault{Operation: batchRead, Effect: sandbox.EffectDaily, Count: -1})
	before := w.sandbox.CountCalls(batchRead)
	run := w.one("vip", engine.Failed)
	if n := w.sandbox.CountCalls(batchRead) - before; n != 1 {
		t.Errorf("%d calls against a daily limit", n)
	}
	wantWords(t, run.Hint, "midnight")
}

func TestBatchesAreTheSameEveryTime(t *testing.T) {
	t.Parallel()
	var plans []string
	for range 2 {
		w := newWorld(t, 30, chunks(4))
		w.sync("vip", map[string]string{"list_id": "101"})
		w.people(numbers(1, 10)...)
		run := w.one("vip", engine.Succeeded)
		plans = append(plans, strings.Join(w.rows("SELECT batch, record_id FROM rollcall.changes ORDER BY ALL"), "\n")+run.Plan.Hash)
	}
	if plans[0] != plans[1] {
		t.Errorf("the same plan is cut in two ways:\n%s\n%s", plans[0], plans[1])
	}
}

func TestAnyServerOfTheAPICanBeUsed(t *testing.T) {
	w := recipe(t)
	prefixed := httptest.NewServer(http.StripPrefix("/hubspot", w.sandbox))
	t.Cleanup(prefixed.Close)
	w.config.HubSpot = hubspot.Config{BaseURL: prefixed.URL + "/hubspot/", Token: "x"}
	w.reopen()
	w.people(1, 2, 3)
	w.one("vip", engine.Succeeded)
	w.wantMembers("101", 1, 2, 3)
}

func TestConnectionsAreGivenBack(t *testing.T) {
	w := recipe(t)
	w.exec("DELETE FROM rollcall.identities") // nothing is cached
	w.fault(sandbox.Fault{Operation: batchRead, Status: 400, Count: -1})
	w.one("vip", engine.Failed)
	w.exec("UPDATE rollcall.syncs SET query = 'SELECT nothing'")
	w.one("vip", engine.Failed)
	if err := w.engine.Close(); err != nil { // which tells of connections that are still open
		t.Error(err)
	}
}
