package proof

import (
	"rollcall/cmd/rollcall/cli"
)

// converge ends all faults, and wants one run, with the approvals that it asks for, to bring all links in step but those that it rejects, and one
// more to send nothing.
func (h *linkHistory) converge() {
	h.t.Helper()
	h.logf("all is well again")
	for _, s := range h.syncs {
		s.enabled = true
		h.database(s.update())
	}
	h.load()
	last := h.portal.rows("SELECT coalesce(max(run_id), '') FROM rollcall.runs")[0]
	args := []string{"run", "--full", "--retry-rejects"}
	c := h.portal.start(nil, args...)
	if c.wait() == cli.ExitBlocked {
		for _, s := range h.portal.rows("SELECT sync FROM rollcall.runs WHERE run_id > '%s' AND status = 'BLOCKED'", last) {
			h.portal.rollcall("approve", s)
		}
		c = h.portal.exits(cli.ExitDone, args...)
	}
	if c.code != cli.ExitDone {
		h.t.Fatalf("exit code %d, want %d\n%s", c.code, cli.ExitDone, c.output())
	}
	h.check(c, args, last)
	h.wantInStep(c)
	h.portal.wantLedgerConsistent()
	h.portal.wantNone("changes without an answer", "SELECT run_id, action, key, state FROM rollcall.changes WHERE state IN ('sent', 'unknown')")
	h.portal.wantQuiet()
	h.portal.wantQuiet("run", "--full")
}

// wantInStep wants every link that rows ask for to be there, those that they name in mode remove and those that Rollcall made and nobody asks for to be
// gone, and what can't be made to be rejected.
func (h *linkHistory) wantInStep(c *child) {
	h.t.Helper()
	x := h.expect()
	for e := range x.wanted {
		if !h.links[e] {
			h.t.Fatalf("%v is not linked\n%s", e, c.output())
		}
	}
	labelled := map[[2]int64]bool{}
	for e := range h.links {
		labelled[e.pair()] = labelled[e.pair()] || e.kind != "default"
	}
	for e := range h.links {
		stays := e.kind == "default" && labelled[e.pair()]
		switch {
		case x.named[e] && !stays:
			h.t.Fatalf("%v is linked; the query says that it goes\n%s", e, c.output())
		case x.mirror && h.own[e] && x.wanted[e] == nil && x.held[e.pair()] == nil && !stays:
			h.t.Fatalf("%v is linked, which Rollcall made and no row asks for\n%s", e, c.output())
		}
	}
	rejected := map[string]bool{}
	for _, key := range h.portal.rows("SELECT key FROM rollcall.rejects WHERE until_run IS NULL") {
		rejected[key] = true
	}
	for key := range x.rejects {
		if !rejected[key] {
			h.t.Errorf("no reject says why %s is not linked", key)
		}
	}
}
