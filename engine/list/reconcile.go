package list

import (
	"context"
	"time"

	"rollcall/engine/kind"
	"rollcall/engine/warehouse"
)

// stageReconciled fills the temp table rollcall_reconciled with the states of the list's changes whose answer was lost. It writes
// nothing to the ledger, so that a preview plans the same as a run.
func (s *listSync) stageReconciled(ctx context.Context) error {
	_, err := s.conn.Exec(ctx, queries.StageReconciled, warehouse.Args{"list_id": s.list.ID})
	return err
}

// Reconcile writes to the ledger what the list shows: the states of changes whose answer was lost, and, where the list
// was read whole, the drift: members that joined or left by other means than Rollcall since its last run. Changes come
// first: who is on the list for a change of Rollcall's own is no drift.
func (l *lists) Reconcile(ctx context.Context, ks *kind.Sync) (drift *int64, err error) {
	s := l.of(ks)
	if s.list.ID == "" {
		return nil, nil
	}
	if l.env.Unanswered[s.list.ID] {
		if err := s.reconcileChanges(ctx); err != nil {
			return nil, err
		}
	}
	if _, touched := l.touched[s.list.ID]; s.fromCache || touched || s.inPart() { // touched by another row's run: current comes from rollcall.members
		return nil, nil
	}
	differences, err := s.countDifferences(ctx)
	if err != nil {
		return nil, err
	}
	if differences == 0 {
		return new(int64), nil
	}
	return s.recordDrift(ctx)
}

// reconcileChanges writes the states that the temp table rollcall_reconciled has, and who is on the list for them, in one
// transaction.
func (s *listSync) reconcileChanges(ctx context.Context) error {
	s.writesMembers()
	return s.env.Ledger.Reconcile(ctx, s.list.ID, func(ctx context.Context, now time.Time) error {
		if _, err := s.conn.Exec(ctx, queries.ReconcileJoined, warehouse.Args{"list_id": s.list.ID, "now": now}); err != nil {
			return err
		}
		_, err := s.conn.Exec(ctx, queries.ReconcileLeft, warehouse.Args{"list_id": s.list.ID})
		return err
	})
}

// replay brings rollcall.members in step with the outcomes that were taken in from the journal at now, in the transaction
// that took them in. The temp table rollcall_taken has them, for lists of all syncs; there is no execution yet.
func replay(ctx context.Context, conn *warehouse.Conn, now time.Time) error {
	if _, err := conn.Exec(ctx, queries.TakeJoined, warehouse.Args{"now": now}); err != nil {
		return err
	}
	return conn.ExecAll(ctx, queries.TakeLeft)
}
