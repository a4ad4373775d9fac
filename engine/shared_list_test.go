package engine_test

import (
	"testing"

	"rollcall/engine"
)

// Two rows may work on one list, one that adds and one that removes. The second plans with what the first one left, and the books
// are true for both.
func TestRowsThatShareAList(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 50)
	w.byHand("101", numbers(1, 20), nil)
	w.sync("a_leavers", map[string]string{"list_id": "101", "mode": "'remove'", "query": quote("SELECT email FROM people WHERE tier = 'left'")})
	w.sync("b_joiners", map[string]string{"list_id": "101", "mode": "'add'"})
	w.people(numbers(18, 25)...)
	w.exec("INSERT INTO people VALUES ('" + address(1) + "', 'left'), ('" + address(2) + "', 'left'), ('" + address(20) + "', 'left')")
	for range 2 { // the second time the two take 20 off and put it on again
		runs := w.run()
		if len(runs) != 2 || runs[0].Status != engine.Succeeded || runs[1].Status != engine.Succeeded {
			t.Fatalf("%+v, want two runs that succeed", runs)
		}
		w.wantMembers("101", append(numbers(3, 19), numbers(20, 25)...)...)
		if *runs[0].Final != 22 && *runs[0].Final != 17 || *runs[1].Final != 23 {
			t.Errorf("final %d, then %d members; want 17 or 22, then 23", *runs[0].Final, *runs[1].Final)
		}
		wantRows(t, w.rows("SELECT count(*), count(DISTINCT record_id) FROM rollcall.members WHERE list_id = '101'"), "23 23")
	}
}
