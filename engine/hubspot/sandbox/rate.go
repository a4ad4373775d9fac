package sandbox

import (
	"cmp"
	"net/http"
	"strconv"
	"time"
)

// RateLimit limits the number of calls. Each limit is off at 0. The
// figures of HubSpot's usage guidelines are in HubSpotRateLimit.
type RateLimit struct {
	// Max is the most calls within any Interval: the window rolls.
	Max int
	// Interval is the length of that window; 0 means ten seconds.
	Interval time.Duration
	// SearchMax is the most object searches in any one second. Searches stand
	// outside the window above and their answers have no rate headers.
	SearchMax int
	// Daily is the most calls in one day, searches included. A day ends at
	// midnight UTC.
	Daily int
}

// HubSpotRateLimit is what HubSpot grants a private app of a Professional
// account (HubSpot usage guidelines).
func HubSpotRateLimit() RateLimit {
	return RateLimit{Max: 190, Interval: 10 * time.Second, SearchMax: 5, Daily: 625_000}
}

type rateState struct {
	window, searches []time.Time // calls let through, oldest first
	day              string
	today            int
}

// admit counts the call, or refuses it with 429. The headers go with either
// answer.
func (s *Server) admit(x *exchange) (http.Header, *problem) {
	if x.op != nil && x.op.public {
		return nil, nil
	}
	limit, state := s.opts.Rate, &s.rate
	if day := x.now.UTC().Format(time.DateOnly); day != state.day {
		state.day, state.today = day, 0
	}
	search := x.op != nil && x.op.search
	if limit.Daily > 0 && state.today >= limit.Daily {
		return s.rateHeader(search), dailyLimit()
	}
	if search {
		state.searches = within(state.searches, x.now, time.Second)
		if limit.SearchMax > 0 && len(state.searches) >= limit.SearchMax {
			return nil, secondlyLimit()
		}
		state.searches = append(state.searches, x.now)
		state.today++
		return nil, nil
	}
	state.window = within(state.window, x.now, limit.interval())
	if limit.Max > 0 && len(state.window) >= limit.Max {
		return s.rateHeader(search), burstLimit()
	}
	if limit.Max > 0 {
		state.window = append(state.window, x.now)
	}
	state.today++
	return s.rateHeader(search), nil
}

func (r RateLimit) interval() time.Duration { return cmp.Or(r.Interval, 10*time.Second) }

// within drops the calls that have left the window.
func within(calls []time.Time, now time.Time, window time.Duration) []time.Time {
	for len(calls) > 0 && !calls[0].After(now.Add(-window)) {
		calls = calls[1:]
	}
	return calls
}

func (s *Server) rateHeader(search bool) http.Header {
	h := http.Header{}
	limit := s.opts.Rate
	if search {
		return h
	}
	if limit.Max > 0 {
		h.Set("X-HubSpot-RateLimit-Max", strconv.Itoa(limit.Max))
		h.Set("X-HubSpot-RateLimit-Remaining", strconv.Itoa(max(0, limit.Max-len(s.rate.window))))
		h.Set("X-HubSpot-RateLimit-Interval-Milliseconds", strconv.FormatInt(limit.interval().Milliseconds(), 10))
	}
	if limit.Daily > 0 {
		h.Set("X-HubSpot-RateLimit-Daily", strconv.Itoa(limit.Daily))
		h.Set("X-HubSpot-RateLimit-Daily-Remaining", strconv.Itoa(max(0, limit.Daily-s.rate.today)))
	}
	return h
}

// HubSpot has two bodies for 429: the documented one names the policy, the
// recorded one of searches has a category and no policy.

func burstLimit() *problem {
	return &problem{
		status: http.StatusTooManyRequests, message: "You have reached your ten_secondly_rolling limit.",
		errorType: "RATE_LIMIT", policy: "TEN_SECONDLY_ROLLING",
	}
}

func dailyLimit() *problem {
	return &problem{
		status: http.StatusTooManyRequests, message: "You have reached your daily limit.",
		errorType: "RATE_LIMIT", policy: "DAILY",
	}
}

func secondlyLimit() *problem {
	return &problem{
		status: http.StatusTooManyRequests, message: "You have reached your secondly limit.",
		category: "RATE_LIMITS",
	}
}
