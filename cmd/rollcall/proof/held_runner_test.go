package proof

import (
	"os"
	"strings"
	"testing"

	"rollcall/cmd/rollcall/cli"
	"rollcall/cmd/rollcall/clitest"
	"rollcall/engine/hubspot/sandbox"
)

// hangingPortal makes a portal with two syncs, each of its own list, a short query timeout and a short wait for the engine.
func hangingPortal(t *testing.T) *portal {
	t.Helper()
	p := newPortal(t, 12, sandbox.Options{})
	p.rollcall("sql", "--write", "-c", `INSERT INTO rollcall.syncs (name, query, list_name) VALUES
		('aaa', 'SELECT email FROM people', 'A'), ('bbb', 'SELECT email FROM people', 'B')`)
	p.people(between(1, 8)...)
	p.env[clitest.EnvPatience] = "50ms"
	return p
}

// runHanging runs a child whose database engine does not answer any more once the first query is at work.
func (p *portal) runHanging(by clitest.Stop, code int, args ...string) *child {
	p.t.Helper()
	c := p.stopped(by, "before query:1", args...)
	if c.code != code {
		p.t.Errorf("exit code %d, want %d", c.code, code)
	}
	if !strings.Contains(c.err.String(), "error: the query of aaa held the runner") || !strings.Contains(c.err.String(), "rollcall run aaa") {
		p.t.Errorf("it does not say what held it:\n%s", c.output())
	}
	return c
}

// A query that continues when its limit, --timeout or a signal is past ends the process, and the ledger has it. The next run leaves it out
// and syncs the others; it is tried again when it is named.
func TestQueryThatHoldsTheRunner(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		by     clitest.Stop
		limit  string
		args   []string
		code   int
		status string
	}{
		"query_timeout": {clitest.ByNothing, "20ms", []string{"run"}, cli.ExitFailed, "FAILED"},
		"timeout":       {clitest.ByNothing, "10m", []string{"run", "--timeout", "5s"}, cli.ExitInterrupted, "INTERRUPTED"},
		"one signal":    {clitest.ByOneHeld, "10m", []string{"run"}, cli.ExitInterrupted, "INTERRUPTED"},
		"two signals":   {clitest.ByTwoHeld, "10m", []string{"run"}, cli.ExitInterrupted, "INTERRUPTED"},
		"dry run":       {clitest.ByNothing, "20ms", []string{"run", "--dry-run"}, cli.ExitFailed, "FAILED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := hangingPortal(t)
			p.env["ROLLCALL_QUERY_TIMEOUT"] = test.limit
			p.runHanging(test.by, test.code, test.args...)
			want := "aaa " + test.status + " true\nbbb INTERRUPTED false"
			if got := strings.Join(p.rows("SELECT sync, status, held_runner FROM rollcall.runs ORDER BY sync"), "\n"); got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
			p.wantNone("runs without an end", "SELECT sync FROM rollcall.runs WHERE finished_at IS NULL OR error IS NULL OR hint IS NULL")
			p.wantNone("a lease that was not given back", "SELECT owner FROM rollcall.lease WHERE owner IS NOT NULL")
			delete(p.env, "ROLLCALL_QUERY_TIMEOUT")
			if printed := p.rollcall("status"); !strings.Contains(printed, "when named") {
				t.Errorf("status does not say that it waits to be named:\n%s", printed)
			}
			if printed := p.rollcall("run"); strings.Contains(printed, "aaa") || !strings.Contains(printed, "SUCCEEDED   bbb") {
				t.Errorf("want bbb alone:\n%s", printed)
			}
			if printed := p.rollcall("run", "--failed"); strings.Contains(printed, "SUCCEEDED") {
				t.Errorf("--failed takes it:\n%s", printed)
			}
			p.rollcall("run", "aaa")
			if printed := p.rollcall("run"); !strings.Contains(printed, "SUCCEEDED   aaa") {
				t.Errorf("it is still left out:\n%s", printed)
			}
		})
	}
}

func TestQueryThatHeldTheRunnerIsTriedWhenItChanges(t *testing.T) {
	t.Parallel()
	p := hangingPortal(t)
	p.env["ROLLCALL_QUERY_TIMEOUT"] = "20ms"
	p.runHanging(clitest.ByNothing, cli.ExitFailed, "run")
	delete(p.env, "ROLLCALL_QUERY_TIMEOUT")
	p.rollcall("sql", "--write", "-c", "UPDATE rollcall.syncs SET query = query || ' WHERE true' WHERE name = 'aaa'")
	if printed := p.rollcall("run"); !strings.Contains(printed, "SUCCEEDED   aaa") {
		t.Errorf("want aaa:\n%s", printed)
	}
}

// Where the database takes no more, the journal keeps how the runs ended, and the next run leaves the query out all the same.
func TestQueryThatHoldsTheDatabaseToo(t *testing.T) {
	t.Parallel()
	p := hangingPortal(t)
	p.env["ROLLCALL_QUERY_TIMEOUT"], p.env[clitest.EnvHoldToo] = "20ms", "before finish run:1"
	p.runHanging(clitest.ByNothing, cli.ExitFailed, "run")
	if _, err := os.Stat(p.file() + ".journal"); err != nil {
		t.Error(err)
	}
	delete(p.env, "ROLLCALL_QUERY_TIMEOUT")
	delete(p.env, clitest.EnvHoldToo)
	if printed := p.rollcall("run"); strings.Contains(printed, "aaa") || !strings.Contains(printed, "SUCCEEDED   bbb") {
		t.Errorf("want bbb alone:\n%s", printed)
	}
	p.wantNone("runs of aaa but the one that held the runner", "SELECT status, error FROM rollcall.runs WHERE sync = 'aaa' AND NOT (status = 'FAILED' AND held_runner AND contains(error, 'held the runner'))")
	if _, err := os.Stat(p.file() + ".journal"); err == nil {
		t.Error("the journal was not taken in")
	}
}

// Commands that only look end as well.
func TestQueryThatHoldsALook(t *testing.T) {
	t.Parallel()
	p := hangingPortal(t)
	p.env["ROLLCALL_QUERY_TIMEOUT"] = "20ms"
	for _, args := range [][]string{{"plan"}, {"check"}, {"sql", "--sync", "aaa", "-c", "FROM desired"}} {
		p.runHanging(clitest.ByNothing, cli.ExitFailed, args...)
	}
	p.wantNone("runs", "FROM rollcall.runs")
}

// After the second signal no step holds the process.
func TestSecondSignalEndsAStepThatDoesNot(t *testing.T) {
	t.Parallel()
	for _, boundary := range []string{"after take lease:1", "before record intent:1", "before mark sent:2"} {
		p := hangingPortal(t)
		p.env[clitest.EnvLeaveAfter] = "50ms"
		c := p.stopped(clitest.ByTwoHeld, boundary, "run")
		if c.code != cli.ExitInterrupted || !strings.Contains(c.err.String(), "error: the program continued for 50ms after the second signal") {
			t.Errorf("%s: exit code %d:\n%s", boundary, c.code, c.output())
		}
		p.rollcall("run")
	}
}
