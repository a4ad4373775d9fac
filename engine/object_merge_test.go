package engine_test

import (
	"testing"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// Two keys whose contacts were merged, and for which the query returns unequal values, are rejects in every run from the look-up on, not only in
// the run that looks them up: none writes the values of one key over those of the other.
func TestObjectMergedKeys(t *testing.T) {
	t.Parallel()
	for _, newID := range []bool{false, true} {
		w := newWorld(t, 5)
		if newID {
			w = sandboxWorld(t, 5, sandbox.Options{MergeMakesNewID: true})
		}
		w.exec("CREATE TABLE customers (email VARCHAR, city VARCHAR); INSERT INTO customers SELECT format('contact-{:05d}@example.com', i), 'City ' || i FROM range(1, 6) r(i)")
		w.sync("people", map[string]string{"kind": "'object'", "query": quote("FROM customers")})
		w.one("people", engine.Succeeded)
		if _, err := w.sandbox.MergeContacts(ids([]int{2})[0], ids([]int{4})[0]); err != nil {
			t.Fatal(err)
		}
		for i, options := range []engine.RunOptions{{Full: true}, {}, {}, {Full: true}, {}} {
			run := w.runWith(options, "people")[0]
			if run.Status != engine.Succeeded || !run.Plan.Empty() {
				t.Errorf("run %d, new ID %t: %s %s", i+1, newID, run.Status, run.Detail)
			}
			wantRows(t, w.rejects(), "contact-00002@example.com same_record the query returns another key of the same record, with other values",
				"contact-00004@example.com same_record the query returns another key of the same record, with other values")
		}
		w.exec("UPDATE customers SET city = 'Bonn' WHERE email IN ('contact-00002@example.com', 'contact-00004@example.com')")
		if run := w.one("people", engine.Succeeded); *run.Updated != 1 {
			t.Errorf("with equal values, new ID %t: %s", newID, run.Detail)
		}
		if run := w.one("people", engine.Succeeded); !run.Plan.Empty() || len(w.rejects()) > 0 {
			t.Errorf("and then, new ID %t: %s, %v", newID, run.Detail, w.rejects())
		}
	}
}
