package engine_test

import (
	"fmt"
	"slices"
	"testing"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// applyCase is a run that changes list 101 from contacts 1-10 to 6-15, five to add and five to remove, while the sandbox
// misbehaves.
type applyCase struct {
	options sandbox.Options
	chunk   int // 0: all in one call
	fault   []sandbox.Fault
	status  engine.Status
	states  string
	counts  string // added, removed, missing, final
	words   []string
	most    int   // writes that it may take; 0: any number
	list    []int // after the run; nil: 6-15
	final   []int // once the sandbox behaves; nil: 6-15
}

func (c applyCase) run(t *testing.T) {
	t.Parallel()
	var change []func(*engine.Config)
	if c.chunk > 0 {
		change = append(change, chunks(c.chunk))
	}
	w := sandboxWorld(t, 30, c.options, change...)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 10)...)
	w.one("vip", engine.Succeeded)
	w.people(numbers(6, 15)...)
	before := w.sandbox.CountCalls(writes)
	w.fault(c.fault...)

	run := w.one("vip", c.status)
	w.wantLedgerConsistent(run)
	w.wantStates(run, c.states)
	wantCounts(t, run, c.counts)
	wantWords(t, run.Error+" "+run.Detail, c.words...)
	if n := w.sandbox.CountCalls(writes) - before; c.most > 0 && n > c.most {
		t.Errorf("%d writes, want %d at most", n, c.most)
	}
	list, final := numbers(6, 15), numbers(6, 15)
	if c.list != nil {
		list = c.list
	}
	if c.final != nil {
		final = c.final
	}
	w.wantMembers("101", list...)
	w.sandbox.ForgetFaults()
	w.reopen() // the next run is another process's, whose breaker knows nothing of this one's errors
	w.wantConverged("vip", "101", final...)
}

const allDone = "add done 5, remove done 5"

func TestApply(t *testing.T) {
	t.Parallel()
	id := func(n int) []string { return ids([]int{n}) }
	for name, c := range map[string]applyCase{
		"in one call":              {status: engine.Succeeded, states: allDone, counts: "5 5 0 10", most: 1},
		"in batches":               {chunk: 3, status: engine.Succeeded, states: allDone, counts: "5 5 0 10", most: 4},
		"the spec's spelling":      {options: sandbox.Options{AddedKey: "recordsIdsAdded", OmitEmpty: true}, chunk: 5, status: engine.Succeeded, states: allDone, counts: "5 5 0 10"},
		"the examples' spelling":   {options: sandbox.Options{AddedKey: "recordIdsAdded", OmitEmpty: true}, chunk: 5, status: engine.Succeeded, states: allDone, counts: "5 5 0 10"},
		"pages without a total":    {options: sandbox.Options{OmitTotal: true}, status: engine.Succeeded, states: allDone, counts: "5 5 0 10"},
		"a limit on a call's size": {options: sandbox.Options{MaxMembershipIDs: 10}, status: engine.Succeeded, states: allDone, counts: "5 5 0 10"},

		"429, then taken": {
			fault:  []sandbox.Fault{{Operation: writes, Effect: sandbox.EffectSecondly, RetryAfter: "0"}},
			status: engine.Succeeded, states: allDone, counts: "5 5 0 10", most: 2,
		},
		"a record deleted before the write": {
			fault:  []sandbox.Fault{{Operation: writes, Effect: sandbox.EffectDeleteRecord, IDs: append(id(12), id(2)...)}},
			status: engine.Partial, states: "add done 4, add missing 1, remove done 4, remove missing 1", counts: "4 4 2 9",
			list: []int{6, 7, 8, 9, 10, 11, 13, 14, 15}, final: []int{6, 7, 8, 9, 10, 11, 13, 14, 15}, words: []string{"2 record IDs"},
		},
		"one record refused": {
			fault:  []sandbox.Fault{{Operation: writes, Effect: sandbox.EffectRefuse, IDs: id(13), Count: -1}},
			status: engine.Partial, states: "add done 4, add failed 1, remove done 5", counts: "4 5 0 9",
			list: []int{6, 7, 8, 9, 10, 11, 12, 14, 15}, words: []string{"1 refused"}, most: 9,
		},
		"two records refused, in batches": {
			chunk:  3,
			fault:  []sandbox.Fault{{Operation: writes, Effect: sandbox.EffectRefuse, IDs: append(id(11), id(3)...), Count: -1}},
			status: engine.Partial, states: "add done 4, add failed 1, remove done 4, remove failed 1", counts: "4 4 0 10",
			list: []int{3, 6, 7, 8, 9, 10, 12, 13, 14, 15}, words: []string{"2 refused"},
		},
		"every record refused": {
			fault:  []sandbox.Fault{{Operation: writes, Status: 400, Count: -1}},
			status: engine.Failed, states: "add failed 5, remove failed 5", counts: "0 0 0 10",
			list: numbers(1, 10), words: []string{"400"}, most: 13,
		},
		"too large, until small": {
			fault:  []sandbox.Fault{{Operation: writes, Status: 413, Count: 2}},
			status: engine.Succeeded, states: allDone, counts: "5 5 0 10", most: 5,
		},
		"504 that was not done, until small": {
			fault:  []sandbox.Fault{{Operation: writes, Status: 504, Count: 3}},
			status: engine.Succeeded, states: allDone, counts: "5 5 0 10",
		},
		"no connection, then taken": {
			fault:  []sandbox.Fault{{Operation: writes, Effect: sandbox.EffectReset}},
			status: engine.Succeeded, states: allDone, counts: "5 5 0 10", most: 2,
		},
		"a daily limit": {
			chunk:  5,
			fault:  []sandbox.Fault{{Operation: writes, Effect: sandbox.EffectDaily, After: 1, Count: -1}},
			status: engine.Failed, states: "add done 5, remove failed 5", counts: "5 0 0 15",
			list: numbers(1, 15), words: []string{"daily"}, most: 2,
		},
		"an expired token in the middle": {
			chunk:  3,
			fault:  []sandbox.Fault{{Operation: writes, Effect: sandbox.EffectExpired, After: 1, Count: -1}},
			status: engine.Failed, states: "add done 3, add failed 2, remove failed 1, remove planned 4", counts: "3 0 0 13",
			list: numbers(1, 13), words: []string{"401", "expired"}, most: 2,
		},
		"missing scopes": {
			fault:  []sandbox.Fault{{Operation: writes, Effect: sandbox.EffectScopes, Scopes: []string{"crm.lists.write"}}},
			status: engine.Failed, states: "add failed 5, remove failed 5", counts: "0 0 0 10",
			list: numbers(1, 10), words: []string{"403"}, most: 1,
		},
	} {
		t.Run(name, c.run)
	}
}

// Answers that were lost: the change may have been made all the same. The ledger says so, and the next run finds out.
func TestApplyWithLostAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]applyCase{
		"reset after it was done, then repeated": {
			fault:  []sandbox.Fault{{Operation: writes, Effect: sandbox.EffectResetAfter}},
			status: engine.Succeeded, states: allDone, counts: "5 5 0 10", words: []string{"added 5, removed 5"}, most: 2,
		},
		"every answer reset": {
			fault:  []sandbox.Fault{{Operation: writes, Effect: sandbox.EffectResetAfter, Count: -1}},
			status: engine.Failed, states: "add unknown 5, remove unknown 5", counts: "0 0 0 NULL", words: []string{"10 without an answer", "may or may not"}, most: 3,
		},
		"reset in the second batch": {
			chunk:  5,
			fault:  []sandbox.Fault{{Operation: writes, Effect: sandbox.EffectResetAfter, After: 1, Count: -1}},
			status: engine.Failed, states: "add done 5, remove unknown 5", counts: "5 0 0 NULL",
		},
		"an empty answer that means nothing was done": {
			fault:  []sandbox.Fault{{Operation: writes, Effect: sandbox.EffectEmpty, Count: -1}},
			status: engine.Failed, states: "add unknown 5, remove unknown 5", counts: "0 0 0 NULL", list: numbers(1, 10), words: []string{"empty answer"},
		},
		"an empty answer after it was done": {
			fault:  []sandbox.Fault{{Operation: writes, Effect: sandbox.EffectEmptyAfter, Count: -1}},
			status: engine.Failed, states: "add unknown 5, remove unknown 5", counts: "0 0 0 NULL",
		},
		"a truncated answer": {
			fault:  []sandbox.Fault{{Operation: writes, Effect: sandbox.EffectTruncate, Count: -1}},
			status: engine.Failed, states: "add unknown 5, remove unknown 5", counts: "0 0 0 NULL",
		},
		"an answer of nothing at all, since nothing was left to do": {
			options: sandbox.Options{OmitEmpty: true},
			fault:   []sandbox.Fault{{Operation: writes, Effect: sandbox.EffectResetAfter}},
			status:  engine.Failed, states: "add unknown 5, remove unknown 5", counts: "0 0 0 NULL",
		},
		"500 after it was done": {
			fault:  []sandbox.Fault{{Operation: writes, Effect: sandbox.EffectStatusAfter, Status: 500, Count: -1}},
			status: engine.Failed, states: "add unknown 5, remove unknown 5", counts: "0 0 0 NULL",
		},
		"504 after it was done, until small": {
			fault:  []sandbox.Fault{{Operation: writes, Effect: sandbox.EffectStatusAfter, Status: 504, Count: 3}},
			status: engine.Succeeded, states: allDone, counts: "5 5 0 10",
		},
		"502 after it was done, then repeated": {
			fault:  []sandbox.Fault{{Operation: writes, Effect: sandbox.EffectStatusAfter, Status: 502, Count: 1}},
			status: engine.Succeeded, states: allDone, counts: "5 5 0 10", most: 2,
		},
		"504 after it was done, always": {
			fault:  []sandbox.Fault{{Operation: writes, Effect: sandbox.EffectStatusAfter, Status: 504, Count: -1}},
			status: engine.Failed, states: "add unknown 5, remove unknown 5", counts: "0 0 0 NULL",
		},
		"504 after it was done, then no access": {
			fault: []sandbox.Fault{
				{Operation: writes, Effect: sandbox.EffectStatusAfter, Status: 504, Count: 3},
				{Operation: writes, Status: 401, After: 3, Count: -1},
			},
			status: engine.Failed, states: "add unknown 5, remove unknown 5", counts: "0 0 0 NULL",
		},
	} {
		t.Run(name, c.run)
	}
}

// The list goes away under the run's hands.
func TestApplyToAListThatChangesKind(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		effect sandbox.Effect
		status engine.Status
		states string
		words  string
		counts string
	}{
		"deleted":      {sandbox.EffectDeleteList, engine.Failed, "add done 6, add failed 3, add planned 1", "404", "6 0 0 NULL"},
		"made dynamic": {sandbox.EffectMakeDynamic, engine.Partial, "add done 6, add failed 4", "4 refused", "6 0 0 6"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 30, chunks(3))
			w.sync("vip", map[string]string{"list_id": "101"})
			w.people(numbers(1, 10)...)
			w.fault(sandbox.Fault{Operation: writes, Effect: c.effect, ListID: "101", After: 2})
			run := w.one("vip", c.status)
			w.wantLedgerConsistent(run)
			w.wantStates(run, c.states)
			wantCounts(t, run, c.counts)
			wantWords(t, run.Error+run.Detail, c.words)
			w.wantMembers("101", numbers(1, 6)...)
			w.wantOwned("101", numbers(1, 6)...)
			if run.Hint == "" {
				t.Errorf("no hint: %+v", run)
			}
			again := w.one("vip", engine.Failed)
			wantCounts(t, again, "NULL NULL NULL NULL")
			w.wantMembers("101", numbers(1, 6)...)
		})
	}
}

// Members that came or went by another hand between the reading and the write are accounted for as they are.
func TestApplyFindsItDoneAlready(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 10)...)
	w.one("vip", engine.Succeeded)
	w.people(numbers(6, 15)...)
	w.sandbox.ForgetCalls()
	w.meanwhile(func() { w.byHand("101", []int{11, 12}, []int{1}) })
	run := w.one("vip", engine.Succeeded)
	w.wantStates(run, "add already 2, add done 3, remove already 1, remove done 4")
	wantCounts(t, run, "3 4 0 10")
	w.wantMembers("101", numbers(6, 15)...)
	w.wantOwned("101", numbers(6, 15)...)
	w.wantLedgerConsistent(run)
	w.wantConverged("vip", "101", numbers(6, 15)...)
}

// A member that came by another hand is not counted as added because HubSpot refused the call once before: nothing was done then.
func TestApplyFindsItDoneAlreadyAfterARefusal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 10)...)
	w.one("vip", engine.Succeeded)
	w.people(numbers(1, 15)...)
	w.fault(sandbox.Fault{Operation: writes, Effect: sandbox.EffectSecondly, RetryAfter: "0"})
	w.meanwhile(func() { w.byHand("101", []int{11, 12}, nil) })
	run := w.one("vip", engine.Succeeded)
	w.wantStates(run, "add already 2, add done 3")
	wantCounts(t, run, "3 0 0 15")
	wantRows(t, w.rows("SELECT DISTINCT attempt, status FROM rollcall.calls WHERE operation = 'memberships.add_and_remove' AND run_id = "+quote(run.RunID)+" ORDER BY 1"), "1 429", "2 200")
}

// The ledger says who was added when the answer to the call was lost, as the README asks it; that it was inferred is the reason.
func TestWhoWasAddedByACallWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 3)...)
	w.fault(sandbox.Fault{Operation: writes, Effect: sandbox.EffectStatusAfter, Status: 502, Count: 1})
	w.one("vip", engine.Succeeded)
	added := "SELECT key FROM rollcall.changes WHERE sync = 'vip' AND state = 'done' AND action = 'add' ORDER BY key"
	wantRows(t, w.rows(added), address(1), address(2), address(3))
	wantRows(t, w.rows("SELECT DISTINCT reason FROM rollcall.changes"), "the answer was lost; it held when the call was repeated (attempt 2)")
	wantRows(t, w.rows("SELECT n_added FROM rollcall.runs"), "3")
	calls := w.sandbox.CountCalls("")
	w.one("vip", engine.Succeeded)
	if n := w.sandbox.CountCalls("") - calls; n != 1 {
		t.Errorf("the run after it took %d calls, want 1: the list is cached", n)
	}
}

// One refused change among many is found in few calls, and the others are applied.
func TestCulpritStandsAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1000)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 1000)...)
	w.fault(sandbox.Fault{Operation: writes, Effect: sandbox.EffectRefuse, IDs: ids([]int{777}), Count: -1})
	run := w.one("vip", engine.Partial)
	w.wantStates(run, "add done 999, add failed 1")
	wantRows(t, w.rows("SELECT record_id, key FROM rollcall.changes WHERE state = 'failed' AND reason LIKE '%400%'"), fmt.Sprintf("1000777 %s", address(777)))
	if n := w.sandbox.CountCalls(writes); n > 25 {
		t.Errorf("%d writes to find one refused change among 1,000", n)
	}
	w.sandbox.ForgetFaults()
	w.wantConverged("vip", "101", numbers(1, 1000)...)
}

// Refused changes at the beginning do not hold up the rest, neither in the first run nor in those that have little else to send.
func TestCulpritsThatComeFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 40)...)
	w.fault(sandbox.Fault{Operation: writes, Effect: sandbox.EffectRefuse, IDs: ids([]int{1, 2, 3, 21}), Count: -1})
	w.wantStates(w.one("vip", engine.Partial), "add done 36, add failed 4")
	w.wantMembers("101", slices.Concat(numbers(4, 20), numbers(22, 40))...)
	w.people(numbers(1, 41)...)
	w.wantStates(w.one("vip", engine.Partial), "add done 1, add failed 4")
	w.wantMembers("101", slices.Concat(numbers(4, 20), numbers(22, 41))...)
	w.sandbox.ForgetFaults()
	w.wantConverged("vip", "101", numbers(1, 41)...)
}

// More refused changes than a run looks for delay only the changes of their batches.
func TestCulpritsByTheHundred(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1000)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 1000)...)
	w.fault(sandbox.Fault{Operation: writes, Effect: sandbox.EffectRefuse, IDs: ids(numbers(1, 240)), Count: -1})
	run := w.one("vip", engine.Failed)
	w.wantLedgerConsistent(run)
	members := w.members("101")
	for _, n := range numbers(251, 1000) {
		if !slices.Contains(members, n) {
			t.Fatalf("contact %d is not on the list", n)
		}
	}
	if n := w.sandbox.CountCalls(writes); n > 250 {
		t.Errorf("%d writes", n)
	}
}

// A request that is refused as such is not tried change by change.
func TestRequestThatIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1000)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 1000)...)
	w.fault(sandbox.Fault{Operation: writes, Status: 400, Count: -1})
	run := w.one("vip", engine.Failed)
	w.wantLedgerConsistent(run)
	w.wantStates(run, "add failed 16, add planned 984")
	wantWords(t, run.Error, "400")
	if n := w.sandbox.CountCalls(writes); n > 20 {
		t.Errorf("%d writes", n)
	}
	w.sandbox.ForgetFaults()
	w.reopen()
	w.wantConverged("vip", "101", numbers(1, 1000)...)
}

// A record ID of a record that is no more stays in the query: each run says so, and nobody counts it as Rollcall's.
func TestDeletedRecordIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.sync("vip", map[string]string{"list_id": "101", "id_property": "'hs_object_id'", "query": quote("SELECT 1000000 + unnest([1, 2, 3]) AS hs_object_id")})
	w.one("vip", engine.Succeeded)
	if err := w.sandbox.DeleteObject("contacts", "1000002"); err != nil {
		t.Fatal(err)
	}
	for _, cause := range []string{"restored", "entered"} { // somebody else took it out; then it is just not there
		run := w.one("vip", engine.Partial)
		wantCounts(t, run, "0 0 1 2")
		wantRows(t, w.rows("SELECT action, record_id, cause, state FROM rollcall.changes WHERE run_id = '"+run.RunID+"'"), "add 1000002 "+cause+" missing")
		w.wantMembers("101", 1, 3)
		w.wantOwned("101", 1, 3)
	}
}

// Who could not be taken out in mode remove is not Rollcall's for that.
func TestRefusedRemovalOfAForeignMember(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.byHand("101", []int{1, 2, 3}, nil)
	w.sync("churned", map[string]string{"list_id": "101", "mode": "'remove'"})
	w.people(1, 2)
	w.fault(sandbox.Fault{Operation: writes, Effect: sandbox.EffectRefuse, IDs: ids([]int{1}), Count: -1})
	w.wantStates(w.one("churned", engine.Partial), "remove done 1, remove failed 1")
	w.wantMembers("101", 1, 3)
	w.wantOwned("101")
}
