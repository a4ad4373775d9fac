package ledger

import (
	"context"
	"time"

	"rollcall/engine/kind"
	"rollcall/engine/warehouse"
)

// OfKinds is the ledger as kinds write to it, on the connection of their temp tables. It implements kind.Ledger.
type OfKinds struct {
	Ledger *Ledger
	Conn   *warehouse.Conn
}

// Write runs do in a transaction under the lease; see kind.Ledger.
func (k OfKinds) Write(ctx context.Context, step string, syncs []*kind.Sync, do func(context.Context) error) error {
	var callers []caller
	for _, s := range syncs {
		callers = append(callers, caller{s.RunID, s.Spec.Name, s.Calls})
	}
	return k.Ledger.writeWithCalls(ctx, k.Conn, step, callers, do)
}

// Reconcile writes the states that the temp table rollcall_reconciled has for changes whose answer was lost, and counts
// the changes of their runs anew; see kind.Ledger. Where another run has settled them meanwhile it does nothing.
func (k OfKinds) Reconcile(ctx context.Context, target string, then func(context.Context, time.Time) error) error {
	now := k.Ledger.Now()
	return k.Ledger.write(ctx, k.Conn, "reconcile changes", func(ctx context.Context) error {
		runs, err := readIDs(ctx, k.Conn, queries.FindReconciled, nil)
		if err != nil || len(runs) == 0 {
			return err
		}
		n, err := k.Conn.Exec(ctx, queries.ReconcileChanges, warehouse.Args{"now": now})
		if err != nil || n == 0 {
			return err
		}
		if err := then(ctx, now); err != nil {
			return err
		}
		_, err = k.Conn.Exec(ctx, queries.RecountRuns, warehouse.Args{"runs": runs})
		return err
	})
}

// CountTries writes one more try of the rejects in the temp table rollcall_tried; see kind.Ledger.
func (k OfKinds) CountTries(ctx context.Context, s *kind.Sync) error {
	if _, err := k.Conn.Exec(ctx, queries.BeginRefused, warehouse.Args{"sync": s.Spec.Name, "run_id": s.RunID}); err != nil {
		return err
	}
	_, err := k.Conn.Exec(ctx, queries.CountTries, warehouse.Args{"sync": s.Spec.Name, "now": k.Ledger.Now()})
	return err
}

// EndRefused ends the rejects of refused keys whose change is done; see kind.Ledger.
func (k OfKinds) EndRefused(ctx context.Context, s *kind.Sync) error {
	_, err := k.Conn.Exec(ctx, queries.EndRefused, warehouse.Args{"sync": s.Spec.Name, "run_id": s.RunID})
	return err
}

// NoteDrift writes the number of drift records to the run's row in the same transaction, so that a run that is killed later has it too.
func (k OfKinds) NoteDrift(ctx context.Context, s *kind.Sync, drift int64) error {
	_, err := k.Conn.Exec(ctx, queries.NoteDrift, warehouse.Args{"run_id": s.RunID, "n_drift": drift})
	return err
}
