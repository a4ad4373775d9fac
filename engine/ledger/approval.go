package ledger

import (
	"context"
	"time"

	"rollcall/engine/warehouse"
)

// CompleteApprovals fills in what approvals given by SQL left out: the sync, the plan's hash, the time, and until when
// they count, ttl after that. Whoever is about to rely on approvals calls it first, in the same transaction. An INSERT
// INTO rollcall.approvals with a run_id is enough for an analyst.
func CompleteApprovals(ctx context.Context, conn *warehouse.Conn, now time.Time, ttl time.Duration) error {
	_, err := conn.Exec(ctx, queries.CompleteApprovals, warehouse.Args{"now": now, "ttl": ttl.Microseconds()})
	return err
}
