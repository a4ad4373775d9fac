package proof

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"rollcall/cmd/rollcall/cli"
	"rollcall/cmd/rollcall/clitest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// childPatience is how long a child may take: far longer than any does, short enough to see that one hangs.
const childPatience = 4 * time.Minute

// handleHangups lets children start with SIGHUP as the system has it, also where the tests themselves were started to ignore it (nohup):
// a child inherits what is ignored, not what is handled.
var handleHangups = sync.OnceFunc(func() { signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) })

// child is a process that runs the command.
type child struct {
	t        testing.TB
	cmd      *exec.Cmd
	out, err bytes.Buffer
	ended    chan struct{}
	code     int // its exit code; -1: killed
}

// command makes the command that a child runs, with more of the environment as NAME=value.
func (p *portal) command(env []string, args ...string) *exec.Cmd {
	cmd := exec.Command("rollcall", args...) // TestMain put it into PATH
	cmd.Dir, cmd.Env = p.dir, os.Environ()
	for name, value := range p.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

// start starts a child.
func (p *portal) start(env []string, args ...string) *child {
	p.t.Helper()
	c := &child{t: p.t, cmd: p.command(env, args...), ended: make(chan struct{})}
	c.cmd.Stdout, c.cmd.Stderr = &c.out, &c.err
	p.launch(c)
	return c
}

// children orders what this process does before a child starts, while it answers the child's calls, and after the child has ended. The
// child orders them anyway, but the race detector sees only one process.
var children sync.Mutex

// syncWithChildren returns when no child is being started.
func syncWithChildren() {
	children.Lock()
	defer children.Unlock()
}

// launch starts the child's process. Its end is noted as soon as it comes.
func (p *portal) launch(c *child) {
	p.t.Helper()
	p.closeLedger()
	children.Lock()
	err := c.cmd.Start()
	children.Unlock()
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = c.cmd.Process.Kill() }) // it has ended, unless the test failed
	go func() {
		defer close(c.ended)
		_ = c.cmd.Wait() // the exit code is read from the state
		c.code = c.cmd.ProcessState.ExitCode()
	}()
}

// wait waits for the child's end and returns its exit code.
func (c *child) wait() int {
	c.t.Helper()
	select {
	case <-c.ended:
		syncWithChildren()
	case <-time.After(childPatience):
		_ = c.cmd.Process.Kill()
		c.t.Fatalf("%v: still running after %s", c.cmd.Args, childPatience)
	}
	return c.code
}

// kill ends the child at once, and waits until it is gone.
func (c *child) kill() {
	_ = c.cmd.Process.Kill() // it may have ended by itself
	<-c.ended
	syncWithChildren()
}

// output is all that the child printed, for messages. The child must have ended.
func (c *child) output() string { return c.out.String() + c.err.String() }

// exits runs a child that must end with an exit code.
func (p *portal) exits(code int, args ...string) *child {
	p.t.Helper()
	c := p.start(nil, args...)
	if got := c.wait(); got != code {
		p.t.Fatalf("%v: exit code %d, want %d:\n%s", args, got, code, c.output())
	}
	return c
}

// rollcall runs a child that must succeed, and returns what it printed.
func (p *portal) rollcall(args ...string) string {
	p.t.Helper()
	return p.exits(cli.ExitDone, args...).out.String()
}

// killAt runs a child that is killed at the nth call of a kind such as callWrite, before HubSpot has done what it asks for.
func (p *portal) killAt(call string, nth int, args ...string) {
	p.t.Helper()
	p.stopped(clitest.ByKill, fmt.Sprintf("at %s:%d", call, nth), args...)
}

// killAfter runs a child that is killed at the nth call of a kind, when HubSpot has done what it asks for and before it answers.
func (p *portal) killAfter(call string, nth int, args ...string) {
	p.t.Helper()
	p.stopped(clitest.ByKill, fmt.Sprintf("applied %s:%d", call, nth), args...)
}

// stopped runs a child that is stopped at a boundary: one that it passes, "after send:2", or at a call, "at PUT /path:2", or when
// HubSpot has done what the call asks for, "applied PUT /path:2".
func (p *portal) stopped(by clitest.Stop, boundary string, args ...string) *child {
	p.t.Helper()
	c := p.maybeStopped(by, boundary, args...)
	if by == clitest.ByKill && c.code != -1 {
		p.t.Fatalf("%v: ended with exit code %d before %s:\n%s", args, c.code, boundary, c.output())
	}
	return c
}

// maybeStopped is stopped, for a child that may end before it reaches the boundary.
func (p *portal) maybeStopped(by clitest.Stop, boundary string, args ...string) *child {
	p.t.Helper()
	c := &child{t: p.t, cmd: p.command([]string{clitest.EnvStopAt + "=" + boundary, clitest.EnvStopBy + "=" + string(by)}, args...), ended: make(chan struct{})}
	c.cmd.Stdout, c.cmd.Stderr = &c.out, &c.err
	step, nth := cutNumber(p.t, boundary)
	if when, call, ok := strings.Cut(step, " "); ok && (when == "at" || when == "applied") {
		method, path, _ := strings.Cut(call, " ")
		p.mu.Lock()
		p.failpoint = &callFailpoint{method: method, path: path, nth: nth, applied: when == "applied", by: by, child: c}
		p.mu.Unlock()
	}
	p.launch(c)
	c.wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failpoint = nil
	return c
}

// boundariesIn reads the boundaries that a child has written to a file, see clitest.EnvBoundaries.
func (p *portal) boundariesIn(file string) []string {
	p.t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		p.t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}
