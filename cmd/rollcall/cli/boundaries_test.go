package cli

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// The environment variables by which a test controls a child at the boundaries between its steps. They are numbered among those of the same name: "after send:2".
const (
	envBoundaries = "TEST_BOUNDARIES"  // the file that they are written to as the child passes them
	envStopAt     = "TEST_STOP_AT"     // the one at which the child stops itself
	envStopBy     = "TEST_STOP_BY"     // how, see stop
	envLeaveAfter = "TEST_LEAVE_AFTER" // how long it goes on after the second signal
	envHoldToo    = "TEST_HOLD_TOO"    // another boundary at which a step does not end
	envPatience   = "TEST_PATIENCE"    // how long it waits for a database that does not answer, as time.ParseDuration reads it
	envTimeUp     = "TEST_TIME_UP"     // a file: --timeout is over when it is there, however long that is
)

// stop is how a child is stopped.
type stop string

const (
	byKill        stop = "kill"
	byInterrupt   stop = "interrupt"
	byInterrupts  stop = "interrupt twice"
	byTermination stop = "termination"
	byHangup      stop = "hangup"
	byThird       stop = "interrupt thrice" // in a step that does not end
	byNothing     stop = "nothing"          // the step just does not end, here and below
	byOneHeld     stop = "interrupt, held"
	byTwoHeld     stop = "interrupt twice, held"
	byTimeUp      stop = "time up" // see envTimeUp
)

// do stops a process. An interrupted one goes on until it notices.
func (s stop) do(process *os.Process) {
	switch s {
	case byKill:
		_ = process.Kill() // it may have ended by itself, here and below
	case byInterrupts, byTwoHeld:
		_ = process.Signal(os.Interrupt)
		_ = process.Signal(syscall.SIGTERM) // another one: two equal signals at once may be delivered as one
	case byInterrupt, byOneHeld:
		_ = process.Signal(os.Interrupt)
	case byTermination:
		_ = process.Signal(syscall.SIGTERM)
	case byHangup:
		_ = process.Signal(syscall.SIGHUP)
	case byTimeUp:
		appendLine(os.Getenv(envTimeUp), "over")
	case byThird:
		_ = process.Signal(os.Interrupt)
		_ = process.Signal(syscall.SIGTERM)
		_ = process.Signal(syscall.SIGHUP)
	}
}

// atOnce reports whether the process can't finish its current step.
func (s stop) atOnce() bool { return s == byKill || s == byInterrupts }

// childMain is the command rollcall as tests run it.
func childMain() {
	var hooks Hooks
	file, stopAt := os.Getenv(envBoundaries), os.Getenv(envStopAt)
	if file != "" || stopAt != "" {
		hooks.Failpoint = recordBoundaries(file, stopAt, stop(os.Getenv(envStopBy)))
	}
	if short, err := time.ParseDuration(os.Getenv(envPatience)); err == nil {
		hooks.Patience = short
	}
	if short, err := time.ParseDuration(os.Getenv(envLeaveAfter)); err == nil {
		hooks.LeaveAfter = short
	}
	if file := os.Getenv(envTimeUp); file != "" {
		hooks.WithTimeout = func(ctx context.Context, _ time.Duration, cause error) (context.Context, context.CancelFunc) {
			return untilThere(ctx, file, cause)
		}
	}
	limitFiles()
	os.Exit(hooks.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ()))
}

// limitFiles bounds the size of a child's files where a test asks for it and the system can do it.
var limitFiles = func() {}

// recordBoundaries returns a function that appends each boundary to the file, and stops the process at the boundary stopAt.
func recordBoundaries(file, stopAt string, by stop) func(string) {
	passed := map[string]int{}
	return func(step string) {
		passed[step]++
		boundary := fmt.Sprintf("%s:%d", step, passed[step])
		if file != "" {
			appendLine(file, boundary)
		}
		if boundary == os.Getenv(envHoldToo) {
			select {}
		}
		if boundary != stopAt {
			return
		}
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			by.do(self)
		}
		switch by {
		case byKill, byThird, byNothing, byOneHeld, byTwoHeld:
			select {} // it may take a moment
		}
	}
}

func appendLine(file, line string) {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteString(line + "\n")
	}
	if err != nil {
		panic(err)
	}
	f.Close()
}

// boundariesIn reads what watch wrote.
func (p *portal) boundariesIn(file string) []string {
	p.t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		p.t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}
