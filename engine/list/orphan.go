package list

import (
	"context"

	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// ReconcileOrphans reconciles orphaned changes: their answer was lost, and no row uses their list any more, since it was
// deleted or disabled, or has another list now. Other lists are reconciled when their own sync runs. A list that can't be
// read keeps its changes for the next run. The engine calls it once per execution, in runs of all syncs; without it such
// a change would stay unknown for ever.
func (l *lists) ReconcileOrphans(ctx context.Context) error {
	orphans := map[string]string{} // the name of the sync by list ID
	err := l.conn.ReadRows(ctx, queries.ReadOrphans, nil, func(scan func(...any) error) error {
		var listID, sync string
		err := scan(&listID, &sync)
		orphans[listID] = sync
		return err
	})
	if err != nil {
		return err
	}
	for listID, sync := range orphans {
		// They can wait: nobody plans for these lists.
		if ctx.Err() != nil {
			return nil
		}
		if err := l.reconcileOrphan(ctx, l.env.Join(syncspec.Spec{Name: sync, Kind: syncspec.List, ListID: listID})); err != nil {
			return err
		}
	}
	return nil
}

// reconcileOrphan reads a list only to reconcile its changes. The error means that the ledger could not be written. A list that was
// deleted has no members.
func (l *lists) reconcileOrphan(ctx context.Context, ks *kind.Sync) error {
	s := l.of(ks)
	s.list.ID = s.Spec.ListID
	// The list has been read, or it can't be: the outcome is written even where the run is interrupted now.
	keep := context.WithoutCancel(ctx)
	err := s.readBack(ctx)
	if err != nil && !hubspot.IsNotFound(err) {
		s.Log.Warn().Err(err).Str("list_id", s.list.ID).Msg("changes whose answer was lost stay unknown")
		return s.recordCalls(keep)
	}
	if _, err := s.conn.Exec(keep, queries.RestageCurrent, warehouse.Args{"sync": s.Number}); err != nil {
		return err
	}
	if err := s.stageReconciled(keep); err != nil {
		return err
	}
	if err := s.reconcileChanges(keep); err != nil {
		return err
	}
	return s.recordCalls(keep)
}

// recordCalls writes calls that belong to no run: those of reading a list only to reconcile its changes. Write does that
// for the syncs it is given.
func (s *listSync) recordCalls(ctx context.Context) error {
	return s.env.Ledger.Write(ctx, "record calls", []*kind.Sync{s.Sync}, func(context.Context) error { return nil })
}
