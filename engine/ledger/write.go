package ledger

import (
	"context"
	"errors"
	"time"

	"rollcall/engine/warehouse"
)

// write runs do, a step of the way, in one transaction that holds only if the lease does; do must be free to run again,
// since a transaction that lost a race is repeated, up to warehouse.Attempts times. The caller's cancellation does not
// reach it: what was done must be written down, above all after a second signal. The error is ErrLeaseLost, a
// LedgerError, or do's own; nothing is written then.
func (l *Ledger) write(ctx context.Context, conn *warehouse.Conn, step string, do func(context.Context) error) error {
	l.Failpoint("before " + step)
	defer l.Failpoint("after " + step)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ledgerTime)
	defer cancel()
	l.Lease.lock()
	defer l.Lease.unlock()
	// The number of this transaction, the same in each attempt: it tells whether an attempt was committed whose answer
	// was lost.
	l.Lease.wrote++
	for attempt := 1; ; attempt++ {
		err := l.fenced(ctx, conn, do)
		if errors.Is(err, errWritten) {
			return nil
		}
		transient := warehouse.IsConflict(err) || warehouse.IsConnection(err)
		if err == nil || !transient || attempt == warehouse.Attempts || conn.Pause(ctx, attempt) != nil {
			return Unwritten(err)
		}
	}
}

// errWritten says that a transaction was committed though the answer to its COMMIT was lost.
var errWritten = errors.New("the transaction was committed before")

// fenced runs do in one transaction that holds the lease's row from its beginning. One that took long prolongs the lease again at its end,
// since what it wrote at its beginning may have lapsed by then.
func (l *Ledger) fenced(ctx context.Context, conn *warehouse.Conn, do func(context.Context) error) error {
	begun := time.Now()
	renewed := begun
	defer l.Lease.setWriting(false)
	// The first statement writes the lease's row, so that this transaction and one that takes the lease meanwhile can't
	// both be committed.
	err := conn.Transaction(ctx, func() error {
		if err := l.Lease.beginWrite(ctx, conn); err != nil {
			return err
		}
		l.Lease.setWriting(true)
		if err := do(ctx); err != nil {
			return err
		}
		if took := time.Since(begun); took > l.Lease.ttl/4 {
			renewed = begun.Add(took)
			return l.Lease.prolong(ctx, conn, took+l.Lease.ttl)
		}
		return nil
	})
	if err == nil {
		l.Lease.renewed(renewed)
	}
	return err
}

// beginWrite proves that the lease is held, prolongs it, and notes the transaction's number in its row. It is errWritten where that number
// is there: the transaction was committed before, and only the answer was lost. The row tells for sure, since a COMMIT that is still under
// way has written it too, and one of the two fails.
func (l *Lease) beginWrite(ctx context.Context, conn *warehouse.Conn) error {
	n, err := conn.Exec(ctx, queries.BeginWrite, warehouse.Args{"owner": l.owner, "epoch": l.Epoch, "ttl_ms": l.ttl.Milliseconds(), "write": l.wrote})
	if err != nil || n == 1 {
		return err
	}
	var there int64
	err = conn.ReadRow(ctx, queries.FindWrite, warehouse.Args{"owner": l.owner, "epoch": l.Epoch, "write": l.wrote}, &there)
	switch {
	case err != nil:
		return err
	case there == 1:
		return errWritten
	}
	return ErrLeaseLost
}

// LedgerError says that the database did not take what was to be written: its disk is full, or it is gone.
type LedgerError struct{ Err error }

// Error says why.
func (e *LedgerError) Error() string { return "the ledger can't be written: " + e.Err.Error() }

// Unwrap is the cause.
func (e *LedgerError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *LedgerError) Hint() string {
	return "nothing more was sent; run it again when the database can be written: the next run continues from what the list shows"
}

// Unwritten makes a LedgerError of what the database says against writing. A lost lease, and what Rollcall itself has against it, stay.
func Unwritten(err error) error {
	if !warehouse.IsDatabase(err) {
		return err
	}
	return &LedgerError{err}
}

// readIDs reads the IDs of runs that a query without other columns finds.
func readIDs(ctx context.Context, conn *warehouse.Conn, query warehouse.NamedQuery, args warehouse.Args) (runs []string, err error) {
	err = conn.ReadRows(ctx, query, args, func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		runs = append(runs, id)
		return err
	})
	return runs, err
}
