package engine_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
	"rollcall/syncspec"
)

// recordScenarios keep city and firstname of contacts in step with the table people: tier and its upper case.
func recordScenarios() []*scenario {
	people := []scenarioSync{{name: "people"}}
	row := map[string]string{"kind": "'object'", "query": quote("SELECT email, tier AS city, upper(tier) AS firstname FROM people")}
	newcomers := func(w *world, tier string, n int) {
		w.exec(fmt.Sprintf("INSERT INTO people SELECT format('new-{:05d}@example.com', i), %s FROM range(1, %d + 1) r(i)", quote(tier), n))
	}
	prove := func(o *oracle) prover { return &recordOracle{oracle: o} }
	return []*scenario{
		{ // the first run: some records are there, and some of these are in step
			name: "cold", kind: syncspec.Object, contacts: 24, syncs: people, read: 9, chunk: 4, prove: prove, kept: 3, entering: 9, leaving: 11,
			prepare: func(w *world) {
				w.sync("people", row)
				w.people(numbers(1, 20)...)
				newcomers(w, "gold", 6)
				for _, id := range ids(numbers(1, 5)) {
					w.ask("PATCH", "/crm/v3/objects/contacts/"+id, map[string]any{"properties": map[string]string{"city": "vip", "firstname": "VIP"}}, nil)
				}
			},
		},
		{ // what HubSpot has is known; some values changed, and some records are still to be created
			name: "known", kind: syncspec.Object, contacts: 24, syncs: people, read: 5, chunk: 4, prove: prove, kept: 16, entering: 3, leaving: 5,
			prepare: func(w *world) {
				w.sync("people", row)
				w.people(numbers(1, 20)...)
				w.one("people", engine.Succeeded)
				w.exec("UPDATE people SET tier = 'gold' WHERE email <= " + quote(address(10)))
				newcomers(w, "vip", 6)
			},
		},
	}
}

// recordFaults are the faults that only writes of records can meet.
func recordFaults() []faultKind {
	inputs := func(s *scenario) []string {
		return append(s.several(), "new-00002@example.com", "new-00003@example.com", "new-00006@example.com")
	}
	fault := func(effect sandbox.Effect) func(*scenario) sandbox.Fault {
		return func(s *scenario) sandbox.Fault { return sandbox.Fault{Effect: effect, IDs: inputs(s)} }
	}
	on := []string{batchCreates, batchUpdates}
	return []faultKind{
		{name: "refused batch", on: on, fault: fault(sandbox.EffectRefuse)},
		{name: "207 of some", on: on, fault: func(s *scenario) sandbox.Fault {
			return sandbox.Fault{Effect: sandbox.EffectFailInputs, Category: "VALIDATION_ERROR", IDs: inputs(s)}
		}},
		{name: "207 of a write, unnamed", on: on, fault: fault(sandbox.EffectUnknownError)},
		{name: "omitted from the answer", on: on, fault: fault(sandbox.EffectOmit)},
		{name: "another value kept", on: on, fault: func(s *scenario) sandbox.Fault {
			return sandbox.Fault{Effect: sandbox.EffectOverride, IDs: inputs(s), Properties: map[string]string{"city": "Elsewhere"}}
		}},
		{name: "edited by hand", portal: true, fits: func(s *scenario) bool { return s.kind == syncspec.Object }, fault: func(s *scenario) sandbox.Fault {
			return sandbox.Fault{Effect: sandbox.EffectEditRecord, IDs: ids([]int{s.kept, s.entering}), Properties: map[string]string{"city": "By hand"}}
		}},
	}
}

// liveRecord is a record in HubSpot; the zero value where there is none.
type liveRecord struct {
	id, city, firstname, lastname string
}

func (r liveRecord) exists() bool { return r.id != "" }

// recordOracle looks at records before and after a run with a fault.
type recordOracle struct {
	*oracle
	wanted  map[string]string // by key: the tier
	records map[string]liveRecord
	total   int // contacts
}

func (o *recordOracle) before() {
	o.t.Helper()
	o.wanted = map[string]string{}
	for _, row := range o.rows("SELECT email, tier FROM people") {
		key, tier, _ := strings.Cut(row, " ")
		o.wanted[key] = tier
	}
	o.records, o.total = o.readRecords()
	o.callsBefore = len(o.sandbox.Calls())
}

// readRecords reads the record of every contact of the scenario and of every key, and counts all contacts.
func (o *recordOracle) readRecords() (records map[string]liveRecord, total int) {
	o.t.Helper()
	records = map[string]liveRecord{}
	keys := slices.Collect(maps.Keys(o.wanted))
	for n := range o.scenario.contacts {
		keys = append(keys, address(n+1))
	}
	for _, key := range keys {
		var answer struct {
			ID         string            `json:"id"`
			Properties map[string]string `json:"properties"`
		}
		o.ask("GET", "/crm/v3/objects/contacts/"+key+"?idProperty=email&properties=city,firstname,lastname", nil, &answer)
		p := answer.Properties
		records[key] = liveRecord{answer.ID, p["city"], p["firstname"], p["lastname"]}
	}
	var found struct {
		Total int `json:"total"`
	}
	o.ask("POST", "/crm/v3/objects/contacts/search", map[string]any{"filterGroups": []any{}, "limit": 1}, &found)
	return records, found.Total
}

// inStep reports whether the record has the values that the query returns for the key.
func (o *recordOracle) inStep(key string, r liveRecord) bool {
	return r.city == o.wanted[key] && r.firstname == strings.ToUpper(o.wanted[key])
}

// ofOthers reports whether somebody else deleted, merged or edited the key's record meanwhile.
func (o *recordOracle) ofOthers(key string, records map[string]liveRecord) bool {
	return o.disturbed[number64(o.records[key].id)] || o.disturbed[number64(records[key].id)] || o.records[key].exists() && records[key].id != o.records[key].id
}

func (o *recordOracle) after(runs []engine.Run) {
	o.t.Helper()
	run := runs[0]
	called := len(o.sandbox.Calls()) - o.callsBefore
	// The first look-up that fails cancels those beside it, which may not have reached HubSpot yet.
	if called != int(run.APICalls) && !o.uncounted && (run.Plan != nil || called > int(run.APICalls)) {
		o.t.Errorf("the run counts %d calls of %d", run.APICalls, called)
	}
	records, total := o.readRecords()
	rejected := o.rejected(run)
	o.wantNoneTwice(records, total)
	o.wantOthersUntouched(records)
	if run.Status == engine.Succeeded {
		for key := range o.wanted {
			if !o.inStep(key, records[key]) && !rejected[key] && !o.ofOthers(key, records) {
				o.t.Errorf("the run succeeded, and %s is %+v", key, records[key])
			}
		}
	} else if run.Status != engine.Partial && run.Status != engine.Failed || run.Hint == "" || run.Status == engine.Failed && run.Error == "" {
		o.t.Errorf("%s with error %q and hint %q", run.Status, run.Error, run.Hint)
	}
	o.wantChangesTrue(run, records, rejected)
	o.wantKnownTrue(records)
	o.wantCounts()
	o.tally.changes.Add(int64(len(o.readChanges(run.RunID))))
	o.tally.members.Add(int64(len(records)))
}

// rejected are the keys of the rejects of a run.
func (o *recordOracle) rejected(run engine.Run) map[string]bool {
	o.t.Helper()
	keys := map[string]bool{}
	for _, key := range o.rows("SELECT key FROM rollcall.rejects WHERE sync = 'people' AND since_run <= " + quote(run.RunID) + " AND coalesce(until_run > " + quote(run.RunID) + ", true)") {
		keys[key] = true
	}
	return keys
}

// wantNoneTwice wants one new contact for each key that has come to a record, and no other.
func (o *recordOracle) wantNoneTwice(records map[string]liveRecord, total int) {
	o.t.Helper()
	created := 0
	for key, r := range records {
		if r.exists() && !o.records[key].exists() {
			created++
		}
	}
	if len(o.disturbed) == 0 && total != o.total+created {
		o.t.Errorf("%d contacts, there were %d, and %d keys have come to a record", total, o.total, created)
	}
}

// wantOthersUntouched wants contacts that the query does not return, and properties that it does not, to be as before.
func (o *recordOracle) wantOthersUntouched(records map[string]liveRecord) {
	o.t.Helper()
	for key, before := range o.records {
		after := records[key]
		_, desired := o.wanted[key]
		if before.exists() && !o.ofOthers(key, records) && (before.lastname != after.lastname || !desired && before != after) {
			o.t.Errorf("%s was %+v and is %+v", key, before, after)
		}
	}
}

// recordChange is a change of a record as the ledger has it.
type recordChange struct {
	Action string                `json:"action"`
	Key    string                `json:"key"`
	State  string                `json:"state"`
	Values map[string][2]*string `json:"values"`
}

func (o *recordOracle) readChanges(runID string) (changes map[string]recordChange) {
	o.t.Helper()
	changes = map[string]recordChange{}
	for _, line := range o.rows("SELECT to_json({action: action, key: key, state: state, \"values\": \"values\"})::VARCHAR FROM rollcall.changes WHERE run_id = " + quote(runID)) {
		var c recordChange
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			o.t.Fatalf("%v in %s", err, line)
		}
		if _, twice := changes[c.Key]; twice {
			o.t.Errorf("two changes of %s", c.Key)
		}
		changes[c.Key] = c
	}
	return changes
}

// wantChangesTrue wants a change for every record that differed, none for one that did not, no value that did not differ, and every state to
// be true of the record.
func (o *recordOracle) wantChangesTrue(run engine.Run, records map[string]liveRecord, rejected map[string]bool) {
	o.t.Helper()
	changes := o.readChanges(run.RunID)
	if run.Plan == nil {
		if len(changes) > 0 || run.Added != nil {
			o.t.Errorf("no plan, and %d changes: %+v", len(changes), run)
		}
		return
	}
	for key := range o.wanted {
		before, after := o.records[key], records[key]
		c, planned := changes[key]
		if o.ofOthers(key, records) {
			continue
		}
		if o.inStep(key, before) == planned && !rejected[key] {
			o.t.Errorf("%s was %+v, and the changes have it: %t", key, before, planned)
		}
		if !planned {
			continue
		}
		was := map[string]string{"city": before.city, "firstname": before.firstname, "email": ""}
		for property, value := range c.Values {
			if value[0] != nil && *value[0] != was[property] || value[0] == nil && was[property] != "" || value[1] != nil && value[0] != nil && *value[0] == *value[1] {
				o.t.Errorf("%s: %s of %v was %q", key, property, value, was[property])
			}
		}
		ok := false
		switch c.State {
		case "done", "already":
			ok = o.inStep(key, after) || rejected[key]
		case "planned", "failed":
			ok = before == after
		case "unknown":
			ok = run.Final == nil || run.Status != engine.Succeeded
		}
		if !ok {
			o.t.Errorf("%s of %s is %s; it was %+v and is %+v", c.Action, key, c.State, before, after)
		}
	}
}

// wantKnownTrue wants what the ledger knows of values to be what HubSpot has. Values of changes without an answer are not known.
func (o *recordOracle) wantKnownTrue(records map[string]liveRecord) {
	o.t.Helper()
	live := map[string]map[string]string{}
	for key, r := range records {
		if r.exists() && !o.ofOthers(key, records) {
			live[r.id] = map[string]string{"city": r.city, "firstname": r.firstname}
		}
	}
	for _, line := range o.rows(`SELECT v.record_id, v.property, coalesce(v.value, '') FROM rollcall.record_values v
		WHERE NOT EXISTS (FROM rollcall.records r WHERE r.record_id = v.record_id AND r.found_at IS NULL)`) {
		column := strings.SplitN(line, " ", 3)
		if of := live[column[0]]; of != nil && of[column[1]] != column[2] {
			o.t.Errorf("rollcall.record_values has %s, HubSpot has %q", line, of[column[1]])
		}
	}
}

// wantCounts wants the rows of all runs to agree with their changes.
func (o *recordOracle) wantCounts() {
	o.t.Helper()
	wantRows(o.t, o.rows(fmt.Sprintf(`
		SELECT r.status, r.n_to_add, c.creates, r.n_to_update, c.updates, r.n_added, c.created, r.n_updated, c.updated
		FROM rollcall.runs r, LATERAL (SELECT
			count(*) FILTER (action = 'create') AS creates, count(*) FILTER (action = 'update') AS updates,
			count(*) FILTER (action = 'create' AND state = 'done') AS created, count(*) FILTER (action = 'update' AND state = 'done') AS updated
			FROM rollcall.changes WHERE run_id = coalesce(r.plan_run_id, r.run_id)) c
		WHERE r.run_id > %s AND (r.finished_at IS NULL OR r.plan_hash IS NOT NULL
			AND (r.n_to_add, r.n_to_update, r.n_added, r.n_updated) IS DISTINCT FROM (c.creates, c.updates, c.created, c.updated))`,
		quote(o.scenario.firstRun))))
}

func (o *recordOracle) wantConverges() {
	o.t.Helper()
	before := o.records
	run := o.runWith(engine.RunOptions{Full: len(o.disturbed) > 0, RetryRejects: true}, o.scenario.names()...)[0]
	if run.Status != engine.Succeeded {
		o.t.Errorf("%s in the run that converges: %s %s", run.Status, run.Error, run.Detail)
	}
	records, total := o.readRecords()
	rejected := o.rejected(run)
	for key := range o.wanted {
		if !o.inStep(key, records[key]) && !rejected[key] {
			o.t.Errorf("it has converged, and %s is %+v", key, records[key])
		}
	}
	o.records = before
	o.wantNoneTwice(records, total)
	wantRows(o.t, o.rows("SELECT run_id, action, key, state FROM rollcall.changes WHERE state IN ('sent', 'unknown')"))
	o.wantCounts()
	writes := o.sandbox.CountCalls(batchCreates) + o.sandbox.CountCalls(batchUpdates)
	for _, run := range o.runWith(engine.RunOptions{}, o.scenario.names()...) {
		if run.Status != engine.Succeeded || !run.Plan.Empty() {
			o.t.Errorf("not quiet: %s; changes %v", run.Detail, o.readChanges(run.RunID))
			for _, c := range o.readChanges(run.RunID) {
				for property, value := range c.Values {
					o.t.Errorf("%s of %s: %q to %q", property, c.Key, *value[0], *value[1])
				}
			}
		}
	}
	if n := o.sandbox.CountCalls(batchCreates) + o.sandbox.CountCalls(batchUpdates) - writes; n > 0 {
		o.t.Errorf("%d writes by a run with nothing to do", n)
	}
}
