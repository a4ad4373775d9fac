package hubspot

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Quota is how much of HubSpot's limits was left, as last seen in the headers of an answer. Its zero value means that
// no answer has contained any.
type Quota struct {
	// Max and Remaining count the calls of a rolling Interval.
	Max       int
	Remaining int
	Interval  time.Duration
	// Daily and DailyRemaining count those of a day; nil when HubSpot does not say, as for OAuth apps.
	Daily          *int
	DailyRemaining *int
	// At is when the answer came.
	At time.Time
}

// Quota returns the limits as last seen in an answer's headers.
func (c *Client) Quota() Quota { return c.core.quota.read() }

type quota struct {
	mu     sync.Mutex
	last   Quota
	fellAt time.Time // when DailyRemaining took its value
}

// overtaking is how long an answer may be outdone by one to a later call.
const overtaking = 10 * time.Second

// overtaken reports whether the figure is older than the one that is stored: what remains of a day only falls, and answers to calls that
// run beside each other come in any order.
func (q *quota) overtaken(dailyRemaining int, at time.Time) bool {
	return q.last.DailyRemaining != nil && dailyRemaining > *q.last.DailyRemaining && at.Sub(q.fellAt) < overtaking
}

func (q *quota) read() Quota {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.last
}

// see stores the limits in the headers. Limits that are missing (search answers have none) keep their values.
func (q *quota) see(header http.Header, at time.Time) {
	window, daily := windowOf(header), headerInt(header, "X-HubSpot-RateLimit-Daily")
	dailyRemaining := headerInt(header, "X-HubSpot-RateLimit-Daily-Remaining")
	if window == nil && daily == nil && dailyRemaining == nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.last.At = at
	if window != nil {
		q.last.Max, q.last.Remaining, q.last.Interval = window.max, window.remaining, window.interval
	}
	if daily != nil {
		q.last.Daily = daily
	}
	if dailyRemaining != nil && !q.overtaken(*dailyRemaining, at) {
		q.last.DailyRemaining, q.fellAt = dailyRemaining, at
	}
}

// window is the state of the rolling window in an answer's headers.
type window struct {
	max, remaining int
	interval       time.Duration
}

// defaultInterval is the length of HubSpot's burst window (HubSpot usage guidelines: 100 to 250 calls per 10 s).
const defaultInterval = 10 * time.Second

// maxInterval is the longest window that is accepted from an answer: a longer one would make the client wait for it.
const maxInterval = time.Minute

// windowOf returns nil unless the headers contain both the maximum and what remains.
func windowOf(header http.Header) *window {
	limit, remaining := headerInt(header, "X-HubSpot-RateLimit-Max"), headerInt(header, "X-HubSpot-RateLimit-Remaining")
	if limit == nil || remaining == nil || *limit == 0 {
		return nil
	}
	interval := defaultInterval
	if ms := headerInt(header, "X-HubSpot-RateLimit-Interval-Milliseconds"); ms != nil && *ms > 0 {
		interval = time.Duration(min(*ms, int(maxInterval.Milliseconds()))) * time.Millisecond
	}
	return &window{max: *limit, remaining: *remaining, interval: interval}
}

func headerInt(header http.Header, name string) *int {
	n, err := strconv.Atoi(header.Get(name))
	if err != nil || n < 0 {
		return nil
	}
	return &n
}
