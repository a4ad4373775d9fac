package proof

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"rollcall/cmd/rollcall/cli"
	"rollcall/cmd/rollcall/clitest"
	"rollcall/engine/hubspot/sandbox"
)

// TestProofSignals interrupts a run at every boundary between two of its steps, and at every call, once and twice. After the first signal
// it finishes its batch and leaves a consistent ledger; after the second it ends at once, and changes without an answer are unknown.
// In short it takes a sample.
func TestProofSignals(t *testing.T) {
	t.Parallel()
	all := killScenarios()
	for by, names := range map[clitest.Stop][]string{
		clitest.ByInterrupt:   {"two syncs", "adds and removals", "list by name", "undo", "all kinds"},
		clitest.ByTermination: {"all kinds", "verify"},
		clitest.ByInterrupts:  {"adds and removals", "list by name", "all kinds"},
	} {
		if !*long {
			names = names[*sample%uint(len(names)):][:1]
		}
		for _, name := range names {
			t.Run(string(by)+"/"+name, func(t *testing.T) {
				t.Parallel()
				s := all[name]
				base, boundaries := s.record(t)
				interrupted := boundaries
				if !*long {
					interrupted = sampled(boundaries, string(by)+name)
				}
				for _, boundary := range interrupted {
					t.Run(strings.ReplaceAll(boundary, "/", "."), func(t *testing.T) {
						t.Parallel()
						s.interrupt(t, base, boundary, by)
					})
				}
				t.Cleanup(func() { t.Logf("%d signals at %d boundaries", len(interrupted), len(boundaries)) })
			})
		}
	}
}

// leavesWithin is how long an interrupted run may take: it must not wait for a call that is never answered.
const leavesWithin = 45 * time.Second

// interrupt interrupts the run at a boundary, and holds what is there against what has to be: at once, and after the run that continues.
func (s killScenario) interrupt(t *testing.T, base *portal, boundary string, by clitest.Stop) {
	t.Helper()
	p := base.clone(t)
	args := s.run(p)
	begun := time.Now()
	c := p.stopped(by, boundary, args...)
	if took := time.Since(begun); took > leavesWithin {
		t.Errorf("it took %s to leave", took)
	}
	switch c.code {
	case cli.ExitInterrupted:
	case cli.ExitDone: // it was done before it could notice
		s.wantLists(p)
	default:
		t.Errorf("exit code %d, want %d:\n%s", c.code, cli.ExitInterrupted, c.output())
	}
	p.wantIntent()
	p.wantNone("runs left open", "SELECT run_id, sync, status FROM rollcall.runs WHERE status NOT IN ('SUCCEEDED', 'INTERRUPTED') OR finished_at IS NULL")
	p.wantNone("a lease that was not given back", "SELECT owner FROM rollcall.lease WHERE owner IS NOT NULL")
	p.wantNone("changes left as sent", "SELECT run_id, action, record_id FROM rollcall.changes WHERE state = 'sent'")
	p.wantNone("changes that are called failed", "SELECT run_id, action, record_id, reason FROM rollcall.changes WHERE state = 'failed'")
	if by != clitest.ByInterrupts {
		p.wantLedgerConsistent()
		p.wantApplied()
	}
	if _, err := os.Stat(p.file() + ".journal"); err == nil {
		t.Error("there is a journal")
	}
	p.rollcall(args...)
	s.wantEnd(p, args)
}

// A run that is interrupted before its first call ends like any other: it gives the lease back, and what it has begun is INTERRUPTED.
func TestInterruptedEarly(t *testing.T) {
	t.Parallel()
	for _, boundary := range []string{"before take lease:1", "before begin runs:1", "after begin runs:1", "before fetch:1"} {
		t.Run(boundary, func(t *testing.T) {
			t.Parallel()
			p := newPortal(t, 12, sandbox.Options{})
			p.rollcall("sql", "--write", "-c", vip)
			p.people(between(1, 8)...)
			c := p.stopped(clitest.ByInterrupts, boundary, "run")
			if c.code != cli.ExitInterrupted && c.code != cli.ExitDone {
				t.Errorf("exit code %d, want %d:\n%s", c.code, cli.ExitInterrupted, c.output())
			}
			p.wantNone("runs left open", "SELECT status, error FROM rollcall.runs WHERE status NOT IN ('INTERRUPTED', 'SUCCEEDED')")
			p.wantNone("a lease that was not given back", "SELECT owner FROM rollcall.lease WHERE owner IS NOT NULL")
			p.rollcall("run")
			p.wantConverged("101", between(1, 8)...)
		})
	}
}

// A terminal that is closed interrupts a run as SIGTERM does, unless the run was started to outlive it (nohup).
func TestHangup(t *testing.T) {
	t.Parallel()
	p := newPortal(t, 12, sandbox.Options{})
	p.rollcall("sql", "--write", "-c", vip)
	p.people(between(1, 8)...)
	if c := p.stopped(clitest.ByHangup, "at "+callWrite+":1", "run"); c.code != cli.ExitInterrupted {
		t.Errorf("exit code %d, want %d:\n%s", c.code, cli.ExitInterrupted, c.output())
	}
	p.wantNone("changes without an outcome", "SELECT state FROM rollcall.changes WHERE state IN ('sent', 'unknown')")
	p.wantMembers("101", between(1, 3)...)

	c := &child{t: t, cmd: exec.Command("sh", "-c", "trap '' HUP; exec rollcall run"), ended: make(chan struct{})}
	like := p.command([]string{clitest.EnvStopAt + "=after mark sent:1", clitest.EnvStopBy + "=" + string(clitest.ByHangup)})
	c.cmd.Dir, c.cmd.Env, c.cmd.Stdout, c.cmd.Stderr = like.Dir, like.Env, &c.out, &c.err
	p.launch(c)
	if code := c.wait(); code != cli.ExitDone {
		t.Errorf("with SIGHUP ignored: exit code %d, want %d:\n%s", code, cli.ExitDone, c.output())
	}
	p.wantConverged("101", between(1, 8)...)
}

// A signal that comes during the last call of the last sync finds everything done: the run has succeeded.
func TestSignalInTheLastBatch(t *testing.T) {
	t.Parallel()
	p := newPortal(t, 12, sandbox.Options{})
	p.rollcall("sql", "--write", "-c", vip+"; UPDATE rollcall.syncs SET max_removal_pct = 100, allow_empty = true")
	p.people(between(1, 8)...)
	c := p.stopped(clitest.ByTermination, "at "+callWrite+":3", "run")
	if c.code != cli.ExitDone || c.err.Len() > 0 {
		t.Errorf("exit code %d, want %d and no error:\n%s", c.code, cli.ExitDone, c.output())
	}
	p.wantConverged("101", between(1, 8)...)
	undone := p.rows("SELECT run_id FROM rollcall.runs WHERE status = 'SUCCEEDED'")[0]
	if c := p.stopped(clitest.ByTermination, "at "+callWrite+":3", "undo", undone); c.code != cli.ExitDone {
		t.Errorf("undo: exit code %d, want %d:\n%s", c.code, cli.ExitDone, c.output())
	}
	p.wantMembers("101")
}

// The third signal ends the process whatever it is at: here a step that never ends.
func TestThirdSignalKills(t *testing.T) {
	t.Parallel()
	for _, boundary := range []string{"before take lease:1", "before record intent:1", "before mark sent:2", "before release lease:1"} {
		p := newPortal(t, 12, sandbox.Options{})
		p.rollcall("sql", "--write", "-c", vip)
		p.people(between(1, 8)...)
		if c := p.stopped(clitest.ByThird, boundary, "run"); c.code != cli.ExitInterrupted {
			t.Errorf("%s: exit code %d, want %d:\n%s", boundary, c.code, cli.ExitInterrupted, c.output())
		}
		p.rollcall("run")
		p.wantConverged("101", between(1, 8)...)
	}
}
