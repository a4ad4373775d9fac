package syncspec_test

import (
	"testing"
	"time"

	"rollcall/syncspec"
)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestScheduleNext(t *testing.T) {
	t.Parallel()
	cases := []struct{ expression, after, want string }{
		{"", "2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z"},
		{"0 6 * * 1-5", "2026-11-20T06:00:00Z", "2026-11-23T06:00:00Z"},
		{"0 6 * * MON-FRI", "2026-11-20T06:00:00Z", "2026-11-23T06:00:00Z"},
		{" @Every 15m ", "2026-11-21T10:00:00Z", "2026-11-21T10:15:00Z"},
		{"@hourly", "2026-11-21T10:00:01Z", "2026-11-21T11:00:00Z"},
		{"30 6 * * *", "2026-11-21T08:00:00+02:00", "2026-11-21T06:30:00Z"}, // UTC whatever the argument's zone
	}
	for _, c := range cases {
		s, err := syncspec.ParseSchedule(c.expression)
		if err != nil {
			t.Errorf("%q: %v", c.expression, err)
			continue
		}
		if got := s.Next(at(t, c.after)); !got.Equal(at(t, c.want)) || got.Location() != time.UTC {
			t.Errorf("%q after %s: got %s, want %s", c.expression, c.after, got, c.want)
		}
	}
}

func TestScheduleDue(t *testing.T) {
	t.Parallel()
	cases := []struct {
		expression, last, now string
		want                  bool
	}{
		{"", "2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z", true},
		{"0 6 * * *", "2026-11-21T06:00:03Z", "2026-11-21T23:00:00Z", false},
		{"0 6 * * *", "2026-11-21T06:00:03Z", "2026-11-22T06:00:00Z", true},
		{"0 6 * * *", "2026-11-01T06:00:03Z", "2026-11-22T05:00:00Z", true},
		{"@every 1h", "2026-11-21T10:00:00Z", "2026-11-21T10:50:00Z", false},
		// A runner that is started every 15 minutes, two seconds early this time.
		{"@every 15m", "2026-11-21T10:00:05Z", "2026-11-21T10:15:03Z", true},
		{"@every 15m", "2026-11-21T10:00:05Z", "2026-11-21T10:13:00Z", false},
		{"@every 10s", "2026-11-21T10:00:00Z", "2026-11-21T10:00:05Z", false},
	}
	for _, c := range cases {
		s, err := syncspec.ParseSchedule(c.expression)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Due(at(t, c.last), at(t, c.now)); got != c.want {
			t.Errorf("%q: last %s, now %s: got %v", c.expression, c.last, c.now, got)
		}
		if !s.Due(time.Time{}, at(t, c.now)) {
			t.Errorf("%q: a sync that never ran is not due", c.expression)
		}
	}
}

func TestScheduleRefuses(t *testing.T) {
	t.Parallel()
	for _, expression := range []string{
		"every day", "* * * *", "* * * * * *", "60 * * * *", "0 0 30 2 *",
		"@every", "@every 0s", "@every -5m", "@every 1", "@every 1ms", "@sometimes", "@reboot",
		"TZ=Europe/Berlin 0 6 * * *", "CRON_TZ=UTC 0 6 * * *", "TZ=0",
	} {
		if s, err := syncspec.ParseSchedule(expression); err == nil {
			t.Errorf("%q: accepted as %q", expression, s)
		}
	}
}
