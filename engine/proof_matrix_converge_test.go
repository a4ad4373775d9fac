package engine_test

import (
	"fmt"
	"maps"
	"slices"

	"rollcall/engine"
)

// wantConverges wants the next run to make the lists right, and the run after that to change nothing. A list that is gone fails without
// doing harm until somebody brings it back.
func (o *oracle) wantConverges() {
	o.t.Helper()
	if o.restoreLists() {
		o.lists = o.readLists(nil)
	}
	// What others do to a list within the second of Rollcall's own write can stay hidden until the next full read.
	runs := o.runWith(engine.RunOptions{Full: len(o.disturbed) > 0}, o.scenario.names()...)
	lists, ledger := o.readLists(runs), o.readLedger()
	for _, run := range runs {
		s := lists[run.Sync]
		switch {
		case run.Status != engine.Succeeded:
			o.t.Errorf("%s is %s in the run that converges: %s %s", run.Sync, run.Status, run.Error, run.Detail)
		case !s.on.equal(s.wanted):
			o.t.Errorf("%s has converged, and the list lacks %v and holds %v too many", run.Sync, s.wanted.without(s.on), s.on.without(s.wanted))
		case !ledger.members[s.listID].equal(s.on):
			o.t.Errorf("%s: rollcall.members lacks %v and holds %v too many", run.Sync, s.on.without(ledger.members[s.listID]), ledger.members[s.listID].without(s.on))
		case run.Final == nil || *run.Final != int64(len(s.on)):
			o.t.Errorf("%s says that the list holds %s, it holds %d", run.Sync, number(run.Final), len(s.on))
		}
		o.tally.changes.Add(int64(len(ledger.changes[run.RunID])))
		o.tally.members.Add(int64(len(ledger.members[s.listID])))
	}
	for _, run := range slices.Sorted(maps.Keys(ledger.changes)) {
		for change, state := range ledger.changes[run] {
			if state == "sent" || state == "unknown" {
				o.t.Errorf("%s %d of run %s is still %s", change.action, change.record, run, state)
			}
		}
	}
	o.wantCountsAgree()
	o.wantDriftTrue(ledger)
	o.wantQuiet()
}

// restoreLists brings lists back that were deleted or made DYNAMIC, after a run has refused them.
func (o *oracle) restoreLists() (restored bool) {
	o.t.Helper()
	for _, sync := range o.scenario.syncs {
		s := o.lists[sync.name]
		if !s.gone && !s.dynamic {
			continue
		}
		named := sync.listID == "" || o.row("SELECT list_id IS NULL FROM rollcall.syncs WHERE name = %s", quote(sync.name)) == "true"
		if s.gone && named {
			o.approveAnother(sync.name, s.listID)
			continue
		}
		run := o.one(sync.name, engine.Failed)
		wantWords(o.t, run.Error, s.listID)
		if run.Hint == "" || run.Plan != nil {
			o.t.Errorf("%s on a list that is no more: %+v", sync.name, run)
		}
		if now := o.readLists([]engine.Run{run})[sync.name]; !now.on.equal(s.on) {
			o.t.Errorf("%s changed a list that is no more", sync.name)
		}
		if s.gone {
			o.ask("PUT", "/crm/v3/lists/"+s.listID+"/restore", nil, nil)
		} else if err := o.sandbox.ConvertList(s.listID, "MANUAL"); err != nil {
			o.t.Fatal(err)
		}
		restored = true
	}
	return restored
}

// approveAnother lets the next run make a list in place of one that is gone. Where the ledger knows the list, that takes an approval.
func (o *oracle) approveAnother(sync, gone string) {
	o.t.Helper()
	if o.row("SELECT count(*) FROM rollcall.lists WHERE list_id = %s", quote(gone)) == "0" {
		return
	}
	run := o.one(sync, engine.Blocked)
	wantWords(o.t, run.Error, "list_gone: list "+gone)
	o.approve(run.RunID)
}

// wantCountsAgree wants the rows of all runs to agree with their changes as they are now.
func (o *oracle) wantCountsAgree() {
	o.t.Helper()
	wantRows(o.t, o.rows(fmt.Sprintf(`
		SELECT r.sync, r.status, r.n_to_add, c.adds, r.n_to_remove, c.removes, r.n_added, c.added, r.n_removed, c.removed, r.n_missing, c.missing, r.finished_at
		FROM rollcall.runs r, LATERAL (SELECT
			count(*) FILTER (action = 'add' AND plan = 1) AS adds, count(*) FILTER (action = 'remove') AS removes,
			count(*) FILTER (action = 'add' AND state = 'done') AS added, count(*) FILTER (action = 'remove' AND state = 'done') AS removed,
			count(*) FILTER (state IN ('missing', 'asked_again')) AS missing
			FROM rollcall.changes WHERE run_id = coalesce(r.plan_run_id, r.run_id)) c
		WHERE r.run_id > %s AND (r.finished_at IS NULL OR r.plan_hash IS NOT NULL
			AND (r.n_to_add, r.n_to_remove, r.n_added, r.n_removed, r.n_missing) IS DISTINCT FROM (c.adds, c.removes, c.added, c.removed, c.missing))`,
		quote(o.scenario.firstRun))))
}

// wantQuiet wants one more run to have nothing to do.
func (o *oracle) wantQuiet() {
	o.t.Helper()
	before := o.sandbox.CountCalls(writes)
	for _, run := range o.runWith(engine.RunOptions{}, o.scenario.names()...) {
		if run.Status != engine.Succeeded || !run.Plan.Empty() {
			o.t.Errorf("%s is not quiet: %+v", run.Sync, run)
		}
	}
	if n := o.sandbox.CountCalls(writes) - before; n > 0 {
		o.t.Errorf("%d writes by a run with nothing to do", n)
	}
}
