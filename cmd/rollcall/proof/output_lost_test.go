package proof

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"rollcall/cmd/rollcall/cli"
	"rollcall/engine/hubspot/sandbox"
)

// twoSyncs makes a portal with two syncs that have eight people to add.
func twoSyncs(t *testing.T) *portal {
	t.Helper()
	p := newPortal(t, 12, sandbox.Options{})
	p.rollcall("sql", "--write", "-c", vip+", ('zzz', 'SELECT email FROM people', '102', false); UPDATE rollcall.syncs SET max_removal_pct = 100, allow_empty = true")
	p.people(between(1, 8)...)
	return p
}

// writingTo runs a child with another stdout, and returns it when it has ended.
func (p *portal) writingTo(stdout *os.File, args ...string) *child {
	p.t.Helper()
	c := &child{t: p.t, cmd: p.command(nil, args...), ended: make(chan struct{})}
	c.cmd.Stdout, c.cmd.Stderr = stdout, &c.err
	p.launch(c)
	c.wait()
	return c
}

// A run whose reader goes away runs every sync all the same, says on stderr that its stdout is gone, and ends with 1.
func TestRunOutlivesItsReader(t *testing.T) {
	t.Parallel()
	for _, json := range []bool{false, true} {
		t.Run(fmt.Sprint("json ", json), func(t *testing.T) {
			t.Parallel()
			p := twoSyncs(t)
			reader, stdout, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer stdout.Close()
			reader.Close()
			c := p.writingTo(stdout, "run", fmt.Sprintf("--json=%t", json))
			if c.code != cli.ExitFailed || !strings.Contains(c.err.String(), "stdout can't be written") {
				t.Errorf("exit code %d, want %d:\n%s", c.code, cli.ExitFailed, c.output())
			}
			p.wantConverged("101", between(1, 8)...)
			p.wantConverged("102", between(1, 8)...)
			p.wantNone("runs that did not end well", "SELECT sync, status FROM rollcall.runs WHERE status <> 'SUCCEEDED'")
			undone := p.rows("SELECT run_id FROM rollcall.runs WHERE sync = 'vip'")[0]
			if c := p.writingTo(stdout, "undo", undone); c.code != cli.ExitFailed || !strings.Contains(c.err.String(), "stdout can't be written") {
				t.Errorf("undo: exit code %d, want %d:\n%s", c.code, cli.ExitFailed, c.output())
			}
			p.wantMembers("101")
		})
	}
}

// Every command whose stdout takes nothing ends with 1 and says so.
func TestFullStdout(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no /dev/full")
	}
	defer full.Close()
	p := twoSyncs(t)
	for _, args := range [][]string{
		{"check"}, {"plan"}, {"plan", "--json"}, {"run"}, {"run"}, {"status"}, {"status", "--json"}, {"history"}, {"settings"}, {"version"},
		{"sql", "-c", "FROM rollcall.runs"}, {"sql", "-c", "FROM rollcall.runs", "--format", "csv"}, {"init"}, {"specs", "diff", p.dir}, {"--help"}, {"help", "run"},
	} {
		if c := p.writingTo(full, args...); c.code != cli.ExitFailed || strings.Count(c.err.String(), "stdout can't be written") != 1 {
			t.Errorf("%v: exit code %d, want %d and why, once:\n%s", args, c.code, cli.ExitFailed, c.output())
		}
	}
	p.wantConverged("101", between(1, 8)...)
	p.wantConverged("102", between(1, 8)...)
}
