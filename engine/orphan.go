package engine

import (
	"context"

	"rollcall/engine/hubspot"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// reconcileOrphans reconciles orphaned changes: their answer was lost, and no row uses their list any more, since it was deleted or
// disabled, or has another list now. Other lists are reconciled when their own sync runs. A list that can't be read keeps its changes
// for the next run.
func (r *runner) reconcileOrphans(ctx context.Context, round *round) error {
	if len(round.pendingUnknown) == 0 || r.options.DryRun || ctx.Err() != nil {
		return nil
	}
	orphans := map[string]string{} // the name of the sync by list ID
	err := r.conn.ReadRows(ctx, queries.ReadOrphans, nil, func(scan func(...any) error) error {
		var listID, sync string
		err := scan(&listID, &sync)
		orphans[listID] = sync
		return err
	})
	if err != nil {
		return err
	}
	for listID, sync := range orphans {
		if ctx.Err() != nil {
			return nil
		}
		if err := r.reconcileOrphan(ctx, round.join(syncspec.Spec{Name: sync, ListID: listID})); err != nil {
			return err
		}
	}
	return nil
}

// reconcileOrphan reads a list only to reconcile its changes. The error means that the ledger could not be written. A list that was
// deleted has no members.
func (r *runner) reconcileOrphan(ctx context.Context, s *session) error {
	s.list.ID = s.spec.ListID
	keep := context.WithoutCancel(ctx)
	err := s.readBack(ctx)
	if err != nil && !hubspot.IsNotFound(err) {
		s.log.Warn().Err(err).Str("list_id", s.list.ID).Msg("changes whose answer was lost stay unknown")
		return r.ledger.recordCalls(keep, r.conn, s)
	}
	if err := s.conn.ExecAll(keep, queries.DropSets); err != nil {
		return err
	}
	if _, err := s.conn.Exec(keep, queries.StageCurrent, warehouse.Args{"sync": int32(s.number)}); err != nil {
		return err
	}
	if err := s.stageReconciled(keep); err != nil {
		return err
	}
	if err := r.ledger.reconcile(keep, s.conn, s.list.ID); err != nil {
		return err
	}
	return r.ledger.recordCalls(keep, r.conn, s)
}
