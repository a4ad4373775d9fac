package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrLeaseLost says that another runner has taken the lease: nothing more may be sent or written.
var ErrLeaseLost = errors.New("the lease was lost to another runner")

// HeldError says that another runner is at work: who, and when it was last heard of.
type HeldError struct{ Err *Error }

// Error says who it is.
func (e *HeldError) Error() string { return e.Err.Error() }

// Unwrap is the Error, which knows a hint.
func (e *HeldError) Unwrap() error { return e.Err }

// lease is the right to run, held by one runner at a time. Its epoch fences the ledger: a runner that was taken for dead
// and comes back can no longer write. A call to HubSpot that is in flight then can't be fenced; adding and removing a
// member twice changes nothing, so it does no harm.
type lease struct {
	owner string
	epoch int64
	ttl   time.Duration
	mu    sync.Mutex // the heartbeat and the ledger's transactions write the same row: never at once
}

// holder is who holds the lease.
type holder struct {
	owner       string
	epoch       int64
	heartbeatAt time.Time
	expiresAt   time.Time
	readAt      time.Time
}

// takeLease takes the lease or says who holds it. A local file can be open in one process only, so whoever the row names
// there is gone.
func (e *Engine) takeLease(ctx context.Context, conn *sql.Conn) (*lease, error) {
	// An interruption between the two statements would leave a lease that nobody knows to give back.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ledgerTime)
	defer cancel()
	owner := e.config.Runner
	p := params{"owner": owner, "ttl_ms": e.config.LeaseTTL.Milliseconds(), "force": e.alone}
	n, err := exec(ctx, conn, "05_take_lease", p)
	lost := !e.alone && conflicted(err) // the race for it; where nobody else can be, a full disk looks the same
	if err != nil && !lost {
		return nil, fmt.Errorf("take lease: %w", unwritten(err))
	}
	h, readErr := readLease(ctx, conn)
	if readErr != nil {
		return nil, readErr
	}
	if lost && h.owner == "" {
		return nil, &HeldError{refuse("run it again", "another runner is just taking the lease: %w", err)}
	}
	if n != 1 || h.owner != owner {
		return nil, &HeldError{refuse(
			fmt.Sprintf("wait until it has ended; if it is dead, its lease lapses at %s", h.expiresAt.UTC().Format(time.RFC3339)),
			"another runner is at work: %s, last heard of %s ago", h.owner, h.readAt.Sub(h.heartbeatAt).Round(time.Second))}
	}
	return &lease{owner: owner, epoch: h.epoch, ttl: e.config.LeaseTTL}, nil
}

func readLease(ctx context.Context, conn *sql.Conn) (h holder, err error) {
	err = readRow(ctx, conn, "06_read_lease", nil, &h.owner, &h.epoch, &h.heartbeatAt, &h.expiresAt, &h.readAt)
	return h, err
}

// fence proves that the lease is held, and prolongs it. Within a transaction it also makes that transaction fail when
// another runner takes the lease meanwhile.
func (l *lease) fence(ctx context.Context, conn *sql.Conn) error {
	n, err := exec(ctx, conn, "07_fence", params{"owner": l.owner, "epoch": l.epoch, "ttl_ms": l.ttl.Milliseconds()})
	if err != nil {
		return err
	}
	if n != 1 {
		return ErrLeaseLost
	}
	return nil
}

// keep prolongs the lease on a connection of its own until ctx ends, and calls lost when it is gone.
func (l *lease) keep(ctx context.Context, conn *sql.Conn, lost func(error)) {
	ticker := time.NewTicker(l.ttl / 4)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			l.mu.Lock()
			err := l.fence(ctx, conn)
			l.mu.Unlock()
			if errors.Is(err, ErrLeaseLost) {
				lost(err)
				return
			}
		}
	}
}

// release gives the lease back.
func (l *lease) release(ctx context.Context, conn *sql.Conn) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := exec(ctx, conn, "08_release_lease", params{"owner": l.owner, "epoch": l.epoch})
	return err
}
