package engine

import (
	"errors"
	"fmt"
	"math"
	"time"

	"rollcall/engine/hubspot"
)

// CheckQuota returns a DailyShareError if so many calls would leave the account's other apps too few of the day's calls,
// where HubSpot reports the quota: the headers are absent for OAuth tokens (HubSpot's usage guidelines). All apps of an
// account share the day's calls, and a run that uses them up stops the others until midnight.
func (x *execution) CheckQuota(calls int64) error {
	q := x.client.Quota()
	if q.Daily == nil || q.DailyRemaining == nil || x.engine.now().Sub(q.At) > quotaHolds {
		return nil
	}
	share := x.engine.config.MaxDailyShare
	limit := int64(math.Floor(float64(*q.Daily) * share / 100))
	used := int64(*q.Daily - *q.DailyRemaining)
	if used+calls <= limit {
		return nil
	}
	return &DailyShareError{Daily: int64(*q.Daily), Used: used, Calls: calls, Share: share}
}

// quotaHolds is how long the figures of an answer are relied on: the count of another day would stop all further calls, and so never
// be put right.
const quotaHolds = time.Hour

// DailyShareError says that a run would leave the account's other apps too little of the day's calls.
type DailyShareError struct {
	Daily, Used, Calls int64
	Share              float64 // percent
}

// Error gives the figures.
func (e *DailyShareError) Error() string {
	return fmt.Sprintf("today's calls: %d of %d are used, %d more would be over the share of %g%% (max_daily_share)", e.Used, e.Daily, e.Calls, e.Share)
}

// Hint says what to do about it.
func (e *DailyShareError) Hint() string {
	return "run it tomorrow (the count starts anew at midnight in the account's time zone), or raise max_daily_share"
}

// IsFatal reports whether every further call would fail with err as well: a wrong token, calls of the day used up,
// HubSpot down. Callers then make no more, rather than fail once for each key or list.
func (x *execution) IsFatal(err error) bool {
	var share *DailyShareError
	return hubspot.IsFatal(err) || errors.Is(err, hubspot.ErrDailyLimit) || errors.Is(err, hubspot.ErrBreakerOpen) || errors.As(err, &share)
}
