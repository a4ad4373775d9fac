package engine

import (
	"context"
	"time"

	"rollcall/engine/ledger"
	"rollcall/engine/warehouse"
)

// takeLease takes the lease or says who holds it.
func (e *Engine) takeLease(ctx context.Context, conn *warehouse.Conn) (*ledger.Lease, error) {
	return ledger.Take(ctx, conn, ledger.Claim{Owner: e.config.Runner, TTL: e.config.LeaseTTL, Skew: e.skew(), Exclusive: e.exclusive})
}

// skew is the margin with which a lease lapses.
func (e *Engine) skew() time.Duration {
	if e.warehouse.Local() {
		return 0
	}
	return ledger.Skew
}

// release gives the lease back on conn, or on another connection where the database does not answer on that one.
func (e *Engine) release(ctx context.Context, l *ledger.Lease, conn *warehouse.Conn) error {
	ctx = context.WithoutCancel(ctx)
	if !conn.Lost() {
		return l.Release(ctx, conn)
	}
	anew, err := e.warehouse.Conn(ctx)
	if err != nil {
		return err
	}
	defer anew.Close()
	return l.Release(ctx, anew)
}
