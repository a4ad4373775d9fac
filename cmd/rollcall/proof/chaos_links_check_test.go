package proof

import (
	"fmt"
	"strings"
)

// expectation is what the rows of the syncs that are enabled ask for, of the account as it is.
type expectation struct {
	syncs   int
	wanted  map[element]records  // links that have to be there, with the numbers of the syncs that ask for them
	held    map[[2]int64]records // pairs of which a row was rejected, and of which syncs: these unlink nothing of them
	named   map[element]bool     // what rows of syncs of mode remove name: default for all of the pair
	cleared map[int64]bool       // contacts whose links of others go, too
	mirror  bool                 // do links go that have left the queries?
	rejects map[string]bool      // links that can't be made, as the ledger shows keys
}

// expect predicts from the tables.
func (h *linkHistory) expect() expectation {
	x := expectation{0, map[element]records{}, map[[2]int64]records{}, map[element]bool{}, map[int64]bool{}, true, map[string]bool{}}
	for _, s := range h.syncs {
		if s.enabled {
			x.syncs++
			h.expectSync(s, &x)
		}
	}
	return x
}

func (h *linkHistory) expectSync(s *chaosLinkSync, x *expectation) {
	primary := map[int64]records{} // the companies that the query gives a contact as its primary one
	for row := range s.rows {
		from, to := h.contact(row.from), h.keys[row.to]
		if s.labelled && row.label == "Primary" && from != 0 && to != 0 {
			primary[from] = union(primary[from], records{to: true})
		}
	}
	x.mirror = x.mirror && s.mode == "mirror"
	for row := range s.rows {
		e := element{h.contact(row.from), h.keys[row.to], "default"}
		label := strings.ToLower(row.label)
		switch {
		case e.from == 0 || e.to == 0:
			x.rejects[row.from+" → "+row.to] = true
			continue
		case s.labelled && label == "nobody", s.labelled && label == "primary" && len(primary[e.from]) > 1:
			x.rejects[row.from+" → "+row.to] = true
			x.held[e.pair()] = union(x.held[e.pair()], records{int64(x.syncs): true})
			continue
		case s.labelled && label != "":
			e.kind = h.kinds[label]
		}
		if s.mode == "remove" {
			x.named[e] = true
			continue
		}
		for _, one := range []element{e, {e.from, e.to, "default"}} {
			x.wanted[one] = union(x.wanted[one], records{int64(x.syncs): true})
		}
		if s.foreign == "'remove'" {
			x.cleared[e.from] = true
		}
	}
}

// removable reports whether a run may end a link that others have made.
func (x expectation) removable(e element) bool {
	return x.named[e] || x.named[element{e.from, e.to, "default"}] || x.cleared[e.from] && x.held[e.pair()] == nil
}

// check wants a command to have made no link but those that rows ask for, and to have ended none that rows ask for and none of others; and the
// ledger to have what was done.
func (h *linkHistory) check(c *child, args []string, last string) {
	h.t.Helper()
	before := h.links
	h.links = h.portal.links()
	x, undoing := h.expect(), args[0] == "undo"
	for _, e := range h.elements("SELECT c.record_id, c.to_record_id, c.association_type FROM rollcall.changes c JOIN rollcall.runs r USING (run_id) WHERE run_id > '%s' AND undoes IS NULL AND action = 'unlink' AND state = 'done'", last) {
		if h.claimed[e] && x.wanted[e] != nil {
			h.t.Fatalf("%v was unlinked, which another sync asks for\n%s", e, c.output())
		}
	}
	h.claimed = map[element]bool{}
	for _, e := range h.elements("SELECT from_record_id, to_record_id, association_type FROM rollcall.link_claims") {
		h.claimed[e] = true
	}
	h.noteUnanswered()
	for e := range h.links {
		if before[e] {
			continue
		}
		if !undoing && x.wanted[e] == nil || undoing && !h.seen[e] {
			h.t.Fatalf("%v was linked, which no row asks for\n%s", e, c.output())
		}
		h.made[e], h.seen[e] = true, true
		if !undoing {
			h.own[e] = true
		}
	}
	for e := range before {
		if h.links[e] {
			continue
		}
		replaced := e.kind == h.kinds["primary"] && h.gotPrimary(before, e.from)
		switch {
		case replaced:
		case h.foreign[e] && (undoing || !x.removable(e)):
			h.t.Fatalf("%v was unlinked, which others have made\n%s", e, c.output())
		case !undoing && x.syncs > 0 && len(x.held[e.pair()]) == x.syncs && !x.removable(e):
			h.t.Fatalf("%v was unlinked, of which a row was rejected\n%s", e, c.output())
		case !undoing && x.syncs > 0 && len(x.wanted[e]) == x.syncs: // a sync that has not run yet has not claimed it
			h.t.Fatalf("%v was unlinked, which a row asks for\n%s", e, c.output())
		}
		delete(h.foreign, e)
		delete(h.own, e)
	}
	if strings.Contains(c.output(), "goroutine ") {
		h.t.Fatalf("it panicked\n%s", c.output())
	}
	h.checkLedger(c, before, last)
}

// gotPrimary reports whether a contact has got another primary company since before.
func (h *linkHistory) gotPrimary(before map[element]bool, contact int64) bool {
	for e := range h.links {
		if e.from == contact && e.kind == h.kinds["primary"] && !before[e] {
			return true
		}
	}
	return false
}

// noteUnanswered notes links that Rollcall has asked for without an answer: it can't know whether it or a person makes them.
func (h *linkHistory) noteUnanswered() {
	for _, e := range h.elements("SELECT record_id, to_record_id, association_type FROM rollcall.changes WHERE action = 'link' AND state IN ('sent', 'unknown')") {
		h.made[e] = true
	}
}

// elements reads links from the control database.
func (h *linkHistory) elements(query string, args ...any) (all []element) {
	h.t.Helper()
	for _, line := range h.portal.rows(query, args...) {
		var e element
		rest := strings.SplitN(line, " ", 3)
		_, err := fmt.Sscan(rest[0]+" "+rest[1], &e.from, &e.to)
		h.must(err)
		e.kind = rest[2]
		all = append(all, e)
	}
	return all
}

// checkLedger wants the ledger to have every change that HubSpot has made, and rollcall.links to be what HubSpot has wherever the command has read it
// and got an answer.
func (h *linkHistory) checkLedger(c *child, before map[element]bool, last string) {
	h.t.Helper()
	of := fmt.Sprintf("FROM rollcall.changes c JOIN rollcall.runs r ON c.run_id = coalesce(r.plan_run_id, r.run_id) WHERE r.run_id > '%s'", last)
	states := "'done', 'already', 'unknown'"
	if c.code == -1 {
		states += ", 'sent'"
	}
	for action, gone := range map[string]bool{"link": false, "unlink": true} {
		told := map[element]bool{}
		for _, e := range h.elements("SELECT c.record_id, c.to_record_id, c.association_type %s AND action = '%s' AND state IN (%s)", of, action, states) {
			told[e] = true
		}
		was, is := before, h.links
		if gone {
			was, is = is, was
		}
		for e := range is {
			replaced := gone && e.kind == h.kinds["primary"] && h.gotPrimary(before, e.from)
			if !was[e] && !told[e] && !replaced {
				h.t.Fatalf("%s of %v was done; the ledger does not have it: %v\n%s", action, e, h.portal.rows("SELECT c.action, c.state, c.reason %s AND c.record_id = %d AND c.to_record_id = %d", of, e.from, e.to), c.output())
			}
		}
		for _, e := range h.elements(`SELECT c.record_id, c.to_record_id, c.association_type %s AND state = 'done'
			QUALIFY row_number() OVER (PARTITION BY c.record_id, c.to_record_id, c.association_type ORDER BY r.run_id DESC, n DESC) = 1 AND action = '%s'`, of, action) {
			if h.links[e] == gone {
				h.t.Fatalf("%s of %v is done by the ledger; HubSpot does not show it\n%s", action, e, c.output())
			}
		}
	}
	h.checkKnown(c, fmt.Sprintf("SELECT from_record_id FROM rollcall.link_reads WHERE read_at >= (SELECT min(run_at) FROM rollcall.runs WHERE run_id > '%s')", last))
}

// checkKnown wants rollcall.links to be what HubSpot has of the contacts that a query finds, but for pairs with changes without an answer.
func (h *linkHistory) checkKnown(c *child, contacts string) {
	h.t.Helper()
	open, replaced := map[[2]int64]bool{}, map[int64]bool{} // the latter: contacts that may have got another primary company
	for _, e := range h.elements("SELECT record_id, to_record_id, association_type FROM rollcall.changes WHERE state IN ('sent', 'unknown')") {
		open[e.pair()] = true
		if e.kind == h.kinds["primary"] {
			replaced[e.from] = true
		}
	}
	asked := map[string]bool{}
	for _, id := range h.portal.rows("%s", contacts) {
		asked[id] = true
	}
	known := map[element]bool{}
	for _, e := range h.elements("SELECT from_record_id, to_record_id, association_type FROM rollcall.links") {
		if known[e] {
			h.t.Fatalf("rollcall.links has %v twice\n%s", e, c.output())
		}
		known[e] = true
	}
	for _, set := range []map[element]bool{known, h.links} {
		for e := range set {
			if asked[fmt.Sprint(e.from)] && known[e] != h.links[e] && !open[e.pair()] && !(replaced[e.from] && e.kind == h.kinds["primary"]) {
				h.t.Fatalf("%v: in rollcall.links %v, in HubSpot %v\n%s", e, known[e], h.links[e], c.output())
			}
		}
	}
}
