package engine_test

import (
	"testing"

	"rollcall/engine"
)

// newShared is a world in which the syncs jobs and other want the labelled link of contact 1, which jobs has made, and each another one.
func newShared(t *testing.T, other string) *world {
	t.Helper()
	w := newLinks(t, 4, map[string]string{"max_removal_pct": "100"})
	w.exec("CREATE TABLE others AS FROM jobs")
	w.sync(other, jobsRow(map[string]string{"max_removal_pct": "100", "query": quote("SELECT person AS from_key, firm AS to_key, label FROM others")}))
	w.job(1, acme+" Decision maker")
	w.job(2, globex)
	w.exec("INSERT INTO others SELECT * FROM jobs WHERE label IS NOT NULL; INSERT INTO others VALUES (" + quote(address(3)) + ", " + quote(globex) + ", NULL)")
	w.one("jobs", engine.Succeeded)
	w.runEvery()
	return w
}

// runEvery runs all syncs, which must succeed, and returns how many changes they planned.
func (w *world) runEvery() (changes int64) {
	w.t.Helper()
	for _, run := range w.run() {
		if run.Status != engine.Succeeded {
			w.t.Fatalf("%+v", run)
		}
		changes += run.Plan.Changes()
	}
	return changes
}

// quiet runs all syncs so often, and nothing may be planned.
func (w *world) quiet(runs int) {
	w.t.Helper()
	for range runs {
		if n := w.runEvery(); n > 0 {
			w.t.Errorf("%d changes are planned", n)
		}
	}
}

// A link that the maker's query drops stays while another sync's query asks for it, and is that one's own from then on; the last to drop it removes it.
// Neither the order of the syncs nor that of the runs matters.
func TestAssociationSharedLink(t *testing.T) {
	t.Parallel()
	for _, other := range []string{"alpha", "zeta"} {
		w := newShared(t, other)
		w.jobs(1)
		w.quiet(3)
		w.wantLinked(1, acme+" Decision maker")
		wantRows(t, w.rows("SELECT DISTINCT sync FROM rollcall.links WHERE from_record_id = 1000001"), other)
		w.job(1, acme+" Decision maker") // and asks for it again
		w.quiet(1)
		w.exec("DELETE FROM others WHERE label IS NOT NULL")
		w.quiet(1)
		w.wantLinked(1, acme+" Decision maker")
		w.jobs(1)
		if n := w.runEvery(); n != 2 {
			t.Errorf("other sync %s: the last one plans %d changes, want 2", other, n)
		}
		w.wantLinked(1)
		w.quiet(1)
	}
}

// Where both drop it in one execution it is gone after that one or the next.
func TestAssociationSharedLinkIsDroppedByBoth(t *testing.T) {
	t.Parallel()
	for _, other := range []string{"alpha", "zeta"} {
		w := newShared(t, other)
		w.jobs(1)
		w.exec("DELETE FROM others WHERE label IS NOT NULL")
		w.runEvery()
		w.runEvery()
		w.wantLinked(1)
		w.quiet(1)
	}
}

// A sync of a row that is off, gone, or about other object types asks for nothing; and what the sync of such a row has made goes over to one that asks.
func TestAssociationSharedLinkOfRowsThatAreOff(t *testing.T) {
	t.Parallel()
	for _, off := range []string{"UPDATE rollcall.syncs SET enabled = false WHERE name = 'zeta'", "DELETE FROM rollcall.syncs WHERE name = 'zeta'"} {
		w := newShared(t, "zeta")
		w.exec(off)
		w.jobs(1)
		w.runEvery()
		w.wantLinked(1)
	}
	w := newShared(t, "zeta")
	deal, err := w.sandbox.CreateObject("deals", map[string]string{"dealname": "one"})
	if err != nil {
		t.Fatal(err)
	}
	w.exec("UPDATE rollcall.syncs SET to_object_type = 'deals', query = 'SELECT ''" + address(3) + "'' AS from_key, " + deal + " AS to_key' WHERE name = 'zeta'")
	w.runEvery()
	w.jobs(1)
	w.runEvery()
	w.wantLinked(1)

	w = newShared(t, "zeta")
	w.exec("DELETE FROM rollcall.syncs WHERE name = 'jobs'")
	w.quiet(1)
	w.exec("DELETE FROM others WHERE label IS NOT NULL")
	w.runEvery()
	w.wantLinked(1)
	w.wantLinked(2, globex) // nobody asks, and nobody is left who made it
}

// One type of a pair goes over, the other one goes: a link without a label that another sync asks for outlives the maker's label.
func TestAssociationSharedPair(t *testing.T) {
	t.Parallel()
	w := newShared(t, "zeta")
	w.exec("UPDATE others SET label = NULL")
	w.runEvery()
	w.jobs(1)
	w.runEvery()
	w.wantLinked(1, acme)
	w.quiet(1)
	w.exec("DELETE FROM others WHERE firm = " + quote(acme))
	w.runEvery()
	w.wantLinked(1)
}
