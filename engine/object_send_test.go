package engine_test

import (
	"fmt"
	"testing"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// newcomers fills the table customers with n contacts that HubSpot does not have, and the contacts that it has.
func (w *world) newcomers(n, known int) {
	w.t.Helper()
	w.exec(fmt.Sprintf(`INSERT INTO customers
		SELECT format('new-{:05d}@example.com', i), 'New', 'Bonn' FROM range(%d) r(i)
		UNION ALL SELECT format('contact-{:05d}@example.com', i), 'Contact', 'Ulm' FROM range(1, %d + 1) r(i)`, n, known))
}

// A hundred records go with a call, of one action, and a cold run reads a hundred a call.
func TestObjectBatches(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 150, nil)
	w.newcomers(250, 150)
	run := w.one("people", engine.Succeeded)
	wantCounts(t, run, "250 0 0 400")
	if *run.Updated != 150 {
		t.Errorf("updated %d", *run.Updated)
	}
	if r, c, u := w.sandbox.CountCalls(batchRead), w.sandbox.CountCalls(batchCreates), w.sandbox.CountCalls(batchUpdates); r != 4 || c != 3 || u != 2 {
		t.Errorf("%d reads, %d creates, %d updates; want 4, 3, 2", r, c, u)
	}
	w.exec("UPDATE customers SET city = 'Rom' WHERE email < 'contact-00005'")
	w.sandbox.ForgetCalls()
	run = w.one("people", engine.Succeeded)
	if w.objectCalls() != 1 || *run.Updated != 4 || *run.Unchanged != 396 {
		t.Errorf("%d object calls, updated %d, unchanged %d; want 1, 4, 396", w.objectCalls(), *run.Updated, *run.Unchanged)
	}
}

// One bad record does not spoil its batch: neither one that HubSpot refuses on its own, nor one for which it refuses the whole call.
func TestObjectBadRecord(t *testing.T) {
	t.Parallel()
	for effect, category := range map[sandbox.Effect]string{sandbox.EffectFailInputs: "VALIDATION_ERROR", sandbox.EffectRefuse: ""} {
		w := newPeople(t, 40, nil)
		w.newcomers(30, 40)
		w.fault(sandbox.Fault{Operation: batchCreates, Effect: effect, Category: category, IDs: []string{"new-00003@example.com"}, Count: -1},
			sandbox.Fault{Operation: batchUpdates, Effect: effect, Category: category, IDs: ids([]int{7}), Count: -1})
		run := w.one("people", engine.Partial)
		wantCounts(t, run, "29 0 0 69")
		wantRows(t, w.rows("SELECT action, key, reason <> '' FROM rollcall.changes WHERE state = 'failed' ORDER BY n"), "create new-00003@example.com true", "update contact-00007@example.com true")
		if *run.Updated != 39 {
			t.Errorf("%s: updated %d", effect, *run.Updated)
		}
		w.sandbox.ForgetFaults()
		w.runWith(engine.RunOptions{RetryRejects: true}, "people")
		wantRows(t, w.lastChanges(), "create done new-00003@example.com map[city:[<nil> Bonn] email:[<nil> new-00003@example.com] firstname:[<nil> New]]", "update done contact-00007@example.com map[city:[<nil> Ulm]]")
	}
}

// A record that an answer does not mention is looked up once, and counts by what HubSpot shows.
func TestObjectUnmentioned(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 3, nil)
	w.newcomers(3, 3)
	w.fault(sandbox.Fault{Operation: batchCreates, Effect: sandbox.EffectOmit, IDs: []string{"new-00001@example.com"}},
		sandbox.Fault{Operation: batchUpdates, Effect: sandbox.EffectOmit, IDs: ids([]int{2})})
	wantCounts(t, w.one("people", engine.Succeeded), "3 0 0 6")
	wantRows(t, w.rows("SELECT key, reason, record_id IS NOT NULL FROM rollcall.changes WHERE reason IS NOT NULL ORDER BY n"),
		"new-00001@example.com the answer does not mention it; HubSpot shows the change true", "contact-00002@example.com the answer does not mention it; HubSpot shows the change true")
	if run := w.one("people", engine.Succeeded); !run.Plan.Empty() {
		t.Errorf("not quiet: %+v", run.Plan)
	}
}

// Changes whose answer was lost are settled by what HubSpot shows before anything is sent: nothing is created twice, and nothing sent twice.
func TestObjectLosesAnswers(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 3, nil)
	w.newcomers(3, 3)
	w.fault(sandbox.Fault{Operation: batchCreates, Effect: sandbox.EffectResetAfter}, sandbox.Fault{Operation: batchUpdates, Effect: sandbox.EffectResetAfter, Count: -1})
	run := w.one("people", engine.Failed)
	wantRows(t, w.rows("SELECT action, state, count(*) FROM rollcall.changes GROUP BY ALL ORDER BY ALL"), "create unknown 3", "update unknown 3")
	w.sandbox.ForgetFaults()
	w.sandbox.ForgetCalls()
	if next := w.one("people", engine.Succeeded); !next.Plan.Empty() || w.sandbox.CountCalls(batchCreates)+w.sandbox.CountCalls(batchUpdates) != 0 {
		t.Errorf("sent again: %+v", next.Plan)
	}
	wantRows(t, w.rows("SELECT action, state, count(*), count(record_id) FROM rollcall.changes GROUP BY ALL ORDER BY ALL"), "create done 3 3", "update done 3 3")
	wantRows(t, w.rows("SELECT n_added, n_updated FROM rollcall.runs WHERE run_id = "+quote(run.RunID)), "3 3")
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.records WHERE created_by = "+quote(run.RunID)), "3")
	if n := w.calls(batchRead, func() { w.one("people", engine.Succeeded) }); n != 0 {
		t.Errorf("%d reads after that", n)
	}
}

// Two syncs of one run that want the same new record create it once.
func TestObjectTwoSyncsOneRecord(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 0, nil)
	w.sync("phones", map[string]string{"kind": "'object'", "query": quote("SELECT email, '+49 30' AS phone FROM customers")})
	w.newcomers(3, 0)
	for _, run := range w.run() {
		if run.Status != engine.Succeeded {
			t.Errorf("%+v", run)
		}
	}
	wantRows(t, w.rows("SELECT action, state, count(*) FROM rollcall.changes GROUP BY ALL ORDER BY ALL"), "create done 3", "update done 3")
	if got := w.records("contacts", "email", "new-00001@example.com")[0].Properties; got["phone"] != "+49 30" || got["city"] != "Bonn" {
		t.Errorf("%v", got)
	}
	for _, run := range w.run() {
		if !run.Plan.Empty() {
			t.Errorf("not quiet: %+v", run.Plan)
		}
	}
}

// A record that is deleted in HubSpot is created again when it is found to be gone, and a list and an object sync share a run.
func TestObjectRecordIsGone(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 2, nil)
	w.sync("vip", map[string]string{"list_id": "101", "query": quote("SELECT email FROM customers")})
	w.newcomers(0, 2)
	w.run()
	w.wantMembers("101", 1, 2)
	if err := w.sandbox.DeleteObject("contacts", ids([]int{2})[0]); err != nil {
		t.Fatal(err)
	}
	w.runWith(engine.RunOptions{Full: true}, "people")
	wantRows(t, w.rows("SELECT action, state, key FROM rollcall.changes WHERE sync = 'people' AND run_id = (SELECT max(run_id) FROM rollcall.runs)"), "create done contact-00002@example.com")
	wantRows(t, w.rows("SELECT count(*), count(DISTINCT record_id), count(created_by) FROM rollcall.records"), "2 2 1")
}

// A run that creates and updates, killed at any boundary between two of its steps, is gone on with by the next one, which sends no change again that
// HubSpot has.
func TestObjectIsKilled(t *testing.T) {
	t.Parallel()
	passed := killObjectsAt(t, 0)
	for n := 1; n <= passed; n++ {
		if *long || n%3 == int(*sample)%3 {
			killObjectsAt(t, n)
		}
	}
}

func killObjectsAt(t *testing.T, n int) (passed int) {
	t.Helper()
	w := newPeople(t, 8, nil, chunks(3), func(c *engine.Config) { c.Concurrency = 2 })
	w.newcomers(2, 8)
	w.one("people", engine.Succeeded)
	w.exec("UPDATE customers SET city = 'Rom'")
	w.exec("INSERT INTO customers SELECT format('late-{}@example.com', i), 'Late', 'Rom' FROM range(7) r(i)")
	killed, at := "", ""
	w.config.Failpoint = func(step string) {
		if passed++; passed == n {
			killed, at = w.image(), step
			w.fault(sandbox.Fault{Effect: sandbox.EffectReset, Count: -1})
		}
	}
	w.reopen()
	passed = 0
	_, _ = w.engine.Run(t.Context(), nil, engine.RunOptions{})
	w.config.Failpoint = nil
	if w.sandbox.ForgetFaults(); n > 0 {
		w.config.Warehouse.Database = killed
	}
	w.reopen()
	w.one("people", engine.Succeeded)
	wantRows(t, w.rows("SELECT run_id, n, state FROM rollcall.changes WHERE state IN ('sent', 'unknown', 'failed') AND reason NOT LIKE '%does not show the change'"))
	wantRows(t, w.rows("SELECT key, count(*) FROM rollcall.changes WHERE state = 'done' AND action = 'create' GROUP BY key HAVING count(*) > 1"))
	wantRows(t, w.rows("SELECT key, count(*) FROM rollcall.change_values v JOIN rollcall.changes c USING (run_id, n, key) WHERE c.state = 'done' AND v.property = 'city' AND v.after = 'Rom' GROUP BY key HAVING count(*) > 1"))
	wantRows(t, w.rows("SELECT count(DISTINCT key), count(DISTINCT record_id) FROM rollcall.changes WHERE state = 'done' AND action = 'create'"), "9 9")
	w.sandbox.ForgetCalls()
	if run := w.one("people", engine.Succeeded); !run.Plan.Empty() || w.objectCalls() != 0 {
		t.Errorf("not quiet: %d calls, %+v", w.objectCalls(), run.Plan)
	}
	for _, email := range []string{"late-3@example.com", "contact-00005@example.com", "new-00001@example.com"} {
		if got := w.records("contacts", "email", email); len(got) != 1 || got[0].Properties["city"] != "Rom" {
			t.Errorf("%s: %v", email, got)
		}
	}
	if t.Failed() {
		t.Fatalf("killed %s, boundary %d", at, n)
	}
	return passed
}
