package ledger

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"rollcall/engine/hint"
)

// A runner whose heartbeats fail stops by its own clock when its lease lapses; on a file that is its own alone it does not.
func TestLeaseLapses(t *testing.T) {
	t.Parallel()
	b, conn := shared(t)
	b.claim.TTL = 20 * time.Millisecond
	l := b.take(t, conn)
	beat, err := b.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	beat.Close() // no heartbeat comes through
	ctx, lost := context.WithCancelCause(t.Context())
	defer lost(nil)
	go l.Keep(ctx, beat, b.Conn, lost)
	go l.Watch(ctx, lost)
	<-ctx.Done()
	if err := context.Cause(ctx); !errors.Is(err, ErrLeaseLost) || !strings.Contains(err.Error(), "no heartbeat for 20ms") || hint.Of(err) == "" {
		t.Errorf("ended by %v (hint: %s), want that the lease lapsed", err, hint.Of(err))
	}
	if l.left() > 0 {
		t.Errorf("%s are left of a lease that lapsed", l.left())
	}
	if l.exclusive = true; l.left() <= 0 {
		t.Error("a lease that nobody else can take lapses")
	}
}

// A transaction that takes longer than the lease lasts commits one that has not lapsed.
func TestLongTransactionKeepsTheLease(t *testing.T) {
	t.Parallel()
	b, conn := shared(t)
	b.claim.TTL = 20 * time.Millisecond
	l := b.take(t, conn)
	led := ledgerOf(l)
	var ended time.Time
	err := led.write(t.Context(), conn, "long", func(ctx context.Context) error {
		for begun := time.Now(); time.Since(begun) < 3*l.ttl; {
			if _, err := conn.ExecContext(ctx, "SELECT 1"); err != nil {
				return err
			}
		}
		if l.left() <= 0 {
			t.Error("the lease lapses in a transaction that holds its row")
		}
		ended = time.Now()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	h, err := ReadHolder(t.Context(), conn)
	if err != nil || !h.ExpiresAt.After(ended) {
		t.Errorf("it lapsed at %s, %v; the transaction ended at %s", h.ExpiresAt, err, ended)
	}
}
