package engine_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// batchRead is the operation that resolves keys.
const batchRead = "objects.batch-read"

// A key that HubSpot gave no answer for must not look like somebody who left.
func TestKeysWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	three := []string{address(3)}
	for name, c := range map[string]struct {
		fault  sandbox.Fault
		status engine.Status
		words  []string
	}{
		"an error of unknown kind in a 207": {sandbox.Fault{Effect: sandbox.EffectUnknownError, IDs: three, Count: -1}, engine.Failed, []string{"UNHEARD_OF"}},
		"an internal error in a 207":        {sandbox.Fault{Effect: sandbox.EffectUnknownError, Category: "INTERNAL_ERROR", IDs: three, Count: 2}, engine.Failed, []string{"INTERNAL_ERROR"}},
		"an internal error in a 207 once":   {sandbox.Fault{Effect: sandbox.EffectUnknownError, Category: "INTERNAL_ERROR", IDs: three}, engine.Succeeded, nil},
		"not found once, but it names none": {sandbox.Fault{Effect: sandbox.EffectUnknownError, Category: "OBJECT_NOT_FOUND", IDs: three}, engine.Succeeded, nil},
		"passed over in silence":            {sandbox.Fault{Effect: sandbox.EffectOmit, IDs: three, Count: -1}, engine.Failed, []string{"said nothing about 1 of"}},
		"passed over once":                  {sandbox.Fault{Effect: sandbox.EffectOmit, IDs: three}, engine.Succeeded, nil},
		"an empty answer":                   {sandbox.Fault{Effect: sandbox.EffectEmpty, Count: -1}, engine.Failed, []string{"empty answer"}},
		"no results":                        {sandbox.Fault{Status: 200, Body: `{"status":"COMPLETE","results":[]}`, Count: -1}, engine.Failed, []string{"said nothing"}},
		"half an answer":                    {sandbox.Fault{Effect: sandbox.EffectTruncate, Count: -1}, engine.Failed, nil},
		"a page of HTML":                    {sandbox.Fault{Effect: sandbox.EffectHTML, Status: 200, Count: -1}, engine.Failed, nil},
		"500 for all of it":                 {sandbox.Fault{Status: 500, Count: -1}, engine.Failed, []string{"500"}},
		"500 once":                          {sandbox.Fault{Status: 500}, engine.Succeeded, nil},
		"an expired token":                  {sandbox.Fault{Effect: sandbox.EffectExpired, Count: -1}, engine.Failed, []string{"401"}},
		"missing scopes":                    {sandbox.Fault{Effect: sandbox.EffectScopes, Scopes: []string{"crm.objects.contacts.read"}, Count: -1}, engine.Failed, []string{"403"}},
		"numbers of errors without names":   {sandbox.Fault{Status: 207, Body: `{"status":"COMPLETE","results":[],"numErrors":4}`, Count: -1}, engine.Failed, []string{"4 errors"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := full(t, 5, nil)
			w.exec("DELETE FROM rollcall.identities") // nothing is cached
			w.people(1, 2, 3, 4, 6)
			before := w.sandbox.CountCalls(writes)
			c.fault.Operation = batchRead
			w.fault(c.fault)
			run := w.one("vip", c.status)
			wantWords(t, run.Error, c.words...)
			if c.status == engine.Succeeded {
				w.wantMembers("101", 1, 2, 3, 4, 6)
				return
			}
			if n := w.sandbox.CountCalls(writes) - before; n != 0 {
				t.Errorf("%d writes", n)
			}
			w.wantMembers("101", 1, 2, 3, 4, 5)
			w.wantOwned("101", 1, 2, 3, 4, 5)
			if strings.Contains(run.Error+run.Hint+run.Detail, "@") {
				t.Errorf("an address in %q, %q or %q", run.Error, run.Hint, run.Detail)
			}
			w.sandbox.ForgetFaults()
			w.wantConverged("vip", "101", 1, 2, 3, 4, 6)
		})
	}
}

// Where HubSpot says twice that it does not find some records, without naming them, those without a result have none: one call more a batch.
func TestNotFoundThatNamesNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 300)
	w.sync("vip", map[string]string{"list_id": "101", "query": quote("SELECT printf('contact-%05d@example.com', n) AS email FROM range(151, 451) r(n)")})
	w.fault(sandbox.Fault{Operation: batchRead, Effect: sandbox.EffectUnknownError, Category: "OBJECT_NOT_FOUND", Count: -1})
	run := w.one("vip", engine.Succeeded)
	wantCounts(t, run, "150 0 0 150")
	if p := run.Plan; p.Resolved != 150 || p.Unmatched != 150 {
		t.Errorf("%d resolved, %d unmatched; want 150, 150", p.Resolved, p.Unmatched)
	}
	if n := w.sandbox.CountCalls(batchRead); n > 6 {
		t.Errorf("%d batch reads of 3 batches", n)
	}
	wantRows(t, w.rows("SELECT reason, count(*) FROM rollcall.rejects GROUP BY ALL"), "not_found 150")
}

// Keys are asked for in batches; what belongs together may come apart.
func TestResolveInBatches(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"one at a time": 1, "two": 2, "all": 100} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 200, reads(size))
			w.sync("vip", map[string]string{"list_id": "101"})
			w.exec(`INSERT INTO people SELECT unnest([
				'contact-00050@example.com', 'contact-00050@old.example.com', 'contact-00100@old.example.com',
				'contact-00150@OLD.example.com', 'contact-00001@example.com', 'nobody@example.com', 'nobody@old.example.com']), 'vip'`)
			run := w.one("vip", engine.Succeeded)
			w.wantMembers("101", 1, 50, 100, 150)
			p := run.Plan
			if p.Keys != 7 || p.Resolved != 5 || p.Unmatched != 2 || p.Records != 4 || p.Add != 4 {
				t.Errorf("plan %+v, want 7 keys, 5 resolved to 4 records, 2 unmatched", p)
			}
			wantRows(t, w.rows("SELECT key, reason FROM rollcall.rejects ORDER BY 1"), "nobody@example.com not_found", "nobody@old.example.com not_found")
			w.wantConverged("vip", "101", 1, 50, 100, 150)
		})
	}
}

// More keys than a page of the sets, and more than a batch: none is lost or asked for twice.
func TestResolveManyKeys(t *testing.T) {
	t.Parallel()
	const n = 10_150
	w := newWorld(t, n)
	w.sync("vip", map[string]string{"list_id": "101", "query": quote("SELECT printf('contact-%05d@example.com', n) AS email FROM range(1, 10201) r(n)")})
	run := w.one("vip", engine.Succeeded)
	wantCounts(t, run, "10150 0 0 10150")
	if p := run.Plan; p.Resolved != n || p.Unmatched != 50 {
		t.Errorf("%d resolved, %d unmatched; want %d, 50", p.Resolved, p.Unmatched, n)
	}
	if calls := w.sandbox.CountCalls(batchRead); calls != 102 {
		t.Errorf("%d batch reads for 10,200 keys, want 102", calls)
	}
	wantRows(t, w.rows("SELECT count(*), count(DISTINCT record_id) FROM rollcall.members"), "10150 10150")
}

// A unique property of one's own, whose values differ by case alone.
func TestResolveByAnotherProperty(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	if err := w.sandbox.DefineProperty("companies", sandbox.Property{Name: "crm_key", Unique: true}); err != nil {
		t.Fatal(err)
	}
	w.list("104", "Companies", "companies")
	for id, key := range map[string]string{"9000000001": "Ab-1", "9000000002": "aB-1", "9000000003": "c@d.example"} {
		if err := w.sandbox.PatchObject("companies", id, map[string]string{"crm_key": key}); err != nil {
			t.Fatal(err)
		}
	}
	w.sync("accounts", map[string]string{
		"list_id": "104", "object_type": "'companies'", "id_property": "'crm_key'", "key_column": "'K'",
		"query": quote("SELECT unnest(['Ab-1', 'c@d.example', 'AB-1', ' Ab-1 ']) AS k"),
	})
	run := w.one("accounts", engine.Succeeded)
	members, err := w.sandbox.Members("104")
	if err != nil || strings.Join(members, " ") != "9000000001 9000000003" {
		t.Errorf("list holds %v, %v; want the first and the third company", members, err)
	}
	if p := run.Plan; p.Keys != 3 || p.Resolved != 2 || p.Unmatched != 1 || p.Duplicate != 1 {
		t.Errorf("plan %+v, want 3 keys, 2 resolved, 1 unmatched, 1 duplicate", p)
	}
	wantRows(t, w.rows("SELECT key, reason, detail FROM rollcall.rejects"), "AB-1 not_found HubSpot has no record with this crm_key")
}

// A property that does not identify records is known before a key is asked for.
func TestResolveByAPropertyThatIsNotUnique(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.list("104", "Companies", "companies")
	w.sync("accounts", map[string]string{
		"list_id": "104", "object_type": "'companies'", "id_property": "'domain'", "query": quote("SELECT 'a.example' AS domain"),
	})
	if err := w.sandbox.DefineProperty("companies", sandbox.Property{Name: "customer_id", Unique: true}); err != nil {
		t.Fatal(err)
	}
	for property, want := range map[string][2]string{
		"domain":     {`the values of the property "domain" of companies are not unique`, "customer_id, hs_object_id"},
		"custmer_id": {`HubSpot has no property "custmer_id" of companies`, "did you mean customer_id?"},
	} {
		w.exec(fmt.Sprintf("UPDATE rollcall.syncs SET id_property = %s, key_column = 'domain'", quote(property)))
		checked, err := w.engine.Check(t.Context(), nil)
		if err != nil || len(checked) != 1 || len(checked[0].Findings) != 1 || !checked[0].Findings[0].Invalid {
			t.Fatalf("%+v, %v", checked, err)
		}
		wantWords(t, checked[0].Findings[0].Error, want[0])
		wantWords(t, checked[0].Findings[0].Hint, want[1])
		w.sandbox.ForgetCalls()
		run := w.one("accounts", engine.Failed)
		wantWords(t, run.Error, want[0])
		wantWords(t, run.Hint, want[1])
		if n := w.sandbox.CountCalls(batchRead); n != 0 {
			t.Errorf("%s: %d batch reads", property, n)
		}
	}
	w.exec("UPDATE rollcall.syncs SET id_property = 'customer_id'")
	w.sandbox.ForgetCalls()
	w.one("accounts", engine.Succeeded)
	if n := w.sandbox.CountCalls("properties.get"); n != 1 {
		t.Errorf("the property is read %d times, want once", n)
	}
}

// Where HubSpot refuses every batch, whatever is in it, reading is given up after some calls, not after two a key.
func TestReadsThatAreAllRefused(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"in batches": 100, "one at a time": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 5, reads(size))
			w.sync("vip", map[string]string{"list_id": "101", "query": quote("SELECT 'a' || n || '@example.com' AS email FROM range(2000) r(n)")})
			w.fault(sandbox.Fault{Operation: batchRead, Status: 400, Body: `{"message":"no"}`, Count: -1})
			run := w.one("vip", engine.Failed)
			wantWords(t, run.Error, "400", "no")
			wantWords(t, run.Hint, "HubSpot says: no")
			if n := w.sandbox.CountCalls(batchRead); n > 60 {
				t.Errorf("%d batch reads", n)
			}
		})
	}
}

// A few keys that HubSpot refuses do not hold up the others.
func TestKeysThatAreRefused(t *testing.T) {
	t.Parallel()
	refused := map[string]bool{address(2): true, address(99): true, address(140): true}
	w := wrappedWorld(t, 250, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if !strings.HasSuffix(r.URL.Path, "/batch/read") {
				next.ServeHTTP(rw, r)
				return
			}
			body, _ := io.ReadAll(r.Body)
			for key := range refused {
				if strings.Contains(string(body), quoteJSON(key)) {
					http.Error(rw, `{"message":"no"}`, http.StatusBadRequest)
					return
				}
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			next.ServeHTTP(rw, r)
		})
	})
	w.sync("vip", map[string]string{"list_id": "101", "query": quote("SELECT printf('contact-%05d@example.com', n) AS email FROM range(1, 251) r(n)")})
	run := w.one("vip", engine.Failed)
	wantWords(t, run.Error, "400")
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.identities"), "247")
}

func quoteJSON(text string) string { return `"` + text + `"` }

// Custom objects, by the name of their schema.
func TestCustomObjects(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	typeID, err := w.sandbox.DefineSchema(sandbox.Schema{Name: "pets", Properties: []sandbox.Property{{Name: "tag", Unique: true}}})
	if err != nil {
		t.Fatal(err)
	}
	w.list("104", "Pets", typeID)
	rex, err := w.sandbox.CreateObject("pets", map[string]string{"tag": "Rex"})
	if err != nil {
		t.Fatal(err)
	}
	w.sync("pets", map[string]string{"list_id": "104", "object_type": "'Pets'", "id_property": "'tag'", "query": quote("SELECT unnest(['Rex', 'rex']) AS tag")})
	wantCounts(t, w.one("pets", engine.Succeeded), "1 0 0 1")
	if members, err := w.sandbox.Members("104"); err != nil || len(members) != 1 || members[0] != rex {
		t.Errorf("list holds %v, %v; want %s", members, err, rex)
	}
}

// A contact that is merged into another keeps its place, under the ID that lives on.
func TestMergedContacts(t *testing.T) {
	t.Parallel()
	for name, newID := range map[string]bool{"into the first": false, "into a new ID": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := sandboxWorld(t, 10, sandbox.Options{MergeMakesNewID: newID})
			w.sync("vip", map[string]string{"list_id": "101"})
			w.people(1, 2, 3)
			w.one("vip", engine.Succeeded)
			survivor, err := w.sandbox.MergeContacts(ids([]int{2})[0], ids([]int{3})[0])
			if err != nil {
				t.Fatal(err)
			}
			w.one("vip", engine.Succeeded)
			members, err := w.sandbox.Members("101")
			if err != nil || len(members) != 2 || members[1] != survivor {
				t.Errorf("list holds %v, %v; want %s in it", members, err, survivor)
			}
			run := w.one("vip", engine.Succeeded)
			wantCounts(t, run, "0 0 0 2")
		})
	}
}

// An answer that gives one record for many keys, each as its own address, is not believed: nothing is sent and nothing of it is cached.
// One record by its own and its secondary address is believed.
func TestOneRecordForManyKeys(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		properties func(key string, i int) string
		reads      int // keys a call
		status     engine.Status
	}{
		"each as its own address":           {func(key string, i int) string { return fmt.Sprintf(`"email":%q`, key) }, 100, engine.Failed},
		"each as its own address, in calls": {func(key string, i int) string { return fmt.Sprintf(`"email":%q`, key) }, 1, engine.Failed},
		"as own and secondary address": {func(key string, i int) string {
			return fmt.Sprintf(`"email":%q,"hs_additional_emails":%q`, address(1), address(2)+";"+address(3))
		}, 100, engine.Succeeded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hostile := func(h http.Handler) http.Handler {
				return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					if !strings.HasSuffix(r.URL.Path, "/batch/read") {
						h.ServeHTTP(rw, r)
						return
					}
					var asked struct{ Inputs []struct{ ID string } }
					if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
						t.Error(err)
					}
					var results []string
					for i, input := range asked.Inputs {
						results = append(results, fmt.Sprintf(`{"id":"%d","properties":{%s}}`, firstContact, c.properties(input.ID, i)))
					}
					fmt.Fprintf(rw, `{"status":"COMPLETE","results":[%s]}`, strings.Join(results, ","))
				})
			}
			w := wrappedWorld(t, 5, hostile, reads(c.reads))
			w.sync("vip", map[string]string{"list_id": "101", "max_removal_pct": "100"})
			w.people(1, 2, 3)
			run := w.one("vip", c.status)
			if c.status == engine.Succeeded {
				w.wantMembers("101", 1)
				return
			}
			wantWords(t, run.Error, "contradict each other", "one record for several keys")
			if n := w.sandbox.CountCalls(writes); n != 0 {
				t.Errorf("%d writes", n)
			}
			wantRows(t, w.rows("SELECT count(*) FROM rollcall.identities"), "0")
		})
	}
}
