package doctor

import (
	"context"
	"sync"
	"time"

	"rollcall/engine/hubspot"
)

// clockTolerance is how far clocks may be apart without being told.
const clockTolerance = time.Minute

// serverClock is how far HubSpot's clock is ahead of this machine's, by the call that was answered fastest: the time of
// an answer lies somewhere within its call, so a short call bounds it best. see is called on the goroutines that make the
// calls.
type serverClock struct {
	mu    sync.Mutex
	known bool          // HubSpot has told its time
	ahead time.Duration // 0 where its time lies within the call
	took  time.Duration // how long that call took
}

// see takes the time of an answer from the Date header, which is cut to the second, so a second is allowed before the
// call.
func (c *serverClock) see(call hubspot.Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if call.ServerTime.IsZero() || c.known && call.Duration >= c.took {
		return
	}
	c.known, c.took = true, call.Duration
	c.ahead = apart(call.ServerTime, call.At.Add(-time.Second), call.At.Add(call.Duration))
}

// apart returns how far a time that was told between two moments is from them: positive where it is later than both, 0
// where it lies between.
func apart(told, from, to time.Time) time.Duration {
	switch {
	case told.Before(from):
		return told.Sub(from)
	case told.After(to):
		return told.Sub(to)
	}
	return 0
}

// clocks compares this machine's clock with HubSpot's and with the database's now(). Only the database's can do harm: the
// lease is judged by it. That HubSpot's differs shows which of the two is wrong.
func (x *examination) clocks(context.Context) {
	if x.conn == nil && !x.clock.known {
		x.notAsked("clock", "neither the database nor HubSpot told its time")
		return
	}
	found, off := "this machine's clock", time.Duration(0)
	if x.clock.known {
		found += " and HubSpot's are " + difference(x.clock.ahead)
		off = x.clock.ahead.Abs()
	}
	if !x.lease.ReadAt.IsZero() {
		if x.clock.known {
			found += "; it"
		}
		found += " and the database's now() are " + difference(x.ahead)
		off = max(off, x.ahead.Abs())
	}
	switch {
	case x.ahead.Abs() >= x.MaxSkew:
		x.failed("clock", "set the clock (NTP): with such a difference two runners may take each other for dead", "%s", found)
	case off > clockTolerance:
		x.warn("clock", "set the clock (NTP)", "%s", found)
	default:
		x.ok("clock", "%s", found)
	}
}

// difference says in words how far clocks are apart.
func difference(d time.Duration) string {
	if d.Abs() < time.Second {
		return "the same to the second"
	}
	return d.Abs().Round(time.Second).String() + " apart"
}
