package proof

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rollcall/engine/hubspot/sandbox"
)

// vip is a sync that keeps list 101 equal to the table people.
const vip = "INSERT INTO rollcall.syncs (name, query, list_id, allow_takeover) VALUES ('vip', 'SELECT email FROM people', '101', true)"

// A run that is killed at a call is gone on with by the next one, whether HubSpot had done what the call asked for or not.
func TestProofKillsAtCalls(t *testing.T) {
	t.Parallel()
	for name, kill := range map[string]func(p *portal){
		"read":         func(p *portal) { p.killAt(callRead, 1, "run") },
		"keys":         func(p *portal) { p.killAt(callKeys, 2, "run") },
		"write":        func(p *portal) { p.killAt(callWrite, 2, "run") },
		"applied":      func(p *portal) { p.killAfter(callWrite, 2, "run") },
		"last applied": func(p *portal) { p.killAfter(callWrite, 3, "run") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(t, 12, sandbox.Options{})
			p.rollcall("sql", "--write", "-c", vip)
			p.people(between(1, 8)...)
			kill(p)
			p.rollcall("run")
			p.wantConverged("101", between(1, 8)...)
			if got := p.rows("SELECT count(*) FROM rollcall.runs WHERE status = 'INTERRUPTED'"); got[0] != "1" {
				t.Errorf("%s runs INTERRUPTED, want 1", got[0])
			}
		})
	}
}

// A run that is killed when HubSpot has made records or links, or changed or ended them, and before it answers, makes none of them twice: the next run
// finds what was done.
func TestProofKillsAfterWrites(t *testing.T) {
	t.Parallel()
	for name, calls := range map[string][]string{
		"records": {"/batch/create", "/batch/update"},
		"links":   {"/batch/create", "/associate/default", "/labels/archive", "/batch/archive"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := killScenarios()[name]
			base, boundaries := s.record(t)
			if !*long {
				calls = calls[*sample%uint(len(calls)):][:1]
			}
			for _, call := range calls {
				at := slices.IndexFunc(boundaries, func(boundary string) bool {
					return strings.HasPrefix(boundary, "applied POST ") && strings.HasSuffix(boundary, call+":1")
				})
				if at < 0 {
					t.Errorf("the run makes no call %s: %q", call, boundaries)
					continue
				}
				t.Run(strings.ReplaceAll(call, "/", "."), func(t *testing.T) {
					t.Parallel()
					s.kill(t, base, boundaries[at])
				})
			}
		})
	}
}

// The calls of a killed run are in the ledger as far as they were made before its last transaction.
func TestKilledRunKeepsItsCalls(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kill func(p *portal)
		lost int // calls that HubSpot took and whose answer came too late
	}{
		"at the first write": {func(p *portal) { p.killAt(callWrite, 1, "run") }, 0},
		"at the third write": {func(p *portal) { p.killAt(callWrite, 3, "run") }, 0},
		"after the last":     {func(p *portal) { p.killAfter(callWrite, 3, "run") }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(t, 12, sandbox.Options{})
			p.rollcall("sql", "--write", "-c", vip)
			p.people(between(1, 8)...)
			c.kill(p)
			made := p.box.CountCalls("")
			p.rollcall("run")
			calls := p.rows("SELECT r.status, r.api_calls, count(c.called_at) FROM rollcall.runs r LEFT JOIN rollcall.calls c ON c.run_id = r.run_id GROUP BY ALL ORDER BY min(r.run_id)")
			if want := fmt.Sprintf("INTERRUPTED %d %[1]d", made-c.lost); made < 3 || calls[0] != want {
				t.Errorf("%d calls were made; the ledger has %q, want %q", made, calls[0], want)
			}
			all := p.rows("SELECT count(*) = count(DISTINCT (called_at, operation, path, attempt)) FROM rollcall.calls")
			if all[0] != "true" {
				t.Error("calls are in the ledger twice")
			}
		})
	}
}

// What a run found to have been changed by hand stays counted when it is killed afterwards: the next one finds nothing new.
func TestKilledRunCountsItsDrift(t *testing.T) {
	t.Parallel()
	p := newPortal(t, 12, sandbox.Options{})
	p.rollcall("sql", "--write", "-c", vip)
	p.people(between(1, 8)...)
	p.rollcall("run")
	p.byHand("101", []int{9}, []int{2, 3})
	p.killAt(callWrite, 1, "run")
	p.rollcall("run")
	if got := p.rows("SELECT status, n_drift FROM rollcall.runs ORDER BY run_id"); !slices.Equal(got, []string{"SUCCEEDED 0", "INTERRUPTED 3", "SUCCEEDED 0"}) {
		t.Errorf("runs and their drift: %q, want 0, 3, 0", got)
	}
}

// What a killed run sent to a list that no row asks for any more is settled all the same, by whichever run comes next.
func TestKilledRunOfARowThatIsGone(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"another list": "UPDATE rollcall.syncs SET list_id = '102'",
		"deleted":      "DELETE FROM rollcall.syncs; INSERT INTO rollcall.syncs (name, query, list_id) VALUES ('news', 'SELECT email FROM people', '102')",
		"disabled":     "UPDATE rollcall.syncs SET enabled = false; INSERT INTO rollcall.syncs (name, query, list_id) VALUES ('news', 'SELECT email FROM people', '102')",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(t, 12, sandbox.Options{})
			p.rollcall("sql", "--write", "-c", vip)
			p.people(between(1, 8)...)
			p.killAfter(callWrite, 2, "run")
			p.rollcall("sql", "--write", "-c", change)
			p.rollcall("run", "--dry-run")
			p.rollcall("run")
			p.wantMembers("101", between(1, 6)...)
			p.wantConverged("102", between(1, 8)...)
			reads := p.box.CountCalls("memberships.get")
			p.rollcall("run")
			if n := p.box.CountCalls("memberships.get") - reads; n != 0 {
				t.Errorf("%d pages of lists were read with nothing left to settle", n)
			}
		})
	}
}

// A list that is gone as well has no members: what was sent to it last counts as not done.
func TestKilledRunOfAListThatIsGone(t *testing.T) {
	t.Parallel()
	p := newPortal(t, 12, sandbox.Options{})
	p.rollcall("sql", "--write", "-c", vip)
	p.people(between(1, 8)...)
	p.killAfter(callWrite, 2, "run")
	p.rollcall("sql", "--write", "-c", "UPDATE rollcall.syncs SET list_id = '102'")
	if err := p.box.DeleteList("101"); err != nil {
		t.Fatal(err)
	}
	p.rollcall("run")
	want := []string{"done 3", "failed 3", "planned 2"}
	if got := p.rows("SELECT state, count(*) FROM rollcall.changes WHERE list_id = '101' GROUP BY ALL ORDER BY ALL"); !slices.Equal(got, want) {
		t.Errorf("changes of the killed run: %v, want %v", got, want)
	}
	p.wantMembers("102", between(1, 8)...)
}
