package engine_test

import (
	"slices"
	"testing"

	"rollcall/engine"
	"rollcall/engine/hubspot"
)

// batchCreates and batchUpdates are operations of the sandbox.
const (
	batchCreates = "objects.batch-create"
	batchUpdates = "objects.batch-update"
)

// newPeople is a world with n contacts and the sync people of the kind object over the table customers.
func newPeople(t *testing.T, n int, columns map[string]string, change ...func(*engine.Config)) *world {
	t.Helper()
	w := newWorld(t, n, change...)
	w.exec("CREATE TABLE customers (email VARCHAR, firstname VARCHAR, city VARCHAR)")
	all := map[string]string{"kind": "'object'", "query": quote("FROM customers")}
	for name, value := range columns {
		all[name] = value
	}
	w.sync("people", all)
	return w
}

// objectCalls counts the calls that read or change records.
func (w *world) objectCalls() int {
	return w.sandbox.CountCalls(batchRead) + w.sandbox.CountCalls(batchCreates) + w.sandbox.CountCalls(batchUpdates) + w.sandbox.CountCalls(batchArchives)
}

// The first run creates who is not there and sends what differs; the next one sends and reads nothing; a changed value is sent alone.
func TestObjectFirstRun(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 3, nil)
	w.exec("INSERT INTO customers VALUES ('contact-00001@example.com', 'Contact', 'Bonn'), ('Contact-00002@example.com', 'Contact', NULL), ('ann@example.com', 'Ann', 'Ulm')")
	run := w.one("people", engine.Succeeded)
	wantCounts(t, run, "1 0 0 3")
	wantRows(t, w.rows("SELECT kind, n_to_add, n_to_update, n_added, n_updated, n_unchanged, n_final, detail FROM rollcall.runs"), "object 1 1 1 1 1 3 created 1, updated 1, left 1 unchanged")
	wantRows(t, w.rows("SELECT action, target, state, cause, key, values, record_id IS NOT NULL FROM rollcall.changes ORDER BY n"),
		`create contacts done entered ann@example.com map[city:[<nil> Ulm] email:[<nil> ann@example.com] firstname:[<nil> Ann]] true`,
		`update contacts done entered contact-00001@example.com map[city:[<nil> Bonn]] true`)
	w.sandbox.ForgetCalls()
	run = w.one("people", engine.Succeeded)
	if n := w.objectCalls(); n != 0 || !run.Plan.Empty() {
		t.Errorf("%d object calls with nothing changed, plan %+v", n, run.Plan)
	}
	w.exec("UPDATE customers SET city = 'Köln' WHERE firstname = 'Ann'")
	w.one("people", engine.Succeeded)
	wantRows(t, w.rows("SELECT key, property, before, after FROM rollcall.change_values WHERE run_id = (SELECT max(run_id) FROM rollcall.runs)"), "ann@example.com city Ulm Köln")
	if reads, writes := w.sandbox.CountCalls(batchRead), w.sandbox.CountCalls(batchUpdates); reads != 0 || writes != 1 {
		t.Errorf("%d reads and %d updates for one changed value", reads, writes)
	}
}

// A list takes records that an object sync of the same run has created, and what was looked up for it is cached for the next run.
func TestObjectsComeBeforeLists(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 3, nil)
	w.exec("INSERT INTO customers VALUES ('contact-00001@example.com', 'Contact', 'Bonn'), ('ann@example.com', 'Ann', 'Ulm')")
	w.sync("everyone", map[string]string{"list_id": "101", "query": quote("SELECT email FROM customers")})
	for _, run := range w.run() {
		if run.Status != engine.Succeeded || *run.Added == 0 {
			t.Errorf("%+v", run)
		}
	}
	if members, err := w.sandbox.Members("101"); err != nil || len(members) != 2 {
		t.Errorf("the list holds %v, %v; want two members", members, err)
	}
	for _, run := range w.run() {
		if run.Sync == "everyone" && run.APICalls != 1 {
			t.Errorf("a quiet list took %d calls beside an object sync, want 1", run.APICalls)
		}
	}
}

// customers are the numbers of those contacts whose city HubSpot has as "vip", each once for every record with its address.
func (w *world) customers(of []int) []int {
	w.t.Helper()
	held := []int{}
	for _, record := range w.records("contacts", "email", addresses(of)...) {
		if record.Properties["city"] == "vip" {
			held = append(held, slices.IndexFunc(numbers(0, 40), func(n int) bool { return address(n) == record.Properties["email"] }))
		}
	}
	slices.Sort(held)
	return held
}

// records reads records with one of the values.
func (w *world) records(objectType, property string, values ...string) []hubspot.Record {
	w.t.Helper()
	client, err := hubspot.New(w.config.HubSpot)
	if err != nil {
		w.t.Fatal(err)
	}
	read, err := client.BatchRead(w.t.Context(), objectType, property, values, []string{"email", "firstname", "lastname", "city", "phone", "lifecyclestage", "name", "customer_no", "hubspot_owner_id"})
	if err != nil {
		w.t.Fatal(err)
	}
	return read.Records
}
