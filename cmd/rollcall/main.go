// Command rollcall keeps HubSpot lists equal to SQL queries.
//
// This package is the voice: flags in, words out. It holds no SQL and no HTTP; what it knows it asks of package engine. Results
// go to stdout, logs and troubles to stderr. Every command is a file that begins with its constructor.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ())) }

// errInterrupted is why a context ends when a person or the machine asks the program to stop.
var errInterrupted = errors.New("interrupted")

// Main runs the program and returns its exit code, see exitCodes.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, environ []string) int {
	keepPrivate()
	ctx, stop := context.WithCancelCause(context.Background())
	abort, kill := context.WithCancel(context.Background())
	defer kill()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	go func() {
		<-signals
		stop(errInterrupted)
		<-signals
		kill()
	}()
	a := &app{in: stdin, out: stdout, err: stderr, environ: environ, abort: abort}
	root := newRoot(a)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return a.exit(root.ExecuteContext(ctx))
}
