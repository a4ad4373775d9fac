package engine

import "context"

// stageUnsettled puts the changes whose answer was lost into the temp table rollcall_unsettled, with what the journal says of them,
// and keeps the IDs of their lists.
func (r *round) stageUnsettled(ctx context.Context) error {
	entries, _, err := r.engine.journal.read()
	if err != nil {
		return err
	}
	if err := stageJournal(ctx, r.conn, entries); err != nil {
		return err
	}
	if err := execAll(ctx, r.conn, "19_stage_unsettled"); err != nil {
		return err
	}
	return readRows(ctx, r.conn, "19_read_unsettled", nil, func(scan func(...any) error) error {
		var listID string
		err := scan(&listID)
		r.unsettled[listID] = true
		return err
	})
}

// reconcile puts what became of the list's changes without an answer into the temp table rollcall_settled. It writes nothing to the
// ledger, so that a plan that is only looked at rests on the same as the plan of a run.
func (s *session) reconcile(ctx context.Context) error {
	_, err := exec(ctx, s.conn, "44_stage_settled", params{"list_id": s.list.ID})
	return err
}
