package ledger

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"rollcall/engine/hint"
	"rollcall/engine/warehouse"
)

// ErrLeaseLost says that another runner has taken the lease: nothing more may be sent or written.
var ErrLeaseLost = errors.New("the lease was lost to another runner")

// HeldError says that another runner is at work: who, and when it was last heard of.
type HeldError struct{ Err *hint.Error }

// Error says who it is.
func (e *HeldError) Error() string { return e.Err.Error() }

// Unwrap is the Error, which knows a hint.
func (e *HeldError) Unwrap() error { return e.Err }

// Lease is the right to run, held by one runner at a time. Its epoch fences the ledger: a runner that was taken for dead
// and comes back can no longer write. A call to HubSpot that is in flight then can't be fenced; adding and removing a
// member twice changes nothing, so it does no harm.
// The row of rollcall.lease is the lock: DuckDB fails the later of two transactions that change it. The order of the
// locks is mu, clock; begins, which holds clock, only tries mu.
type Lease struct {
	Epoch int64 // counts the takings: runs of a smaller one are earlier

	owner     string
	ttl       time.Duration // how long it holds without a heartbeat
	exclusive bool          // nobody else can take it, whatever its age
	mu        sync.Mutex    // the heartbeat and the ledger's transactions write the same row: never at once; see lock
	wrote     int64         // the ledger's transactions, counted; guarded by mu

	clock   sync.Mutex         // guards the fields below
	until   time.Time          // when it lapses, by this process's clock, unless it is renewed
	writing bool               // a transaction holds its row: nobody can take it before that has ended
	waiting int                // how many transactions wait for mu
	beating context.CancelFunc // ends the heartbeat that is under way; nil: there is none
}

// Skew is how far the clocks of two runners may be apart. DuckDB folds now() into a constant where the statement is planned, so on a shared
// database the times in the lease are the runners' own, and it is taken only when it lapsed that long ago. Kerberos allows
// clocks as much by default (MIT Kerberos documentation, krb5.conf, clockskew).
const Skew = 5 * time.Minute

// releaseTime bounds the giving back of the lease, which lapses by itself too: a program that was told to end must not
// wait for a database that hangs.
const releaseTime = 30 * time.Second

// Holder is who holds the lease, as its row says. Owner is empty where nobody does.
type Holder struct {
	Owner       string
	HeartbeatAt time.Time
	ExpiresAt   time.Time
	ReadAt      time.Time // when this was read, by the database's clock
	epoch       int64     // of the taking
	writes      int64     // the number of its last transaction; a negative number of the taking before the first
}

// Claim is what a runner says who wants the lease.
type Claim struct {
	Owner     string
	TTL       time.Duration // how long the lease holds without a heartbeat
	Skew      time.Duration // how long after its end it is another's
	Exclusive bool          // nobody else can hold it, as nobody else has the file: whoever the row names is gone
}

// Take takes the lease or says who holds it, in a HeldError. A local file can be open in one process only, so whoever the row names
// there is gone.
//
// A conditional UPDATE of one row takes it. Measured on DuckDB: of many that try at once one changes the row, whereas an
// INSERT of what is not there let two in.
func Take(ctx context.Context, conn *warehouse.Conn, c Claim) (*Lease, error) {
	// An interruption between the two statements would leave a lease that nobody knows to give back.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ledgerTime)
	defer cancel()
	begun := time.Now()
	n, err := take(ctx, conn, warehouse.Args{"owner": c.Owner, "ttl_ms": c.TTL.Milliseconds(), "skew_ms": c.Skew.Milliseconds(), "force": c.Exclusive})
	lost := !c.Exclusive && warehouse.IsConflict(err) // the race for it; where nobody else can be, a full disk looks the same
	if err != nil && !lost {
		return nil, fmt.Errorf("take lease: %w", Unwritten(err))
	}
	// The row is read back in any case: it has the epoch, and says who has it where it was not taken.
	h, readErr := ReadHolder(ctx, conn)
	if readErr != nil {
		return nil, readErr
	}
	if lost && h.Owner == "" {
		return nil, &HeldError{hint.New("run it again", "another runner is just taking the lease: %w", err)}
	}
	if n != 1 || h.Owner != c.Owner {
		return nil, &HeldError{hint.New(
			fmt.Sprintf("wait until it has ended; if it is dead, its lease lapses at %s", h.ExpiresAt.Add(c.Skew).UTC().Format(time.RFC3339)),
			"another runner is at work: %s, last heard of %s ago", h.Owner, max(0, h.ReadAt.Sub(h.HeartbeatAt)).Round(time.Second))}
	}
	return &Lease{owner: c.Owner, Epoch: h.epoch, ttl: c.TTL, exclusive: c.Exclusive, until: begun.Add(c.TTL)}, nil
}

// take takes the lease if it may: n is 1 then. Where the answer is lost, the row is asked who has it: the number in it,
// which no other taking has, tells. The number is negative, and those of the ledger's transactions, which take its place,
// are not.
func take(ctx context.Context, conn *warehouse.Conn, p warehouse.Args) (n int64, err error) {
	taking := -1 - rand.Int64()
	p["taking"] = taking
	err = conn.Retry(ctx, func() error {
		if n, err = conn.Exec(ctx, queries.TakeLease, p); err != nil || n == 1 {
			return err
		}
		h, err := ReadHolder(ctx, conn)
		if err == nil && h.writes == taking {
			n = 1
		}
		return err
	})
	return n, err
}

// ReadHolder reads who holds the lease. It takes nothing, and needs no lease.
func ReadHolder(ctx context.Context, conn *warehouse.Conn) (h Holder, err error) {
	err = conn.ReadRow(ctx, queries.ReadLease, nil, &h.Owner, &h.epoch, &h.HeartbeatAt, &h.ExpiresAt, &h.ReadAt, &h.writes)
	return h, err
}

// lapsedError says that the lease could not be renewed in time. It is ErrLeaseLost: another runner may have it by now.
type lapsedError struct{ ttl time.Duration }

// Error says for how long it was not renewed.
func (e *lapsedError) Error() string {
	return fmt.Sprintf("the lease lapsed: the database took no heartbeat for %s", e.ttl)
}

// Is makes errors.Is find ErrLeaseLost.
func (e *lapsedError) Is(target error) bool { return target == ErrLeaseLost }

// Hint says what to do.
func (e *lapsedError) Hint() string {
	return "nothing more was sent; run it again when the database answers, and raise lease_ttl if it is often slow"
}

// fence proves that the lease is held, and prolongs it. Within a transaction it also makes that transaction fail when
// another runner takes the lease meanwhile.
func (l *Lease) fence(ctx context.Context, conn *warehouse.Conn) error {
	return l.prolong(ctx, conn, l.ttl)
}

// prolong is fence with another time to live. In a transaction that counts from its beginning, where now() does not advance.
func (l *Lease) prolong(ctx context.Context, conn *warehouse.Conn, ttl time.Duration) error {
	n, err := conn.Exec(ctx, queries.Fence, warehouse.Args{"owner": l.owner, "epoch": l.Epoch, "ttl_ms": ttl.Milliseconds()})
	if err != nil {
		return err
	}
	if n != 1 {
		return ErrLeaseLost
	}
	return nil
}

// lock waits for the lease's row, for a transaction of the ledger, which prolongs the lease itself: the heartbeat under
// way is ended, because two transactions that change the row conflict, and the ledger's must not be the one that fails.
func (l *Lease) lock() {
	l.clock.Lock()
	l.waiting++
	if l.beating != nil {
		l.beating()
	}
	l.clock.Unlock()
	l.mu.Lock()
	l.clock.Lock()
	l.waiting--
	l.clock.Unlock()
}

// unlock lets the heartbeat continue.
func (l *Lease) unlock() { l.mu.Unlock() }

// Keep prolongs the lease until ctx ends, and calls lost when it is gone. It closes conn, and connects anew where the database
// does not answer on it.
// It runs on a goroutine of its own. Errors other than a lost lease are left to the next beat: Watch ends the run when
// too many fail.
func (l *Lease) Keep(ctx context.Context, conn *warehouse.Conn, connect func(context.Context) (*warehouse.Conn, error), lost func(error)) {
	defer func() { conn.Close() }()
	ticker := time.NewTicker(l.ttl / 4)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if conn.Lost() {
			anew, err := connect(ctx)
			if err != nil {
				continue
			}
			conn.Close()
			conn = anew
		}
		if err := l.beat(ctx, conn); errors.Is(err, ErrLeaseLost) {
			lost(err)
			return
		}
	}
}

// beat prolongs the lease once, unless a transaction of the ledger does. A database that hangs is not waited for so long that the lease
// lapses before another try.
func (l *Lease) beat(ctx context.Context, conn *warehouse.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, max(l.ttl/4, min(l.ttl, time.Second)))
	defer cancel()
	if !l.begins(cancel) {
		return nil
	}
	defer l.ends()
	begun := time.Now()
	err := l.fence(ctx, conn)
	if err == nil {
		l.renewed(begun)
	}
	return err
}

// begins says whether a heartbeat may begin, which then holds the lease's row until ends is called. While a transaction
// has the row, or waits for it, a heartbeat is not needed.
func (l *Lease) begins(cancel context.CancelFunc) bool {
	l.clock.Lock()
	defer l.clock.Unlock()
	if l.waiting > 0 || !l.mu.TryLock() {
		return false
	}
	l.beating = cancel
	return true
}

// ends gives the row back after a heartbeat.
func (l *Lease) ends() {
	l.clock.Lock()
	defer l.clock.Unlock()
	l.beating = nil
	l.mu.Unlock()
}

// renewed notes that the lease was prolonged at a time, by this process's clock. Callers give the time before the
// statement, so that the lease lapses here no later than in the database.
func (l *Lease) renewed(at time.Time) {
	l.clock.Lock()
	defer l.clock.Unlock()
	l.until = at.Add(l.ttl)
}

// setWriting notes whether a transaction holds the lease's row.
func (l *Lease) setWriting(writing bool) {
	l.clock.Lock()
	defer l.clock.Unlock()
	l.writing = writing
}

// left returns how long the lease lasts yet, unless it is renewed. Two clocks are asked, as one of them stops
// while a machine sleeps: the monotonic one, and, after Round(0), the wall clock. A lease that nobody can take meanwhile
// does not lapse.
func (l *Lease) left() time.Duration {
	l.clock.Lock()
	defer l.clock.Unlock()
	now := time.Now()
	left := min(l.until.Sub(now), l.until.Round(0).Sub(now.Round(0)))
	if left <= 0 && (l.writing || l.exclusive) {
		return l.ttl / 8
	}
	return left
}

// Watch calls lost when the lease lapses by this process's clock, whatever its heartbeat waits for. It returns when ctx
// has ended, or when it has called lost. It looks several times in a ttl, since the lease may be renewed, or the machine
// sleep, meanwhile.
func (l *Lease) Watch(ctx context.Context, lost func(error)) {
	for {
		left := l.left()
		if left <= 0 {
			lost(&lapsedError{l.ttl})
			return
		}
		timer := time.NewTimer(min(left, max(l.ttl/8, time.Millisecond)))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// Release gives the lease back: the next runner need not wait until it lapses. A lease that is another's by now stays as
// it is.
func (l *Lease) Release(ctx context.Context, conn *warehouse.Conn) error {
	l.lock()
	defer l.unlock()
	ctx, cancel := context.WithTimeout(ctx, releaseTime)
	defer cancel()
	return conn.Retry(ctx, func() error {
		_, err := conn.Exec(ctx, queries.ReleaseLease, warehouse.Args{"owner": l.owner, "epoch": l.Epoch})
		return err
	})
}
