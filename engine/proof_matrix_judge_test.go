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

// judge looks at a world before and after a run that something befell.
type judge struct {
	*world
	scene     *scene
	tally     *tally
	disturbed idSet // records that somebody else merged or deleted meanwhile
	looked    int   // calls before the run
	uncounted bool  // the sandbox may not have seen all calls, or more

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

// ledgerView is what the ledger says of the runs after the scene was set.
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

func (j *judge) before() {
	j.t.Helper()
	j.lists, j.ledger = j.readLists(nil), j.readLedger()
	j.looked = len(j.sandbox.Calls())
}

// readLists reads the lists. The ID of a list that a run has made is in the run.
func (j *judge) readLists(runs []engine.Run) map[string]listState {
	j.t.Helper()
	wanted := j.recordsOf(j.scene.keys)
	lists := map[string]listState{}
	for _, sync := range j.scene.syncs {
		s := listState{listID: cmp.Or(j.lists[sync.name].listID, sync.listID), on: idSet{}, wanted: wanted}
		for _, run := range runs {
			if run.Sync == sync.name && run.ListID != "" {
				s.listID = run.ListID
			}
		}
		if s.listID != "" {
			members, err := j.sandbox.Members(s.listID)
			if err != nil {
				j.t.Fatal(err)
			}
			for _, id := range members {
				s.on[number64(id)] = true
			}
			var answer struct {
				List struct {
					ProcessingType string `json:"processingType"`
				} `json:"list"`
			}
			s.gone = j.ask("GET", "/crm/v3/lists/"+s.listID, nil, &answer) == 404
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

func (j *judge) readLedger() ledgerView {
	j.t.Helper()
	view := ledgerView{changes: map[string]map[changeOf]string{}, rejects: map[string][]string{}, members: map[string]idSet{}, drift: idSet{}}
	for _, line := range j.rows(fmt.Sprintf(`
		SELECT 'change', run_id, action, record_id, state FROM rollcall.changes WHERE run_id > %[1]s
		UNION ALL SELECT 'member', list_id, '', record_id, '' FROM rollcall.members
		UNION ALL SELECT 'reject', r.run_id, j.key, 0, '' FROM rollcall.runs r
			JOIN rollcall.rejects j ON j.sync = r.sync AND j.since_run <= r.run_id AND coalesce(j.until_run > r.run_id, true) WHERE r.run_id > %[1]s
		UNION ALL SELECT 'drift', list_id, '', record_id, '' FROM rollcall.drift WHERE run_id > %[1]s`, quote(j.scene.firstRun))) {
		column := strings.Split(line, " ")
		of, id := column[1], number64(column[3])
		switch column[0] {
		case "change":
			if view.changes[of] == nil {
				view.changes[of] = map[changeOf]string{}
			}
			if _, twice := view.changes[of][changeOf{column[2], id}]; twice {
				j.t.Errorf("run %s has two changes %s %d", of, column[2], id)
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

// after judges the runs that something befell.
func (j *judge) after(runs []engine.Run) {
	j.t.Helper()
	called := len(j.sandbox.Calls()) - j.looked
	lists, ledger := j.readLists(runs), j.readLedger()
	for _, run := range runs {
		called -= int(run.APICalls)
	}
	if called != 0 && !j.uncounted {
		j.t.Errorf("the runs count %d calls too few", called)
	}
	if len(runs) != len(j.scene.syncs) {
		j.t.Fatalf("%d runs, want %d", len(runs), len(j.scene.syncs))
	}
	for _, run := range runs {
		before, after := j.lists[run.Sync], lists[run.Sync]
		if before.listID != after.listID {
			before.on = idSet{} // the run has made a list
		}
		for id := range before.wanted { // a merge may have made a new record of it
			if !after.wanted[id] {
				j.disturb(id)
			}
		}
		for id := range join(after.wanted, after.on).without(before.wanted, before.on) {
			if len(j.disturbed) > 0 && id >= int64(firstContact+j.scene.contacts) {
				j.disturb(id) // as which a contact lives on
			}
		}
		j.nobodyIsWronged(run, before, after)
		j.rightOrSaysWhyNot(run, after)
		j.accounts(run, before, after, ledger)
		j.tally.changes.Add(int64(len(ledger.changes[run.RunID])))
		j.tally.members.Add(int64(len(ledger.members[after.listID])))
	}
	j.booksAgree()
	j.driftIsTrue(ledger)
	j.lists = lists
}

func (j *judge) disturb(id int64) {
	if j.disturbed == nil {
		j.disturbed = idSet{}
	}
	j.disturbed[id] = true
}

// nobodyIsWronged wants all who were on the list, and still belong there, to be on it, and nobody on it who never belonged there.
func (j *judge) nobodyIsWronged(run engine.Run, before, after listState) {
	j.t.Helper()
	for id := range before.on {
		if before.wanted[id] && after.wanted[id] && !after.on[id] {
			j.t.Errorf("%s: %d belongs on the list and was taken off it", run.Sync, id)
		}
	}
	if unwanted := after.on.without(before.on, before.wanted, after.wanted, j.disturbed); len(unwanted) > 0 {
		j.t.Errorf("%s: %v were put on the list and do not belong there", run.Sync, unwanted)
	}
}

// rightOrSaysWhyNot wants the list to hold who belongs there, or the run to tell of it.
func (j *judge) rightOrSaysWhyNot(run engine.Run, after listState) {
	j.t.Helper()
	right := len(after.on.without(after.wanted, j.disturbed))+len(after.wanted.without(after.on, j.disturbed)) == 0
	switch run.Status {
	case engine.Succeeded:
		if !right {
			j.t.Errorf("%s succeeded, and the list lacks %v and holds %v too many", run.Sync, after.wanted.without(after.on), after.on.without(after.wanted))
		}
	case engine.Partial:
		if run.Hint == "" || run.Detail == "" {
			j.t.Errorf("%s is PARTIAL and does not say why: %+v", run.Sync, run)
		}
	case engine.Failed:
		if run.Error == "" || run.Hint == "" {
			j.t.Errorf("%s is FAILED with error %q and hint %q", run.Sync, run.Error, run.Hint)
		}
	default:
		j.t.Errorf("%s is %s: %s", run.Sync, run.Status, run.Error)
	}
}

// accounts wants every change to be in the ledger as it stands in HubSpot, and the run's counts to agree.
func (j *judge) accounts(run engine.Run, before, after listState, ledger ledgerView) {
	j.t.Helper()
	changes := ledger.changes[run.RunID]
	if run.Plan == nil {
		if len(changes) > 0 || run.Added != nil || run.Final != nil {
			j.t.Errorf("%s came to no plan and has %d changes: %+v", run.Sync, len(changes), run)
		}
		if !ledger.members[after.listID].equal(j.ledger.members[after.listID]) {
			j.t.Errorf("%s came to no plan and changed who is a member", run.Sync)
		}
		return
	}
	for id := range before.wanted.without(before.on, j.disturbed) {
		if changes[changeOf{"add", id}] == "" && changes[changeOf{"add", j.scene.renewed[id]}] == "" {
			j.t.Errorf("%s: no change tells what became of the addition of %d", run.Sync, id)
		}
	}
	for id := range before.on.without(before.wanted, j.disturbed) {
		if changes[changeOf{"remove", id}] == "" {
			j.t.Errorf("%s: no change tells what became of the removal of %d", run.Sync, id)
		}
	}
	for _, key := range j.scene.unmatched {
		if !slices.Contains(ledger.rejects[run.RunID], key) {
			j.t.Errorf("%s: the rejects do not tell of %s", run.Sync, key)
		}
	}
	open := idSet{}
	for change, state := range changes {
		j.isTrue(run, change, state, before, after)
		if state == "unknown" {
			open[change.record] = true
		}
	}
	members := ledger.members[after.listID]
	if wrong := join(members.without(after.on, open, j.disturbed), after.on.without(members, open, j.disturbed)); len(wrong) > 0 {
		j.t.Errorf("%s: rollcall.members is wrong about %v", run.Sync, wrong)
	}
	if run.Final != nil && len(j.disturbed) == 0 && *run.Final != int64(len(after.on)) {
		j.t.Errorf("%s says that the list holds %d, it holds %d", run.Sync, *run.Final, len(after.on))
	}
	if run.Final == nil && len(open) == 0 && !strings.Contains(run.Error, "HubSpot answered 404") {
		j.t.Errorf("%s does not know how many the list holds, although every change has its answer", run.Sync)
	}
}

func join(sets ...idSet) idSet {
	all := idSet{}
	for _, s := range sets {
		maps.Copy(all, s)
	}
	return all
}

// isTrue holds the state of one change against the list.
func (j *judge) isTrue(run engine.Run, c changeOf, state string, before, after listState) {
	j.t.Helper()
	on, was := after.on[c.record], before.on[c.record]
	ok := false
	switch state {
	case "done", "already":
		ok = on == (c.action == "add")
	case "missing":
		ok = !on && !after.wanted[c.record]
	case "planned", "failed":
		ok = on == was
	case "unknown":
		ok = run.Final == nil || run.Verified
	}
	if !ok && !j.disturbed[c.record] {
		j.t.Errorf("%s: %s %d is %s; it was on the list: %t, and is: %t", run.Sync, c.action, c.record, state, was, on)
	}
}

// driftIsTrue wants the ledger to tell of others' doing only what others did.
func (j *judge) driftIsTrue(ledger ledgerView) {
	j.t.Helper()
	if wrong := ledger.drift.without(setOf(j.scene.drift...), j.disturbed); len(wrong) > 0 {
		j.t.Errorf("the ledger says that somebody else had a hand in %v", wrong)
	}
}

// converges wants the next run to make the lists right, and the run after that to change nothing. A list that is gone fails without
// doing harm until somebody brings it back.
func (j *judge) converges() {
	j.t.Helper()
	if j.mendLists() {
		j.lists = j.readLists(nil)
	}
	// What others do to a list within the second of Rollcall's own write can stay hidden until the next full read.
	runs := j.runWith(engine.RunOptions{Full: len(j.disturbed) > 0}, j.scene.names()...)
	lists, ledger := j.readLists(runs), j.readLedger()
	for _, run := range runs {
		s := lists[run.Sync]
		switch {
		case run.Status != engine.Succeeded:
			j.t.Errorf("%s is %s in the run that converges: %s %s", run.Sync, run.Status, run.Error, run.Detail)
		case !s.on.equal(s.wanted):
			j.t.Errorf("%s has converged, and the list lacks %v and holds %v too many", run.Sync, s.wanted.without(s.on), s.on.without(s.wanted))
		case !ledger.members[s.listID].equal(s.on):
			j.t.Errorf("%s: rollcall.members lacks %v and holds %v too many", run.Sync, s.on.without(ledger.members[s.listID]), ledger.members[s.listID].without(s.on))
		case run.Final == nil || *run.Final != int64(len(s.on)):
			j.t.Errorf("%s says that the list holds %s, it holds %d", run.Sync, number(run.Final), len(s.on))
		}
		j.tally.changes.Add(int64(len(ledger.changes[run.RunID])))
		j.tally.members.Add(int64(len(ledger.members[s.listID])))
	}
	for _, run := range slices.Sorted(maps.Keys(ledger.changes)) {
		for change, state := range ledger.changes[run] {
			if state == "sent" || state == "unknown" {
				j.t.Errorf("%s %d of run %s is still %s", change.action, change.record, run, state)
			}
		}
	}
	j.booksAgree()
	j.driftIsTrue(ledger)
	j.isQuiet()
}

// mendLists brings lists back that were deleted or made DYNAMIC, after a run has refused them.
func (j *judge) mendLists() (mended bool) {
	j.t.Helper()
	for _, sync := range j.scene.syncs {
		s := j.lists[sync.name]
		if !s.gone && !s.dynamic {
			continue
		}
		named := sync.listID == "" || j.row("SELECT list_id IS NULL FROM rollcall.syncs WHERE name = %s", quote(sync.name)) == "true"
		if s.gone && named {
			continue // the next run makes a list of that name
		}
		run := j.one(sync.name, engine.Failed)
		wantWords(j.t, run.Error, s.listID)
		if run.Hint == "" || run.Plan != nil {
			j.t.Errorf("%s on a list that is no more: %+v", sync.name, run)
		}
		if now := j.readLists([]engine.Run{run})[sync.name]; !now.on.equal(s.on) {
			j.t.Errorf("%s changed a list that is no more", sync.name)
		}
		if s.gone {
			j.ask("PUT", "/crm/v3/lists/"+s.listID+"/restore", nil, nil)
		} else if err := j.sandbox.ConvertList(s.listID, "MANUAL"); err != nil {
			j.t.Fatal(err)
		}
		mended = true
	}
	return mended
}

// booksAgree wants the rows of all runs to agree with their changes as they are now.
func (j *judge) booksAgree() {
	j.t.Helper()
	wantRows(j.t, j.rows(fmt.Sprintf(`
		SELECT r.sync, r.status, r.n_to_add, c.adds, r.n_to_remove, c.removes, r.n_added, c.added, r.n_removed, c.removed, r.n_missing, c.missing, r.finished_at
		FROM rollcall.runs r, LATERAL (SELECT
			count(*) FILTER (action = 'add') AS adds, count(*) FILTER (action = 'remove') AS removes,
			count(*) FILTER (action = 'add' AND state = 'done') AS added, count(*) FILTER (action = 'remove' AND state = 'done') AS removed,
			count(*) FILTER (state = 'missing') AS missing
			FROM rollcall.changes WHERE run_id = coalesce(r.plan_run_id, r.run_id)) c
		WHERE r.run_id > %s AND (r.finished_at IS NULL OR r.plan_hash IS NOT NULL
			AND (r.n_to_add, r.n_to_remove, r.n_added, r.n_removed, r.n_missing) IS DISTINCT FROM (c.adds, c.removes, c.added, c.removed, c.missing))`,
		quote(j.scene.firstRun))))
}

// isQuiet wants one more run to have nothing to do.
func (j *judge) isQuiet() {
	j.t.Helper()
	before := j.sandbox.CountCalls(writes)
	for _, run := range j.runWith(engine.RunOptions{}, j.scene.names()...) {
		if run.Status != engine.Succeeded || !run.Plan.Empty() {
			j.t.Errorf("%s is not quiet: %+v", run.Sync, run)
		}
	}
	if n := j.sandbox.CountCalls(writes) - before; n > 0 {
		j.t.Errorf("%d writes by a run with nothing to do", n)
	}
}
