package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"rollcall/engine"
)

func TestGuards(t *testing.T) {
	t.Parallel()
	unknown := func(n int) string {
		var values []string
		for i := range n {
			values = append(values, fmt.Sprintf("('nobody-%d@example.com', 'vip')", i))
		}
		return "DELETE FROM people; INSERT INTO people VALUES " + strings.Join(values, ", ")
	}
	left := func(from, to int) string {
		return fmt.Sprintf("DELETE FROM people WHERE email BETWEEN '%s' AND '%s'", address(from), address(to))
	}
	for name, c := range map[string]struct {
		members int
		columns map[string]string
		change  string
		status  engine.Status
		words   []string // of the error
		after   []int
	}{
		"empty query":            {5, nil, "DELETE FROM people", engine.Blocked, []string{"allow_empty", "no rows", "5 members"}, numbers(1, 5)},
		"empty query keep":       {5, map[string]string{"foreign_members": "'keep'"}, "DELETE FROM people", engine.Blocked, []string{"allow_empty"}, numbers(1, 5)},
		"one unknown address":    {5, nil, unknown(1), engine.Blocked, []string{"allow_empty", "1 key"}, numbers(1, 5)},
		"only unknown addresses": {12, nil, unknown(40), engine.Blocked, []string{"allow_empty", "40 keys", "max_removal_pct"}, numbers(1, 12)},
		"only invalid addresses": {5, nil, "UPDATE people SET email = 'x'", engine.Blocked, []string{"allow_empty", "usable"}, numbers(1, 5)},
		"only blanks":            {5, nil, "UPDATE people SET email = ' '", engine.Blocked, []string{"allow_empty"}, numbers(1, 5)},
		"allowed to be empty":    {5, map[string]string{"allow_empty": "true"}, "DELETE FROM people", engine.Succeeded, nil, nil},
		"allowed, yet too many":  {20, map[string]string{"allow_empty": "true"}, "DELETE FROM people", engine.Blocked, []string{"max_removal_pct", "20 of 20", "100.0%"}, numbers(1, 20)},

		"as many as allowed":      {20, map[string]string{"max_removals": "3"}, left(1, 3), engine.Succeeded, nil, numbers(4, 20)},
		"one more than allowed":   {20, map[string]string{"max_removals": "2"}, left(1, 3), engine.Blocked, []string{"max_removals", "3 members", "allows 2"}, numbers(1, 20)},
		"none allowed":            {20, map[string]string{"max_removals": "0"}, left(1, 1), engine.Blocked, []string{"max_removals"}, numbers(1, 20)},
		"none allowed, none left": {20, map[string]string{"max_removals": "0"}, "SELECT 1", engine.Succeeded, nil, numbers(1, 20)},

		"exactly half":               {10, nil, left(1, 5), engine.Succeeded, nil, numbers(6, 10)},
		"more than half":             {10, nil, left(1, 6), engine.Blocked, []string{"max_removal_pct", "6 of 10", "60.0%", "50%"}, numbers(1, 10)},
		"more than half of nine":     {9, nil, left(1, 8), engine.Succeeded, nil, []int{9}},
		"a percentage of its own":    {20, map[string]string{"max_removal_pct": "12.5"}, left(1, 3), engine.Blocked, []string{"12.5%"}, numbers(1, 20)},
		"within a percentage":        {20, map[string]string{"max_removal_pct": "15"}, left(1, 3), engine.Succeeded, nil, numbers(4, 20)},
		"mode add is never guarded":  {20, map[string]string{"mode": "'add'"}, "DELETE FROM people", engine.Succeeded, nil, numbers(1, 20)},
		"additions are no removals":  {1, map[string]string{"max_removals": "0"}, "INSERT INTO people VALUES ('contact-00002@example.com', 'vip')", engine.Succeeded, nil, []int{1, 2}},
		"an unknown address beside":  {5, nil, "DELETE FROM people WHERE email <> '" + address(1) + "'; INSERT INTO people VALUES ('nobody@example.com', 'vip')", engine.Succeeded, nil, []int{1}},
		"every limit broken at once": {20, map[string]string{"max_removals": "1"}, "DELETE FROM people", engine.Blocked, []string{"allow_empty", "max_removals", "max_removal_pct"}, numbers(1, 20)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := full(t, c.members, c.columns)
			w.exec(c.change)
			writesBefore := w.sandbox.CountCalls(writes)
			run := w.one("vip", c.status)
			w.wantMembers("101", c.after...)
			w.wantLedgerConsistent(run)
			wantWords(t, run.Error, c.words...)
			if c.status != engine.Blocked {
				return
			}
			if n := w.sandbox.CountCalls(writes) - writesBefore; n != 0 {
				t.Errorf("%d writes of a blocked plan", n)
			}
			w.wantOwned("101", numbers(1, c.members)...)
			w.wantStates(run, fmt.Sprintf("remove planned %d", run.Plan.Remove))
			wantCounts(t, run, fmt.Sprintf("0 0 0 %d", c.members))
			wantRows(t, w.rows("SELECT state, what_to_do FROM rollcall.status"), "BLOCKED look at the plan, then rollcall approve "+run.RunID)
			wantWords(t, run.Hint, "rollcall approve "+run.RunID)
			if again := w.one("vip", engine.Blocked); again.Plan.Hash != run.Plan.Hash {
				t.Error("the same plan has another hash")
			}
		})
	}
}

// The removals of a row that names who is to go are guarded like all others.
func TestGuardsOfModeRemove(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 20)
	w.byHand("101", numbers(1, 12), nil)
	w.sync("churned", map[string]string{"list_id": "101", "mode": "'remove'"})
	w.people(numbers(1, 12)...)
	w.one("churned", engine.Blocked)
	w.people(numbers(1, 6)...)
	wantCounts(t, w.one("churned", engine.Succeeded), "0 6 0 6")
	w.wantMembers("101", numbers(7, 12)...)
	w.wantOwned("101")
}

// Record IDs are not looked up before they are sent, so a query of nothing but wrong ones must not pass for one that
// desires somebody.
func TestUnknownRecordIDsDoNotEmptyTheList(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 20)
	w.exec("CREATE TABLE records (id BIGINT); INSERT INTO records SELECT 1000000 + n FROM range(1, 6) r(n)")
	w.sync("vip", map[string]string{"list_id": "101", "id_property": "'hs_object_id'", "query": quote("SELECT id AS hs_object_id FROM records")})
	w.one("vip", engine.Succeeded)
	w.wantMembers("101", numbers(1, 5)...)
	w.exec("UPDATE records SET id = id + 500000")
	run := w.one("vip", engine.Blocked)
	w.wantMembers("101", numbers(1, 5)...)
	wantWords(t, run.Error, "allow_empty", "5 keys")
	w.exec("UPDATE records SET id = 1000010 WHERE id = 1500001")
	w.one("vip", engine.Partial)
	w.wantMembers("101", 10)
}

// A plan with more changes than the row allows waits for an approval, which is for as many changes, or fewer.
func TestMostChanges(t *testing.T) {
	t.Parallel()
	w := full(t, 10, nil)
	w.exec("UPDATE rollcall.syncs SET max_changes = 3")
	w.people(numbers(2, 12)...) // one off, two on
	w.one("vip", engine.Succeeded)
	w.people(numbers(3, 15)...) // one off, three on
	four := w.one("vip", engine.Blocked)
	wantWords(t, four.Error, "max_changes: it would make 4 changes, the row allows 3")
	w.approve(four.RunID)
	w.people(numbers(3, 16)...)
	five := w.one("vip", engine.Blocked)
	wantRows(t, w.rows("SELECT void_reason LIKE 'superseded by run "+five.RunID+", BLOCKED%' FROM rollcall.approval_status"), "true")
	w.wantMembers("101", numbers(2, 12)...)
	w.approve(five.RunID)
	w.people(numbers(3, 15)...)
	if run := w.one("vip", engine.Succeeded); run.ApprovedRun != five.RunID {
		t.Errorf("it continued under %q, want the approval of five changes", run.ApprovedRun)
	}
	w.wantMembers("101", numbers(3, 15)...)
}
