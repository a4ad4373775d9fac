package property

import (
	"strconv"
	"time"
)

// datetimeForm is how datetimes are written: UTC, to the millisecond.
const datetimeForm = "2006-01-02T15:04:05.000Z"

// fewestMilliseconds is the least number that a query's date or time may be: of milliseconds it is in March 1973, and below it a number is taken
// for seconds or a date of digits.
const fewestMilliseconds = 100_000_000_000

// Years of which the digits are four. DuckDB's TIME comes as a time in the year 1.
const firstYear, lastYear = 1000, 9999

// instant reads a time in ISO 8601, also with a blank for the T and with a short zone, as DuckDB writes it, UTC without a zone; a date
// alone, which is its midnight in UTC; and milliseconds since 1970.
func instant(text string) (time.Time, bool) {
	for _, layout := range []string{
		time.RFC3339Nano, time.DateOnly, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z07",
	} {
		if at, err := time.Parse(layout, text); err == nil {
			at = at.UTC()
			return at, hasYear(at)
		}
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	at := time.UnixMilli(ms).UTC()
	return at, err == nil && hasYear(at)
}

func hasYear(at time.Time) bool { return at.Year() >= firstYear && at.Year() <= lastYear }

// isMoment reports whether the values are dates or times.
func (d Definition) isMoment() bool { return d.Type == Date || d.Type == Datetime }

func (d Definition) invalidMoment() Reason {
	if d.Type == Datetime {
		return InvalidDatetime
	}
	return InvalidDate
}

func (d Definition) storedDate(text string) (string, *Reject) {
	at, known := instant(text)
	switch {
	case !known:
		return "", d.rejectValue(InvalidDate, text, "is no date", "give a DATE, or a text such as 2026-01-31")
	case !at.Equal(at.Truncate(24 * time.Hour)):
		return "", d.rejectValue(InvalidDate, text, "is not at midnight in UTC", "HubSpot's dates have no time of day: cast it to DATE")
	}
	return at.Format(time.DateOnly), nil
}

func (d Definition) storedDatetime(text string) (string, *Reject) {
	at, known := instant(text)
	if !known {
		return "", d.rejectValue(InvalidDatetime, text, "is no time", "give a TIMESTAMP, or a text such as 2026-01-31T12:00:00Z")
	}
	return at.Truncate(time.Millisecond).Format(datetimeForm), nil
}

// storedTime is the text of a DATE or a TIMESTAMP, which Go cannot tell apart: a date is a midnight in UTC.
func (d Definition) storedTime(at time.Time) (string, *Reject) {
	at = at.UTC()
	switch {
	case d.Type == Number || d.Type == Bool:
		return "", d.rejectType(at)
	case !hasYear(at):
		return "", d.reject(d.invalidMoment(), "has a time outside the years 1000 to 9999", "return NULL in its place")
	case d.Type == Datetime:
		return at.Truncate(time.Millisecond).Format(datetimeForm), nil
	case at.Equal(at.Truncate(24 * time.Hour)):
		return d.storedText(at.Format(time.DateOnly))
	}
	return d.storedText(at.Truncate(time.Millisecond).Format(datetimeForm))
}
