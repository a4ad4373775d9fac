package hubspot

import (
	"errors"
	"net/http"
	"sync"
	"time"
)

// warnings lets one warning of a rate limit through for as long as it lasts: all callers run into it together.
type warnings struct {
	mu    sync.Mutex
	until time.Time
}

// first reports whether to log a warning for a failure: for a rate limit, when there was no other within its window.
func (w *warnings) first(failed *failure, wait time.Duration) bool {
	var refusal *APIError
	if !errors.As(failed.err, &refusal) || refusal.Status != http.StatusTooManyRequests {
		return true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if now.Before(w.until) {
		return false
	}
	w.until = now.Add(max(wait, defaultInterval))
	return true
}
