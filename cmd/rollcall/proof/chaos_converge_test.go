package proof

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// converge ends all faults, and wants one run, and one more for each plan that has to be approved, to bring the lists to the state that
// the oracle predicts, and then a run that does nothing.
func (h *history) converge(r *rand.Rand) {
	h.t.Helper()
	h.logf("all is well again")
	h.gone = false
	h.load()
	h.restoreLists()
	h.markTouched(len(h.commands))
	for round := 1; ; round++ {
		before := h.ledger
		c := &chaosCommand{args: []string{"run", "--full"}}
		h.execute(c)
		if round == 1 {
			h.wantDrift(c, before)
		}
		blocked := h.wantPredicted(c)
		if len(blocked) == 0 {
			break
		}
		if round == 3 {
			h.t.Fatalf("still blocked after %d approvals: %v", round-1, blocked)
		}
		for _, run := range blocked {
			h.approve(run)
		}
	}
	h.wantMembersRecorded()
	h.wantNothingLeft(r)
}

// wantPredicted compares the lists after a run with the oracle's prediction, row by row, and returns the runs that a guard
// has rightly blocked.
func (h *history) wantPredicted(c *chaosCommand) (blocked []string) {
	h.t.Helper()
	want, either := map[string]records{}, map[string]records{}
	for list := range c.listsBefore {
		want[list] = c.listsBefore[list]
	}
	for _, row := range h.rows {
		run := h.runOf(c, row)
		made := row.on(c.after)
		p := c.before.predict(row, h.people, want[made], h.ownBefore(c, made), h.foreignBefore(made))
		switch {
		case run.status == "BLOCKED":
			if !p.blocked && !p.ambiguous && !h.lostList(c, row, run) {
				h.t.Fatalf("%s is blocked: %+v; want %+v", row.name, run, p)
			}
			blocked = append(blocked, run.id)
			h.counts.Blocked++
			continue
		case p.blocked && !p.ambiguous && h.ledger.approved[run.id] == "":
			h.t.Fatalf("%s passed a guard: %+v; want %+v", row.name, run, p)
		case run.status != map[bool]string{false: "SUCCEEDED", true: "PARTIAL"}[len(p.missing) > 0]:
			h.t.Fatalf("%s: %+v; want %+v\n%s", row.name, run, p, c.output)
		}
		want[made], either[made] = p.after, p.either
		h.counts.AmbiguousMembers += len(p.either)
	}
	for list := range want {
		for _, id := range ordered(union(want[list], h.lists[list])) {
			if want[list][id] != h.lists[list][id] && !either[list][id] {
				h.t.Fatalf("list %s holds %v, want %v (record %d)", list, ordered(h.lists[list]), ordered(want[list]), id)
			}
		}
	}
	return blocked
}

// lostList reports whether a run is rightly blocked because the list that its row names, and that runs were on before, was deleted.
func (h *history) lostList(c *chaosCommand, row chaosRow, run chaosRun) bool {
	return row.byName && row.on(c.before) == "" && strings.Contains(run.detail, "list_gone") && slices.ContainsFunc(h.ledger.runs, func(earlier chaosRun) bool {
		return earlier.sync == row.name && earlier.command < c.number && earlier.list != ""
	})
}

// runOf is the row's run in a command.
func (h *history) runOf(c *chaosCommand, row chaosRow) chaosRun {
	h.t.Helper()
	for _, run := range h.ledger.runs {
		if run.command == c.number && run.sync == row.name {
			return run
		}
	}
	h.t.Fatalf("command %d left no run of %s:\n%s", c.number, row.name, c.output)
	return chaosRun{}
}

// ownBefore is own as it was before a command.
func (h *history) ownBefore(c *chaosCommand, list string) func(int64) bool {
	earlier := *h
	earlier.commands = h.commands[:c.number-1]
	return earlier.own(list)
}

// foreignBefore is foreign. What a command itself puts on a list or wants there stays there, so that it makes no difference.
func (h *history) foreignBefore(list string) func(int64) bool { return h.foreign(list) }

// wantDrift wants a full read to have recorded every member that others added or removed since Rollcall's last run.
func (h *history) wantDrift(c *chaosCommand, before *ledgerState) {
	h.t.Helper()
	ambiguous := map[string]bool{}
	left := map[string]bool{}
	for _, ch := range before.changes {
		what := ch.list + " " + strconv.FormatInt(ch.record, 10)
		ambiguous[what] = ambiguous[what] || ch.state == "sent" || ch.state == "unknown"
		left[ch.list] = left[ch.list] || ch.state == "done" || ch.state == "already"
	}
	for list, there := range c.listsBefore {
		if !left[list] || !slices.ContainsFunc(h.rows, func(r chaosRow) bool { return r.on(c.before) == list }) {
			continue
		}
		for id := range union(there, before.members[list]) {
			what := list + " " + strconv.FormatInt(id, 10)
			kind := map[bool]string{true: "appeared", false: "disappeared"}[there[id]]
			if there[id] != before.members[list][id] && !ambiguous[what] && h.ledger.drift[what] != kind {
				h.t.Fatalf("record %d of list %s %s by another's hand; rollcall.drift says %q", id, list, kind, h.ledger.drift[what])
			}
		}
	}
}

// wantMembersRecorded wants rollcall.members to be the lists, and those of a mirrored list that are desired, and no others, to be Rollcall's.
func (h *history) wantMembersRecorded() {
	h.t.Helper()
	lists := map[string]bool{}
	for _, row := range h.rows {
		list := row.on(h.account)
		lists[list] = true
		if !maps.Equal(h.ledger.members[list], h.lists[list]) {
			h.t.Fatalf("rollcall.members of list %s are %v, it holds %v", list, ordered(h.ledger.members[list]), ordered(h.lists[list]))
		}
		known, _ := h.account.desired(row, h.people)
		if owned := h.ledger.owned[list]; row.mode == "mirror" && !maps.Equal(owned, known) {
			h.t.Fatalf("of list %s rollcall.members claims %v, desired are %v", list, ordered(owned), ordered(known))
		}
	}
	for _, ch := range h.ledger.changes {
		if (ch.state == "sent" || ch.state == "unknown") && lists[ch.list] { // other lists nobody has read since
			h.t.Fatalf("a change is left open: %+v", ch)
		}
	}
}

// wantNothingLeft wants one more run to write nothing and plan nothing, unless the rows pull in two directions or name records that
// do not exist.
func (h *history) wantNothingLeft(r *rand.Rand) {
	h.t.Helper()
	quiet := map[string]bool{}
	for _, row := range h.rows {
		list := row.on(h.account)
		p := h.account.predict(row, h.people, h.lists[list], h.own(list), h.foreign(list))
		rest, seen := quiet[list]
		quiet[list] = (rest || !seen) && p.removals == len(p.either) && p.adds == 0 && len(p.missing) == 0
	}
	c := &chaosCommand{args: [][]string{{"run"}, {"run", "--full"}, {"run", "--verify"}}[r.IntN(3)]}
	h.execute(c)
	all := true
	for _, row := range h.rows {
		run := h.runOf(c, row)
		if !quiet[row.on(h.account)] {
			all = false
			continue
		}
		if run.status != "SUCCEEDED" || run.toAdd+run.toRemove != 0 {
			h.t.Fatalf("a run with nothing to do: %+v", run)
		}
	}
	if all && c.writes != 0 {
		h.t.Fatalf("a run with nothing to do made %d writes", c.writes)
	}
}
