package engine

import (
	"context"
	"time"

	"rollcall/engine/warehouse"
)

// replay lets every kind bring what it knows of HubSpot in step with outcomes that were taken in at now, in the
// transaction that takes them in. The ledger calls it by Ledger.Replay, before there is an execution.
func (e *Engine) replay(ctx context.Context, conn *warehouse.Conn, now time.Time) error {
	for _, d := range e.config.Drivers {
		if d.Replay == nil {
			continue
		}
		if err := d.Replay(ctx, conn, now); err != nil {
			return err
		}
	}
	return nil
}
