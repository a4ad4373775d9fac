package engine

import (
	"context"

	"rollcall/engine/hubspot"
	"rollcall/syncspec"
)

// settleStrays finds out what became of changes whose answer was lost on lists that no row asks for any more: it was deleted or
// disabled since, or given another list. Those of the other lists are settled in the turns of their rows. A list that can't be read
// keeps its changes for the next run.
func (r *runner) settleStrays(ctx context.Context, round *round) error {
	if len(round.unsettled) == 0 || r.options.DryRun || ctx.Err() != nil {
		return nil
	}
	strays := map[string]string{} // list IDs with the name of the sync
	err := readRows(ctx, r.conn, "19_read_strays", nil, func(scan func(...any) error) error {
		var listID, sync string
		err := scan(&listID, &sync)
		strays[listID] = sync
		return err
	})
	if err != nil {
		return err
	}
	for listID, sync := range strays {
		if ctx.Err() != nil {
			return nil
		}
		if err := r.settleStray(ctx, round.join(syncspec.Spec{Name: sync, ListID: listID})); err != nil {
			return err
		}
	}
	return nil
}

// settleStray reads a list for nothing but its changes. The error is the ledger's. A list that is gone has no members.
func (r *runner) settleStray(ctx context.Context, s *session) error {
	s.list.ID = s.spec.ListID
	keep := context.WithoutCancel(ctx)
	err := s.readBack(ctx)
	if err != nil && !hubspot.IsNotFound(err) {
		s.log.Warn().Err(err).Str("list_id", s.list.ID).Msg("changes whose answer was lost stay unknown")
		return r.ledger.recordCalls(keep, r.conn, s)
	}
	if err := execAll(keep, s.conn, "48_drop_sets"); err != nil {
		return err
	}
	if _, err := exec(keep, s.conn, "43_stage_current", params{"sync": int32(s.number)}); err != nil {
		return err
	}
	if err := s.reconcile(keep); err != nil {
		return err
	}
	if err := r.ledger.settle(keep, s.conn, s.list.ID); err != nil {
		return err
	}
	return r.ledger.recordCalls(keep, r.conn, s)
}
