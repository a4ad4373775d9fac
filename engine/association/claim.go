package association

import (
	"context"

	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// A link belongs to the sync that has made it (rollcall.links.sync). Other syncs whose queries ask for it claim it (rollcall.link_claims). Where the
// owner's query drops it, it goes over to one of those instead of being ended, and the owner of a row that is gone or off is followed by who asks next.
// The claims are those of each sync's last run that was neither blocked nor a dry run.

// stageClaims finds the links that the sync claims, and counts what the ledger does not have of that. Undoing a run asks for no links, so that its
// claims stay. The plan is made.
func (s *linkSync) stageClaims(ctx context.Context) error {
	if s.Undoes != "" {
		return nil
	}
	if err := s.exec(ctx, warehouse.Args{"removes": s.Spec.Mode == syncspec.Remove}, queries.StageClaims); err != nil {
		return err
	}
	return s.conn.ReadRow(ctx, queries.CountClaimChanges, with(queries.CountClaimChanges, s.subject()), &s.claims)
}

// recordClaims writes which links go over to other syncs, and which ones the sync claims.
func (s *linkSync) recordClaims(ctx context.Context) error {
	if s.claims == 0 {
		return nil
	}
	return s.exec(ctx, warehouse.Args{"run_id": s.RunID}, queries.TransferLinks, queries.EndTransferredClaims, queries.TakeOrphaned, queries.DeleteClaims, queries.InsertClaims)
}
