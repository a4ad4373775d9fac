package engine_test

import (
	"fmt"
	"testing"
	"time"

	"rollcall/engine"
	"rollcall/engine/hint"
	"rollcall/engine/hubspot/sandbox"
)

// lastChanges are the changes of the last run, one line each.
func (w *world) lastChanges() []string {
	w.t.Helper()
	return w.rows("SELECT action, state, key, values FROM rollcall.changes WHERE run_id = (SELECT max(run_id) FROM rollcall.runs) ORDER BY n")
}

// rejects are the open rejects.
func (w *world) rejects() []string {
	w.t.Helper()
	return w.rows("SELECT key, reason, detail FROM rollcall.rejects WHERE until_run IS NULL ORDER BY ALL")
}

// A value that HubSpot would refuse is a reject by its reason, and the record's other values are sent.
func TestObjectRejectsValues(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 1, map[string]string{"query": quote("SELECT email, city, lifecyclestage FROM stages")})
	w.exec("CREATE TABLE stages (email VARCHAR, city VARCHAR, lifecyclestage VARCHAR); INSERT INTO stages VALUES ('contact-00001@example.com', 'Bonn', 'Lead'), ('nobody', 'Ulm', NULL), ('ann@example.com', 'Ulm', 'nonsense')")
	run := w.one("people", engine.Succeeded)
	wantRows(t, w.lastChanges(),
		"create done ann@example.com map[city:[<nil> Ulm] email:[<nil> ann@example.com]]",
		"update done contact-00001@example.com map[city:[<nil> Bonn]]")
	got := w.rows("SELECT key, reason, contains(detail, 'lifecyclestage'), contains(detail, 'did you mean the internal value \"lead\"?') FROM rollcall.rejects ORDER BY 1")
	wantRows(t, got, "ann@example.com invalid_option true false", "contact-00001@example.com invalid_option true true", "nobody invalid_email false false")
	if run.Plan.Invalid != 1 || run.Plan.Keys != 2 {
		t.Errorf("plan %+v", run.Plan)
	}
	w.exec("UPDATE stages SET lifecyclestage = 'lead'")
	w.one("people", engine.Succeeded)
	wantRows(t, w.rows("SELECT key, reason FROM rollcall.rejects WHERE until_run IS NULL ORDER BY 1"), "nobody invalid_email")
	if got := w.records("contacts", "email", "ann@example.com")[0].Properties["lifecyclestage"]; got != "lead" {
		t.Errorf("lifecyclestage %q", got)
	}
}

// A column without a property that takes values refuses the row before anything is asked about records, by a check too.
func TestObjectRefusesColumns(t *testing.T) {
	t.Parallel()
	for query, want := range map[string][]string{
		"SELECT email, city AS ciity FROM customers":                                 {"column ciity: HubSpot has no property ciity of contacts", "did you mean city?"},
		"SELECT email, city AS Hs_Email_Optout FROM customers":                       {"column Hs_Email_Optout: the property hs_email_optout is set by HubSpot alone", "leave the column out"},
		"SELECT email, 1 AS num_associated_deals FROM customers":                     {"num_associated_deals is calculated by HubSpot", "leave the column out"},
		"SELECT email, city, firstname AS \"City\" FROM customers":                   {"column city is the property city already", "return one of them"},
		"SELECT email FROM customers":                                                {"it returns no column but the key", "rename"},
		"SELECT email, city AS first, 'x' AS hs_object_id, city AS c FROM customers": {"column hs_object_id", "column c:"},
	} {
		w := newPeople(t, 1, map[string]string{"query": quote(query)})
		run := w.one("people", engine.Failed)
		wantWords(t, run.Error+" "+run.Hint, want...)
		if !run.Invalid || w.objectCalls() != 0 {
			t.Errorf("%s: invalid %t, %d object calls", query, run.Invalid, w.objectCalls())
		}
		checked, err := w.engine.Check(t.Context(), nil)
		if err != nil || len(checked) != 1 || len(checked[0].Findings) != 1 {
			t.Fatalf("%s: check %+v, %v", query, checked, err)
		}
		wantWords(t, checked[0].Findings[0].Error+" "+checked[0].Findings[0].Hint, want...)
	}
}

// Mode update creates nobody, and mode create changes nobody.
func TestObjectModes(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string][]string{
		"update": {"update done contact-00001@example.com map[city:[<nil> Bonn]]"},
		"create": {"create done ann@example.com map[city:[<nil> Ulm] email:[<nil> ann@example.com] firstname:[<nil> Ann]]"},
	} {
		w := newPeople(t, 1, map[string]string{"mode": quote(mode)})
		w.exec("INSERT INTO customers VALUES ('contact-00001@example.com', 'Contact', 'Bonn'), ('ann@example.com', 'Ann', 'Ulm')")
		w.one("people", engine.Succeeded)
		wantRows(t, w.lastChanges(), want...)
		if mode == "update" {
			wantRows(t, w.rejects(), "ann@example.com not_found HubSpot has no record with this email")
		}
		if run := w.one("people", engine.Succeeded); !run.Plan.Empty() {
			t.Errorf("%s: not quiet: %+v", mode, run.Plan)
		}
	}
}

// A NULL says nothing, or clears the property where the row says so. Clearing counts as removals, property by property, and needs a yes.
func TestObjectNulls(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 12, nil)
	w.exec("INSERT INTO customers SELECT format('contact-{:05d}@example.com', i), 'Contact', 'Bonn' FROM range(1, 13) r(i)")
	w.one("people", engine.Succeeded)
	w.exec("UPDATE customers SET city = NULL WHERE email < 'contact-00009'")
	if run := w.one("people", engine.Succeeded); !run.Plan.Empty() {
		t.Errorf("NULLs that say nothing: %+v", run.Plan)
	}
	w.exec("UPDATE rollcall.syncs SET if_null = 'clear'")
	run := w.one("people", engine.Blocked)
	wantWords(t, run.Error, "max_removal_pct: city would become empty in 8 of 12 records (66.7%), the row allows 50%")
	approval, err := w.engine.Approve(t.Context(), run.RunID, "ann")
	if err != nil {
		t.Fatalf("approve: %v, %+v, %s", err, approval, hint.Of(err))
	}
	passed := w.one("people", engine.Succeeded)
	if passed.ApprovedRun != run.RunID || passed.Updated == nil || *passed.Updated != 8 {
		t.Errorf("passed %+v", passed)
	}
	if city, has := w.records("contacts", "email", "contact-00001@example.com")[0].Properties["city"]; has && city != "" {
		t.Errorf("city %q", city)
	}
	wantRows(t, w.rows("SELECT DISTINCT before, after FROM rollcall.change_values WHERE run_id = "+quote(passed.RunID)), "Bonn <nil>")
	if run := w.one("people", engine.Succeeded); !run.Plan.Empty() {
		t.Errorf("not quiet: %+v", run.Plan)
	}
	w.exec("UPDATE rollcall.syncs SET max_removals = 1; UPDATE customers SET city = NULL WHERE email < 'contact-00011'")
	wantWords(t, w.one("people", engine.Blocked).Error, "max_removals: NULLs of the query would clear 2 values, the row allows 1")
}

// More new records, or more changes, than the row allows are blocked; an approval is for those changes and no others.
func TestObjectGuards(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 1, map[string]string{"max_creates": "2"})
	w.exec("INSERT INTO customers SELECT format('new-{}@example.com', i), 'New', 'Bonn' FROM range(3) r(i)")
	run := w.one("people", engine.Blocked)
	wantWords(t, run.Error, "max_creates: it would create 3 records, the row allows 2")
	if again := w.one("people", engine.Blocked); again.PlanRunID != run.RunID {
		t.Errorf("the same plan is not known again: %+v", again)
	}
	if _, err := w.engine.Approve(t.Context(), run.RunID, "ann"); err != nil {
		t.Fatal(err)
	}
	w.exec("INSERT INTO customers VALUES ('new-9@example.com', 'New', 'Bonn')")
	w.one("people", engine.Blocked)
	w.exec("DELETE FROM customers WHERE email IN ('new-9@example.com', 'new-2@example.com'); UPDATE rollcall.syncs SET max_creates = 1")
	passed := w.one("people", engine.Succeeded) // two of the three that were approved
	wantCounts(t, passed, "2 0 0 2")
	if passed.ApprovedRun != run.RunID {
		t.Errorf("passed under %q", passed.ApprovedRun)
	}
	w.exec("UPDATE rollcall.syncs SET max_changes = 1; UPDATE customers SET city = 'Ulm'")
	run = w.one("people", engine.Blocked)
	wantWords(t, run.Error, "max_changes: it would make 2 changes, the row allows 1")
	wantWords(t, run.Detail, "would create 0 and update 2")
}

// After found_ttl, and with --full, values are read anew, and what others changed is put back.
func TestObjectReadsAnew(t *testing.T) {
	t.Parallel()
	var later time.Duration
	w := newPeople(t, 3, nil, clockAhead(&later))
	w.exec("INSERT INTO customers SELECT format('contact-{:05d}@example.com', i), 'Contact', 'Bonn' FROM range(1, 4) r(i)")
	w.one("people", engine.Succeeded)
	edit := func(n int) {
		if err := w.sandbox.PatchObject("contacts", ids([]int{n})[0], map[string]string{"city": "Rom"}); err != nil {
			t.Fatal(err)
		}
	}
	edit(1)
	if run := w.one("people", engine.Succeeded); !run.Plan.Empty() {
		t.Errorf("within found_ttl: %+v", run.Plan)
	}
	w.runWith(engine.RunOptions{Full: true}, "people")
	wantRows(t, w.rows("SELECT key, cause, values FROM rollcall.changes WHERE run_id = (SELECT max(run_id) FROM rollcall.runs)"), "contact-00001@example.com restored map[city:[Rom Bonn]]")
	edit(2)
	later = 25 * time.Hour
	w.one("people", engine.Succeeded)
	wantRows(t, w.lastChanges(), "update done contact-00002@example.com map[city:[Rom Bonn]]")
	if n := w.calls(batchRead, func() { w.one("people", engine.Succeeded) }); n != 0 {
		t.Errorf("%d reads after all were read", n)
	}
}

// A column that is new to the query is looked up before anything is sent.
func TestObjectNewColumn(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 2, map[string]string{"query": quote("SELECT email, city FROM customers")})
	w.exec("INSERT INTO customers SELECT format('contact-{:05d}@example.com', i), 'Contact', 'Bonn' FROM range(1, 3) r(i)")
	w.one("people", engine.Succeeded)
	w.exec("UPDATE rollcall.syncs SET query = 'FROM customers'")
	var run engine.Run
	if n := w.calls(batchRead, func() { run = w.one("people", engine.Succeeded) }); n != 1 || !run.Plan.Empty() {
		t.Errorf("%d reads for a new column, want 1; HubSpot has its values already: %+v", n, run.Plan)
	}
	if n := w.calls(batchRead, func() { w.one("people", engine.Succeeded) }); n != 0 {
		t.Errorf("%d reads after that", n)
	}
}

// A value that HubSpot keeps otherwise than it was sent is a reject, and is sent again when the query's value changes.
func TestObjectValueIsNotTaken(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 2, nil)
	w.exec("INSERT INTO customers VALUES ('contact-00001@example.com', 'Contact', 'Bonn')")
	w.fault(sandbox.Fault{Operation: batchUpdates, Effect: sandbox.EffectOverride, IDs: ids([]int{1}), Properties: map[string]string{"city": "Berlin"}})
	w.one("people", engine.Succeeded)
	wantRows(t, w.rejects(), "contact-00001@example.com not_taken the property city: HubSpot keeps another value than the one that was sent")
	for _, o := range []engine.RunOptions{{}, {Full: true}} {
		if run := w.runWith(o, "people")[0]; run.Status != engine.Succeeded || !run.Plan.Empty() {
			t.Errorf("%+v: sent again: %+v", o, run)
		}
	}
	wantRows(t, w.rows("SELECT count(*), count(until_run) FROM rollcall.rejects"), "1 0")
	w.exec("UPDATE customers SET city = 'Ulm'")
	w.one("people", engine.Succeeded)
	wantRows(t, w.lastChanges(), "update done contact-00001@example.com map[city:[Berlin Ulm]]")
	w.one("people", engine.Succeeded)
	wantRows(t, w.rejects())
}

// Rows of one key, or of two keys of one record, that are not equal are rejects; equal ones are one.
func TestObjectSameRecord(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 100, nil)
	w.exec(`INSERT INTO customers VALUES
		('contact-00001@example.com', 'A', 'Bonn'), ('contact-00001@example.com', 'B', 'Bonn'),
		('contact-00002@example.com', 'A', 'Bonn'), ('CONTACT-00002@example.com', 'A', 'Bonn'),
		('contact-00050@example.com', 'A', 'Bonn'), ('contact-00050@old.example.com', 'B', 'Bonn'),
		('contact-00100@example.com', 'A', 'Bonn'), ('contact-00100@old.example.com', 'A', 'Bonn')`)
	run := w.one("people", engine.Succeeded)
	wantRows(t, w.rows("SELECT key FROM rollcall.changes ORDER BY n"), "contact-00002@example.com", "contact-00100@example.com")
	wantRows(t, w.rows("SELECT key, reason FROM rollcall.rejects ORDER BY 1"),
		"contact-00001@example.com duplicate_key", "contact-00050@example.com same_record", "contact-00050@old.example.com same_record")
	if run.Final == nil || *run.Final != 2 {
		t.Errorf("final %s", number(run.Final))
	}
	if run := w.one("people", engine.Succeeded); !run.Plan.Empty() {
		t.Errorf("not quiet: %+v", run.Plan)
	}
}

// Records of a custom type are found by its unique property, and others by their record ID.
func TestObjectKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	if _, err := w.sandbox.DefineSchema(sandbox.Schema{Name: "pets", Properties: []sandbox.Property{{Name: "chip", Unique: true}, {Name: "name"}, {Name: "weight", Type: "number"}, {Name: "born", Type: "date"}}}); err != nil {
		t.Fatal(err)
	}
	w.exec("CREATE TABLE pets (chip BIGINT, name VARCHAR, weight DECIMAL(9, 3), born TIMESTAMP); INSERT INTO pets VALUES (7, ' Rex ', 12.500, '2020-02-29'), (8, 'Mia', 4, NULL)")
	w.sync("pets", map[string]string{"kind": "'object'", "object_type": "'pets'", "id_property": "'chip'", "query": quote("FROM pets")})
	w.sync("cities", map[string]string{"kind": "'object'", "mode": "'update'", "id_property": "'hs_object_id'", "query": quote(fmt.Sprintf("SELECT * FROM (VALUES (%d, 'Bonn'), (77, 'Ulm')) v(hs_object_id, city)", firstContact))})
	wantCounts(t, w.one("pets", engine.Succeeded), "2 0 0 2")
	wantRows(t, w.rows("SELECT target, key, values FROM rollcall.changes ORDER BY n"),
		"pets 7 map[born:[<nil> 2020-02-29] chip:[<nil> 7] name:[<nil> Rex] weight:[<nil> 12.5]]", "pets 8 map[chip:[<nil> 8] name:[<nil> Mia] weight:[<nil> 4]]")
	w.one("cities", engine.Succeeded)
	wantRows(t, w.lastChanges(), fmt.Sprintf("update done %d map[city:[<nil> Bonn]]", firstContact))
	wantRows(t, w.rejects(), "77 not_found HubSpot has no record with this hs_object_id")
	for _, o := range []engine.RunOptions{{}, {Full: true}} {
		for _, run := range w.runWith(o) {
			if run.Status != engine.Succeeded || !run.Plan.Empty() {
				t.Errorf("%+v: not quiet: %+v", o, run)
			}
		}
	}
}

// A row whose id_property does not identify records is refused.
func TestObjectKeyIsUnique(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 1, map[string]string{"id_property": "'phone'", "query": quote("SELECT '1' AS phone, 'Bonn' AS city")})
	run := w.one("people", engine.Failed)
	wantWords(t, run.Error, `the values of the property "phone" of contacts are not unique`)
}
