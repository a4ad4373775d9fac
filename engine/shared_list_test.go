package engine_test

import (
	"testing"

	"rollcall/engine"
)

// Two rows may work on one list, one that adds and one that removes. The second plans with what the first one left, and the ledger
// is right for both.
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

// Rows may name a list that is still to be made: the first one makes it, and the next ones of the same run find it made, whether
// it has put anybody there or not.
func TestRowsThatShareAListThatIsNotMadeYet(t *testing.T) {
	t.Parallel()
	for name, first := range map[string][]int{"with members": numbers(1, 4), "empty": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 10)
			w.sync("a_first", map[string]string{"list_name": "'Made by two'", "mode": "'add'"})
			w.sync("b_second", map[string]string{"list_name": "'made by TWO'", "mode": "'add'", "query": quote("SELECT email FROM people WHERE tier = 'other'")})
			w.people(first...)
			w.exec("INSERT INTO people VALUES ('" + address(4) + "', 'other'), ('" + address(5) + "', 'other')")
			runs := w.run()
			if len(runs) != 2 || runs[0].Status != engine.Succeeded || runs[1].Status != engine.Succeeded || runs[0].ListID != runs[1].ListID {
				t.Fatalf("%+v, want two runs that succeed, on one list", runs)
			}
			want := append(append([]int{}, first[:max(0, len(first)-1)]...), 4, 5)
			w.wantMembers(runs[0].ListID, want...)
			w.wantOwned(runs[0].ListID, want...)
			for _, run := range w.run() {
				if run.Status != engine.Succeeded || !run.Plan.Empty() || *run.Final != int64(len(want)) {
					t.Errorf("the run after that: %+v, want nothing to do and %d members", run, len(want))
				}
			}
		})
	}
}
