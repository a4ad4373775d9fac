package ledger

import (
	"context"
	"time"

	"rollcall/engine/warehouse"
)

// CompleteApprovals fills in what approvals given by SQL left out.
func CompleteApprovals(ctx context.Context, conn *warehouse.Conn, now time.Time, ttl time.Duration) error {
	_, err := conn.Exec(ctx, queries.CompleteApprovals, warehouse.Args{"now": now, "ttl": ttl.Microseconds()})
	return err
}
