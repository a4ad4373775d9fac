package kind

import (
	"slices"
	"sync"
	"time"

	"rollcall/engine/hubspot"
)

// CallLog records the calls of one sync's run for the ledger.
type CallLog struct {
	mu      sync.Mutex
	calls   []hubspot.Call
	kept    int                // calls that the ledger has, from the first on
	counted int64              // those that HubSpot counts
	retries int64              // those of them that were made again
	observe func(hubspot.Call) // told every call; may be nil
}

// Observe lets observe be told every further call, from any goroutine, one at a time.
func (l *CallLog) Observe(observe func(hubspot.Call)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.observe = observe
}

// Count records a call; the client calls it from any goroutine.
func (l *CallLog) Count(call hubspot.Call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, call)
	if l.observe != nil {
		l.observe(call)
	}
	if call.Operation == hubspot.TokenOperation {
		return // the account's limits do not count it
	}
	l.counted++
	if call.Attempt > 1 {
		l.retries++
	}
}

// Counts returns the number of calls that HubSpot counts, and how many of them were retries.
func (l *CallLog) Counts() (calls, retries int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counted, l.retries
}

// Unkept returns the calls that the ledger does not have yet.
func (l *CallLog) Unkept() []hubspot.Call {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.calls[l.kept:])
}

// Keep marks the next n calls as written to the ledger.
func (l *CallLog) Keep(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept += n
}

// Mean returns the mean duration of a call, 0 while none was made.
func (l *CallLog) Mean() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	var sum time.Duration
	for _, call := range l.calls {
		sum += call.Duration
	}
	return sum / time.Duration(max(len(l.calls), 1))
}
