package main

import (
	"fmt"
	"slices"
	"strings"
)

// wantMembers wants exactly these contacts on a list.
func (p *portal) wantMembers(listID string, want ...int) {
	p.t.Helper()
	if got := p.members(listID); !slices.Equal(got, want) {
		p.t.Errorf("list %s holds %v, want %v", listID, got, want)
	}
}

// wantNone wants a query that looks for something wrong to find nothing.
func (p *portal) wantNone(what, query string, args ...any) {
	p.t.Helper()
	if rows := p.rows(query, args...); len(rows) > 0 {
		p.t.Errorf("%s: %d\n\t%s", what, len(rows), strings.Join(rows[:min(len(rows), 10)], "\n\t"))
	}
}

// wantBooks wants the ledger to be true as it stands after a run that ended by itself: no run is open, every change is in a known
// state, every run's counts are those of its changes, and rollcall.members are those of each list that it knows of, each once.
func (p *portal) wantBooks() {
	p.t.Helper()
	p.wantNone("runs left open", "SELECT run_id, sync, status FROM rollcall.runs WHERE status = 'RUNNING' OR finished_at IS NULL")
	p.wantNone("changes without a known state", `SELECT run_id, action, record_id, state FROM rollcall.changes
		WHERE state NOT IN ('planned', 'done', 'already', 'missing', 'failed')`)
	p.wantNone("changes that no run planned", "SELECT run_id, action, record_id FROM rollcall.changes WHERE run_id NOT IN (SELECT run_id FROM rollcall.runs)")
	p.wantNone("changes that are there twice", "SELECT run_id, action, record_id, count(*) FROM rollcall.changes GROUP BY ALL HAVING count(*) > 1")
	p.wantNone("runs whose counts are not those of their changes", `
		SELECT run_id, status, n_to_add, n_to_remove, n_added, n_removed, n_missing, c FROM (
			SELECT run_id,
				count(*) FILTER (action = 'add') AS adds, count(*) FILTER (action = 'remove') AS removes,
				count(*) FILTER (action = 'add' AND state = 'done') AS added, count(*) FILTER (action = 'remove' AND state = 'done') AS removed,
				count(*) FILTER (state = 'missing') AS missing
			FROM rollcall.changes GROUP BY run_id
		) c RIGHT JOIN rollcall.runs r USING (run_id)
		WHERE (coalesce(n_added, 0), coalesce(n_removed, 0), coalesce(n_missing, 0)) <> (coalesce(added, 0), coalesce(removed, 0), coalesce(missing, 0))
			OR coalesce(n_to_add, 0) > coalesce(adds, 0) OR coalesce(n_to_remove, 0) <> coalesce(removes, 0)
			OR n_to_add IS NOT NULL AND (n_added IS NULL OR n_removed IS NULL OR n_missing IS NULL)`)
	p.wantNone("members that are there twice", "SELECT list_id, record_id, count(*) FROM rollcall.members GROUP BY ALL HAVING count(*) > 1")
	for _, listID := range p.rows("SELECT DISTINCT list_id FROM rollcall.runs WHERE list_id IS NOT NULL") {
		var want []string
		for _, n := range p.members(listID) {
			want = append(want, fmt.Sprint(n))
		}
		got := p.rows("SELECT record_id - %d FROM rollcall.members WHERE list_id = '%s' ORDER BY 1", firstContact-1, listID)
		if !slices.Equal(got, want) {
			p.t.Errorf("rollcall.members has %v of list %s, which holds %v", got, listID, want)
		}
	}
}

// wantOnce wants no change to have been done twice over: of what was done to a record on a list, additions and removals take turns.
// It holds as long as nobody else touches the lists.
func (p *portal) wantOnce() {
	p.t.Helper()
	p.wantNone("changes done twice over", `
		SELECT list_id, record_id, run_id, action FROM (
			SELECT *, lag(action) OVER (PARTITION BY list_id, record_id ORDER BY run_id) AS before FROM rollcall.changes WHERE state = 'done'
		) WHERE action = before`)
}

// wantQuiet wants one more run to send nothing and to plan nothing.
func (p *portal) wantQuiet() {
	p.t.Helper()
	before, last := p.writes(), p.rows("SELECT max(run_id) FROM rollcall.runs")[0]
	p.rollcall("run")
	if n := p.writes() - before; n != 0 {
		p.t.Errorf("a run with nothing to do made %d writes", n)
	}
	p.wantNone("runs with nothing to do that were not quiet", `SELECT run_id, sync, status, n_to_add, n_to_remove, n_drift, detail FROM rollcall.runs
		WHERE run_id > '%s' AND (status <> 'SUCCEEDED' OR n_to_add <> 0 OR n_to_remove <> 0 OR coalesce(n_drift, 0) <> 0)`, last)
}

// wantTrue wants all of it: exactly these contacts on the list, true books, nothing done twice, and nothing left to do.
func (p *portal) wantTrue(listID string, want ...int) {
	p.t.Helper()
	p.wantMembers(listID, want...)
	p.wantBooks()
	p.wantOnce()
	p.wantQuiet()
	p.wantMembers(listID, want...)
}
