package engine

import (
	"time"

	"rollcall/engine/kind"
	"rollcall/engine/plan"
)

// guessedLatency is the assumed duration of a call while none has been made, as where all that a plan needs is cached.
const guessedLatency = 200 * time.Millisecond

// cost estimates the calls and the time of the plan's batches: one call after another, and a pause wherever HubSpot's
// rolling window is full. The window and the day's calls are those that the headers of HubSpot's last answer gave;
// without them they do not count.
func cost(s *kind.Sync, p *plan.Plan) plan.Cost {
	c := plan.Cost{Calls: p.Batches}
	if p.MakesList() {
		c.Calls++
	}
	latency := guessedLatency
	if mean := s.Calls.Mean(); mean > 0 {
		latency = mean
	}
	took := time.Duration(c.Calls) * latency
	q := s.Client.Quota()
	if over := c.Calls - int64(q.Remaining); q.Max > 0 && over > 0 {
		took += time.Duration(1+(over-1)/int64(q.Max)) * q.Interval
	}
	c.Seconds = took.Round(10 * time.Millisecond).Seconds()
	if q.DailyRemaining != nil {
		left := int64(*q.DailyRemaining)
		c.DailyLeft = &left
	}
	return c
}
