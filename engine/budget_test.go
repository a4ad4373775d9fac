package engine_test

import (
	"net/http"
	"testing"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
	"rollcall/engine/hubspot/sandbox/openapitest"
)

// Calls grow with what is asked and what changes: 10,000 keys are 100 batch reads, 10,000 members 40 pages, and 10,000 changes
// one write.
func TestCallBudget(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 15_000)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.exec("INSERT INTO people SELECT printf('contact-%05d@example.com', n), 'vip' FROM range(1, 10001) r(n)")
	w.one("vip", engine.Succeeded)
	w.exec("DELETE FROM people; INSERT INTO people SELECT printf('contact-%05d@example.com', n), 'vip' FROM range(5001, 15001) r(n)")
	w.sandbox.ForgetCalls()
	run := w.one("vip", engine.Succeeded)
	wantCounts(t, run, "5000 5000 0 10000")
	w.wantLedgerConsistent(run)
	calls := w.sandbox.CountCalls("")
	if calls > 142 || run.APICalls != int64(calls) {
		t.Errorf("%d calls, the ledger says %d; want 142 at most", calls, run.APICalls)
	}
	w.wantMembers("101", numbers(5001, 15_000)...)
}

// A run with nothing to do reads and does not write.
func TestQuietRun(t *testing.T) {
	t.Parallel()
	w := full(t, 5, nil)
	w.sandbox.ForgetCalls()
	w.one("vip", engine.Succeeded)
	if n, searches := w.sandbox.CountCalls(""), w.sandbox.CountCalls("lists.search"); n != 1 || searches != 1 {
		t.Errorf("%d calls, %d of them searches; want one search", n, searches)
	}
}

// Everything that the engine sends, and is answered, is as HubSpot's own OpenAPI files have it.
func TestTrafficKeepsToTheSpecification(t *testing.T) {
	t.Parallel()
	spec := openapitest.Open(t)
	for _, version := range []string{"v3", "2026-03", "2026-09"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			wrap := func(h http.Handler) http.Handler { return spec.Wrap(t, h) }
			w := wrappedWorld(t, 600, wrap, chunks(100), func(c *engine.Config) { c.HubSpot.APIVersion = version })
			typeID, err := w.sandbox.DefineSchema(sandbox.Schema{Name: "pets", Properties: []sandbox.Property{{Name: "tag", Unique: true}}})
			if err != nil {
				t.Fatal(err)
			}
			w.list("104", "Companies", "companies")
			w.list("105", "Pets", typeID)
			w.sync("vip", map[string]string{"list_id": "101"})
			w.sync("made", map[string]string{"list_name": "'Made / by ünicode'", "mode": "'add'"})
			w.sync("dynamic", map[string]string{"list_id": "103"})
			w.sync("missing", map[string]string{"list_id": "999"})
			w.sync("accounts", map[string]string{"list_id": "104", "object_type": "'companies'", "id_property": "'hs_object_id'", "query": quote("SELECT 9000000001 AS hs_object_id")})
			w.sync("pets", map[string]string{"list_id": "105", "object_type": "'pets'", "id_property": "'tag'", "query": quote("SELECT 'rex' AS tag")})
			w.people(numbers(1, 300)...)
			w.exec("INSERT INTO people VALUES ('nobody@example.com', 'vip'), ('contact-00050@old.example.com', 'vip')")
			w.run()
			w.people(numbers(100, 400)...)
			w.fault(sandbox.Fault{Operation: writes, Effect: sandbox.EffectRefuse, IDs: ids([]int{333})})
			w.run()
			wantRows(t, w.rows("SELECT sync, status FROM rollcall.runs QUALIFY row_number() OVER (PARTITION BY sync ORDER BY run_at DESC) = 1 ORDER BY ALL"),
				"accounts SUCCEEDED", "dynamic FAILED", "made SUCCEEDED", "missing FAILED", "pets SUCCEEDED", "vip SUCCEEDED")
			w.wantMembers("101", numbers(100, 400)...)
		})
	}
}
