package engine_test

import (
	"testing"

	"rollcall/engine"
)

// A row whose object types change begins anew between the other two: its first run there takes nothing over unasked, what it has linked between the
// former two stays as it is, counts for nothing, and is its own again when the row is changed back.
func TestAssociationRowChangesItsTypes(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 4, map[string]string{"foreign_members": "'remove'", "max_removal_pct": "100", "query": quote("SELECT person AS from_key, firm AS to_key FROM jobs")})
	w.job(1, acme, globex)
	w.job(2, acme)
	w.one("jobs", engine.Succeeded)

	var deals []string
	for _, name := range []string{"one", "two"} {
		id, err := w.sandbox.CreateObject("deals", map[string]string{"dealname": name})
		if err != nil {
			t.Fatal(err)
		}
		deals = append(deals, id)
	}
	if err := w.sandbox.Associate("contacts", ids([]int{1})[0], "deals", deals[1]); err != nil {
		t.Fatal(err)
	}
	dealsOf := func(want ...string) {
		t.Helper()
		all, err := w.sandbox.Associations("contacts", ids([]int{1})[0], "deals")
		if err != nil || len(all) != len(want) || len(want) > 0 && all[0].ToID != want[0] {
			t.Errorf("contact 1 has the deals %v, %v; want %v", all, err, want)
		}
	}
	w.exec("UPDATE rollcall.syncs SET to_object_type = 'deals'; DELETE FROM jobs")
	w.job(1, deals[0])
	wantWords(t, w.one("jobs", engine.Blocked).Error, "takeover: 1 of 1 links were put there by others and would go")
	dealsOf(deals[1])
	w.exec("UPDATE rollcall.syncs SET allow_takeover = true")
	run := w.one("jobs", engine.Succeeded)
	wantCounts(t, run, "1 1 0 1")
	dealsOf(deals[0])
	w.wantLinked(1, acme, globex)
	w.wantLinked(2, acme)
	wantRows(t, w.rows("SELECT target, count(*) FROM rollcall.runs GROUP BY ALL ORDER BY ALL"), "contacts->companies 1", "contacts->deals 2")

	// The way back is one on which the sync has ended already; what has left is its own.
	w.exec("UPDATE rollcall.syncs SET to_object_type = 'companies', allow_takeover = NULL; DELETE FROM jobs")
	w.associate(1, initech)
	w.job(1, acme)
	wantCounts(t, w.runWith(engine.RunOptions{Full: true}, "jobs")[0], "0 3 0 1")
	w.wantLinked(1, acme)
	w.wantLinked(2)
	dealsOf(deals[0])
}
