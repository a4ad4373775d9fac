package engine

import (
	"context"
	"errors"
	"rollcall/engine/ledger"
	"time"
)

// linger sets r.abort, which bounds a write in flight when ctx has ended: by Config.Grace, by RunOptions.Abort, or at once where the lease
// is gone, since another runner may be at work by then. The caller calls release at the end.
// A write that is cut off has no answer, and the next run has to settle its changes against the list.
func (r *runner) linger(ctx context.Context) (release func()) {
	abort, end := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(r.options.Abort, end)
	stay := context.AfterFunc(ctx, func() {
		defer end()
		if errors.Is(context.Cause(ctx), ledger.ErrLeaseLost) {
			return
		}
		timer := time.NewTimer(r.engine.config.Grace)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-abort.Done():
		}
	})
	r.abort = abort
	return func() {
		stay()
		stop()
		end()
	}
}
