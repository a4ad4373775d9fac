package proof

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"rollcall/cmd/rollcall/cli"
	"rollcall/engine/hubspot/sandbox"
)

// chaosCommand is one run of the real binary, and what the test recorded of it.
type chaosCommand struct {
	number    int // from 1
	args      []string
	failpoint *chaosFailpoint
	faults    []sandbox.Fault

	before, after *account
	listsBefore   map[string]records // the lists before
	applied       []appliedChange
	code          int // -1: killed
	output        string
	pages         map[string]bool // lists that were read page by page
	writes        int
	disturbed     bool // a fault may have changed the account meanwhile
}

// hasArg reports whether the command has an argument.
func (c *chaosCommand) hasArg(arg string) bool { return slices.Contains(c.args, arg) }

// execute runs a command with its faults and its failpoint, and compares what it did with the oracle.
func (h *history) execute(c *chaosCommand) {
	h.t.Helper()
	h.commands = append(h.commands, c)
	c.number = len(h.commands)
	h.logf("%d: %v", c.number, c.args)
	if c.failpoint != nil {
		h.logf("   %v", c.failpoint)
	}
	for _, f := range c.faults {
		encoded, err := json.Marshal(f)
		h.must(err)
		h.logf("   fault %s", encoded)
	}
	c.before, c.listsBefore = h.account, h.lists
	c.disturbed = slices.ContainsFunc(c.faults, disturbs)
	box := h.portal.box
	box.ForgetCalls()
	h.must(box.Declare(c.faults...))
	child := h.recorder.failpoint.arm(c.failpoint, func() *child { return h.portal.start(nil, c.args...) })
	c.code = child.wait()
	h.recorder.failpoint.disarm()
	box.ForgetFaults()
	c.output, c.applied = child.output(), h.recorder.takeApplied()
	h.account = readAccount(h.t, box)
	c.after = h.account
	h.attributeChanges(c)
	h.countCalls(c)
	h.logf("   exit %d, %d changes applied %v", c.code, len(c.applied), c.applied)
	h.database(func(db *sql.DB) { h.ledger = h.readLedger(db) })
	h.checkApplied(c)
	h.recordOwnership(c)
	for _, run := range h.ledger.runs {
		if run.command == c.number {
			h.logf("   %s %s: %s %s", run.id, run.sync, run.status, run.detail)
		}
	}
	h.checkLedger(c)
	if h.predictable(c) {
		h.wantPredicted(c)
	}
}

// predictable reports whether the oracle knows the outcome of the command: a run of all syncs without faults, for which no cached answer
// can be stale.
func (h *history) predictable(c *chaosCommand) bool {
	if c.args[0] != "run" || c.hasArg("--dry-run") || c.namesSyncs() || len(c.faults) > 0 || c.failpoint != nil || h.gone {
		return false
	}
	return !h.broken(c.before) && (c.hasArg("--full") || !h.lagging && !h.newAddress && !h.exchanged(c))
}

// namesSyncs reports whether the command names the syncs to run.
func (c *chaosCommand) namesSyncs() bool {
	return slices.ContainsFunc(c.args[1:], func(arg string) bool { return !strings.HasPrefix(arg, "-") })
}

// broken reports whether a row's list has been deleted or made dynamic.
func (h *history) broken(a *account) bool {
	return slices.ContainsFunc(h.rows, func(row chaosRow) bool {
		list := row.on(a)
		return list == "" && !row.byName || a.lists[list].dynamic
	})
}

// exchanged reports whether a person may have exchanged members of a list soon after a command that both added and removed some: what
// remains the same in the list's metadata then hides it until the next full read.
func (h *history) exchanged(c *chaosCommand) bool {
	for list, members := range c.listsBefore {
		for _, earlier := range slices.Backward(h.commands[:c.number-1]) {
			has := func(action string) bool {
				return slices.ContainsFunc(earlier.applied, func(d appliedChange) bool { return d.list == list && d.action == action })
			}
			if !has("add") && !has("remove") {
				continue
			}
			if left := h.commands[earlier.number].listsBefore[list]; has("add") && has("remove") && !maps.Equal(left, members) {
				return true
			}
			break
		}
	}
	return false
}

// attributeChanges marks as touched the members that changed without the command having changed them.
func (h *history) attributeChanges(c *chaosCommand) {
	lists := map[string]records{}
	for list, members := range h.lists {
		lists[list] = maps.Clone(members)
	}
	for _, d := range c.applied {
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
	h.markTouched(c.number)
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

// countCalls counts the command's calls in the sandbox's log, and records which lists it read.
func (h *history) countCalls(c *chaosCommand) {
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
	h.counts.Applied += len(c.applied)
	switch {
	case c.code == -1:
		h.counts.Killed++
	case c.code == cli.ExitInterrupted:
		h.counts.Interrupted++
	case c.args[0] == "undo":
		h.counts.Undone++
	}
}

// recordOwnership records who was desired and who was added, from which own and foreign derive whose members they are.
func (h *history) recordOwnership(c *chaosCommand) {
	for _, row := range h.rows {
		for _, a := range []*account{c.before, c.after} {
			if list := cmp.Or(row.on(c.after), row.on(c.before)); list != "" && row.mode != "remove" && !h.gone {
				known, _ := a.desired(row, h.people)
				h.everDesired[list] = union(h.everDesired[list], known)
			}
		}
	}
	for _, d := range c.applied {
		if d.action == "add" {
			h.everAdded[d.list] = union(h.everAdded[d.list], records{d.record: true})
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

// foreign returns a function that reports whether Rollcall certainly never added a record to the list nor desired it there, nor one that was
// merged into it: the survivor takes its place.
func (h *history) foreign(list string) func(int64) bool {
	return func(id int64) bool {
		return !slices.ContainsFunc(append([]int64{id}, h.account.merged[id]...), func(id int64) bool { return h.everAdded[list][id] || h.everDesired[list][id] })
	}
}

// own returns a function that reports whether Rollcall certainly added a record to the list, and nobody has touched it since.
func (h *history) own(list string) func(int64) bool {
	return func(id int64) bool {
		last := 0
		for _, c := range h.commands {
			if slices.Contains(c.applied, appliedChange{list, "add", id}) {
				last = c.number
			}
		}
		return last > h.touched[list][id]
	}
}

// checkApplied wants every change that the command applied in HubSpot to be one that a row asks for: nobody is removed who is desired and
// known, or whom the row says to keep.
func (h *history) checkApplied(c *chaosCommand) {
	h.t.Helper()
	if len(c.applied) > 0 && (c.args[0] == "plan" || c.hasArg("--dry-run")) {
		h.t.Fatalf("command %d sent changes: %v", c.number, c.applied)
	}
	for _, d := range c.applied {
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
			h.t.Fatalf("command %d did what no row asks for: %+v\n%s", c.number, d, c.output)
		}
	}
}

// checkUndone wants a change of an undo to be the opposite of one that the run made.
func (h *history) checkUndone(c *chaosCommand, d appliedChange) {
	h.t.Helper()
	opposite := map[string]string{"add": "remove", "remove": "add"}[d.action]
	for _, later := range h.commands[h.runs()[c.args[1]].command : c.number-1] {
		if slices.Contains(later.applied, appliedChange{d.list, "add", d.record}) || slices.Contains(later.applied, appliedChange{d.list, "remove", d.record}) {
			h.t.Fatalf("command %d undid what command %d had touched since: %+v", c.number, later.number, d)
		}
	}
	for _, ch := range h.ledger.changes {
		if ch.run == c.args[1] && ch.list == d.list && ch.record == d.record && ch.action == opposite && (ch.state == "done" || ch.state == "already") {
			return
		}
	}
	h.t.Fatalf("command %d undid what run %s had not done: %+v", c.number, c.args[1], d)
}
