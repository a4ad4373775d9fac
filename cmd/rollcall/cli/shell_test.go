package cli_test

import (
	"bytes"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"rollcall/cmd/rollcall/cli"
	"rollcall/engine/hubspot/sandbox"
)

// shell runs programs, the command rollcall above all, in a folder of its own beside a HubSpot account of its own.
type shell struct {
	t   *testing.T
	dir string
	url string   // HubSpot's
	env []string // what differs from this process's environment
}

// newShell makes a shell whose account has n contacts and the sandbox's lists. The command does not know of the account yet.
func newShell(t *testing.T, n int) *shell {
	t.Helper()
	box := sandbox.New(sandbox.Options{})
	if err := box.Seed(n); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(box)
	t.Cleanup(server.Close)
	dir := t.TempDir()
	return &shell{t: t, dir: dir, url: server.URL, env: []string{"HOME=" + dir, "USER=ann", "ROLLCALL_THREADS=1"}}
}

// newConnectedShell makes a shell whose commands know of the account.
func newConnectedShell(t *testing.T, n int) *shell {
	t.Helper()
	s := newShell(t, n)
	s.env = append(s.env, "HUBSPOT_BASE_URL="+s.url, "HUBSPOT_ACCESS_TOKEN=any", "ROLLCALL_RETRY_BASE_SECONDS=0.001")
	return s
}

// database is the control database's file.
func (s *shell) database() string { return filepath.Join(s.dir, "control.duckdb") }

// run runs a program in a folder and returns its exit code.
func (s *shell) run(dir string, stdout, stderr io.Writer, program string, args ...string) int {
	s.t.Helper()
	c := exec.Command(program, args...)
	c.Dir, c.Env, c.Stdout, c.Stderr = dir, append(os.Environ(), s.env...), stdout, stderr
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	_ = c.Wait() // the exit code is read from the state
	return c.ProcessState.ExitCode()
}

// exits runs the command, which must end with an exit code, and returns what it printed.
func (s *shell) exits(code int, args ...string) (stdout, stderr string) {
	s.t.Helper()
	var out, err bytes.Buffer
	if got := s.run(s.dir, &out, &err, "rollcall", args...); got != code {
		s.t.Fatalf("%v: exit code %d, want %d:\n%s%s", args, got, code, out.String(), err.String())
	}
	return out.String(), err.String()
}

// rollcall runs the command, which must succeed, and returns its stdout.
func (s *shell) rollcall(args ...string) string {
	s.t.Helper()
	stdout, _ := s.exits(cli.ExitDone, args...)
	return stdout
}
