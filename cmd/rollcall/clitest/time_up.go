package clitest

import (
	"context"
	"os"
	"time"
)

// untilThere is context.WithTimeoutCause for a time that is over as soon as a file is there: a test decides when that is, however fast
// the machine is.
func untilThere(parent context.Context, file string, cause error) (context.Context, context.CancelFunc) {
	within, cancel := context.WithCancelCause(parent)
	ctx := &timedContext{within, make(chan struct{}), cause}
	go func() {
		defer close(ctx.done)
		for within.Err() == nil {
			if _, err := os.Stat(file); err == nil {
				cancel(cause)
				return
			}
			select {
			case <-within.Done():
			case <-time.After(time.Millisecond):
			}
		}
	}()
	return ctx, func() { cancel(nil) }
}

// timedContext ends as one with a deadline does.
type timedContext struct {
	context.Context
	done  chan struct{}
	cause error
}

func (c *timedContext) Done() <-chan struct{} { return c.done }

func (c *timedContext) Err() error {
	if context.Cause(c.Context) == c.cause {
		return context.DeadlineExceeded
	}
	return c.Context.Err()
}
