package hubspot_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"rollcall/engine/hubspot"
)

func TestNew(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		config  hubspot.Config
		problem string // empty: accepted
	}{
		{"defaults", hubspot.Config{Token: "x"}, ""},
		{"loopback by name over http", hubspot.Config{BaseURL: "http://localhost:8080", Token: "x"}, ""},
		{"loopback by address over http", hubspot.Config{BaseURL: "http://[::1]:8080/", Token: "x"}, ""},
		{"loopback without a token", hubspot.Config{BaseURL: "http://[::1]:8080/"}, "no HubSpot token"},
		{"a path prefix", hubspot.Config{BaseURL: "https://proxy.example/hubspot/", Token: "x"}, ""},
		{"http to another host", hubspot.Config{BaseURL: "http://api.hubapi.com", Token: "x"}, "https"},
		{"http to a host that begins like loopback", hubspot.Config{BaseURL: "http://127.0.0.1.example", Token: "x"}, "https"},
		{"http to a host that ends like loopback", hubspot.Config{BaseURL: "http://example.localhost", Token: "x"}, "https"},
		{"http to every address of this machine", hubspot.Config{BaseURL: "http://0.0.0.0:8080", Token: "x"}, "https"},
		{"another scheme", hubspot.Config{BaseURL: "ftp://api.hubapi.com", Token: "x"}, "https://"},
		{"no host", hubspot.Config{BaseURL: "https:///x", Token: "x"}, "host"},
		{"a password", hubspot.Config{BaseURL: "https://me:s3cret@api.hubapi.com", Token: "x"}, "password"},
		{"a query", hubspot.Config{BaseURL: "https://api.hubapi.com?hapikey=1", Token: "x"}, "query"},
		{"a fragment", hubspot.Config{BaseURL: "https://api.hubapi.com#x", Token: "x"}, "fragment"},
		{"no token", hubspot.Config{}, "no HubSpot token"},
		{"a token with a line in it", hubspot.Config{Token: "top\nsecret"}, "copy it again"},
		{"an unknown version", hubspot.Config{Token: "x", APIVersion: "v1"}, "2026-09, 2026-03, v3"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := hubspot.New(test.config)
			switch {
			case test.problem == "" && err != nil:
				t.Errorf("refused: %v", err)
			case test.problem != "" && (err == nil || !strings.Contains(err.Error(), test.problem)):
				t.Errorf("got %v, want an error about %q", err, test.problem)
			case err != nil && (strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "top")):
				t.Errorf("shows a secret: %v", err)
			}
		})
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	token := hubspot.Token("s3cret")
	encoded, err := json.Marshal(map[string]any{"token": token, "config": hubspot.Config{Token: token}.Token})
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	logger := zerolog.New(&logged)
	logger.Info().Interface("token", token).Stringer("again", token).Msg("x")
	shown := fmt.Sprint(token, string(encoded), logged.String()) +
		fmt.Sprintf("%s %v %+v %#v %q %x %d %10s", token, token, token, token, token, token, token, token) +
		fmt.Sprintf("%v %+v %#v", hubspot.Config{Token: token}, &hubspot.Config{Token: token}, hubspot.Config{Token: token})
	if strings.Contains(shown, "s3cret") || strings.Contains(shown, "733363") {
		t.Errorf("shows the secret: %s", shown)
	}
	if token.Reveal() != "s3cret" {
		t.Errorf("Reveal() = %q", token.Reveal())
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	for version, want := range map[string][]string{
		"2026-09": {
			"GET /pre/crm/lists/2026-09/42?includeFilters=false",
			"GET /pre/crm/lists/2026-09/object-type-id/0-1/name/a%2Fb%20%3F?includeFilters=false",
			"GET /pre/crm/lists/2026-09/object-type-id/0-1/name/%2E%2E?includeFilters=false",
			"GET /pre/crm/lists/2026-09/42/memberships?after=x%3D&limit=250",
			"POST /pre/crm/objects/2026-09/contacts/batch/read?archived=false",
			"GET /pre/crm-object-schemas/2026-09/schemas",
			"GET /pre/crm/properties/2026-09/contacts/a%2Fb?archived=false",
			"GET /pre/crm/properties/2026-09/contacts?archived=false",
		},
		"v3": {
			"GET /pre/crm/v3/lists/42?includeFilters=false",
			"GET /pre/crm/v3/lists/object-type-id/0-1/name/a%2Fb%20%3F?includeFilters=false",
			"GET /pre/crm/v3/lists/object-type-id/0-1/name/%2E%2E?includeFilters=false",
			"GET /pre/crm/v3/lists/42/memberships?after=x%3D&limit=250",
			"POST /pre/crm/v3/objects/contacts/batch/read?archived=false",
			"GET /pre/crm-object-schemas/v3/schemas",
			"GET /pre/crm/v3/properties/contacts/a%2Fb?archived=false",
			"GET /pre/crm/v3/properties/contacts?archived=false",
		},
	} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			server := serve(t, reply{body: `{"list":{"listId":1},"results":[],"name":"a/b"}`})
			client := dial(t, server.URL+"/pre/", func(c *hubspot.Config) { c.APIVersion = version })
			_, e1 := client.List(t.Context(), "42")
			_, e2 := client.ListByName(t.Context(), "0-1", "a/b ?")
			_, e3 := client.ListByName(t.Context(), "0-1", "..")
			_, e4 := client.MembershipPage(t.Context(), "42", hubspot.PageQuery{After: "x="})
			_, e5 := client.BatchRead(t.Context(), "contacts", "email", []string{"a@example.com"}, nil)
			_, e6 := client.ObjectType(t.Context(), "pets")
			_, e7 := client.Property(t.Context(), "contacts", "a/b")
			_, e8 := client.Properties(t.Context(), "contacts")
			if err := errors.Join(e1, e2, e3, e4, e5, e7, e8); err != nil || !errors.Is(e6, hubspot.ErrUnknownObjectType) {
				t.Fatal(err, e6)
			}
			var got []string
			for _, call := range server.calls() {
				got = append(got, call.method+" "+call.uri)
				if auth := call.header.Get("Authorization"); auth != "Bearer "+testToken {
					t.Errorf("Authorization: %q", auth)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRefusedIDs(t *testing.T) {
	t.Parallel()
	server := serve(t, reply{body: listBody})
	client := dial(t, server.URL)
	for _, id := range []string{"", "../1", "1/memberships", "1?x", "ann@example.com", "1 2"} {
		_, e1 := client.List(t.Context(), id)
		_, e2 := client.MembershipPage(t.Context(), id, hubspot.PageQuery{})
		_, e3 := client.AddAndRemove(t.Context(), id, []int64{1}, nil)
		_, e4 := client.BatchRead(t.Context(), id, "", []string{"1"}, nil)
		for _, err := range []error{e1, e2, e3, e4} {
			if err == nil || strings.Contains(err.Error(), "@") {
				t.Errorf("id %q: %v", id, err)
			}
		}
	}
	if n := len(server.calls()); n != 0 {
		t.Errorf("%d calls were made", n)
	}
}

func TestRedirect(t *testing.T) {
	t.Parallel()
	elsewhere := serve(t, reply{body: listBody})
	to := func(status int, url string) reply {
		return reply{do: func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, url, status) }}
	}
	t.Run("to another host is refused", func(t *testing.T) {
		t.Parallel()
		server := serve(t, to(http.StatusFound, elsewhere.URL+"/ann@example.com"))
		_, err := dial(t, server.URL).List(t.Context(), "42")
		if err == nil || strings.Contains(err.Error(), "@") || !strings.Contains(err.Error(), "redirect refused") {
			t.Errorf("got %v", err)
		}
		if len(elsewhere.calls()) != 0 || len(server.calls()) != 1 {
			t.Errorf("%d calls elsewhere, %d here", len(elsewhere.calls()), len(server.calls()))
		}
	})
	t.Run("that makes a PUT a GET is refused", func(t *testing.T) {
		t.Parallel()
		server := serve(t, to(http.StatusFound, "/other"), reply{body: `{"recordsIdsAdded":["1"]}`})
		_, err := dial(t, server.URL).AddAndRemove(t.Context(), "42", []int64{1}, nil)
		if err == nil || errors.Is(err, hubspot.ErrAmbiguous) || len(server.calls()) != 1 {
			t.Errorf("got %v after %d calls", err, len(server.calls()))
		}
	})
	t.Run("on the same host keeps method and body", func(t *testing.T) {
		t.Parallel()
		server := serve(t, to(http.StatusPermanentRedirect, "/other"), reply{body: `{"recordsIdsAdded":["1"]}`})
		change, err := dial(t, server.URL).AddAndRemove(t.Context(), "42", []int64{1}, nil)
		if err != nil || len(change.Added) != 1 {
			t.Errorf("got %+v, %v", change, err)
		}
		if calls := server.calls(); len(calls) != 2 || calls[1].method != "PUT" || calls[1].body != calls[0].body {
			t.Errorf("calls: %+v", calls)
		}
	})
}

func TestObserved(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	server := serve(t,
		reply{status: 503, header: map[string]string{"Retry-After": "0.001", "X-HubSpot-Correlation-Id": "c-1"},
			body: `{"message":"no luck for ann@example.com"}`},
		reply{body: `{"status":"COMPLETE","results":[]}`})
	var logged bytes.Buffer
	client := dial(t, server.URL, func(c *hubspot.Config) {
		c.Now = func() time.Time { return now }
		c.Log = zerolog.New(&logged).Level(zerolog.TraceLevel)
	})
	var outer, inner []hubspot.Call
	first := client.Observed(func(c hubspot.Call) { outer = append(outer, c) })
	second := first.Observed(func(c hubspot.Call) { inner = append(inner, c) })
	if _, err := second.BatchRead(t.Context(), "0-1", "email", []string{"bob@example.com", "eve@example.com"}, nil); err != nil {
		t.Fatal(err)
	}
	for i := range inner {
		if inner[i].Duration <= 0 {
			t.Errorf("call %d took %s", i, inner[i].Duration)
		}
		if time.Since(inner[i].ServerTime) > time.Hour {
			t.Errorf("call %d was answered at %s", i, inner[i].ServerTime)
		}
		inner[i].Duration, outer[i].Duration = 0, 0
		inner[i].ServerTime, outer[i].ServerTime = time.Time{}, time.Time{}
	}
	want := []hubspot.Call{
		{At: now, Method: "POST", Operation: "contacts.batch_read", Path: "/crm/objects/2026-09/0-1/batch/read", Status: 503,
			Attempt: 1, Items: 2, RetryAfter: time.Millisecond, CorrelationID: "c-1",
			Err: "contacts.batch_read: HubSpot answered 503 Service Unavailable: no luck for [email] (correlation id c-1)"},
		{At: now, Method: "POST", Operation: "contacts.batch_read", Path: "/crm/objects/2026-09/0-1/batch/read", Status: 200,
			Attempt: 2, Items: 2},
	}
	if diff := cmp.Diff(want, inner); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(inner, outer); diff != "" {
		t.Errorf("the outer observer saw something else: %s", diff)
	}
	if log := logged.String(); strings.Contains(log, "@") || strings.Contains(log, testToken) ||
		strings.Count(log, `"level":"debug"`) != 2 || strings.Count(log, `"level":"warn"`) != 1 {
		t.Errorf("log: %s", log)
	}
}

// countingBody counts bodies that are opened and closed.
type countingBody struct {
	http.RoundTripper
	opened, closed atomic.Int64
}

func (c *countingBody) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.RoundTripper.RoundTrip(r)
	if err == nil {
		c.opened.Add(1)
		resp.Body = &closeCounter{ReadCloser: resp.Body, closed: &c.closed}
	}
	return resp, err
}

type closeCounter struct {
	io.ReadCloser
	closed *atomic.Int64
}

func (c *closeCounter) Close() error {
	c.closed.Add(1)
	return c.ReadCloser.Close()
}

func TestBodiesAreClosed(t *testing.T) {
	t.Parallel()
	server := serve(t, reply{status: 500, body: "x"}, reply{status: 429, body: "{}"}, reply{do: truncated(`{"list":`)},
		reply{body: ""}, reply{body: "<html>"}, reply{body: listBody})
	counting := &countingBody{RoundTripper: http.DefaultTransport}
	client := dial(t, server.URL, func(c *hubspot.Config) { c.Transport = counting })
	if _, err := client.List(t.Context(), "42"); err != nil {
		t.Fatal(err)
	}
	if opened, closed := counting.opened.Load(), counting.closed.Load(); opened != 6 || closed != 6 {
		t.Errorf("%d bodies opened, %d closed", opened, closed)
	}
}

func TestQuota(t *testing.T) {
	t.Parallel()
	server := serve(t,
		reply{body: listBody, header: map[string]string{
			"X-HubSpot-RateLimit-Max": "190", "X-HubSpot-RateLimit-Remaining": "188",
			"X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
			"X-HubSpot-RateLimit-Daily":                 "1000000", "X-HubSpot-RateLimit-Daily-Remaining": "999",
		}},
		reply{body: listBody})
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	client := dial(t, server.URL, func(c *hubspot.Config) { c.Now = func() time.Time { return now } })
	if got := client.Quota(); got != (hubspot.Quota{}) {
		t.Errorf("before the first answer: %+v", got)
	}
	for range 2 {
		if _, err := client.List(t.Context(), "42"); err != nil {
			t.Fatal(err)
		}
	}
	daily, remaining := 1000000, 999
	want := hubspot.Quota{Max: 190, Remaining: 188, Interval: 10 * time.Second, Daily: &daily, DailyRemaining: &remaining, At: now}
	if diff := cmp.Diff(want, client.Quota()); diff != "" {
		t.Error(diff)
	}
}

// Answers to calls that run beside each other come in any order: what is left of the day is the least that any of them has, until a
// new day has begun.
func TestQuotaOfTheDayOnlyFalls(t *testing.T) {
	t.Parallel()
	left := func(n string) reply {
		return reply{body: listBody, header: map[string]string{"X-HubSpot-RateLimit-Daily": "1000", "X-HubSpot-RateLimit-Daily-Remaining": n}}
	}
	server := serve(t, left("70"), left("68"), left("69"), left("67"), left("999"))
	now := time.Date(2026, 11, 1, 23, 59, 50, 0, time.UTC)
	client := dial(t, server.URL, func(c *hubspot.Config) { c.Now = func() time.Time { return now } })
	for i, want := range []int{70, 68, 68, 67, 999} {
		if i == 4 {
			now = now.Add(10 * time.Second)
		}
		if _, err := client.List(t.Context(), "42"); err != nil {
			t.Fatal(err)
		}
		if got := client.Quota().DailyRemaining; got == nil || *got != want {
			t.Errorf("after answer %d: %v left, want %d", i+1, got, want)
		}
	}
}

func TestCheckAccess(t *testing.T) {
	t.Parallel()
	server := serve(t, reply{body: `{"lists":[],"hasMore":false,"offset":0,"total":0}`},
		reply{status: 401, body: `{"category":"INVALID_AUTHENTICATION","message":"Authentication credentials not found"}`})
	client := dial(t, server.URL)
	if err := client.CheckAccess(t.Context()); err != nil {
		t.Errorf("a good token: %v", err)
	}
	if err := client.CheckAccess(t.Context()); !hubspot.IsFatal(err) {
		t.Errorf("a bad token: %v", err)
	}
	if calls := server.calls(); len(calls) != 2 {
		t.Errorf("%d calls", len(calls))
	}
}

// At the level trace the log has for each attempt how long it waited and what is left of the limits; at debug it does not.
func TestTraceTellsLimits(t *testing.T) {
	t.Parallel()
	for level, want := range map[zerolog.Level]bool{zerolog.TraceLevel: true, zerolog.DebugLevel: false} {
		var log bytes.Buffer
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-HubSpot-RateLimit-Max", "190")
			w.Header().Set("X-HubSpot-RateLimit-Remaining", "177")
			w.Header().Set("X-HubSpot-RateLimit-Daily-Remaining", "649999")
			_, _ = io.WriteString(w, listBody)
		}))
		t.Cleanup(server.Close)
		client := dial(t, server.URL, func(c *hubspot.Config) { c.Log = zerolog.New(&log).Level(level) })
		if _, err := client.List(t.Context(), "42"); err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{`"limit_remaining":"177"`, `"limit_max":"190"`, `"daily_remaining":"649999"`, `"waited":`, `"method":"GET"`, `"path":"/crm/lists/2026-09/42"`} {
			if strings.Contains(log.String(), word) != want {
				t.Errorf("%s: %s; want %s in it: %t", level, log.String(), word, want)
			}
		}
	}
}

// A window that no limit of HubSpot's has is taken for the longest one, however large the number: the runner would wait for it.
func TestIntervalOfTheQuotaIsBounded(t *testing.T) {
	t.Parallel()
	for _, reported := range []string{"9999999999", "9223372036854775807", "60001"} {
		server := serve(t, reply{body: listBody, header: map[string]string{
			"X-HubSpot-RateLimit-Max": "100", "X-HubSpot-RateLimit-Remaining": "99", "X-HubSpot-RateLimit-Interval-Milliseconds": reported,
		}})
		client := dial(t, server.URL)
		if _, err := client.List(t.Context(), "42"); err != nil {
			t.Fatal(err)
		}
		if got := client.Quota().Interval; got != time.Minute {
			t.Errorf("%s ms: an interval of %s", reported, got)
		}
	}
}
