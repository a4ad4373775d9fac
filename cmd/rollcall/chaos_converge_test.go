package main

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
)

// converge lets all faults go, and wants one run, and one more for each plan that has to be let pass, to bring the lists to what the
// oracle works out; and then a run that does nothing.
func (h *history) converge(r *rand.Rand) {
	h.t.Helper()
	h.note("all is well again")
	h.gone = false
	h.load()
	h.heal()
	h.notice(len(h.acts))
	for round := 1; ; round++ {
		before := h.books
		c := &act{args: []string{"run", "--full"}}
		h.carry(c)
		if round == 1 {
			h.wantDrift(c, before)
		}
		blocked := h.wantProspects(c)
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
	h.wantBooksOfLists()
	h.wantNothingLeft(r)
}

// wantProspects holds what a run made of the lists against what the oracle foresees, row by row, and returns the runs that a guard
// has rightly blocked.
func (h *history) wantProspects(c *act) (blocked []string) {
	h.t.Helper()
	want, either := map[string]records{}, map[string]records{}
	for list := range c.found {
		want[list] = c.found[list]
	}
	for _, row := range h.rows {
		run := h.runOf(c, row)
		made := row.on(c.after)
		p := c.before.foresee(row, h.people, want[made], h.ownBefore(c, made), h.foreignBefore(made))
		switch {
		case run.status == "BLOCKED":
			if !p.blocked && !p.unclear {
				h.t.Fatalf("%s is blocked: %+v; want %+v", row.name, run, p)
			}
			blocked = append(blocked, run.id)
			h.counts.Blocked++
			continue
		case p.blocked && !p.unclear && h.books.approved[run.id] == "":
			h.t.Fatalf("%s passed a guard: %+v; want %+v", row.name, run, p)
		case run.status != map[bool]string{false: "SUCCEEDED", true: "PARTIAL"}[len(p.dead) > 0]:
			h.t.Fatalf("%s: %+v; want %+v\n%s", row.name, run, p, c.said)
		}
		want[made], either[made] = p.after, p.either
		h.counts.MembersInDoubt += len(p.either)
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

// runOf is the row's run in a command.
func (h *history) runOf(c *act, row chaosRow) chaosRun {
	h.t.Helper()
	for _, run := range h.books.runs {
		if run.command == c.number && run.sync == row.name {
			return run
		}
	}
	h.t.Fatalf("command %d left no run of %s:\n%s", c.number, row.name, c.said)
	return chaosRun{}
}

// ownBefore is own as it was before a command.
func (h *history) ownBefore(c *act, list string) func(int64) bool {
	earlier := *h
	earlier.acts = h.acts[:c.number-1]
	return earlier.own(list)
}

// foreignBefore is foreign. What a command itself puts on a list or wants there stays there, so that it makes no difference.
func (h *history) foreignBefore(list string) func(int64) bool { return h.foreign(list) }

// wantDrift wants a full read to have told of every member that came or went by another's hand since Rollcall last left the list.
func (h *history) wantDrift(c *act, before *books) {
	h.t.Helper()
	doubtful := map[string]bool{}
	left := map[string]bool{}
	for _, ch := range before.changes {
		what := ch.list + " " + strconv.FormatInt(ch.record, 10)
		doubtful[what] = doubtful[what] || ch.state == "sent" || ch.state == "unknown"
		left[ch.list] = left[ch.list] || ch.state == "done" || ch.state == "already"
	}
	for list, there := range c.found {
		if !left[list] || !slices.ContainsFunc(h.rows, func(r chaosRow) bool { return r.on(c.before) == list }) {
			continue
		}
		for id := range union(there, before.members[list]) {
			what := list + " " + strconv.FormatInt(id, 10)
			kind := map[bool]string{true: "appeared", false: "disappeared"}[there[id]]
			if there[id] != before.members[list][id] && !doubtful[what] && h.books.drift[what] != kind {
				h.t.Fatalf("record %d of list %s %s by another's hand; rollcall.drift says %q", id, list, kind, h.books.drift[what])
			}
		}
	}
}

// wantBooksOfLists wants rollcall.members to be the lists, and those of a mirrored list that are desired, and no others, to be Rollcall's.
func (h *history) wantBooksOfLists() {
	h.t.Helper()
	lists := map[string]bool{}
	for _, row := range h.rows {
		list := row.on(h.account)
		lists[list] = true
		if !maps.Equal(h.books.members[list], h.lists[list]) {
			h.t.Fatalf("rollcall.members of list %s are %v, it holds %v", list, ordered(h.books.members[list]), ordered(h.lists[list]))
		}
		known, _ := h.account.desired(row, h.people)
		if owned := h.books.owned[list]; row.mode == "mirror" && !maps.Equal(owned, known) {
			h.t.Fatalf("of list %s rollcall.members claims %v, desired are %v", list, ordered(owned), ordered(known))
		}
	}
	for _, ch := range h.books.changes {
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
		p := h.account.foresee(row, h.people, h.lists[list], h.own(list), h.foreign(list))
		rest, seen := quiet[list]
		quiet[list] = (rest || !seen) && p.removals == len(p.either) && p.adds == 0 && len(p.dead) == 0
	}
	c := &act{args: [][]string{{"run"}, {"run", "--full"}, {"run", "--verify"}}[r.IntN(3)]}
	h.carry(c)
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
