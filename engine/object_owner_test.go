package engine_test

import (
	"testing"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// towns adds the sync towns to a world of people: it asks for another city of everyone, and for a phone number.
func (w *world) towns() {
	w.t.Helper()
	w.sync("towns", map[string]string{"kind": "'object'", "query": quote("SELECT email, 'Ulm' AS city, '+49 30' AS phone FROM customers")})
}

// both runs the syncs people and towns and wants that many changes of each.
func (w *world) both(people, towns int64) {
	w.t.Helper()
	for _, run := range w.run() {
		want := map[string]int64{"people": people, "towns": towns}[run.Sync]
		if run.Status != engine.Succeeded || run.Plan.Changes() != want {
			w.t.Errorf("%s: %s, want %d changes: %s %+v", run.Sync, run.Status, want, run.Error, run.Plan)
		}
	}
}

func (w *world) wantProperties(email string, want map[string]string) {
	w.t.Helper()
	found := w.records("contacts", "email", email)
	if len(found) != 1 {
		w.t.Fatalf("%s: %d records", email, len(found))
	}
	for name, value := range want {
		if got := found[0].Properties[name]; got != value {
			w.t.Errorf("%s: %s is %q, want %q", email, name, got, value)
		}
	}
}

// ownedByPeople is why the sync towns does not write the city.
const ownedByPeople = "owned_by the property city belongs to the sync people, which wrote it last and still asks for another value: leave the column out of one of the two queries"

// A value belongs to the sync that wrote it last for as long as that one desires it; the record's other values are sent. This holds within one
// run, and for records that the run creates.
func TestObjectOwnedBy(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 1, nil)
	w.towns()
	w.exec("INSERT INTO customers VALUES ('contact-00001@example.com', 'Contact', 'Bonn'), ('ann@example.com', 'Ann', 'Rom')")
	w.both(2, 2)
	wantRows(t, w.rows("SELECT key, values FROM rollcall.changes WHERE sync = 'towns' ORDER BY n"), "ann@example.com map[phone:[<nil> +49 30]]", "contact-00001@example.com map[phone:[<nil> +49 30]]")
	wantRows(t, w.rows("SELECT sync, key, reason, detail FROM rollcall.rejects ORDER BY key"),
		"towns ann@example.com "+ownedByPeople, "towns contact-00001@example.com "+ownedByPeople)
	calls := w.objectCalls()
	w.both(0, 0)
	if n := w.objectCalls() - calls; n != 0 {
		t.Errorf("%d object calls with nothing changed", n)
	}
	wantRows(t, w.rows("SELECT count(*), count(until_run) FROM rollcall.rejects"), "2 0")
	w.exec("UPDATE customers SET city = 'Ulm' WHERE firstname = 'Ann'") // both desire it
	w.both(1, 0)
	wantRows(t, w.rows("SELECT key FROM rollcall.rejects WHERE until_run IS NULL"), "contact-00001@example.com")
	w.wantProperties("ann@example.com", map[string]string{"city": "Ulm", "phone": "+49 30"})
}

// What a sync does not desire any more may be written by others: a value that its query has no longer, a record that has left it, and all of a row
// that is disabled. Then it is theirs.
func TestObjectOwnerLetsGo(t *testing.T) {
	t.Parallel()
	for what, script := range map[string]string{
		"NULL":        "UPDATE customers SET city = NULL",
		"column":      "UPDATE rollcall.syncs SET query = 'SELECT email, firstname FROM customers' WHERE name = 'people'",
		"left":        "UPDATE rollcall.syncs SET query = 'FROM customers WHERE false' WHERE name = 'people'",
		"disabled":    "UPDATE rollcall.syncs SET enabled = false WHERE name = 'people'",
		"another row": "UPDATE rollcall.syncs SET name = 'persons' WHERE name = 'people'",
	} {
		w := newPeople(t, 1, map[string]string{"allow_empty": "true"})
		w.towns()
		w.exec("INSERT INTO customers VALUES ('contact-00001@example.com', 'Contact', 'Bonn')")
		w.both(1, 1)
		w.exec(script)
		w.both(0, 1)
		w.wantProperties("contact-00001@example.com", map[string]string{"city": "Ulm"})
		wantRows(t, w.rejects())
		w.exec("UPDATE rollcall.syncs SET enabled = true, name = 'people', query = 'FROM customers' WHERE name <> 'towns'; UPDATE customers SET city = 'Bonn'")
		for _, run := range w.run() {
			if run.Status != engine.Succeeded || !run.Plan.Empty() {
				t.Errorf("%s: %s wrote what another sync owns: %+v", what, run.Sync, run.Plan)
			}
		}
		wantRows(t, w.rows("SELECT sync, reason, contains(detail, 'the sync towns') FROM rollcall.rejects WHERE until_run IS NULL"), "people owned_by true")
	}
}

// A value that would be refused is no reason to let another sync have the property.
func TestObjectOwnerKeepsWhatIsRefused(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 1, map[string]string{"query": quote("SELECT email, city AS lifecyclestage FROM customers")})
	w.sync("towns", map[string]string{"kind": "'object'", "query": quote("SELECT email, 'customer' AS lifecyclestage FROM customers")})
	w.exec("INSERT INTO customers VALUES ('contact-00001@example.com', 'Contact', 'lead')")
	w.both(1, 0)
	w.exec("UPDATE customers SET city = 'nonsense'")
	w.both(0, 0)
	w.wantProperties("contact-00001@example.com", map[string]string{"lifecyclestage": "lead"})
}

// A sync owns what it has written also where the answer was lost.
func TestObjectOwnsWhatWasReconciled(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 1, nil)
	w.exec("INSERT INTO customers VALUES ('contact-00001@example.com', 'Contact', 'Bonn'), ('ann@example.com', 'Ann', 'Rom')")
	w.fault(sandbox.Fault{Operation: batchCreates, Effect: sandbox.EffectResetAfter}, sandbox.Fault{Operation: batchUpdates, Effect: sandbox.EffectResetAfter, Count: -1})
	w.one("people", engine.Failed)
	w.sandbox.ForgetFaults()
	w.one("people", engine.Succeeded)
	wantRows(t, w.rows("SELECT property, sync, count(*) FROM rollcall.record_values WHERE value IN ('Bonn', 'Rom', 'Ann') GROUP BY ALL ORDER BY ALL"), "city people 2", "firstname people 1")
	w.towns()
	w.both(0, 2)
	wantRows(t, w.rows("SELECT DISTINCT sync, reason FROM rollcall.rejects"), "towns owned_by")
}
