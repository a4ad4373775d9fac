package proof

import (
	"strings"
	"testing"

	"rollcall/engine/hubspot/sandbox"
)

// After a kill, status says that nobody is at work and what to do: a local file proves it at once, elsewhere the lease does when it has lapsed.
func TestStatusAfterAKill(t *testing.T) {
	t.Parallel()
	p := newPortal(t, 12, sandbox.Options{})
	p.rollcall("sql", "--write", "-c", vip)
	p.people(between(1, 8)...)
	p.killAt(callWrite, 2, "run")
	printed := p.rollcall("status")
	for _, want := range []string{"INTERRUPTED", "nobody runs it any more", "hint: rollcall run vip"} {
		if !strings.Contains(printed, want) {
			t.Errorf("status says %q, want %q in it", printed, want)
		}
	}
	// The view has the lease alone to go by.
	const state = "SELECT state, coalesce(detail, ''), coalesce(what_to_do, '') FROM rollcall.status"
	if got := p.rows(state)[0]; strings.TrimSpace(got) != "RUNNING" {
		t.Errorf("while the lease holds the view says %q, want RUNNING and no more", got)
	}
	p.rollcall("sql", "--write", "-c", "UPDATE rollcall.lease SET expires_at = now() - INTERVAL 1 SECOND")
	if got := p.rows(state)[0]; !strings.HasPrefix(got, "INTERRUPTED nobody runs it any more") || !strings.Contains(got, "rollcall run vip") {
		t.Errorf("when the lease has lapsed the view says %q, want that nobody runs it any more", got)
	}
	// Another runner's lease is not this run's.
	p.rollcall("sql", "--write", "-c", "UPDATE rollcall.lease SET expires_at = now() + INTERVAL 1 HOUR, epoch = epoch + 1")
	if got := p.rows(state)[0]; !strings.HasPrefix(got, "INTERRUPTED") {
		t.Errorf("when another runner has the lease the view says %q", got)
	}
	p.rollcall("run")
	p.wantConverged("101", between(1, 8)...)
}
