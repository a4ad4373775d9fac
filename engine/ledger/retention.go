package ledger

import (
	"context"
	"time"

	"rollcall/engine/warehouse"
)

// A run deletes at most deletionSteps times about deletedRows rows of the ledger, each step in a transaction of its own; the next runs delete
// the rest. A step takes whole runs, so that a run is in the ledger with all its changes or with none of them.
const (
	deletedRows   = 100_000
	deletionSteps = 10
)

// Kept says how long the ledger keeps what.
type Kept struct {
	Calls time.Duration
	Runs  time.Duration // with their changes, drift and ended rejects; 0: for ever
}

// DeleteOld deletes what has been kept long enough. It stops after a step when ctx ends: deleting is put off without
// harm. What stays, whatever its age, is what later runs rely on; see the statement StageKept.
func (l *Ledger) DeleteOld(ctx context.Context, conn *warehouse.Conn, kept Kept) error {
	if err := l.deleteAged(ctx, conn, kept.Calls); err != nil || kept.Runs == 0 || ctx.Err() != nil {
		return err
	}
	if _, err := conn.Exec(context.WithoutCancel(ctx), queries.StageKept, warehouse.Args{"before": l.Now().Add(-kept.Runs)}); err != nil {
		return err
	}
	for range deletionSteps {
		if ctx.Err() != nil {
			return nil
		}
		var until string
		if err := conn.ReadRow(context.WithoutCancel(ctx), queries.FindOldRuns, warehouse.Args{"limit": deletedRows}, &until); err != nil || until == "" {
			return err
		}
		if err := l.deleteRuns(ctx, conn, until); err != nil {
			return err
		}
	}
	return nil
}

// deleteRuns deletes the runs up to the given one that are not in rollcall_kept, and what belongs to them.
func (l *Ledger) deleteRuns(ctx context.Context, conn *warehouse.Conn, until string) error {
	return l.write(ctx, conn, "delete runs", func(ctx context.Context) error {
		for _, name := range []warehouse.NamedQuery{queries.DeleteChanges, queries.DeleteDrift, queries.DeleteRuns, queries.DeleteRejects} {
			if _, err := conn.Exec(ctx, name, warehouse.Args{"until": until}); err != nil {
				return err
			}
		}
		return conn.ExecAll(ctx, queries.DeleteLinks, queries.DeleteClaims, queries.DeleteUnread)
	})
}

// readsKept is the age at which it is deleted that associations of a record were read: a sync that needs them reads them again much earlier.
const readsKept = 30 * 24 * time.Hour

// deleteAged deletes the calls and the readings of associations that have been kept long enough, where some have been for a day: a run need not do it
// each time.
func (l *Ledger) deleteAged(ctx context.Context, conn *warehouse.Conn, kept time.Duration) error {
	const slack = 24 * time.Hour
	now := l.Now()
	var calls, reads int64
	err := conn.ReadRow(context.WithoutCancel(ctx), queries.CountOld, warehouse.Args{"before": now.Add(-kept - slack), "reads_before": now.Add(-readsKept - slack)}, &calls, &reads)
	if err != nil || calls+reads == 0 {
		return err
	}
	return l.write(ctx, conn, "delete calls", func(ctx context.Context) error {
		if _, err := conn.Exec(ctx, queries.DeleteCalls, warehouse.Args{"before": now.Add(-kept)}); err != nil || reads == 0 {
			return err
		}
		if _, err := conn.Exec(ctx, queries.DeleteReads, warehouse.Args{"before": now.Add(-readsKept)}); err != nil {
			return err
		}
		return conn.ExecAll(ctx, queries.DeleteUnread)
	})
}
