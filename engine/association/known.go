package association

import (
	"context"
	"slices"
	"time"

	"rollcall/engine/kind"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
)

// Unwritten reports whether associations were read that the ledger does not have yet, or claims have changed.
func (a *associations) Unwritten(_ context.Context, ks *kind.Sync, _ *plan.Plan) (bool, error) {
	s := a.of(ks)
	return s.unrecorded || s.claims > 0, nil
}

// Intend writes what was read of associations, and the claims. From here on what other syncs of the execution have read between the same object types is out of
// date, in either direction.
func (a *associations) Intend(ctx context.Context, ks *kind.Sync, p *plan.Plan) error {
	s := a.of(ks)
	if !p.Empty() {
		a.wrote[s.target()], a.wrote[s.to.Path()+"->"+s.from.Path()] = s.Number, s.Number
	}
	if s.unrecorded {
		if err := s.recordRead(ctx); err != nil {
			return err
		}
	}
	return s.recordClaims(ctx)
}

// recordRead replaces what the ledger has of the links from the records that were read, in the caller's transaction.
func (s *linkSync) recordRead(ctx context.Context) error {
	return s.exec(ctx, warehouse.Args{"now": s.env.Now()}, queries.DeleteRead, queries.InsertRead, queries.DeleteReads, queries.InsertReads)
}

// Record lets rollcall.links follow the outcomes of a batch. The keys of links that HubSpot refused are looked up again by the next run: it may have
// lost one of their records.
func (a *associations) Record(ctx context.Context, ks *kind.Sync, _ *plan.Plan, outcomes []plan.Outcome) error {
	s := a.of(ks)
	had := func(state string) bool {
		return slices.ContainsFunc(outcomes, func(o plan.Outcome) bool { return o.State == state })
	}
	more := warehouse.Args{"now": a.env.Now(), "run_id": s.RunID, "from_type": s.from.ID, "to_type": s.to.ID}
	if had(plan.StateDone) {
		if err := s.exec(ctx, more, queries.DeleteSettled, queries.DeleteReplaced, queries.InsertLinked); err != nil {
			return err
		}
	}
	if had(plan.StateFailed) {
		if err := s.exec(ctx, more, queries.EvictRefused); err != nil {
			return err
		}
	}
	return s.recordRefused(ctx)
}

// replay brings rollcall.links in step with the outcomes that were taken in from the journal at now, in the transaction that took them in.
func replay(ctx context.Context, conn *warehouse.Conn, now time.Time) error {
	if err := conn.ExecAll(ctx, queries.TakeUnlinked); err != nil {
		return err
	}
	_, err := conn.Exec(ctx, queries.TakeLinked, warehouse.Args{"now": now})
	return err
}
