package engine

import (
	"slices"
	"sync"
	"time"

	"rollcall/engine/hubspot"
)

// meter counts the calls of one sync's run and keeps them for the ledger.
type meter struct {
	mu      sync.Mutex
	calls   []hubspot.Call
	kept    int   // calls that the ledger has, from the first on
	counted int64 // those that HubSpot counts
	retries int64 // those of them that were made again
	// wrote bounds the membership writes, by HubSpot's clock, and addedIn and removedIn the last that added, and that removed.
	wrote, addedIn, removedIn window
	adds, removes             bool // what the write that is under way does
}

// count takes a call down; the client calls it from any goroutine.
func (m *meter) count(call hubspot.Call) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, call)
	if call.Operation == hubspot.TokenOperation {
		return // the account's limits do not count it
	}
	m.counted++
	if call.Attempt > 1 {
		m.retries++
	}
	if call.Operation == membershipWrite {
		m.bound(call)
	}
}

// membershipWrite is the operation that changes a list, as the client calls it.
const membershipWrite = "memberships.add_and_remove"

// write says what the next membership write does.
func (m *meter) write(c changes) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.adds = len(c.add) > 0; m.adds {
		m.addedIn = window{}
	}
	if m.removes = len(c.remove) > 0; m.removes {
		m.removedIn = window{}
	}
}

// bound widens the bounds of the membership writes by an attempt. HubSpot's clock counts, because it stamps the list's metadata; an answer tells
// it to the second. Where it does not, this machine's has to do.
func (m *meter) bound(call hubspot.Call) {
	from, upto := call.At, call.At.Add(call.Duration)
	if !call.ServerTime.IsZero() {
		from, upto = call.ServerTime.Add(-call.Duration), call.ServerTime.Add(time.Second)
	}
	m.wrote = m.wrote.widened(from, upto)
	if m.adds {
		m.addedIn = m.addedIn.widened(from, upto)
	}
	if m.removes {
		m.removedIn = m.removedIn.widened(from, upto)
	}
}

// windows are the bounds of the membership writes, and of the last that added and that removed.
func (m *meter) windows() (wrote, added, removed window) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.wrote, m.addedIn, m.removedIn
}

// counts is how many calls were made that HubSpot counts, and how many of them were retries.
func (m *meter) counts() (calls, retries int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.counted, m.retries
}

// unkept are the calls that the ledger does not have yet.
func (m *meter) unkept() []hubspot.Call {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.calls[m.kept:])
}

// keep says that the ledger has the next n calls.
func (m *meter) keep(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept += n
}

// mean is how long a call took on average, 0 while none was made.
func (m *meter) mean() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	var sum time.Duration
	for _, call := range m.calls {
		sum += call.Duration
	}
	return sum / time.Duration(max(len(m.calls), 1))
}
