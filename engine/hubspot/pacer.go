package hubspot

import (
	"context"
	"sync"
	"time"
)

// pacer keeps the calls in any rolling interval below HubSpot's limit, without waiting while there is room.
//
// HubSpot counts a call when it arrives, which is some time between its start and its end here. So a call is taken to be
// in HubSpot's window from its start until one interval after its end; then no latency, however uneven, can push two calls
// closer together over there than they are here.
//
// What the headers count beyond these calls, other users of the same quota have made. That many places are left to them
// until the observation is an interval old; then one call at a time is sent until a new answer has the limits.
//
// While somebody makes a chain of calls, each of which waits for the one before, all other calls together take half of the window at
// most. Otherwise they would use it up at once, and the chain, which takes longest, would be delayed with them until the next one.
type pacer struct {
	mu       sync.Mutex
	max      int // 0: no limit
	interval time.Duration
	learned  bool
	// calls are those that may still be in HubSpot's window, in order of their start.
	calls []*span
	// foreign is how many of others' calls were in the window when last seen.
	foreign      int
	foreignUntil time.Time
	pausedUntil  time.Time
	chains       int // how many are being made
	// changed is closed, and replaced, whenever a waiting caller should look again.
	changed chan struct{}
}

// span is the life of one call; end is zero while it is under way.
type span struct {
	start, end time.Time
	chained    bool // it belongs to a chain
}

// firstMax is the lowest burst limit that HubSpot gives (usage guidelines: 100 per 10 s). It is used until an answer has the real one.
const firstMax = 100

func newPacer() *pacer {
	return &pacer{max: firstMax, interval: defaultInterval, changed: make(chan struct{})}
}

// newSearchPacer keeps to the limit of search: five a second, which no header contains (HubSpot usage guidelines). Whether it
// holds for the search of lists is not documented; it is kept all the same, as that search is rare.
func newSearchPacer() *pacer {
	return &pacer{max: 5, interval: time.Second, learned: true, changed: make(chan struct{})}
}

// around paces every attempt and learns from every answer.
func (p *pacer) around(next sender) sender {
	return func(ctx context.Context, a *attempt) error {
		call, err := p.acquire(ctx, a)
		if err != nil {
			return err
		}
		err = next(ctx, a)
		p.release(call)
		p.learn(call, a)
		return err
	}
}

// aroundSearch paces search requests alone, and learns nothing.
func (p *pacer) aroundSearch(next sender) sender {
	return func(ctx context.Context, a *attempt) error {
		if !a.search {
			return next(ctx, a)
		}
		call, err := p.acquire(ctx, a)
		if err != nil {
			return err
		}
		defer p.release(call)
		return next(ctx, a)
	}
}

// acquire waits for room and takes it.
func (p *pacer) acquire(ctx context.Context, a *attempt) (*span, error) {
	for {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		p.mu.Lock()
		now := time.Now()
		until, ok := p.room(now, a)
		if ok {
			call := &span{start: now, chained: a.chained}
			p.calls = append(p.calls, call)
			p.mu.Unlock()
			return call, nil
		}
		changed := p.changed
		p.mu.Unlock()
		wait(ctx, until, changed)
	}
}

// wait returns at the time given, unless that is zero, or when one of the channels closes.
func wait(ctx context.Context, until time.Time, changed <-chan struct{}) {
	var due <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-due:
	case <-changed:
	case <-ctx.Done():
	}
}

// room reports whether a call may be sent now, and if not, when to check again; zero means when something changes.
func (p *pacer) room(now time.Time, a *attempt) (time.Time, bool) {
	p.forget(now)
	if now.Before(p.pausedUntil) {
		return p.pausedUntil, false
	}
	if p.max == 0 {
		return time.Time{}, true
	}
	used, underWay, loose := 0, 0, 0
	var next, nextLoose time.Time
	for _, call := range p.calls {
		leaves := call.end.Add(p.interval)
		if call.end.IsZero() {
			underWay++
		} else if !leaves.After(now) {
			continue
		}
		used++
		if !call.chained {
			loose++
		}
		if !call.end.IsZero() {
			next = earlier(next, leaves)
			if !call.chained {
				nextLoose = earlier(nextLoose, leaves)
			}
		}
	}
	if p.chains > 0 && !a.chained && loose >= max(1, p.ceiling()/2) {
		return nextLoose, false
	}
	if p.foreign > 0 {
		if !now.Before(p.foreignUntil) {
			if underWay > 0 {
				return time.Time{}, false
			}
		} else {
			used += p.foreign
			next = earlier(next, p.foreignUntil)
		}
	}
	return next, used < p.ceiling()
}

// ceiling leaves a small margin below the limit, for windows that HubSpot does not cut as exactly as we do.
func (p *pacer) ceiling() int { return max(1, p.max-max(min(1, p.max/10), p.max/50)) }

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// forget drops calls that can neither be in HubSpot's window now nor have been in it when a call under way arrived.
func (p *pacer) forget(now time.Time) {
	oldest := now
	for _, call := range p.calls {
		if call.end.IsZero() {
			oldest = call.start
			break
		}
	}
	kept := p.calls[:0]
	for _, call := range p.calls {
		if call.end.IsZero() || call.end.Add(p.interval).After(oldest) {
			kept = append(kept, call)
		}
	}
	clear(p.calls[len(kept):])
	p.calls = kept
}

// release ends a call.
func (p *pacer) release(call *span) {
	p.mu.Lock()
	defer p.mu.Unlock()
	call.end = time.Now()
	p.wake()
}

// learn takes the limits from an answer's headers. A server that answers with success and no such headers has none.
func (p *pacer) learn(call *span, a *attempt) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := windowOf(a.header)
	switch {
	case w != nil:
		p.learned, p.max, p.interval = true, w.max, w.interval
		// Whatever of ours may have been in the window when this call arrived explains what the headers count.
		own := 0
		for _, other := range p.calls {
			if other.end.IsZero() || other.end.Add(p.interval).After(call.start) {
				own++
			}
		}
		p.foreign, p.foreignUntil = max(0, w.max-w.remaining-own), call.end.Add(w.interval)
	case a.search || !isSuccess(a.status):
		// Search answers have no limits, and failures may come from a gateway in front.
	case !p.learned:
		p.max = 0
	case !time.Now().Before(p.foreignUntil):
		p.foreign = 0
	}
	p.wake()
}

// chain registers a chain of calls, until done is called.
func (p *pacer) chain() (done func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.chains++
	return sync.OnceFunc(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.chains--
		p.wake()
	})
}

// pause holds back all calls until the given time has passed.
func (p *pacer) pause(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(d); until.After(p.pausedUntil) {
		p.pausedUntil = until
	}
	p.wake()
}

func (p *pacer) wake() {
	close(p.changed)
	p.changed = make(chan struct{})
}
