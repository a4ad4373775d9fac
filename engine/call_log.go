package engine

import (
	"slices"
	"sync"
	"time"

	"rollcall/engine/hubspot"
)

// callLog records the calls of one sync's run for the ledger.
type callLog struct {
	mu      sync.Mutex
	calls   []hubspot.Call
	kept    int   // calls that the ledger has, from the first on
	counted int64 // those that HubSpot counts
	retries int64 // those of them that were made again
	// wrote bounds the membership writes, by HubSpot's clock, and addedIn and removedIn the last that added, and that removed.
	wrote, addedIn, removedIn span
	adds, removes             bool // what the write that is under way does
}

// count records a call; the client calls it from any goroutine.
func (l *callLog) count(call hubspot.Call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, call)
	if call.Operation == hubspot.TokenOperation {
		return // the account's limits do not count it
	}
	l.counted++
	if call.Attempt > 1 {
		l.retries++
	}
	if call.Operation == hubspot.MembershipWriteOperation {
		l.bound(call)
	}
}

// write sets what the next membership write does.
func (l *callLog) write(c changes) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.adds = len(c.add) > 0; l.adds {
		l.addedIn = span{}
	}
	if l.removes = len(c.remove) > 0; l.removes {
		l.removedIn = span{}
	}
}

// bound widens the bounds of the membership writes by an attempt. HubSpot's clock counts, because it stamps the list's metadata; an answer tells
// it to the second. Where it does not, this machine's has to do.
func (l *callLog) bound(call hubspot.Call) {
	from, until := call.At, call.At.Add(call.Duration)
	if !call.ServerTime.IsZero() {
		from, until = call.ServerTime.Add(-call.Duration), call.ServerTime.Add(time.Second)
	}
	l.wrote = l.wrote.widened(from, until)
	if l.adds {
		l.addedIn = l.addedIn.widened(from, until)
	}
	if l.removes {
		l.removedIn = l.removedIn.widened(from, until)
	}
}

// spans returns the time spans of all membership writes, of the last one that added and of the last one that removed.
func (l *callLog) spans() (wrote, added, removed span) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.wrote, l.addedIn, l.removedIn
}

// counts returns the number of calls that HubSpot counts, and how many of them were retries.
func (l *callLog) counts() (calls, retries int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counted, l.retries
}

// unkept returns the calls that the ledger does not have yet.
func (l *callLog) unkept() []hubspot.Call {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.calls[l.kept:])
}

// keep marks the next n calls as written to the ledger.
func (l *callLog) keep(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept += n
}

// mean returns the mean duration of a call, 0 while none was made.
func (l *callLog) mean() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	var sum time.Duration
	for _, call := range l.calls {
		sum += call.Duration
	}
	return sum / time.Duration(max(len(l.calls), 1))
}
