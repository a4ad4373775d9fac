package proof

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// wantMembers wants exactly these contacts on a list.
func (p *portal) wantMembers(listID string, want ...int) {
	p.t.Helper()
	if got := p.members(listID); !slices.Equal(got, want) {
		p.t.Errorf("list %s holds %d: %v, want %d: %v", listID, len(got), got[:min(len(got), 20)], len(want), want[:min(len(want), 20)])
	}
}

// wantNone wants a query that looks for something wrong to find nothing.
func (p *portal) wantNone(what, query string, args ...any) {
	p.t.Helper()
	if rows := p.rows(query, args...); len(rows) > 0 {
		p.t.Errorf("%s: %d\n\t%s", what, len(rows), strings.Join(rows[:min(len(rows), 10)], "\n\t"))
	}
}

// wantLedgerConsistent checks the ledger after a run that ended by itself: no run is open, every change is in a known
// state, every run's counts are those of its changes, and rollcall.members are those of each list that it knows of, each once.
func (p *portal) wantLedgerConsistent() {
	p.t.Helper()
	p.wantNone("runs left open", "SELECT run_id, sync, status FROM rollcall.runs WHERE status = 'RUNNING' OR finished_at IS NULL")
	p.wantNone("changes without a known state", `SELECT run_id, action, record_id, state FROM rollcall.changes
		WHERE state NOT IN ('planned', 'done', 'already', 'missing', 'asked_again', 'failed')`)
	p.wantNone("changes that no run planned", "SELECT run_id, action, record_id FROM rollcall.changes WHERE run_id NOT IN (SELECT run_id FROM rollcall.runs)")
	p.wantNone("changes that are there twice", "SELECT run_id, action, coalesce(CAST(record_id AS VARCHAR), key), key, CAST(values AS VARCHAR), count(*) FROM rollcall.changes GROUP BY ALL HAVING count(*) > 1")
	p.wantNone("runs whose counts are not those of their changes", `
		SELECT r.run_id, status, n_to_add, n_to_remove, n_added, n_removed, n_missing, c FROM (
			SELECT run_id,
				count(*) FILTER (action IN ('add', 'create', 'link') AND plan = 1) AS adds, count(*) FILTER (action IN ('remove', 'clear', 'archive', 'unlink')) AS removes,
				count(*) FILTER (action IN ('add', 'create', 'link') AND state = 'done') AS added, count(*) FILTER (action IN ('remove', 'clear', 'archive', 'unlink') AND state = 'done') AS removed,
				count(*) FILTER (state IN ('missing', 'asked_again')) AS missing
			FROM rollcall.changes GROUP BY run_id
		) c RIGHT JOIN rollcall.runs r ON c.run_id = coalesce(r.plan_run_id, r.run_id)
		WHERE (coalesce(n_added, 0), coalesce(n_removed, 0), coalesce(n_missing, 0)) <> (coalesce(added, 0), coalesce(removed, 0), coalesce(missing, 0))
			OR coalesce(n_to_add, 0) <> coalesce(adds, 0) OR coalesce(n_to_remove, 0) <> coalesce(removes, 0)
			OR n_to_add IS NOT NULL AND (n_added IS NULL OR n_removed IS NULL OR n_missing IS NULL)`)
	p.wantNone("plans that are those of runs that sent them", `SELECT r.run_id, r.plan_run_id, p.status FROM rollcall.runs r LEFT JOIN rollcall.runs p ON p.run_id = r.plan_run_id
		WHERE r.plan_run_id IS NOT NULL AND (p.status NOT IN ('BLOCKED', 'DRY_RUN') OR p.plan_run_id IS NOT NULL OR p.run_id >= r.run_id OR p.sync <> r.sync OR p.plan_hash <> r.plan_hash
			OR p.run_id IS NULL OR r.run_id IN (SELECT run_id FROM rollcall.changes))`)
	p.wantNone("members that are there twice", "SELECT list_id, record_id, count(*) FROM rollcall.members GROUP BY ALL HAVING count(*) > 1")
	for _, listID := range p.rows("SELECT DISTINCT list_id FROM rollcall.runs WHERE list_id IS NOT NULL") {
		var want []string
		for _, n := range p.members(listID) {
			want = append(want, fmt.Sprint(n))
		}
		got := p.rows("SELECT record_id - %d FROM rollcall.members WHERE list_id = '%s' ORDER BY 1", firstContact-1, listID)
		if !slices.Equal(got, want) {
			p.t.Errorf("rollcall.members has %d of list %s: %v, which holds %d: %v", len(got), listID, got[:min(len(got), 20)], len(want), want[:min(len(want), 20)])
		}
	}
}

// shownChange shows a change of the ledger as portal.applied does.
const shownChange = `CASE WHEN action = 'create' THEN 'create ' || key WHEN action = 'update' THEN 'update ' || record_id
	WHEN to_record_id IS NOT NULL THEN concat_ws(' ', action, record_id, to_record_id, association_type)
	ELSE action || ' ' || record_id || CASE action WHEN 'add' THEN ' to ' ELSE ' from ' END || list_id END`

// wantApplied wants the ledger to have exactly those changes as done that writes applied, once each, answered or not. It
// can't be used where others edit the lists or links at the same time.
func (p *portal) wantApplied() {
	p.t.Helper()
	want := slices.Sorted(slices.Values(p.applied))
	got := p.rows("SELECT " + shownChange + " FROM rollcall.changes WHERE state = 'done' ORDER BY 1")
	if !slices.Equal(want, got) {
		p.t.Errorf("what HubSpot did (-) and the ledger says (+):\n%s", cmp.Diff(want, got))
	}
}

// wantIntent wants every change that HubSpot applied to be in the ledger, at least as sent: also right after a kill.
func (p *portal) wantIntent() {
	p.t.Helper()
	known := map[string]bool{}
	for _, row := range p.rows("SELECT DISTINCT " + shownChange + " FROM rollcall.changes WHERE state IN ('sent', 'unknown', 'done', 'already')") {
		known[row] = true
	}
	for _, change := range p.applied {
		if !known[change] {
			p.t.Errorf("HubSpot applied %q, which the ledger has neither as sent nor as done", change)
		}
	}
}

// wantQuiet wants one more run, or the command that is given, to send nothing and to plan nothing.
func (p *portal) wantQuiet(args ...string) {
	p.t.Helper()
	if args == nil {
		args = []string{"run"}
	}
	before, last := p.writes(), p.rows("SELECT max(run_id) FROM rollcall.runs")[0]
	p.rollcall(args...)
	if n := p.writes() - before; n != 0 {
		p.t.Errorf("a run with nothing to do made %d writes", n)
	}
	p.wantNone("runs with nothing to do that were not quiet", `SELECT run_id, sync, status, n_to_add, n_to_remove, n_drift, detail FROM rollcall.runs
		WHERE run_id > '%s' AND (status <> 'SUCCEEDED' OR n_to_add <> 0 OR n_to_remove <> 0 OR coalesce(n_to_update, 0) <> 0 OR coalesce(n_drift, 0) <> 0)`, last)
}

// wantConverged wants exactly these contacts on the list, a consistent ledger that agrees with HubSpot, and nothing left to do.
func (p *portal) wantConverged(listID string, want ...int) {
	p.t.Helper()
	p.wantMembers(listID, want...)
	p.wantLedgerConsistent()
	p.wantApplied()
	p.wantQuiet()
	p.wantMembers(listID, want...)
}
