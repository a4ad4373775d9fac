package object

import (
	"context"

	"rollcall/engine/kind"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// keepsForeign says whether values that others wrote stay.
func (s *objectSync) keepsForeign() bool { return s.Spec.ForeignValues == syncspec.KeepForeignValues }

// stageWanted stages what the query asks for beside what is known of it. Records of which that is too little are looked up: merged ones, and where
// values of others stay, all that may be written, as what is known of them does not tell what others have changed since.
func (s *objectSync) stageWanted(ctx context.Context) error {
	owned := warehouse.Args{"object_type_id": s.objectType.ID, "name": s.Spec.Name, "properties": s.writable()}
	if _, err := s.conn.Exec(ctx, queries.StageOwned, owned); err != nil {
		return err
	}
	if err := s.ownClaimed(ctx); err != nil {
		return err
	}
	if err := s.findClaimed(ctx); err != nil {
		return err
	}
	for {
		if _, err := s.conn.Exec(ctx, queries.StageWanted, warehouse.Args{"sync": s.Number}); err != nil {
			return err
		}
		keys, err := s.unreadKeys(ctx)
		if err != nil || len(keys) == 0 {
			return err
		}
		if err := s.lookUpKeys(ctx, keys); err != nil {
			return err
		}
	}
}

// Reconcile writes to the ledger the outcome of the sync's changes whose answer was lost, and where records were looked up, which values others have
// changed since they were last known. Changes come first: a value that Rollcall wrote itself is no drift.
func (o *objects) Reconcile(ctx context.Context, ks *kind.Sync) (*int64, error) {
	s := o.of(ks)
	if s.env.Unanswered[s.target()] {
		if err := s.env.Ledger.Reconcile(ctx, s.target(), kind.NothingMore); err != nil {
			return nil, err
		}
	}
	if s.asked == 0 {
		return nil, nil
	}
	if _, err := s.conn.Exec(ctx, queries.StageDrift, warehouse.Args{"object_type_id": s.objectType.ID, "target": s.target()}); err != nil {
		return nil, err
	}
	var drift, changed int64
	if err := s.conn.ReadRow(ctx, queries.CountDrift, nil, &drift, &changed); err != nil {
		return nil, err
	}
	if changed == 0 {
		return &drift, nil
	}
	return &drift, s.recordDrift(ctx, drift)
}

// recordDrift writes what others have changed, and lets the values that are known follow, in one transaction: so that drift is found once, also where
// a guard then blocks the plan.
func (s *objectSync) recordDrift(ctx context.Context, drift int64) error {
	now := s.env.Now()
	return s.env.Ledger.Write(ctx, "record drift", nil, func(ctx context.Context) error {
		of := warehouse.Args{"run_id": s.RunID, "name": s.Spec.Name, "target": s.target(), "now": now}
		if _, err := s.conn.Exec(ctx, queries.RecordDrift, of); err != nil {
			return err
		}
		if _, err := s.conn.Exec(ctx, queries.FollowDrift, warehouse.Args{"object_type_id": s.objectType.ID, "now": now}); err != nil {
			return err
		}
		return s.env.Ledger.NoteDrift(ctx, s.Sync, drift)
	})
}
