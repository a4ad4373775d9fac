package engine_test

import (
	"fmt"
	"testing"

	"rollcall/engine"
)

// After a merge nothing is known of the values of the record that has come of it: whichever sync learns of the merge, each other one that keeps one
// of the records reads it before it writes, in the same run and in a later one.
func TestObjectMerge(t *testing.T) {
	t.Parallel()
	for _, together := range []bool{true, false} {
		w := newPeople(t, 2, nil)
		w.exec("CREATE TABLE numbers (email VARCHAR, phone VARCHAR); INSERT INTO numbers VALUES ('contact-00002@example.com', '1')")
		w.sync("phones", map[string]string{"kind": "'object'", "query": quote("FROM numbers")})
		w.cities(1)
		w.run()
		w.patch(1, map[string]string{"phone": "99"})
		both := ids([]int{1, 2})
		survivor, err := w.sandbox.MergeContacts(both[0], both[1])
		if err != nil {
			t.Fatal(err)
		}
		w.exec("INSERT INTO customers VALUES ('contact-00002@example.com', 'Contact', 'Bonn'); UPDATE numbers SET phone = '2'")
		names := [][]string{{"people", "phones"}}
		if !together {
			names = [][]string{{"people"}, {"phones"}}
		}
		for _, some := range names {
			for _, run := range w.run(some...) {
				if run.Status != engine.Succeeded {
					t.Errorf("together %t: %+v", together, run)
				}
			}
		}
		wantRows(t, w.rows("SELECT state, record_id, values FROM rollcall.changes WHERE sync = 'phones' AND run_id = (SELECT max(run_id) FROM rollcall.runs WHERE sync = 'phones')"),
			fmt.Sprintf("done %s map[phone:[99 2]]", survivor))
		wantRows(t, w.rows("SELECT DISTINCT record_id FROM rollcall.records"), survivor)
		calls := w.objectCalls()
		for _, run := range w.run() {
			if !run.Plan.Empty() {
				t.Errorf("together %t: not quiet: %+v", together, run.Plan)
			}
		}
		for range 2 {
			calls = w.objectCalls()
			w.run()
		}
		if n := w.objectCalls() - calls; n != 0 {
			t.Errorf("together %t: %d object calls after all was read", together, n)
		}
	}
}
