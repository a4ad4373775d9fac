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
		{"CRON_TZ=Europe/Berlin 0 6 * * *", "2026-10-24T12:00:00Z", "2026-10-25T05:00:00Z"}, // winter time from this morning on
		{"CRON_TZ=Europe/Berlin 0 6 * * *", "2026-10-23T12:00:00Z", "2026-10-24T04:00:00Z"},
		{" cron_tz=America/New_York  0 6 * * MON ", "2026-11-21T10:00:00Z", "2026-11-23T11:00:00Z"},
		{"CRON_TZ=Asia/Kolkata @daily", "2026-11-21T10:00:00Z", "2026-11-21T18:30:00Z"},
		{"TZ=Europe/Berlin 0 6 * * *", "2026-11-21T10:00:00Z", "2026-11-22T05:00:00Z"},
		{"0 6 * * 7", "2026-11-21T10:00:00Z", "2026-11-22T06:00:00Z"}, // a Sunday
		{"0 6 * * 6-7", "2026-11-22T10:00:00Z", "2026-11-28T06:00:00Z"},
		{"0 6 * * FRI-7", "2026-11-22T10:00:00Z", "2026-11-27T06:00:00Z"},
		{"0 6 * * 1,7", "2026-11-21T10:00:00Z", "2026-11-22T06:00:00Z"},
		{"0 6 * * 1-7/3", "2026-11-19T10:00:00Z", "2026-11-22T06:00:00Z"}, // Monday, Thursday, Sunday
		{"0 6 * * */7", "2026-11-21T10:00:00Z", "2026-11-22T06:00:00Z"},
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
		if got := !s.Next(at(t, c.last)).Add(-s.Slack()).After(at(t, c.now)); got != c.want {
			t.Errorf("%q: last %s, now %s: got %v", c.expression, c.last, c.now, got)
		}
	}
}

func TestScheduleRefuses(t *testing.T) {
	t.Parallel()
	for _, expression := range []string{
		"every day", "* * * *", "* * * * * *", "60 * * * *", "0 0 30 2 *",
		"@every", "@every 0s", "@every -5m", "@every 1", "@every 1ms", "@sometimes", "@reboot",
		"TZ=0", "CRON_TZ=", "CRON_TZ=Europe/Berlin", "CRON_TZ= 0 6 * * *", "CRON_TZ=Local 0 6 * * *", "CRON_TZ=europe/berlin 0 6 * * *",
		"CRON_TZ=Europe/Bielefeld 0 6 * * *", "CRON_TZ=../etc/passwd 0 6 * * *", "CRON_TZ=Europe/Berlin @every 1h",
		"0 6 * * 8", "0 6 * * 7-1", "0 6 * * 7/0", "0 6 * 7-8 9",
	} {
		if s, err := syncspec.ParseSchedule(expression); err == nil {
			t.Errorf("%q: accepted as %q", expression, s)
		}
	}
}

func TestScheduleFirst(t *testing.T) {
	t.Parallel()
	created := at(t, "2026-11-21T10:47:00Z")
	for expression, want := range map[string]time.Time{
		"0 3 * * *": at(t, "2026-11-22T03:00:00Z"), "@daily": at(t, "2026-11-22T00:00:00Z"),
		"": {}, "@every 1h": {},
	} {
		s, err := syncspec.ParseSchedule(expression)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.First(created); !got.Equal(want) {
			t.Errorf("%q: first at %s, want %s", expression, got, want)
		}
		if got := s.First(time.Time{}); !got.IsZero() {
			t.Errorf("%q: first at %s where nobody knows when the row was made", expression, got)
		}
	}
}

// The name of a time zone has a case, which specs keep and compare.
func TestScheduleKeepsTheZone(t *testing.T) {
	t.Parallel()
	s, err := syncspec.ParseSchedule("cron_tz=Europe/Berlin  0 6 * * MON-FRI")
	if err != nil || s.String() != "CRON_TZ=Europe/Berlin 0 6 * * mon-fri" {
		t.Fatalf("%q, %v", s, err)
	}
	row := func(schedule string) syncspec.Row { return syncspec.Row{Schedule: &schedule} }
	if !syncspec.Equal(row("CRON_TZ=Europe/Berlin 0 6 * * MON"), row(" cron_tz=Europe/Berlin 0 6 * * mon")) {
		t.Error("the case of words makes a difference")
	}
	if syncspec.Equal(row("CRON_TZ=Europe/Berlin 0 6 * * MON"), row("CRON_TZ=europe/berlin 0 6 * * MON")) {
		t.Error("the case of a zone's name makes no difference")
	}
}
