// Package clitest lets tests run the command rollcall in processes of their own, and control such a process where signals can't.
//
// A test binary whose TestMain calls [Main] is the command rollcall when it is started under that name, and is in PATH under that name. Such a
// process, a child, reads from its environment where it is to stop and how, see the constants. This is test support: only tests may import
// it. It may import the commands and nothing else of this module.
package clitest

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"rollcall/cmd/rollcall/cli"
)

// The environment variables by which a test controls a child. A boundary lies between two steps of a run; boundaries are numbered among those of the same name: "after send:2".
const (
	EnvBoundaries = "TEST_BOUNDARIES"  // the file that they are written to as the child passes them
	EnvStopAt     = "TEST_STOP_AT"     // the one at which the child stops itself
	EnvStopBy     = "TEST_STOP_BY"     // how, see Stop
	EnvLeaveAfter = "TEST_LEAVE_AFTER" // how long it continues after the second signal
	EnvHoldToo    = "TEST_HOLD_TOO"    // another boundary at which a step does not end
	EnvPatience   = "TEST_PATIENCE"    // how long it waits for a database that does not answer, as time.ParseDuration reads it
	EnvTimeUp     = "TEST_TIME_UP"     // a file: --timeout is over when it is there, however long that is
	EnvFileLimit  = "TEST_FILE_LIMIT"  // how many bytes a file may have: writing more fails, as it does when the disk is full; on Unix alone
)

// Main runs the tests of a package. In a child it is the command rollcall.
func Main(m *testing.M) {
	testscript.Main(m, map[string]func(){"rollcall": child})
}

// child is the command rollcall as tests run it.
func child() {
	var hooks cli.Hooks
	file, stopAt := os.Getenv(EnvBoundaries), os.Getenv(EnvStopAt)
	if file != "" || stopAt != "" {
		hooks.Failpoint = recordBoundaries(file, stopAt, Stop(os.Getenv(EnvStopBy)))
	}
	if short, err := time.ParseDuration(os.Getenv(EnvPatience)); err == nil {
		hooks.Patience = short
	}
	if short, err := time.ParseDuration(os.Getenv(EnvLeaveAfter)); err == nil {
		hooks.LeaveAfter = short
	}
	if file := os.Getenv(EnvTimeUp); file != "" {
		hooks.WithTimeout = func(ctx context.Context, _ time.Duration, cause error) (context.Context, context.CancelFunc) {
			return untilThere(ctx, file, cause)
		}
	}
	limitFiles()
	os.Exit(hooks.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ()))
}

// recordBoundaries returns a function that appends each boundary to the file, and stops the process at the boundary stopAt.
func recordBoundaries(file, stopAt string, by Stop) func(string) {
	passed := map[string]int{}
	return func(step string) {
		passed[step]++
		boundary := fmt.Sprintf("%s:%d", step, passed[step])
		if file != "" {
			appendLine(file, boundary)
		}
		if boundary == os.Getenv(EnvHoldToo) {
			select {}
		}
		if boundary != stopAt {
			return
		}
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			by.Do(self)
		}
		switch by {
		case ByKill, ByThird, ByNothing, ByOneHeld, ByTwoHeld:
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
