package engine

import (
	"context"
	"time"

	"rollcall/engine/warehouse"
)

// A run drops at most forgetSteps times about forgetRows rows of the ledger, each step in a transaction of its own: what is more goes with
// the next runs. A step takes whole runs, so that a run is in the ledger with all its changes or with none of them.
const (
	forgetRows  = 100_000
	forgetSteps = 10
)

// forget drops what has been kept long enough: calls, and, where Kept is set, runs with their changes, drift and ended rejects. The
// ending of ctx ends it after a step.
func (r *runner) forget(ctx context.Context) error {
	c := r.engine.config
	if err := r.ledger.forgetCalls(ctx, r.conn, c.CallsKept); err != nil || c.Kept == 0 || ctx.Err() != nil {
		return err
	}
	if _, err := exec(context.WithoutCancel(ctx), r.conn, "84_stage_kept", params{"before": r.engine.now().Add(-c.Kept)}); err != nil {
		return err
	}
	for range forgetSteps {
		if ctx.Err() != nil {
			return nil
		}
		var until string
		if err := readRow(context.WithoutCancel(ctx), r.conn, "84_find_forgotten", params{"limit": forgetRows}, &until); err != nil || until == "" {
			return err
		}
		if err := r.ledger.forgetRuns(ctx, r.conn, until); err != nil {
			return err
		}
	}
	return nil
}

// forgetRuns drops the runs up to the given one that are not in rollcall_kept, and what belongs to them.
func (l *ledger) forgetRuns(ctx context.Context, conn *warehouse.Conn, until string) error {
	return l.write(ctx, conn, "forget runs", func(ctx context.Context) error {
		for _, name := range []string{"84_forget_changes", "84_forget_drift", "84_forget_runs", "84_forget_rejects"} {
			if _, err := exec(ctx, conn, name, params{"until": until}); err != nil {
				return err
			}
		}
		return nil
	})
}

// forgetCalls drops the calls that have been kept long enough.
func (l *ledger) forgetCalls(ctx context.Context, conn *warehouse.Conn, kept time.Duration) error {
	return l.write(ctx, conn, "forget calls", func(ctx context.Context) error {
		_, err := exec(ctx, conn, "84_forget_calls", params{"before": l.now().Add(-kept)})
		return err
	})
}
