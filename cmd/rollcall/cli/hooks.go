package cli

import (
	"cmp"
	"context"
	"time"
)

// Hooks let a test control the program where signals and the environment can't. The zero value is the program as people run it.
type Hooks struct {
	// Failpoint is called with the name of the boundary at every boundary between two steps of a run; nil is not called.
	Failpoint func(step string)
	// Patience is how long the database engine may continue with a query whose time is over; 0 is the engine's default.
	Patience time.Duration
	// LeaveAfter is how long the program may keep running after the second signal; 0 is 30 seconds.
	LeaveAfter time.Duration
	// WithTimeout bounds the time of a run with --timeout; nil is context.WithTimeoutCause.
	WithTimeout func(ctx context.Context, limit time.Duration, cause error) (context.Context, context.CancelFunc)
}

func (h Hooks) leaveAfter() time.Duration { return cmp.Or(h.LeaveAfter, 30*time.Second) }

func (h Hooks) withTimeout(ctx context.Context, limit time.Duration, cause error) (context.Context, context.CancelFunc) {
	if h.WithTimeout != nil {
		return h.WithTimeout(ctx, limit, cause)
	}
	return context.WithTimeoutCause(ctx, limit, cause)
}
