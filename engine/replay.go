package engine

import (
	"context"
	"time"

	"rollcall/engine/warehouse"
)

// replay lets every kind bring what it knows of HubSpot in step with outcomes that were taken in at now.
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
