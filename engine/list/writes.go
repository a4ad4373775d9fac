package list

import (
	"sync"
	"time"

	"rollcall/engine/hubspot"
)

// writes bounds the membership writes of one run, by HubSpot's clock, and addedIn and removedIn the last that added, and
// that removed. newEntry caches the bounds: the next run tells by them whether a time of last change in HubSpot's
// metadata is that of this run's own write. see is called on the goroutine that makes the call, so it takes the lock.
type writes struct {
	mu                        sync.Mutex
	wrote, addedIn, removedIn span
	adds, removes             bool // what the write that is under way does
}

// begin sets what the next membership write does, before it is sent. Only the last write that adds counts for addedIn,
// and likewise for removedIn, because HubSpot keeps the time of the last change only.
func (w *writes) begin(c changes) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.adds = len(c.add) > 0; w.adds {
		w.addedIn = span{}
	}
	if w.removes = len(c.remove) > 0; w.removes {
		w.removedIn = span{}
	}
}

// see widens the bounds of the membership writes by an attempt. HubSpot's clock counts, because it stamps the list's metadata; an answer tells
// it to the second. Where it does not, this machine's has to do.
func (w *writes) see(call hubspot.Call) {
	if call.Operation != hubspot.MembershipWriteOperation {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	// HubSpot's Date header is cut to the second: the answer was given up to a second after it.
	from, until := call.At, call.At.Add(call.Duration)
	if !call.ServerTime.IsZero() {
		from, until = call.ServerTime.Add(-call.Duration), call.ServerTime.Add(time.Second)
	}
	w.wrote = w.wrote.widened(from, until)
	if w.adds {
		w.addedIn = w.addedIn.widened(from, until)
	}
	if w.removes {
		w.removedIn = w.removedIn.widened(from, until)
	}
}

// spans returns the time spans of all membership writes, of the last one that added and of the last one that removed.
func (w *writes) spans() (wrote, added, removed span) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.wrote, w.addedIn, w.removedIn
}
