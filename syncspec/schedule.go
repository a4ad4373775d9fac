package syncspec

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a zone means the same on every machine

	"github.com/robfig/cron/v3"
)

// Schedule says when a sync is due. The zero value is due at every run. Its
// fields are in UTC unless the expression names a time zone; the times it returns
// are always UTC.
type Schedule struct {
	expression string
	times      cron.Schedule
	every      time.Duration // of @every; 0: cron dates
}

// ParseSchedule reads five cron fields (minute, hour, day of month, month, day of
// week; 0 and 7 are Sunday) or one of `@every DURATION`, `@hourly`, `@daily`,
// `@weekly`, `@monthly`, `@yearly`, in any case. `CRON_TZ=ZONE` before anything but
// @every names an IANA time zone, whose case counts. The empty text is the zero
// Schedule. An unknown zone, or a time that never comes, is an error.
func ParseSchedule(expression string) (Schedule, error) {
	expression = canonicalSchedule(expression)
	if expression == "" {
		return Schedule{}, nil
	}
	zone, rest, err := cutZone(expression)
	if err != nil {
		return Schedule{}, err
	}
	if every, ok := strings.CutPrefix(rest, "@every "); ok {
		if zone != time.UTC {
			return Schedule{}, errors.New("@every takes no time zone: an interval is the same in all of them")
		}
		d, err := time.ParseDuration(trim(every))
		if err != nil || d < time.Second {
			return Schedule{}, fmt.Errorf("%q is not a duration of a second or more", trim(every))
		}
		return Schedule{expression: "@every " + trim(every), times: cron.Every(d), every: d}, nil
	}
	fields := cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor
	times, err := cron.NewParser(fields).Parse(sundayIsZero(rest))
	if err != nil {
		return Schedule{}, err
	}
	if dates, ok := times.(*cron.SpecSchedule); ok {
		dates.Location = zone
	}
	// Any start will do: the search looks five years ahead, past a leap day.
	if times.Next(time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return Schedule{}, errors.New("no such time ever comes")
	}
	return Schedule{expression: expression, times: times}, nil
}

// zonePrefix precedes the name of a time zone.
const zonePrefix = "CRON_TZ="

// canonicalSchedule is the expression without blanks at its ends, in lower case but
// for the name of a time zone, which has a case.
func canonicalSchedule(expression string) string {
	expression = trim(expression)
	for _, prefix := range []string{zonePrefix, "TZ="} {
		if len(expression) >= len(prefix) && strings.EqualFold(expression[:len(prefix)], prefix) {
			zone, rest, _ := strings.Cut(expression[len(prefix):], " ")
			return trim(zonePrefix + zone + " " + strings.ToLower(trim(rest)))
		}
	}
	return strings.ToLower(expression)
}

// cutZone splits a canonical expression into its time zone, UTC where it names none,
// and the fields.
func cutZone(expression string) (zone *time.Location, rest string, err error) {
	named, ok := strings.CutPrefix(expression, zonePrefix)
	if !ok {
		return time.UTC, expression, nil
	}
	name, rest, _ := strings.Cut(named, " ")
	if name == "" || name == "Local" { // LoadLocation has a meaning for both
		return nil, "", fmt.Errorf("%q is not a time zone: write one such as Europe/Berlin", name)
	}
	if zone, err = time.LoadLocation(name); err != nil {
		return nil, "", fmt.Errorf("%q is not a time zone: write one such as Europe/Berlin, with its capitals", name)
	}
	return zone, rest, nil
}

// sundayIsZero writes out the days of week where the last of five fields names
// Sunday as 7, which the parser does not know.
func sundayIsZero(expression string) string {
	fields := strings.Fields(expression)
	if len(fields) != 5 || !strings.Contains(fields[4], "7") {
		return expression
	}
	parts := strings.Split(fields[4], ",")
	for i, part := range parts {
		parts[i] = writtenOut(part)
	}
	fields[4] = strings.Join(parts, ",")
	return strings.Join(fields, " ")
}

// writtenOut lists the days of a range that ends with 7, or is 7. Anything else
// is left to the parser.
func writtenOut(days string) string {
	span, step, stepped := strings.Cut(days, "/")
	first, last, ranged := strings.Cut(span, "-")
	if !ranged {
		last = first
	}
	by := 1
	if stepped {
		by, _ = strconv.Atoi(step)
	}
	from := slices.Index([]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}, first)
	if n, err := strconv.Atoi(first); err == nil {
		from = n
	}
	if last != "7" || from < 0 || from > 7 || by < 1 {
		return days
	}
	var all []string
	for day := from; day <= 7; day += by {
		all = append(all, strconv.Itoa(day%7))
	}
	return strings.Join(all, ",")
}

// String is the expression in lower case but for the name of a time zone, "" for
// the zero Schedule.
func (s Schedule) String() string { return s.expression }

// Equal reports whether two schedules have the same expression.
func (s Schedule) Equal(other Schedule) bool { return s.expression == other.expression }

// IsZero reports whether it is the zero Schedule: due at every run.
func (s Schedule) IsZero() bool { return s.times == nil }

// Next is the first time after the one given at which the sync is due, in UTC.
// For the zero Schedule it is that same time.
func (s Schedule) Next(after time.Time) time.Time {
	if s.times == nil {
		return after.UTC()
	}
	return s.times.Next(after.UTC())
}

// First is when a sync that never ran is due, by when its row was made: with cron
// fields at the first date after that, with an interval or without a schedule at
// once, which is the zero time. So it is where created is zero: not known.
func (s Schedule) First(created time.Time) time.Time {
	if s.times == nil || s.every > 0 || created.IsZero() {
		return time.Time{}
	}
	return s.Next(created)
}

// Slack is how much sooner than at Next the sync is due. An @every interval is
// over a tenth of it early, a minute at most: whatever starts the runner at the
// same interval is never punctual to the second, and would miss every other interval.
func (s Schedule) Slack() time.Duration { return min(s.every/10, time.Minute) }
