package engine_test

import (
	"testing"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// cities fills the table customers with n contacts, who all live in Bonn.
func (w *world) cities(n int) {
	w.t.Helper()
	w.newcomers(0, n)
	w.exec("UPDATE customers SET city = 'Bonn'")
}

// valueDrift is what the ledger has of others' changes.
func (w *world) valueDrift() []string {
	w.t.Helper()
	return w.rows("SELECT sync, target, key, property, left_value, found_value, kind, cause FROM rollcall.drift ORDER BY key, property")
}

// readAnew runs the sync people with --full.
func (w *world) readAnew(want engine.Status) engine.Run {
	w.t.Helper()
	runs := w.runWith(engine.RunOptions{Full: true}, "people")
	if len(runs) != 1 || runs[0].Status != want {
		w.t.Fatalf("%+v, want one run that is %s", runs, want)
	}
	return runs[0]
}

// What others have changed since the last look-up is drift, property by property, once, and is overwritten.
func TestObjectDrift(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 3, map[string]string{"max_changes": "3"})
	w.cities(3)
	if run := w.one("people", engine.Succeeded); run.Drift == nil || *run.Drift != 0 {
		t.Errorf("drift %s where nothing was known", number(run.Drift))
	}
	w.patch(1, map[string]string{"city": "Rom", "phone": "1"})
	w.patch(2, map[string]string{"city": ""})
	w.exec("UPDATE rollcall.syncs SET max_changes = 1")
	if run := w.readAnew(engine.Blocked); run.Drift == nil || *run.Drift != 2 {
		t.Errorf("drift %s, want 2", number(run.Drift))
	}
	want := []string{
		"people contacts contact-00001@example.com city Bonn Rom changed changed_by_hand",
		"people contacts contact-00002@example.com city Bonn <nil> changed changed_by_hand",
	}
	wantRows(t, w.valueDrift(), want...)
	w.exec("UPDATE rollcall.syncs SET max_changes = NULL")
	w.readAnew(engine.Succeeded)
	wantRows(t, w.lastChanges(), "update done contact-00001@example.com map[city:[Rom Bonn]]", "update done contact-00002@example.com map[city:[<nil> Bonn]]")
	if run := w.readAnew(engine.Succeeded); run.Drift == nil || *run.Drift != 0 || !run.Plan.Empty() {
		t.Errorf("drift %s, %+v", number(run.Drift), run.Plan)
	}
	wantRows(t, w.valueDrift(), want...)
	if run := w.one("people", engine.Succeeded); run.Drift != nil {
		t.Errorf("drift %s where nothing was read", number(run.Drift))
	}
}

// What Rollcall has written itself is no drift where the answer was lost. A person's edit takes no value from the sync that owns it.
func TestObjectDriftIsOthers(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 2, nil)
	w.cities(2)
	w.one("people", engine.Succeeded)
	w.exec("UPDATE customers SET city = 'Ulm'")
	w.fault(sandbox.Fault{Operation: batchUpdates, Effect: sandbox.EffectResetAfter, Count: -1})
	w.one("people", engine.Failed)
	w.sandbox.ForgetFaults()
	w.one("people", engine.Succeeded)
	wantRows(t, w.valueDrift())
	w.patch(1, map[string]string{"city": "Rom"})
	w.sync("towns", map[string]string{"kind": "'object'", "query": quote("SELECT email, 'Trier' AS city FROM customers")})
	w.one("towns", engine.Succeeded)
	wantRows(t, w.rows("SELECT sync, found_value FROM rollcall.drift"), "towns Rom")
	wantRows(t, w.rows("SELECT key, reason FROM rollcall.rejects ORDER BY ALL"), "contact-00001@example.com owned_by", "contact-00002@example.com owned_by")
	w.exec("UPDATE rollcall.syncs SET on_leave = 'clear', allow_takeover = NULL WHERE name = 'people'; DELETE FROM customers")
	w.exec("UPDATE rollcall.syncs SET allow_empty = true")
	w.one("people", engine.Succeeded)
	wantRows(t, w.lastChanges(), "clear done contact-00002@example.com map[city:[Ulm <nil>]]")
}

// With foreign_values = 'keep' a value that others wrote stays, whatever the query says: what was there before the sync came, and what was changed or
// cleared since. Records are read before they are written.
func TestObjectKeepsForeignValues(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 4, map[string]string{"foreign_values": "'keep'"})
	w.cities(4)
	w.exec("UPDATE customers SET firstname = 'Somebody'")
	w.one("people", engine.Succeeded)
	w.wantProperties("contact-00001@example.com", map[string]string{"firstname": "Contact", "city": "Bonn"})
	w.wantNoMore()
	w.patch(1, map[string]string{"city": "Rom"})
	w.patch(2, map[string]string{"city": ""})
	w.exec("UPDATE customers SET city = 'Ulm' WHERE email < 'contact-00004'")
	if n := w.calls(batchRead, func() { w.one("people", engine.Succeeded) }); n != 1 {
		t.Errorf("%d reads before the records were written, want 1", n)
	}
	wantRows(t, w.lastChanges(), "update done contact-00003@example.com map[city:[Bonn Ulm]]")
	wantRows(t, w.rows("SELECT key, property, found_value FROM rollcall.drift ORDER BY 1"), "contact-00001@example.com city Rom", "contact-00002@example.com city <nil>")
	w.wantNoMore()
	w.patch(4, map[string]string{"city": "Trier"})
	if run := w.readAnew(engine.Succeeded); !run.Plan.Empty() || *run.Drift != 1 {
		t.Errorf("drift %s, %+v", number(run.Drift), run.Plan)
	}
	w.exec("UPDATE customers SET city = 'Rom' WHERE email < 'contact-00002'") // the query agrees with the one who changed it
	if run := w.one("people", engine.Succeeded); !run.Plan.Empty() {
		t.Errorf("%+v", run.Plan)
	}
	w.exec("UPDATE customers SET city = 'Genf' WHERE email < 'contact-00002'")
	w.one("people", engine.Succeeded)
	wantRows(t, w.lastChanges(), "update done contact-00001@example.com map[city:[Rom Genf]]")
	w.wantNoMore()
}
