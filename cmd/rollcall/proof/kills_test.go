package proof

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rollcall/cmd/rollcall/cli"
	"rollcall/cmd/rollcall/clitest"
	"rollcall/engine/hubspot/sandbox"
)

// killScenario is a run that is killed at every boundary that it passes.
type killScenario struct {
	prepare    func(p *portal)          // up to where the run begins
	run        func(p *portal) []string // the command, such as run; also the one that continues after the kill
	lists      map[string][]int         // the members of each list, by its name, in the end
	exitCode   int                      // the run's exit code when it is not killed
	repair     func(p *portal)          // what has to be repaired before the next run; may be nil
	longOnly   bool                     // runs only with -long: another scenario is similar
	extraCheck func(p *portal)          // further checks at the end; may be nil
}

// plainRun is rollcall run.
func plainRun(*portal) []string { return []string{"run"} }

// TestProofKills kills a run at every boundary between two of its steps, and at every call, and lets the next run continue. In short it
// takes a sample.
func TestProofKills(t *testing.T) {
	t.Parallel()
	for name, s := range killScenarios() {
		if s.longOnly && !*long {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base, boundaries := s.record(t)
			killed := boundaries
			if !*long {
				killed = sampled(boundaries, name)
			}
			for _, boundary := range killed {
				t.Run(strings.ReplaceAll(boundary, "/", "."), func(t *testing.T) {
					t.Parallel()
					s.kill(t, base, boundary)
				})
			}
			t.Cleanup(func() { t.Logf("%d kills at %d boundaries", len(killed), len(boundaries)) })
		})
	}
}

// sampled returns one of the boundaries, another one for every scenario and every -sample.
func sampled(boundaries []string, name string) []string {
	sum := *sample
	for _, c := range name {
		sum = sum*31 + uint(c)
	}
	return boundaries[sum%uint(len(boundaries)):][:1]
}

// record prepares a portal, and returns it with the boundaries that an undisturbed run passes.
func (s killScenario) record(t *testing.T) (base *portal, boundaries []string) {
	t.Helper()
	base = newPortal(t, 20, sandbox.Options{})
	s.prepare(base)
	p := base.clone(t)
	p.box.ForgetCalls()
	passed := filepath.Join(p.dir, "boundaries")
	args := s.run(p)
	if c := p.start([]string{clitest.EnvBoundaries + "=" + passed}, args...); c.wait() != s.exitCode {
		t.Fatalf("%v: exit code %d, want %d:\n%s", args, c.code, s.exitCode, c.output())
	}
	boundaries = p.boundariesIn(passed)
	calls := map[string]int{}
	for _, c := range p.box.Calls() {
		call := c.Method + " " + c.Path
		calls[call]++
		boundaries = append(boundaries, fmt.Sprintf("at %s:%d", call, calls[call]))
		if c.Method == "PUT" || c.Operation == "lists.create" || slices.Contains(slices.Concat(recordWrites, linkWrites), c.Operation) {
			boundaries = append(boundaries, fmt.Sprintf("applied %s:%d", call, calls[call]))
		}
	}
	if s.exitCode != cli.ExitDone {
		s.repair(p)
		p.rollcall(args...)
	}
	s.wantEnd(p, args)
	return base, boundaries
}

// kill kills the run at a boundary, and holds what is there against what has to be: at once, after the run that continues, and after
// one more.
func (s killScenario) kill(t *testing.T, base *portal, boundary string) {
	t.Helper()
	p := base.clone(t)
	args := s.run(p)
	p.stopped(clitest.ByKill, boundary, args...)
	p.wantIntent()
	open := p.rows("SELECT run_id FROM rollcall.runs WHERE status IN ('RUNNING', 'INTERRUPTED') ORDER BY 1")
	if s.repair != nil {
		s.repair(p)
	}
	p.rollcall(args...)
	interrupted := p.rows("SELECT run_id FROM rollcall.runs WHERE status = 'INTERRUPTED' ORDER BY 1")
	if !slices.Equal(open, interrupted) {
		t.Errorf("runs that were open after the kill: %v; INTERRUPTED are %v", open, interrupted)
	}
	s.wantEnd(p, args)
}

// wantEnd wants the lists to be right, the ledger consistent, and nothing left to do.
func (s killScenario) wantEnd(p *portal, args []string) {
	p.t.Helper()
	s.wantLists(p)
	p.wantLedgerConsistent()
	p.wantApplied()
	p.wantNone("runs that did not end well", `SELECT run_id, sync, status, error FROM rollcall.runs
		WHERE status NOT IN ('SUCCEEDED', 'INTERRUPTED') AND run_id NOT IN (SELECT run_id FROM rollcall.approvals) AND NOT contains(coalesce(error, ''), 'the ledger can''t be written')`)
	p.wantNone("drift that is told twice", "SELECT list_id, record_id, kind, count(*) FROM rollcall.drift GROUP BY ALL HAVING count(*) > 1")
	p.wantNone("runs whose drift is not counted", `SELECT r.run_id, r.status, r.n_drift, count(d.run_id) FROM rollcall.runs r JOIN rollcall.drift d USING (run_id)
		GROUP BY ALL HAVING count(d.run_id) IS DISTINCT FROM r.n_drift`)
	if s.extraCheck != nil {
		s.extraCheck(p)
	}
	p.wantQuiet(args...)
	s.wantLists(p)
}

// wantLists wants exactly these contacts on these lists, and no list that was not there and is none of them.
func (s killScenario) wantLists(p *portal) {
	p.t.Helper()
	ids := p.lists()
	for name, want := range s.lists {
		p.wantMembers(ids[name], want...)
		delete(ids, name)
	}
	for _, seeded := range []string{"VIP customers", "Newsletter", "Everyone"} {
		delete(ids, seeded)
	}
	if len(ids) > 0 {
		p.t.Errorf("lists too many: %v", ids)
	}
}
