package engine

import (
	"context"
	"time"

	"rollcall/engine/ledger"
	"rollcall/engine/warehouse"
)

// takeLease takes the lease, or says who holds it in a HeldError.
func (e *Engine) takeLease(ctx context.Context, conn *warehouse.Conn) (*ledger.Lease, error) {
	return ledger.Take(ctx, conn, ledger.Claim{Owner: e.config.Runner, TTL: e.config.LeaseTTL, Skew: e.skew(), Exclusive: e.exclusive})
}

// skew returns the margin with which a lease lapses: on a local file all times come from one clock, and on a shared
// database from those of the runners' machines.
func (e *Engine) skew() time.Duration {
	if e.warehouse.Local() {
		return 0
	}
	return ledger.Skew
}

// release gives the lease back on conn, or on another connection where the database does not answer on that one. An
// interrupted run gives it back too: the next one would have to wait until it lapses.
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
