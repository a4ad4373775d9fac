package warehouse

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// Limits bound how long a remote database is waited for. What is 0 has a default. Statements of MotherDuck's now and then neither end
// nor fail, and do not always hear an interruption (github.com/estuary/connectors, materialize-motherduck/driver.go), so a statement whose
// time is up is interrupted, and waited for a little longer; then its connection is given up.
type Limits struct {
	Open      time.Duration // for opening, which may download MotherDuck's extension; default 2 minutes
	Statement time.Duration // for a statement; default 10 minutes. An analyst's query has a limit of its own
	Answer    time.Duration // for the answer to an interruption; default 5 seconds, less than the engine waits before it ends the process
	Backoff   time.Duration // before a connection that failed is tried again for the first time; it doubles; default 250 milliseconds
}

func (l Limits) orDefaults() Limits {
	return Limits{
		Open: cmp.Or(l.Open, 2*time.Minute), Statement: cmp.Or(l.Statement, 10*time.Minute),
		Answer: cmp.Or(l.Answer, 5*time.Second), Backoff: cmp.Or(l.Backoff, 250*time.Millisecond),
	}
}

// Attempts is how often what failed for a transient reason is tried altogether.
const Attempts = 5

// TimeoutError means that a remote database took too long. Whether what it was asked for was carried out is not known.
type TimeoutError struct {
	limit time.Duration // 0: the caller's time was up
	lost  bool          // it did not answer the interruption either
	err   error
}

// Error returns how long was waited, and whether the connection was given up.
func (e *TimeoutError) Error() string {
	switch {
	case e.limit == 0:
		return "the database did not answer an interruption; the connection was given up"
	case e.lost:
		return fmt.Sprintf("the database did not answer within %s; the connection was given up", e.limit)
	}
	return fmt.Sprintf("the statement took longer than %s", e.limit)
}

// Hint returns what to do.
func (e *TimeoutError) Hint() string { return "run it again when the database answers" }

// Unwrap is why the waiting ended.
func (e *TimeoutError) Unwrap() error { return e.err }

// errLimit is the cause of a context whose statement's limit has passed.
var errLimit = errors.New("the limit of a statement has passed")

// slowOpening says of an error that came of the limit that it did.
func (l *Limits) slowOpening(answered bool, err error) error {
	if !errors.Is(err, errLimit) && !(answered && errors.Is(err, context.DeadlineExceeded)) {
		return err
	}
	return &Error{
		message: fmt.Sprintf("the database could not be opened within %s", l.Open),
		hint:    "look whether the network lets this machine reach MotherDuck and extensions.duckdb.org, and run it again",
		err:     err,
	}
}

// within waits for do until ctx has ended, and a while longer. answered is false where it came to no end by then; what it still returns
// is given to discard.
func within[T any](ctx context.Context, longer time.Duration, do func() (T, error), discard func(T)) (value T, answered bool, err error) {
	type answer struct {
		value T
		err   error
	}
	answers := make(chan answer, 1)
	go func() {
		value, err := do()
		answers <- answer{value, err}
	}()
	select {
	case a := <-answers:
		return a.value, true, a.err
	case <-ctx.Done():
	}
	timer := time.NewTimer(longer)
	defer timer.Stop()
	select {
	case a := <-answers:
		return a.value, true, a.err
	case <-timer.C:
	}
	go func() {
		if a := <-answers; a.err == nil {
			discard(a.value)
		}
	}()
	return value, false, context.Cause(ctx)
}

// unlimited marks contexts whose own deadline is the limit of their statements.
type unlimited struct{}

func withoutLimit(ctx context.Context) context.Context {
	return context.WithValue(ctx, unlimited{}, true)
}

// ask lets the driver do something on the connection. A remote database is waited for no longer than its limits say. The caller calls
// done when it no longer needs the value.
func ask[T any](ctx context.Context, c *Conn, do func(context.Context) (T, error), discard func(T)) (value T, done func(), err error) {
	if c.lost != nil {
		return value, nil, c.lost
	}
	if c.limits == nil {
		value, err = do(ctx)
		return value, func() {}, err
	}
	limit, bounded := c.limits.Statement, ctx
	cancel := context.CancelFunc(func() {})
	if ctx.Value(unlimited{}) == nil {
		bounded, cancel = context.WithTimeoutCause(ctx, limit, errLimit)
	}
	value, answered, err := within(bounded, c.limits.Answer, func() (T, error) { return do(bounded) }, discard)
	if err == nil {
		return value, cancel, nil
	}
	defer cancel()
	cause := context.Cause(bounded)
	if !errors.Is(cause, errLimit) {
		limit, cause = 0, errors.Join(bounded.Err(), cause) // a cause does not say that it was a deadline
	}
	switch {
	case !answered:
		c.lost = &TimeoutError{limit, true, cause}
		err = c.lost
		if c.onLoss != nil {
			c.onLoss()
		}
	case limit > 0 && (IsInterrupt(err) || errors.Is(err, context.DeadlineExceeded)):
		err = &TimeoutError{limit, false, err}
	}
	return value, nil, err
}

// Retry does something again, after a pause that doubles, as long as the connection to a remote database fails. It must be free to run
// again also where it was carried out and only the answer was lost. In a transaction it is done once: all of it is gone with the connection.
func (c *Conn) Retry(ctx context.Context, do func() error) error {
	for attempt := 1; ; attempt++ {
		err := do()
		if !IsConnection(err) || c.limits == nil || c.inTransaction || attempt == Attempts || c.Pause(ctx, attempt) != nil {
			return err
		}
	}
}

// Pause waits before the attempt after the given one, which is counted from 1.
func (c *Conn) Pause(ctx context.Context, attempt int) error {
	base := 50 * time.Millisecond
	if c.limits != nil {
		base = c.limits.Backoff
	}
	return pause(ctx, base, attempt)
}

func pause(ctx context.Context, base time.Duration, attempt int) error {
	timer := time.NewTimer(base<<(attempt-1) + rand.N(base))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// IsConnection reports whether err is a failure of the way to a remote database. What was sent may have been carried out.
func IsConnection(err error) bool {
	switch kind(err) {
	case duckdb.ErrorTypeConnection, duckdb.ErrorTypeNetwork:
		return true
	}
	return errors.Is(err, driver.ErrBadConn)
}
