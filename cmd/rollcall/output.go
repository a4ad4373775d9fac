package main

import (
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// output is stdout. It keeps the first error of a write and writes nothing after it, so that a command can go on, and
// its exit code tells.
type output struct {
	to io.Writer

	mu  sync.Mutex
	err *outputError
}

// Write writes to stdout unless a write has failed before; the error is the first one.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.to.Write(p)
	if err != nil {
		o.err = &outputError{err: err}
		return n, o.err
	}
	return n, nil
}

// help is where cobra writes its help: it tells errors in its own words, where exit tells them in ours.
func (o *output) help() io.Writer { return helpOutput{o} }

type helpOutput struct{ o *output }

// Write writes to stdout, and leaves an error to the output.
func (h helpOutput) Write(p []byte) (int, error) {
	_, _ = h.o.Write(p)
	return len(p), nil
}

// failed is the error of the first write that failed, or nil.
func (o *output) failed() *outputError {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

// outputError says that stdout does not take what is written to it.
type outputError struct {
	err  error
	told bool // explained to the person already
}

// Error says why.
func (e *outputError) Error() string { return "stdout can't be written: " + e.err.Error() }

// Unwrap is the cause.
func (e *outputError) Unwrap() error { return e.err }

// Hint says what to do.
func (e *outputError) Hint() string {
	return "give it a reader, or a file with room; what runs did is in the ledger: rollcall status"
}

// outliveReaders lets writes to a closed stdout or stderr fail, where the system would end the process (SIGPIPE). It is for commands
// that must not end in the middle of their work.
func outliveReaders() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }
