package engine

import "context"

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
	if err := execAll(ctx, r.conn, "19_stage_pending_unknown"); err != nil {
		return err
	}
	return readRows(ctx, r.conn, "19_read_pending_unknown", nil, func(scan func(...any) error) error {
		var listID string
		err := scan(&listID)
		r.pendingUnknown[listID] = true
		return err
	})
}

// stageReconciled fills the temp table rollcall_reconciled with the states of the list's changes whose answer was lost. It writes
// nothing to the ledger, so that a preview plans the same as a run.
func (s *session) stageReconciled(ctx context.Context) error {
	_, err := exec(ctx, s.conn, "44_stage_reconciled", params{"list_id": s.list.ID})
	return err
}
