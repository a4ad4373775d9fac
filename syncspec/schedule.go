package syncspec

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Schedule says when a sync is due. The zero value is due at every run. All of
// its times are UTC.
type Schedule struct {
	expression string
	times      cron.Schedule
	slack      time.Duration // how much sooner than at Next it is due
}

// ParseSchedule reads five cron fields (minute, hour, day of month, month, day of
// week) or one of `@every DURATION`, `@hourly`, `@daily`, `@weekly`, `@monthly`,
// `@yearly`, in any case. The empty text is the zero Schedule. An expression that
// names a time zone, or a time that never comes, is an error.
func ParseSchedule(expression string) (Schedule, error) {
	expression = strings.ToLower(trim(expression))
	if expression == "" {
		return Schedule{}, nil
	}
	// The parser would take a zone, and panics where nothing follows it.
	if strings.HasPrefix(expression, "tz=") || strings.HasPrefix(expression, "cron_tz=") {
		return Schedule{}, errors.New("a time zone is not accepted, schedules are in UTC")
	}
	if every, ok := strings.CutPrefix(expression, "@every "); ok {
		d, err := time.ParseDuration(trim(every))
		if err != nil || d < time.Second {
			return Schedule{}, fmt.Errorf("%q is not a duration of a second or more", trim(every))
		}
		return Schedule{expression: "@every " + trim(every), times: cron.Every(d), slack: min(d/10, time.Minute)}, nil
	}
	fields := cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor
	times, err := cron.NewParser(fields).Parse(expression)
	if err != nil {
		return Schedule{}, err
	}
	// Any start will do: the search looks five years ahead, past a leap day.
	if times.Next(time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return Schedule{}, errors.New("no such time ever comes")
	}
	return Schedule{expression: expression, times: times}, nil
}

// String is the expression in lower case, "" for the zero Schedule.
func (s Schedule) String() string { return s.expression }

// Equal tells whether two schedules have the same expression.
func (s Schedule) Equal(other Schedule) bool { return s.expression == other.expression }

// Next is the first time after the one given at which the sync is due, in UTC.
// For the zero Schedule it is that same time.
func (s Schedule) Next(after time.Time) time.Time {
	if s.times == nil {
		return after.UTC()
	}
	return s.times.Next(after.UTC())
}

// Due tells whether a sync that last started at last is due at now. The zero
// Schedule and a sync that never ran (a zero last) always are. An @every interval
// is over a tenth of it early, a minute at most: whatever starts the runner at the
// same interval is never punctual to the second, and would miss every other turn.
func (s Schedule) Due(last, now time.Time) bool {
	if s.times == nil || last.IsZero() {
		return true
	}
	next := s.Next(last)
	return !next.IsZero() && !next.Add(-s.slack).After(now)
}
