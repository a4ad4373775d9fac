// Package cli is the command line of Rollcall.
//
// In go the arguments, the environment and the standard streams; out come an exit code, results on stdout, and errors and logs on stderr. It
// parses flags, loads the settings, calls package engine, and prints the results. It contains no SQL and no HTTP. It may import all of this
// module but the proofs; only the main package and tests may import it.
//
// Every command is a file cmd_NAME.go that begins with its constructor; root.go lists them. What a run does arrives as the engine's events,
// which events.go prints. Rules of output are in text.go, exit codes in exit.go.
package cli

import (
	"context"
	"errors"
	"io"
)

// errInterrupted is the cancellation cause of the context after the first signal.
var errInterrupted = errors.New("interrupted")

// Main runs the program and returns its exit code, one of ExitDone to ExitInterrupted. The arguments are without the program's name; the
// environment is as os.Environ has it. It sets the process's umask, and handles its signals until it returns.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, environ []string) int {
	return Hooks{}.Main(args, stdin, stdout, stderr, environ)
}

// Main runs the program as the function of this name does, with hooks.
func (h Hooks) Main(args []string, stdin io.Reader, stdout, stderr io.Writer, environ []string) int {
	keepPrivate()
	ctx, stop := context.WithCancelCause(context.Background())
	abort, kill := context.WithCancel(context.Background())
	defer kill()
	defer handleSignals(stderr, h.leaveAfter(), func() { stop(errInterrupted) }, kill)()
	a := &app{in: stdin, out: &output{to: stdout, environ: environ}, err: errorOutput{stderr, environ}, environ: environ, abort: abort, hooks: h}
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
