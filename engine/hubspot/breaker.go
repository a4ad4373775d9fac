package hubspot

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

// breaker keeps many callers from each using up all retries on a HubSpot that is down. It opens after a run of failures,
// and after a while lets one attempt through to see.
type breaker struct {
	circuit   circuitbreaker.CircuitBreaker[any]
	threshold int

	mu sync.Mutex
	// counted is when the last failure was counted. Attempts that were under way then are not counted again.
	counted time.Time
	last    string // what failed then
}

func newBreaker(threshold int, delay time.Duration) *breaker {
	return &breaker{
		threshold: threshold,
		circuit: circuitbreaker.NewBuilder[any]().
			WithFailureThreshold(uint(threshold)).
			WithSuccessThreshold(1).
			WithDelay(delay).
			Build(),
	}
}

func (b *breaker) around(next sender) sender {
	return func(ctx context.Context, a *attempt) error {
		if !b.circuit.TryAcquirePermit() {
			return b.open()
		}
		err := next(ctx, a)
		switch {
		case err != nil && ctx.Err() != nil:
			// Cancelled by the caller: no verdict on HubSpot. Only a probe has to give its permit back.
			if b.circuit.IsHalfOpen() {
				b.circuit.RecordFailure()
			}
		case err != nil && !isPermanent(err):
			b.fail(a, fmt.Sprintf("no answer (%v)", err))
		case a.status >= 500 && a.status != http.StatusNotImplemented:
			b.fail(a, fmt.Sprintf("status %d", a.status))
		default:
			b.circuit.RecordSuccess()
		}
		return err
	}
}

func (b *breaker) fail(a *attempt, what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if a.start.Before(b.counted) && !b.circuit.IsHalfOpen() {
		return
	}
	b.counted, b.last = time.Now(), what
	b.circuit.RecordFailure()
}

func (b *breaker) open() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return fmt.Errorf("%w: HubSpot failed %d times in a row, last with %s; nothing is sent for another %s",
		ErrBreakerOpen, b.threshold, b.last, b.circuit.RemainingDelay().Round(100*time.Millisecond))
}
