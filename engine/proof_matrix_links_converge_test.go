package engine_test

import (
	"fmt"
	"strings"

	"rollcall/engine"
)

// wantCounts wants the rows of all runs to agree with their changes.
func (o *linkOracle) wantCounts() {
	o.t.Helper()
	wantRows(o.t, o.rows(fmt.Sprintf(`
		SELECT r.status, r.n_to_add, c.links, r.n_to_remove, c.unlinks, r.n_added, c.linked, r.n_removed, c.unlinked
		FROM rollcall.runs r, LATERAL (SELECT
			count(*) FILTER (action = 'link') AS links, count(*) FILTER (action = 'unlink') AS unlinks,
			count(*) FILTER (action = 'link' AND state = 'done') AS linked, count(*) FILTER (action = 'unlink' AND state = 'done') AS unlinked
			FROM rollcall.changes WHERE run_id = coalesce(r.plan_run_id, r.run_id)) c
		WHERE r.run_id > %s AND (r.finished_at IS NULL OR r.plan_hash IS NOT NULL
			AND (r.n_to_add, r.n_to_remove, r.n_added, r.n_removed) IS DISTINCT FROM (c.links, c.unlinks, c.linked, c.unlinked))`,
		quote(o.scenario.firstRun))))
}

// wantDriftTrue wants the drift to tell of what others did since the ledger last knew the links, and of nothing else.
func (o *linkOracle) wantDriftTrue(now linkState) {
	o.t.Helper()
	for _, line := range o.rows("SELECT record_id, to_record_id, kind, association_type FROM rollcall.drift WHERE run_id > " + quote(o.scenario.firstRun)) {
		column := strings.SplitN(line, " ", 4)
		l := link{number64(column[0]), number64(column[1]), column[3]}
		appeared := column[2] == "appeared"
		if !o.ofOthers(l.contact, now) && (o.start.live[l] != appeared || o.start.known[l] == appeared) {
			o.t.Errorf("the ledger says that others made %s %s", l, column[2])
		}
	}
}

func (o *linkOracle) wantConverges() {
	o.t.Helper()
	run := o.runWith(engine.RunOptions{Full: len(o.disturbed) > 0, RetryRejects: true}, o.scenario.names()...)[0]
	if run.Status != engine.Succeeded {
		o.t.Errorf("%s in the run that converges: %s %s", run.Status, run.Error, run.Detail)
	}
	now := o.readState()
	rejected := o.rejected(run, now)
	o.wantOthersUntouched(now)
	if wrong := o.undisturbed(now.live, now).without(rejected).difference(o.undisturbed(o.expected, now).without(rejected)); wrong != "" {
		o.t.Errorf("it has converged, and HubSpot %s", wrong)
	}
	if lacks := now.wanted.without(now.live).without(rejected); len(lacks) > 0 {
		o.t.Errorf("it has converged, and HubSpot lacks %v", lacks)
	}
	if wrong := o.undisturbed(now.owned, now).without(rejected).difference(o.undisturbed(o.owned, now).without(rejected)); wrong != "" {
		o.t.Errorf("it has converged, and what the ledger takes for the sync's own %s", wrong)
	}
	wantRows(o.t, o.rows("SELECT run_id, action, key, state FROM rollcall.changes WHERE state IN ('sent', 'unknown')"))
	o.wantKnownTrue(now, nil)
	o.wantCounts()
	o.wantDriftTrue(now)
	o.wantQuiet(now)
}

// wantQuiet wants one more run to have nothing to do.
func (o *linkOracle) wantQuiet(now linkState) {
	o.t.Helper()
	writes := o.linkWrites()
	run := o.runWith(engine.RunOptions{}, o.scenario.names()...)[0]
	if run.Status != engine.Succeeded || !run.Plan.Empty() {
		o.t.Errorf("not quiet: %s %s; changes %v", run.Status, run.Detail, o.readChanges(run.RunID))
	}
	if n := o.linkWrites() - writes; n > 0 {
		o.t.Errorf("%d writes by a run with nothing to do", n)
	}
	if wrong := o.readState().live.difference(now.live); wrong != "" {
		o.t.Errorf("a run with nothing to do: HubSpot %s", wrong)
	}
}
