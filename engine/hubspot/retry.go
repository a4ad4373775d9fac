package hubspot

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// failure is a failed attempt, and whether and when to retry it.
type failure struct {
	operation string
	err       error
	// retry: another attempt may do better, after at least wait.
	retry bool
	wait  time.Duration
	// maybeApplied: a write that may have been applied all the same.
	maybeApplied bool
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// unanswered is the error of an attempt without a complete answer.
type unanswered struct{ error }

// Unwrap returns the cause.
func (e *unanswered) Unwrap() error { return e.error }

// asFailure returns the failure in err, or one that says nothing.
func asFailure(err error) *failure {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	return &failure{err: errors.New("no failure")}
}

// Waits that HubSpot's limits call for. A lock lasts 2 s (HubSpot's guide to error handling); search is limited by the
// second, everything else by ten.
const (
	lockWait   = 2 * time.Second
	secondWait = time.Second
	maxBackoff = 16
)

// classify returns nil when the answer to an attempt is accepted, else the failure and whether and when to retry.
func (c *core) classify(ctx context.Context, a *attempt, err error, accept func([]byte) error) *failure {
	failed := &failure{operation: a.operation, err: err}
	switch {
	case err != nil && ctx.Err() != nil:
		failed.err, failed.maybeApplied = ctx.Err(), a.write && a.sent
	case errors.Is(err, ErrBreakerOpen), isAccessError(err):
		// Nothing was sent, and what failed has been tried again already.
	case err != nil:
		if errors.Is(err, context.DeadlineExceeded) {
			failed.err = fmt.Errorf("no answer within %s: %w", c.stack.timeout, err)
		}
		failed.err = &unanswered{failed.err}
		failed.maybeApplied = a.write && a.sent && !errors.Is(err, errRedirect)
		failed.retry = !isPermanent(err) && !(a.once && failed.maybeApplied)
	case isSuccess(a.status):
		if failed.err = a.whole(); failed.err == nil && !(a.bodiless && a.status == http.StatusNoContent) {
			failed.err = accept(a.body)
		}
		if failed.err == nil {
			return nil
		}
		failed.maybeApplied = a.write
		failed.retry = !a.once && !errors.Is(failed.err, errMismatch)
	default:
		c.classifyRefusal(a, failed)
	}
	return failed
}

// classifyRefusal fills in the failure for an answer with an error status.
func (c *core) classifyRefusal(a *attempt, failed *failure) {
	refusal := c.apiError(a)
	if a.form != nil {
		refusal = c.grantError(a)
	}
	failed.err = refusal
	failed.wait = refusal.RetryAfter
	switch status := a.status; {
	case status == http.StatusTooManyRequests:
		failed.retry = refusal.limit() != limitDaily
		failed.wait = max(failed.wait, c.pace(a, refusal))
	case status == http.StatusLocked:
		failed.retry = true
		failed.wait = max(failed.wait, lockWait)
	case status == statusMigration:
		failed.retry = true
	case status == http.StatusRequestTimeout || status >= 500 && status != http.StatusNotImplemented:
		failed.maybeApplied = a.write
		failed.retry = !a.once
	}
	if failed.wait > c.stack.maxRetryWait {
		failed.retry = false
	}
}

// statusMigration is HubSpot's status while the account is being moved to another data centre (HubSpot's guide to error handling).
const statusMigration = 477

// pace returns how long a 429 that is not the day's asks to wait, and holds back the other callers for as long.
func (c *core) pace(a *attempt, refusal *APIError) time.Duration {
	switch refusal.limit() {
	case limitDaily:
		return 0
	case limitSecondly:
		if a.search {
			c.stack.search.pause(secondWait)
		}
		return secondWait
	}
	wait := time.Duration(0)
	if w := windowOf(a.header); w != nil {
		wait = w.interval
	} else if refusal.limit() == limitTenSecondly {
		wait = defaultInterval
	}
	if hold := max(wait, refusal.RetryAfter); hold <= c.stack.maxRetryWait {
		c.stack.pacer.pause(hold)
	}
	return wait
}

// Kinds of limit that a 429 runs into.
const (
	limitUnknown = iota
	limitDaily
	limitTenSecondly
	limitSecondly
)

// limit returns which limit a 429 hit, by policyName, or by the message when that is missing (both shapes are in
// HubSpot's documentation and in the wild). Other statuses have none.
func (e *APIError) limit() int {
	if e.Status != http.StatusTooManyRequests {
		return limitUnknown
	}
	name := strings.ToLower(e.PolicyName)
	if name == "" {
		name = strings.ToLower(e.Message)
	}
	switch {
	case strings.Contains(name, "daily"):
		return limitDaily
	case strings.Contains(name, "ten_secondly"), strings.Contains(name, "ten secondly"):
		return limitTenSecondly
	case strings.Contains(name, "secondly"):
		return limitSecondly
	}
	return limitUnknown
}

// retryAfter reads the header, in seconds or as an HTTP date; 0 when it is missing, unreadable or past.
func retryAfter(header http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		if seconds < 0 || seconds > float64(365*24*time.Hour/time.Second) {
			return 0
		}
		return time.Duration(seconds * float64(time.Second))
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// jittered returns the wait after the n-th attempt: it doubles each time up to 16 times the base, and is spread over its
// upper half so that callers who failed together do not come back together.
func (s *stack) jittered(attempt int) time.Duration {
	factor := min(1<<min(attempt-1, 30), maxBackoff)
	wait := s.retryBase * time.Duration(factor)
	return wait/2 + rand.N(wait/2+1)
}

// backoff waits as jittered says, unless the context ends first.
func (s *stack) backoff(ctx context.Context, attempt int) error {
	timer := time.NewTimer(s.jittered(attempt))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
