// Command rollcall keeps HubSpot lists equal to SQL queries.
//
// This package is the command line: it parses flags and settings, calls package engine, and prints the results. It contains no SQL and no
// HTTP. Results go to stdout, logs and errors to stderr. Every command is a file that begins with its constructor.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ())) }

// errInterrupted is the cancellation cause of the context after the first signal.
var errInterrupted = errors.New("interrupted")

// Main runs the program and returns its exit code, see exitCodes.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, environ []string) int {
	keepPrivate()
	ctx, stop := context.WithCancelCause(context.Background())
	abort, kill := context.WithCancel(context.Background())
	defer kill()
	defer handleSignals(stderr, func() { stop(errInterrupted) }, kill)()
	a := &app{in: stdin, out: &output{to: stdout, environ: environ}, err: errorOutput{stderr, environ}, environ: environ, abort: abort}
	a.logEarly("")
	root := newRoot(a)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(a.out.help())
	root.SetErr(a.err)
	err := root.ExecuteContext(ctx)
	if !a.loaded {
		a.json = a.json || wantsJSON(args)
		a.logEarly(askedLogFormat(args))
	}
	return a.exit(err)
}

// leaveAfter is how long the program may keep running after the second signal. Only tests set it, before main.
var leaveAfter = 30 * time.Second

// handleSignals calls stop at the first signal that asks the program to end, and kill at the second; the third, or leaveAfter, ends it at
// once, whatever it waits for. A closed terminal asks like Ctrl-C, unless the program was started to outlive it (nohup). The caller calls ignore at the end.
func handleSignals(stderr io.Writer, stop, kill func()) (ignore func()) {
	signals := make(chan os.Signal, 3)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		<-signals
		stop()
		<-signals
		kill()
		select {
		case <-signals:
		case <-time.After(leaveAfter):
			printError(stderr, "", fmt.Sprintf("the program went on for %s after the second signal: it waited for the database", leaveAfter),
				"the next run goes on from what the list shows; see how it stands: rollcall status")
		}
		os.Exit(exitInterrupted)
	}()
	return func() { signal.Stop(signals) }
}
