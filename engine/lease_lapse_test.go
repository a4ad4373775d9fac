package engine

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
	e, conn := shared(t)
	e.config.LeaseTTL = 20 * time.Millisecond
	l, err := e.takeLease(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	beat, err := e.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	beat.Close() // no heartbeat comes through
	ctx, lost := context.WithCancelCause(t.Context())
	defer lost(nil)
	go l.keep(ctx, beat, e.connect, lost)
	go l.watch(ctx, lost)
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

// The clock is watched from when the lease is held until it is given back.
func TestHeldLeaseIsWatched(t *testing.T) {
	t.Parallel()
	e, conn := shared(t)
	e.config.LeaseTTL = time.Hour // so that the first heartbeat is far off
	l, err := e.takeLease(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	l.until = time.Now()
	r := &runner{engine: e, ledger: &ledger{lease: l}}
	ctx, release, err := r.hold(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	select {
	case <-ctx.Done():
		if !errors.Is(context.Cause(ctx), ErrLeaseLost) {
			t.Errorf("ended by %v, want ErrLeaseLost", context.Cause(ctx))
		}
	case <-time.After(20 * time.Second):
		t.Error("a run goes on with a lease that lapsed")
	}
}

// A transaction that takes longer than the lease lasts commits one that has not lapsed.
func TestLongTransactionKeepsTheLease(t *testing.T) {
	t.Parallel()
	e, conn := shared(t)
	e.config.LeaseTTL = 20 * time.Millisecond
	l, err := e.takeLease(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	led := &ledger{lease: l, now: e.now, runner: "we:1", failpoint: func(string) {}}
	var ended time.Time
	err = led.write(t.Context(), conn, "long", func(ctx context.Context) error {
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
	h, err := readLease(t.Context(), conn)
	if err != nil || !h.expiresAt.After(ended) {
		t.Errorf("it lapsed at %s, %v; the transaction ended at %s", h.expiresAt, err, ended)
	}
}
