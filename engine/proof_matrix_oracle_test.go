package engine_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"rollcall/engine"
)

// oracle looks at a world before and after a run with a fault.
type oracle struct {
	*world
	scenario    *scenario
	tally       *tally
	disturbed   idSet // records that somebody else merged or deleted meanwhile
	callsBefore int   // calls before the run
	uncounted   bool  // the sandbox may not have seen all calls, or more

	lists  map[string]listState // by sync
	ledger ledgerView
}

// listState is a sync's list: the records on it, and those that belong on it according to HubSpot's records.
type listState struct {
	listID     string
	on, wanted idSet
	gone       bool // deleted
	dynamic    bool
}

// ledgerView is what the ledger says of the runs after the scenario was prepared.
type ledgerView struct {
	changes map[string]map[changeOf]string // by run: the states
	rejects map[string][]string            // by run: the keys
	members map[string]idSet               // by list
	drift   idSet
}

type changeOf struct {
	action string
	record int64
}

func (o *oracle) before() {
	o.t.Helper()
	o.lists, o.ledger = o.readLists(nil), o.readLedger()
	o.callsBefore = len(o.sandbox.Calls())
}

// readLists reads the lists. The ID of a list that a run has made is in the run.
func (o *oracle) readLists(runs []engine.Run) map[string]listState {
	o.t.Helper()
	wanted := o.recordsOf(o.scenario.keys)
	lists := map[string]listState{}
	for _, sync := range o.scenario.syncs {
		s := listState{listID: cmp.Or(o.lists[sync.name].listID, sync.listID), on: idSet{}, wanted: wanted}
		for _, run := range runs {
			if run.Sync == sync.name && run.ListID != "" {
				s.listID = run.ListID
			}
		}
		if s.listID != "" {
			members, err := o.sandbox.Members(s.listID)
			if err != nil {
				o.t.Fatal(err)
			}
			for _, id := range members {
				s.on[number64(id)] = true
			}
			var answer struct {
				List struct {
					ProcessingType string `json:"processingType"`
				} `json:"list"`
			}
			s.gone = o.ask("GET", "/crm/v3/lists/"+s.listID, nil, &answer) == 404
			s.dynamic = answer.List.ProcessingType == "DYNAMIC"
		}
		lists[sync.name] = s
	}
	return lists
}

func number64(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return -1 // no record has it
	}
	return n
}

func (o *oracle) readLedger() ledgerView {
	o.t.Helper()
	view := ledgerView{changes: map[string]map[changeOf]string{}, rejects: map[string][]string{}, members: map[string]idSet{}, drift: idSet{}}
	for _, line := range o.rows(fmt.Sprintf(`
		SELECT 'change', run_id, action, record_id, state FROM rollcall.changes WHERE run_id > %[1]s
		UNION ALL SELECT 'member', list_id, '', record_id, '' FROM rollcall.members
		UNION ALL SELECT 'reject', r.run_id, o.key, 0, '' FROM rollcall.runs r
			JOIN rollcall.rejects o ON o.sync = r.sync AND o.since_run <= r.run_id AND coalesce(o.until_run > r.run_id, true) WHERE r.run_id > %[1]s
		UNION ALL SELECT 'drift', list_id, '', record_id, '' FROM rollcall.drift WHERE run_id > %[1]s`, quote(o.scenario.firstRun))) {
		column := strings.Split(line, " ")
		of, id := column[1], number64(column[3])
		switch column[0] {
		case "change":
			if view.changes[of] == nil {
				view.changes[of] = map[changeOf]string{}
			}
			if _, twice := view.changes[of][changeOf{column[2], id}]; twice {
				o.t.Errorf("run %s has two changes %s %d", of, column[2], id)
			}
			view.changes[of][changeOf{column[2], id}] = column[4]
		case "member":
			if view.members[of] == nil {
				view.members[of] = idSet{}
			}
			view.members[of][id] = true
		case "reject":
			view.rejects[of] = append(view.rejects[of], column[2])
		case "drift":
			view.drift[id] = true
		}
	}
	return view
}

// after checks the runs with a fault.
func (o *oracle) after(runs []engine.Run) {
	o.t.Helper()
	called := len(o.sandbox.Calls()) - o.callsBefore
	lists, ledger := o.readLists(runs), o.readLedger()
	for _, run := range runs {
		called -= int(run.APICalls)
	}
	if called != 0 && !o.uncounted {
		o.t.Errorf("the runs count %d calls too few", called)
	}
	if len(runs) != len(o.scenario.syncs) {
		o.t.Fatalf("%d runs, want %d", len(runs), len(o.scenario.syncs))
	}
	for _, run := range runs {
		before, after := o.lists[run.Sync], lists[run.Sync]
		if after.gone && run.Status == engine.Blocked && strings.Contains(run.Error, "list_gone: list "+before.listID) {
			continue // HubSpot's list is gone before the run came to a plan, which would make another one
		}
		if before.listID != after.listID {
			before.on = idSet{} // the run has made a list
		}
		for id := range before.wanted { // a merge may have made a new record of it
			if !after.wanted[id] {
				o.disturb(id)
			}
		}
		for id := range join(after.wanted, after.on).without(before.wanted, before.on) {
			if len(o.disturbed) > 0 && id >= int64(firstContact+o.scenario.contacts) {
				o.disturb(id) // as which a contact lives on
			}
		}
		o.wantNobodyWronglyMoved(run, before, after)
		o.wantRightOrExplained(run, after)
		o.wantAccounted(run, before, after, ledger)
		o.tally.changes.Add(int64(len(ledger.changes[run.RunID])))
		o.tally.members.Add(int64(len(ledger.members[after.listID])))
	}
	o.wantCountsAgree()
	o.wantDriftTrue(ledger)
	o.lists = lists
}

func (o *oracle) disturb(id int64) {
	if o.disturbed == nil {
		o.disturbed = idSet{}
	}
	o.disturbed[id] = true
}

// wantNobodyWronglyMoved wants all who were on the list, and still belong there, to be on it, and nobody on it who never belonged there.
func (o *oracle) wantNobodyWronglyMoved(run engine.Run, before, after listState) {
	o.t.Helper()
	for id := range before.on {
		if before.wanted[id] && after.wanted[id] && !after.on[id] {
			o.t.Errorf("%s: %d belongs on the list and was taken off it", run.Sync, id)
		}
	}
	if unwanted := after.on.without(before.on, before.wanted, after.wanted, o.disturbed); len(unwanted) > 0 {
		o.t.Errorf("%s: %v were put on the list and do not belong there", run.Sync, unwanted)
	}
}

// wantRightOrExplained wants the list to hold who belongs there, or the run to tell of it.
func (o *oracle) wantRightOrExplained(run engine.Run, after listState) {
	o.t.Helper()
	right := len(after.on.without(after.wanted, o.disturbed))+len(after.wanted.without(after.on, o.disturbed)) == 0
	switch run.Status {
	case engine.Succeeded:
		if !right {
			o.t.Errorf("%s succeeded, and the list lacks %v and holds %v too many", run.Sync, after.wanted.without(after.on), after.on.without(after.wanted))
		}
	case engine.Partial:
		if run.Hint == "" || run.Detail == "" {
			o.t.Errorf("%s is PARTIAL and does not say why: %+v", run.Sync, run)
		}
	case engine.Failed:
		if run.Error == "" || run.Hint == "" {
			o.t.Errorf("%s is FAILED with error %q and hint %q", run.Sync, run.Error, run.Hint)
		}
	default:
		o.t.Errorf("%s is %s: %s", run.Sync, run.Status, run.Error)
	}
}

// wantAccounted wants every change to be in the ledger as it stands in HubSpot, and the run's counts to agree.
func (o *oracle) wantAccounted(run engine.Run, before, after listState, ledger ledgerView) {
	o.t.Helper()
	changes := ledger.changes[run.RunID]
	if run.Plan == nil {
		if len(changes) > 0 || run.Added != nil || run.Final != nil {
			o.t.Errorf("%s came to no plan and has %d changes: %+v", run.Sync, len(changes), run)
		}
		if !ledger.members[after.listID].equal(o.ledger.members[after.listID]) {
			o.t.Errorf("%s came to no plan and changed who is a member", run.Sync)
		}
		return
	}
	for id := range before.wanted.without(before.on, o.disturbed) {
		if changes[changeOf{"add", id}] == "" && changes[changeOf{"add", o.scenario.renewed[id]}] == "" {
			o.t.Errorf("%s: no change tells the outcome of the addition of %d", run.Sync, id)
		}
	}
	for id := range before.on.without(before.wanted, o.disturbed) {
		if changes[changeOf{"remove", id}] == "" {
			o.t.Errorf("%s: no change tells the outcome of the removal of %d", run.Sync, id)
		}
	}
	for _, key := range o.scenario.unmatched {
		if !slices.Contains(ledger.rejects[run.RunID], key) {
			o.t.Errorf("%s: the rejects do not tell of %s", run.Sync, key)
		}
	}
	open := idSet{}
	for change, state := range changes {
		o.wantTrue(run, change, state, before, after)
		if state == "unknown" {
			open[change.record] = true
		}
	}
	members := ledger.members[after.listID]
	if wrong := join(members.without(after.on, open, o.disturbed), after.on.without(members, open, o.disturbed)); len(wrong) > 0 {
		o.t.Errorf("%s: rollcall.members is wrong about %v", run.Sync, wrong)
	}
	if run.Final != nil && len(o.disturbed) == 0 && *run.Final != int64(len(after.on)) {
		o.t.Errorf("%s says that the list holds %d, it holds %d", run.Sync, *run.Final, len(after.on))
	}
	if run.Final == nil && len(open) == 0 && !strings.Contains(run.Error, "HubSpot answered 404") {
		o.t.Errorf("%s does not know how many the list holds, although every change has its answer", run.Sync)
	}
}

func join(sets ...idSet) idSet {
	all := idSet{}
	for _, s := range sets {
		maps.Copy(all, s)
	}
	return all
}

// wantTrue holds the state of one change against the list.
func (o *oracle) wantTrue(run engine.Run, c changeOf, state string, before, after listState) {
	o.t.Helper()
	on, was := after.on[c.record], before.on[c.record]
	ok := false
	switch state {
	case "done", "already":
		ok = on == (c.action == "add")
	case "missing", "asked_again":
		ok = !on && !after.wanted[c.record]
	case "planned", "failed":
		ok = on == was
	case "unknown":
		ok = run.Final == nil || run.Verified
	}
	if !ok && !o.disturbed[c.record] {
		o.t.Errorf("%s: %s %d is %s; it was on the list: %t, and is: %t", run.Sync, c.action, c.record, state, was, on)
	}
}

// wantDriftTrue wants the ledger to tell of others' doing only what others did.
func (o *oracle) wantDriftTrue(ledger ledgerView) {
	o.t.Helper()
	if wrong := ledger.drift.without(setOf(o.scenario.drift...), o.disturbed); len(wrong) > 0 {
		o.t.Errorf("the ledger says that somebody else had a hand in %v", wrong)
	}
}
