package engine_test

import (
	"testing"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// Changes whose answer was lost are settled by what HubSpot shows also where their row is gone, is disabled, or is about other records by now.
func TestObjectOrphans(t *testing.T) {
	t.Parallel()
	for what, script := range map[string]string{
		"deleted": "DELETE FROM rollcall.syncs WHERE name = 'people'", "disabled": "UPDATE rollcall.syncs SET enabled = false WHERE name = 'people'",
		"another type": "UPDATE rollcall.syncs SET object_type = 'companies', id_property = 'hs_object_id', mode = 'update', query = 'SELECT 1 AS hs_object_id, ''x'' AS name WHERE false' WHERE name = 'people'",
	} {
		w := newPeople(t, 3, map[string]string{"on_leave": "'archive'"})
		w.newcomers(2, 3)
		w.one("people", engine.Succeeded)
		w.exec("DELETE FROM customers WHERE email = 'new-00000@example.com'; UPDATE customers SET city = 'Rom'; INSERT INTO customers VALUES ('late@example.com', 'Late', 'Rom')")
		for _, operation := range []string{batchArchives, batchCreates, batchUpdates} {
			w.fault(sandbox.Fault{Operation: operation, Effect: sandbox.EffectResetAfter, Count: -1})
		}
		run := w.one("people", engine.Failed)
		w.sandbox.ForgetFaults()
		w.patch(3, map[string]string{"city": "Trier"})
		w.exec(script)
		w.sync("vip", map[string]string{"list_id": "101"})
		w.run()
		wantRows(t, w.rows("SELECT action, key, state, record_id IS NOT NULL FROM rollcall.changes WHERE run_id = "+quote(run.RunID)+" AND state <> 'planned' ORDER BY n"),
			"archive new-00000@example.com done true", "create late@example.com done true", "update contact-00001@example.com done true",
			"update contact-00002@example.com done true", "update contact-00003@example.com failed true", "update new-00001@example.com done true")
		if t.Failed() {
			t.Fatal(what)
		}
		if calls := w.objectCalls(); w.run() == nil || w.objectCalls() != calls {
			t.Errorf("%s: read again", what)
		}
	}
}
