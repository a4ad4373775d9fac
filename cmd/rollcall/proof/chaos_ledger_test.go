package proof

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rollcall/cmd/rollcall/cli"
)

// ledgerState is the content of the ledger after a command.
type ledgerState struct {
	runs     []chaosRun
	changes  []chaosChange
	members  map[string]records // by list
	owned    map[string]records // those of them that are Rollcall's
	drift    map[string]string  // the latest kind, by list and record
	approved map[string]string  // runs that an approval let pass: the blocked run that was approved
}

// chaosRun is a run of one sync.
type chaosRun struct {
	id, sync, list, status, undoes, detail           string
	plan                                             string // the run whose changes are its plan, itself or an earlier one
	toAdd, toRemove, added, removed, missing, before int    // -1: NULL
	final                                            int
	closed                                           bool
	command                                          int // the command that began it
}

// chaosChange is a change of a plan.
type chaosChange struct {
	run, list, action string
	record            int64
	state, reason     string
	plan              int
}

// readLedger reads the ledger. Runs that were not there before are those of the last command.
func (h *history) readLedger(db *sql.DB) *ledgerState {
	h.t.Helper()
	b := &ledgerState{members: map[string]records{}, owned: map[string]records{}, drift: map[string]string{}, approved: map[string]string{}}
	began := map[string]int{}
	for _, run := range h.ledger.runs {
		began[run.id] = run.command
	}
	h.query(db, `SELECT run_id, sync, coalesce(list_id, ''), status, coalesce(undoes, ''), concat_ws(': ', detail, error), coalesce(plan_run_id, run_id), coalesce(n_to_add, -1), coalesce(n_to_remove, -1),
		coalesce(n_added, -1), coalesce(n_removed, -1), coalesce(n_missing, -1), coalesce(n_current_before, -1), coalesce(n_final, -1), finished_at IS NOT NULL
		FROM rollcall.runs ORDER BY run_id`, func(scan func(...any) error) error {
		var r chaosRun
		err := scan(&r.id, &r.sync, &r.list, &r.status, &r.undoes, &r.detail, &r.plan, &r.toAdd, &r.toRemove, &r.added, &r.removed, &r.missing, &r.before, &r.final, &r.closed)
		r.command = began[r.id]
		if r.command == 0 {
			r.command = len(h.commands)
		}
		b.runs = append(b.runs, r)
		return err
	})
	h.query(db, "SELECT run_id, coalesce(list_id, ''), action, record_id, state, coalesce(reason, ''), plan FROM rollcall.changes ORDER BY ALL", func(scan func(...any) error) error {
		var c chaosChange
		err := scan(&c.run, &c.list, &c.action, &c.record, &c.state, &c.reason, &c.plan)
		b.changes = append(b.changes, c)
		return err
	})
	h.query(db, "SELECT list_id, record_id, coalesce(is_foreign, false) FROM rollcall.members", func(scan func(...any) error) error {
		var list string
		var id int64
		var foreign bool
		err := scan(&list, &id, &foreign)
		if b.members[list][id] {
			h.t.Fatalf("record %d is twice among rollcall.members of list %s", id, list)
		}
		b.members[list] = union(b.members[list], records{id: true})
		if !foreign {
			b.owned[list] = union(b.owned[list], records{id: true})
		}
		return err
	})
	h.query(db, "SELECT list_id || ' ' || record_id, arg_max(kind, found_at) FROM rollcall.drift GROUP BY 1", func(scan func(...any) error) error {
		var what, kind string
		err := scan(&what, &kind)
		b.drift[what] = kind
		return err
	})
	h.query(db, "SELECT run_id, approved_run FROM rollcall.runs WHERE approved_run IS NOT NULL", func(scan func(...any) error) error {
		var run, blocked string
		err := scan(&run, &blocked)
		b.approved[run] = blocked
		return err
	})
	return b
}

func (h *history) query(db *sql.DB, query string, row func(scan func(...any) error) error) {
	h.t.Helper()
	rows, err := db.Query(query)
	h.must(err)
	defer rows.Close()
	for rows.Next() {
		h.must(row(rows.Scan))
	}
	h.must(rows.Err())
}

// checkLedger checks that the ledger is consistent and agrees with what the command did.
func (h *history) checkLedger(c *chaosCommand) {
	h.t.Helper()
	h.checkExit(c)
	h.checkRuns(c)
	h.checkGuards(c)
	h.checkCounts()
	for _, earlier := range h.commands {
		h.checkOutcomes(earlier)
	}
	h.checkLists(c)
}

// checkExit wants the exit code to be the one that goes with the statuses of the command's runs.
func (h *history) checkExit(c *chaosCommand) {
	h.t.Helper()
	statuses := map[string]bool{}
	for _, run := range h.ledger.runs {
		if run.command == c.number {
			statuses[run.status] = true
		}
	}
	if c.args[0] == "plan" && len(statuses) > 0 {
		h.t.Fatalf("a plan left runs: %v", statuses)
	}
	want := map[int][]string{cli.ExitDone: {"SUCCEEDED", "DRY_RUN"}, cli.ExitPartial: {"PARTIAL"}, cli.ExitBlocked: {"BLOCKED"}, cli.ExitUsage: {"FAILED"}, cli.ExitFailed: {"FAILED"}, cli.ExitInterrupted: {"INTERRUPTED"}}
	switch {
	case c.code == -1 && c.failpoint == nil:
		h.t.Fatalf("command %d was killed by another hand:\n%s", c.number, c.output)
	case c.code == -1, c.args[0] != "run":
	case c.code == cli.ExitInterrupted && c.failpoint != nil && c.failpoint.mode == interruptAt:
	case !slices.ContainsFunc(want[c.code], func(s string) bool { return statuses[s] }), c.code == cli.ExitDone && len(statuses) > 1 && !statuses["DRY_RUN"]:
		h.t.Fatalf("command %d: exit code %d and runs %v:\n%s", c.number, c.code, slices.Sorted(maps.Keys(statuses)), c.output)
	}
}

// checkRuns wants every run to be closed and every change in a known state, but for those of a command that was just killed, and for
// answers that no later run could settle.
func (h *history) checkRuns(c *chaosCommand) {
	h.t.Helper()
	last := 0
	for _, run := range h.ledger.runs {
		last = max(last, run.command)
	}
	for _, run := range h.ledger.runs {
		open := run.status == "RUNNING"
		if open == run.closed || open && (run.command != last || h.commands[run.command-1].code != -1) {
			h.t.Fatalf("run %s of command %d is %s after command %d (%v)", run.id, run.command, run.status, c.number, run)
		}
	}
	runs := h.runs()
	for _, ch := range h.ledger.changes {
		run, known := runs[ch.run]
		switch ch.state {
		case "planned", "done", "already", "missing", "asked_again", "failed":
		case "sent":
			known = known && run.status == "RUNNING"
		case "unknown":
			known = known && !slices.ContainsFunc(h.ledger.runs, func(later chaosRun) bool {
				return later.id > ch.run && later.list == ch.list && later.toAdd >= 0 && later.status != "DRY_RUN"
			})
		default:
			known = false
		}
		if !known || (run.status == "BLOCKED" || run.status == "DRY_RUN") && ch.state != "planned" {
			h.t.Fatalf("a change is left %s after command %d: %+v of %+v", ch.state, c.number, ch, run)
		}
	}
}

func (h *history) runs() map[string]chaosRun {
	runs := map[string]chaosRun{}
	for _, run := range h.ledger.runs {
		runs[run.id] = run
	}
	return runs
}

// checkGuards wants no plan to have passed that a guard blocks, but by an approval that covers it.
func (h *history) checkGuards(c *chaosCommand) {
	h.t.Helper()
	for _, run := range h.ledger.runs {
		if blocked := h.ledger.approved[run.id]; blocked != "" && run.command == c.number {
			if wrong := h.uncovered(run, blocked); wrong != "" {
				h.t.Fatalf("run %s passed by the approval of run %s: %s", run.id, blocked, wrong)
			}
			continue
		}
		if run.command != c.number || run.undoes != "" || run.status == "BLOCKED" || run.status == "DRY_RUN" {
			continue
		}
		for _, row := range h.rows {
			if row.name == run.sync && run.toRemove > 0 && row.guarded(run.toRemove, run.before, 1) {
				h.t.Fatalf("run %s removes %d of %d: %+v", run.id, run.toRemove, run.before, row)
			}
		}
	}
}

// uncovered returns why the approval of a blocked run does not cover another run, "" if it does: no run of the same kind has ended well since,
// and nobody is removed who would not have been then.
func (h *history) uncovered(run chaosRun, approved string) string {
	blocked, given := h.runs()[approved], h.approved[approved]
	if blocked.status != "BLOCKED" || !given || blocked.sync != run.sync || blocked.undoes != run.undoes || blocked.list != "" && blocked.list != run.list {
		return fmt.Sprintf("it was not asked for this: %+v, %+v", blocked, run)
	}
	for _, between := range h.ledger.runs {
		same := between.sync == run.sync && between.undoes == run.undoes && approved < between.id && between.id < run.id
		if same && (between.status == "SUCCEEDED" || between.status == "PARTIAL") {
			return fmt.Sprintf("run %s was %s since", between.id, between.status)
		}
	}
	seen := records{}
	for _, ch := range h.ledger.changes {
		if ch.run == blocked.plan && ch.action == "remove" {
			seen[ch.record] = true
		}
	}
	for _, ch := range h.ledger.changes {
		if ch.run == run.id && ch.action == "remove" && !seen[ch.record] {
			return fmt.Sprintf("it removes %d besides", ch.record)
		}
	}
	return ""
}

// checkCounts wants the counts of every run to be those of its changes.
func (h *history) checkCounts() {
	h.t.Helper()
	type sum struct{ adds, removes, added, removed, missing, again, second int }
	sums := map[string]sum{}
	for _, ch := range h.ledger.changes {
		s := sums[ch.run]
		count := func(n *int, yes bool) {
			if yes {
				*n++
			}
		}
		count(&s.adds, ch.action == "add" && ch.plan == 1)
		count(&s.second, ch.action == "add" && ch.plan == 2)
		count(&s.removes, ch.action == "remove")
		count(&s.added, ch.action == "add" && ch.state == "done")
		count(&s.removed, ch.action == "remove" && ch.state == "done")
		count(&s.missing, ch.state == "missing" || ch.state == "asked_again")
		count(&s.again, ch.state == "asked_again")
		sums[ch.run] = s
	}
	runs := h.runs()
	for _, run := range h.ledger.runs {
		s := sums[run.plan]
		if plan := runs[run.plan]; run.plan != run.id && (sums[run.id] != sum{} || plan.sync != run.sync || plan.status != "BLOCKED" && plan.status != "DRY_RUN") {
			h.t.Fatalf("the plan of a run is not that of an earlier one that sent nothing: %+v, %+v", run, plan)
		}
		planned := run.toAdd == s.adds && s.second <= s.again && run.toRemove == s.removes
		counted := [3]int{run.added, run.removed, run.missing} == [3]int{s.added, s.removed, s.missing}
		if run.toAdd < 0 && s == (sum{}) || planned && (counted || run.status == "RUNNING") {
			continue
		}
		h.t.Fatalf("the counts of a run are not those of its changes: %+v, %+v", run, s)
	}
}

// checkOutcomes compares the changes of a command's runs with what HubSpot really applied, whatever it answered. Records that others
// touched afterwards are skipped: the next run can't see what happened to the change.
func (h *history) checkOutcomes(c *chaosCommand) {
	h.t.Helper()
	times, states := map[appliedChange]int{}, map[appliedChange][]string{}
	for _, d := range c.applied {
		times[d]++
		states[d] = nil
	}
	runs := h.runs()
	for _, ch := range h.ledger.changes {
		if runs[ch.run].command == c.number {
			d, state := appliedChange{ch.list, ch.action, ch.record}, ch.state
			switch {
			case state == "done" && strings.HasPrefix(ch.reason, "the answer was lost") && c.listsBefore[d.list][d.record] == (d.action == "add"):
				state = "held" // before it was sent already: on the list that looks the same as done
			}
			states[d] = append(states[d], state)
		}
	}
	for d, recorded := range states {
		if wrong := h.wrongOutcome(c, d, times, recorded); wrong != "" && h.touched[d.list][d.record] < c.number {
			h.t.Fatalf("after command %d: command %d, %+v: %s (the ledger: %v)", len(h.commands), c.number, d, wrong, recorded)
		}
	}
}

// wrongOutcome returns what is wrong with the states that the ledger has for a change, "" if they are right.
func (h *history) wrongOutcome(c *chaosCommand, d appliedChange, times map[appliedChange]int, recorded []string) string {
	has := func(states ...string) bool {
		return slices.ContainsFunc(recorded, func(s string) bool { return slices.Contains(states, s) })
	}
	opposite := appliedChange{d.list, map[string]string{"add": "remove", "remove": "add"}[d.action], d.record}
	_, alive := c.after.addresses[d.record]
	switch n := times[d]; {
	case n > 1:
		return fmt.Sprintf("done %d times", n)
	case n == 1 && !has("done", "held", "sent", "unknown"):
		return "HubSpot did it"
	case n == 0 && has("done"):
		return "HubSpot did not do it"
	case n == 0 && has("already") && times[opposite] == 0 && c.listsBefore[d.list][d.record] != (d.action == "add"):
		return "it did not hold"
	case has("missing", "asked_again") && alive && c.before.addresses[d.record] != nil:
		return "the record is there"
	}
	return ""
}

// checkLists wants the ledger to agree with the lists: how many members there are at the end of a run that read
// the list, who they are, and that those that it takes for Rollcall's were put there or wanted there.
func (h *history) checkLists(c *chaosCommand) {
	h.t.Helper()
	last := map[string]chaosRun{}
	for _, run := range h.ledger.runs {
		if run.command == c.number && run.status != "DRY_RUN" {
			last[run.list] = run
		}
	}
	for list, run := range last {
		there, ok := h.lists[list]
		if !ok || c.disturbed || !c.pages[list] || run.final < 0 {
			continue
		}
		if run.status == "INTERRUPTED" && c.hasArg("--verify") {
			continue // the pages that it read may be those of the reading back, which the run did not finish
		}
		if run.final != len(there) {
			h.t.Fatalf("run %s: n_final is %d, list %s has %d members (%+v)", run.id, run.final, list, len(there), run)
		}
		if (run.status == "SUCCEEDED" || run.status == "PARTIAL") && !maps.Equal(h.ledger.members[list], there) {
			h.t.Fatalf("run %s: rollcall.members of list %s are %v, it holds %v", run.id, list, ordered(h.ledger.members[list]), ordered(there))
		}
	}
	explained := map[appliedChange]bool{}
	for _, ch := range h.ledger.changes {
		if ch.state == "done" || ch.state == "already" {
			explained[appliedChange{ch.list, ch.action, ch.record}] = true
		}
	}
	for list, owned := range h.ledger.owned {
		for id := range owned {
			if !explained[appliedChange{list, "add", id}] && !h.everDesired[list][id] {
				h.t.Fatalf("rollcall.members claims record %d of list %s, which nobody put there or wanted there", id, list)
			}
		}
	}
}

func ordered(set records) []int64 { return slices.Sorted(maps.Keys(set)) }
