package cli

import (
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"rollcall/escape"
)

// output is stdout. It escapes what a terminal would obey (package escape), but for links to lists; JSON stays JSON and means the same. It keeps the first error
// of a write and writes nothing after it, so that a command can continue and end with the exit code for it. Each write ends between two characters.
type output struct {
	to      io.Writer
	environ []string
	portal  int    // the ID of the HubSpot account to whose lists links lead; 0 is not known
	pages   string // the host of its pages

	mu  sync.Mutex
	err *outputError
}

// Write writes to stdout unless a write has failed before; the error is the first one.
func (o *output) Write(p []byte) (int, error) {
	if _, err := o.unescaped().Write([]byte(o.escaped(string(p)))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// unescaped is stdout for data that other programs read byte by byte.
func (o *output) unescaped() io.Writer { return unescapedOutput{o} }

type unescapedOutput struct{ o *output }

// Write writes to stdout as output does, and changes nothing.
func (u unescapedOutput) Write(p []byte) (int, error) {
	u.o.mu.Lock()
	defer u.o.mu.Unlock()
	if u.o.err != nil {
		return 0, u.o.err
	}
	n, err := u.o.to.Write(p)
	if err != nil {
		u.o.err = &outputError{err: err}
		return n, u.o.err
	}
	return n, nil
}

// errorOutput is stderr. It escapes as output does. Code that draws on a terminal writes to the underlying writer.
type errorOutput struct {
	to      io.Writer
	environ []string
}

// Write writes to stderr.
func (e errorOutput) Write(p []byte) (int, error) {
	if _, err := e.to.Write([]byte(escape.Text(string(p)))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// underlying returns the writer that an output writes to, such as the *os.File of a terminal.
func underlying(w io.Writer) io.Writer {
	switch o := w.(type) {
	case *output:
		return o.to
	case errorOutput:
		return o.to
	}
	return w
}

// help returns the writer for cobra's help. It hides write errors from cobra, which would print them itself; exit prints them.
func (o *output) help() io.Writer { return helpOutput{o} }

type helpOutput struct{ o *output }

// Write writes to stdout; an error is kept by the output.
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

// outputError reports that stdout can't be written.
type outputError struct {
	err     error
	printed bool // explained to the person already
}

// Error returns why.
func (e *outputError) Error() string { return "stdout can't be written: " + e.err.Error() }

// Unwrap is the cause.
func (e *outputError) Unwrap() error { return e.err }

// Hint returns what to do.
func (e *outputError) Hint() string {
	return "give it a reader, or a file with room; what runs did is in the ledger: rollcall status"
}

// ignoreBrokenPipes makes writes to a closed stdout or stderr fail instead of ending the process (SIGPIPE). It is for commands
// that must not end in the middle of their work.
func ignoreBrokenPipes() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }
