package main

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"rollcall/engine/hubspot/sandbox"
)

// act is one run of the real binary, and what is known of it.
type act struct {
	number int // from 1
	args   []string
	trap   *trap
	faults []sandbox.Fault

	before, after *account
	found         map[string]records // the lists before
	deeds         []deed
	code          int // -1: killed
	said          string
	pages         map[string]bool // lists that were read page by page
	writes        int
	disturbed     bool // a fault may have changed the account meanwhile
}

// asks says whether the command has an argument.
func (c *act) asks(arg string) bool { return slices.Contains(c.args, arg) }

// carry runs a command under its faults and its trap, and holds what it did against what is true.
func (h *history) carry(c *act) {
	h.t.Helper()
	h.acts = append(h.acts, c)
	c.number = len(h.acts)
	h.note("%d: %v", c.number, c.args)
	if c.trap != nil {
		h.note("   %v", c.trap)
	}
	for _, f := range c.faults {
		words, err := json.Marshal(f)
		h.must(err)
		h.note("   fault %s", words)
	}
	c.before, c.found = h.account, h.lists
	c.disturbed = slices.ContainsFunc(c.faults, disturbs)
	box := h.portal.box
	box.ForgetCalls()
	h.must(box.Declare(c.faults...))
	child := h.witness.traps.set(c.trap, func() *child { return h.portal.start(nil, c.args...) })
	c.code = child.wait()
	h.witness.traps.disarm()
	box.ForgetFaults()
	c.said, c.deeds = child.output(), h.witness.take()
	h.account = look(h.t, box)
	c.after = h.account
	h.attribute(c)
	h.countCalls(c)
	h.note("   exit %d, %d deeds %v", c.code, len(c.deeds), c.deeds)
	h.database(func(db *sql.DB) { h.books = h.readBooks(db) })
	h.checkDeeds(c)
	h.remember(c)
	for _, run := range h.books.runs {
		if run.command == c.number {
			h.note("   %s %s: %s %s", run.id, run.sync, run.status, run.detail)
		}
	}
	h.checkBooks(c)
	if h.foreseeable(c) {
		h.wantProspects(c)
	}
}

// foreseeable says whether the command can only end in what the oracle works out: a run of all syncs without any trouble, about which
// memory can't be wrong.
func (h *history) foreseeable(c *act) bool {
	if c.args[0] != "run" || c.asks("--dry-run") || c.names() || len(c.faults) > 0 || c.trap != nil || h.gone {
		return false
	}
	return !h.broken(c.before) && (c.asks("--full") || !h.lagging && !h.unheard && !h.exchanged(c))
}

// names says whether the command is about the syncs that it names, not all.
func (c *act) names() bool {
	return slices.ContainsFunc(c.args[1:], func(arg string) bool { return !strings.HasPrefix(arg, "-") })
}

// broken says whether a list has been taken from a row.
func (h *history) broken(a *account) bool {
	return slices.ContainsFunc(h.rows, func(row chaosRow) bool {
		list := row.on(a)
		return list == "" && !row.byName || a.lists[list].dynamic
	})
}

// exchanged says whether a person may have exchanged members of a list soon after a command that both added and removed some: what
// remains the same in the list's metadata then hides it until the next full read.
func (h *history) exchanged(c *act) bool {
	for list, members := range c.found {
		for _, earlier := range slices.Backward(h.acts[:c.number-1]) {
			has := func(action string) bool {
				return slices.ContainsFunc(earlier.deeds, func(d deed) bool { return d.list == list && d.action == action })
			}
			if !has("add") && !has("remove") {
				continue
			}
			if left := h.acts[earlier.number].found[list]; has("add") && has("remove") && !maps.Equal(left, members) {
				return true
			}
			break
		}
	}
	return false
}

// attribute marks as touched what became of the lists without being the command's deed.
func (h *history) attribute(c *act) {
	lists := map[string]records{}
	for list, members := range h.lists {
		lists[list] = maps.Clone(members)
	}
	for _, d := range c.deeds {
		switch {
		case d.action == "remove":
			delete(lists[d.list], d.record)
		case lists[d.list] == nil:
			lists[d.list] = records{d.record: true}
		default:
			lists[d.list][d.record] = true
		}
	}
	h.lists = lists
	h.notice(c.number)
	for _, f := range c.faults {
		if disturbs(f) {
			for _, id := range recordsOf(append(f.IDs, strings.Fields(f.Into)...)) {
				for list := range h.lists {
					h.touch(list, id, c.number)
				}
			}
		}
	}
}

// countCalls takes from the sandbox's log what the command's calls tell.
func (h *history) countCalls(c *act) {
	c.pages = map[string]bool{}
	for _, call := range h.portal.box.Calls() {
		if call.Fault != "" {
			h.counts.Faults++
		}
		switch parts := strings.Split(call.Path, "/"); call.Operation {
		case "memberships.get":
			if call.Status == 200 {
				c.pages[parts[len(parts)-2]] = true
			}
		case "memberships.add-and-remove":
			c.writes++
		}
	}
	h.counts.Commands++
	h.counts.Deeds += len(c.deeds)
	switch {
	case c.code == -1:
		h.counts.Killed++
	case c.code == exitInterrupted:
		h.counts.Interrupted++
	case c.args[0] == "undo":
		h.counts.Undone++
	}
}

// remember keeps who was desired and who was put on the lists, for the question of whose members they are.
func (h *history) remember(c *act) {
	for _, row := range h.rows {
		for _, a := range []*account{c.before, c.after} {
			if list := cmp.Or(row.on(c.after), row.on(c.before)); list != "" && row.mode != "remove" && !h.gone {
				known, _ := a.desired(row, h.people)
				h.wished[list] = union(h.wished[list], known)
			}
		}
	}
	for _, d := range c.deeds {
		if d.action == "add" {
			h.put[d.list] = union(h.put[d.list], records{d.record: true})
		}
	}
}

func union(a, b records) records {
	all := maps.Clone(a)
	if all == nil {
		all = records{}
	}
	maps.Copy(all, b)
	return all
}

// foreign says of members of a list that Rollcall surely did not put there, nor ever wanted there.
func (h *history) foreign(list string) func(int64) bool {
	return func(id int64) bool { return !h.put[list][id] && !h.wished[list][id] }
}

// own says of members of a list that Rollcall surely put them there, and nobody has touched them since.
func (h *history) own(list string) func(int64) bool {
	return func(id int64) bool {
		last := 0
		for _, c := range h.acts {
			if slices.Contains(c.deeds, deed{list, "add", id}) {
				last = c.number
			}
		}
		return last > h.touched[list][id]
	}
}

// checkDeeds wants every change that the command made in HubSpot to be one that a row asks for: nobody is removed who is desired and
// known, or whom the row says to keep.
func (h *history) checkDeeds(c *act) {
	h.t.Helper()
	if len(c.deeds) > 0 && (c.args[0] == "plan" || c.asks("--dry-run")) {
		h.t.Fatalf("command %d sent changes: %v", c.number, c.deeds)
	}
	for _, d := range c.deeds {
		if c.args[0] == "undo" {
			h.checkUndone(c, d)
			continue
		}
		allowed := false
		for _, row := range h.rows {
			if row.on(c.before) != d.list && row.on(c.after) != d.list || h.gone {
				continue
			}
			was, _ := c.before.desired(row, h.people)
			is, _ := c.after.desired(row, h.people)
			switch {
			case d.action == "add":
				allowed = allowed || row.mode != "remove" && (was[d.record] || is[d.record])
			case row.mode == "remove":
				allowed = allowed || was[d.record] || is[d.record]
			case row.mode == "mirror":
				allowed = (!was[d.record] || !is[d.record]) && (row.foreign == "remove" || !h.foreign(d.list)(d.record))
			}
		}
		if !allowed {
			h.t.Fatalf("command %d did what no row asks for: %+v\n%s", c.number, d, c.said)
		}
	}
}

// checkUndone wants a change of an undo to be the opposite of one that the run made.
func (h *history) checkUndone(c *act, d deed) {
	h.t.Helper()
	opposite := map[string]string{"add": "remove", "remove": "add"}[d.action]
	for _, later := range h.acts[h.runs()[c.args[1]].command : c.number-1] {
		if slices.Contains(later.deeds, deed{d.list, "add", d.record}) || slices.Contains(later.deeds, deed{d.list, "remove", d.record}) {
			h.t.Fatalf("command %d undid what command %d had touched since: %+v", c.number, later.number, d)
		}
	}
	for _, ch := range h.books.changes {
		if ch.run == c.args[1] && ch.list == d.list && ch.record == d.record && ch.action == opposite && (ch.state == "done" || ch.state == "already") {
			return
		}
	}
	h.t.Fatalf("command %d undid what run %s had not done: %+v", c.number, c.args[1], d)
}
