package engine

import (
	"context"

	"rollcall/engine/warehouse"
)

// stagePendingUnknown fills the temp table rollcall_pending_unknown with the changes whose answer was lost and their outcomes in the
// journal, and sets pendingUnknown to the IDs of their lists.
func (r *round) stagePendingUnknown(ctx context.Context) error {
	entries, _, err := r.engine.journal.read()
	if err != nil {
		return err
	}
	if err := stageJournal(ctx, r.conn, entries); err != nil {
		return err
	}
	if err := r.conn.ExecAll(ctx, queries.StagePendingUnknown); err != nil {
		return err
	}
	return r.conn.ReadRows(ctx, queries.ReadPendingUnknown, nil, func(scan func(...any) error) error {
		var listID string
		err := scan(&listID)
		r.pendingUnknown[listID] = true
		return err
	})
}

// stageReconciled fills the temp table rollcall_reconciled with the states of the list's changes whose answer was lost. It writes
// nothing to the ledger, so that a preview plans the same as a run.
func (s *session) stageReconciled(ctx context.Context) error {
	_, err := s.conn.Exec(ctx, queries.StageReconciled, warehouse.Args{"list_id": s.list.ID})
	return err
}
