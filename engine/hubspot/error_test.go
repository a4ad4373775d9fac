package hubspot_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"rollcall/engine/hubspot"
)

func TestAPIError(t *testing.T) {
	t.Parallel()
	server := serve(t, reply{status: 403, body: `{"status":"error","message":"This app hasn't been granted all required scopes to make this call. Read more.",` +
		`"correlationId":"c-1","errors":[{"message":"One or more of the following scopes are required.","code":"X",` +
		`"context":{"requiredGranularScopes":["crm.lists.write","crm.lists.read"]}}],"links":{"scopes":"https://x"},"category":"MISSING_SCOPES"}`})
	_, err := dial(t, server.URL).List(t.Context(), "42")
	var got *hubspot.APIError
	if !errors.As(fmt.Errorf("read list: %w", err), &got) {
		t.Fatalf("got %v", err)
	}
	want := "lists.get of list 42: HubSpot answered 403 MISSING_SCOPES: This app hasn't been granted all required scopes to " +
		"make this call. Read more (correlation id c-1)"
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
	if diff := cmp.Diff([]string{"crm.lists.read", "crm.lists.write"}, got.RequiredScopes); diff != "" {
		t.Error(diff)
	}
	if len(got.Errors) != 1 || got.Errors[0].Code != "X" || got.Operation != "lists.get" || got.ListID != "42" {
		t.Errorf("got %+v", got)
	}
}

func TestHint(t *testing.T) {
	t.Parallel()
	expired := func(ago, at string) string {
		return `{"status":"error","message":"The OAuth token used to make this call expired ` + ago +
			` ago.","category":"EXPIRED_AUTHENTICATION","context":{"expire time":["` + at + `"]}}`
	}
	for _, test := range []struct {
		name string
		with reply
		hint string
		is   func(error) bool
	}{
		{"a token that HubSpot does not know", reply{status: 401, body: expired("20543 day(s)", "1970-01-01T00:00:00Z")},
			"not one that HubSpot knows", hubspot.IsFatal},
		{"the same without a context", reply{status: 401, body: `{"message":"token expired 20543 day(s) ago"}`},
			"not one that HubSpot knows", hubspot.IsFatal},
		{"the same without a message", reply{status: 401, body: `{"category":"EXPIRED_AUTHENTICATION","context":{"expire time":["1970-01-01T00:00:00Z"]}}`},
			"not one that HubSpot knows", hubspot.IsFatal},
		{"an expired token", reply{status: 401, body: expired("75 second(s)", time.Now().Add(-75*time.Second).UTC().Format(time.RFC3339))},
			"has expired", hubspot.IsFatal},
		{"a revoked token", reply{status: 401, body: `{"category":"INVALID_AUTHENTICATION","message":"Authentication credentials not found."}`},
			"put the current one into KEY or OTHER_KEY", hubspot.IsFatal},
		{"a missing scope", reply{status: 403, body: `{"errors":[{"context":{"requiredGranularScopes":["crm.lists.read","crm.segments.read"]}}]}`},
			"give the app the scope crm.lists.read", hubspot.IsFatal},
		{"a 403 without scopes", reply{status: 403, body: `<html>`}, "crm.lists.read", hubspot.IsFatal},
		{"a list that is gone", reply{status: 404, body: `{"message":"gone"}`}, "list 42 was deleted or never existed", hubspot.IsNotFound},
		{"a bad request", reply{status: 400, body: `{"message":"bad","correlationId":"c-7"}`}, "c-7", hubspot.IsRefused},
		{"the reason of a refusal", reply{status: 400, body: `{"message":"The property is not unique.","correlationId":"c-7"}`},
			"HubSpot says: The property is not unique; its support can look up correlation id c-7", hubspot.IsRefused},
		{"a reason that its details give", reply{status: 400, body: `{"errors":[{"message":"x is no property"}]}`}, "HubSpot says: x is no property", hubspot.IsRefused},
		{"too large", reply{status: 413, body: ``}, "fewer", hubspot.IsRefused},
		{"too long", reply{status: 414, body: ``}, "fewer", hubspot.IsRefused},
		{"unprocessable", reply{status: 422, body: `{"correlationId":"c-8"}`}, "c-8", hubspot.IsRefused},
		{"the daily limit", reply{status: 429, body: `{"policyName":"DAILY","message":"You have reached your daily limit."}`},
			"midnight", func(err error) bool { return errors.Is(err, hubspot.ErrDailyLimit) }},
		{"HubSpot down", reply{status: 521, body: ``}, " failed (--url)",
			func(err error) bool { return !hubspot.IsRefused(err) && !hubspot.IsFatal(err) }},
		{"a partial success of one thing", reply{status: 207, body: `{"list":{"listId":"42"}}`}, "base URL",
			func(err error) bool { return strings.Contains(err.Error(), "status 207") }},
		{"locked", reply{status: 423, body: ``}, "busy", func(err error) bool { return !hubspot.IsRefused(err) }},
		{"silence", reply{do: reset}, "see whether a server listens at http://127.0.0.1:", func(err error) bool { return !hubspot.IsFatal(err) }},
		{"a proxy's page", reply{body: `<html>`}, "base URL", func(err error) bool { return !hubspot.IsFatal(err) }},
		{"moving house", reply{status: 477, header: map[string]string{"Retry-After": "7200"}}, "data centre",
			func(err error) bool { return strings.Contains(err.Error(), "wait 2h0m0s, until 20") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, test.with)
			_, err := dial(t, server.URL, func(c *hubspot.Config) { c.MaxRetries = -1 }).List(t.Context(), "42")
			if err == nil || !test.is(err) {
				t.Errorf("wrong kind: %v", err)
			}
			if hint := hubspot.Hint(err); !strings.Contains(hint, test.hint) || strings.Contains(hint, "\n") {
				t.Errorf("hint %q, want %q in it", hint, test.hint)
			}
		})
	}
}

func TestErrorsShowNothingPersonal(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{
		`ann@example.com`, `Ann.O'Hara+tag@sub.example.co.uk`, `ann%40example.com`, `ann\u0040example.com`,
		`\"ann example\"@example.com`, `änn@exämple.de`, `<ann@example.com>`, `mailto:ann@example.com`,
		`ann@[192.0.2.1]`, `a@b,c@d`, `ann＠example.com`, testToken, `Bearer 0123456789abcdef`, `pat-eu1-0123abcd-4567`,
	} {
		for _, shape := range []string{
			`{"message":"Email address %[1]s is invalid","category":"%[1]s","correlationId":"%[1]s","context":{"ids":["%[1]s"]},` +
				`"errors":[{"message":"%[1]s","code":"%[1]s","context":{"email":["%[1]s"]}}]}`,
			`no JSON: %[1]s`, `"%[1]s"`, `{"message":{"odd":"%[1]s"}}`,
		} {
			server := serve(t, reply{status: 400, body: fmt.Sprintf(shape, secret), header: map[string]string{"Content-Type": "text/plain"}})
			_, err := dial(t, server.URL).BatchRead(t.Context(), "contacts", "email", []string{"ann@example.com"}, nil)
			var api *hubspot.APIError
			if !errors.As(err, &api) {
				t.Fatalf("%s: %v", secret, err)
			}
			api.At = time.Time{}
			shown := err.Error() + hubspot.Hint(err) + fmt.Sprintf("%+v", *api)
			shown = strings.ReplaceAll(shown, server.URL, "") // its port may have the same digits
			for _, part := range []string{"@", "%40", "＠", "u0040", "ann", "Ann", "example.c", "0123", "1111"} {
				if strings.Contains(shown, part) {
					t.Errorf("%s in %s shows %q: %s", secret, shape, part, shown)
				}
			}
		}
	}
}

func TestErrorBodiesOfAnyShape(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		``:                                     "answered 400 Bad Request",
		`null`:                                 "answered 400 Bad Request",
		`[]`:                                   "answered 400 Bad Request",
		`{"errors":7,"message":"m"}`:           "answered 400 Bad Request: m",
		`{"context":"x","message":"m"}`:        "answered 400 Bad Request: m",
		`{"errors":["x"],"message":"m"}`:       "answered 400 Bad Request: m",
		`{"message":"m","correlationId":12}`:   "m (correlation id 12)",
		`{"message":"a\nb\n\n c"}`:             "a b c",
		`<html><body>no</body></html>`:         "answered 400 Bad Request",
		strings.Repeat("long ", 1<<18):         "long long",
		`{"errorType":"RATE","message":"m"}`:   "answered 400 RATE: m",
		`error code: 1015`:                     "error code: 1015",
		`{"category":"C","subCategory":"S.T"}`: "answered 400 C S.T",
	} {
		server := serve(t, reply{status: 400, body: body})
		_, err := dial(t, server.URL).List(t.Context(), "42")
		if !hubspot.IsRefused(err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: got %v, want %q", body, err, want)
		}
		if len(err.Error()) > 1000 || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.40s: the error is not one short line", body)
		}
	}
}

func TestTransportErrorsShowNothingPersonal(t *testing.T) {
	t.Parallel()
	// net/http repeats what a broken server says.
	server := serve(t, reply{do: func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_, _ = io.WriteString(conn, "ann@example.com "+testToken+"\r\n\r\n")
			_ = conn.Close()
		}
	}})
	var shown strings.Builder
	client := dial(t, server.URL, func(c *hubspot.Config) { c.MaxRetries, c.Log = 1, zerolog.New(&shown) }).
		Observed(func(c hubspot.Call) { shown.WriteString(c.Err) })
	_, err := client.List(t.Context(), "42")
	fmt.Fprint(&shown, err)
	if err == nil || !strings.Contains(shown.String(), "malformed") {
		t.Fatalf("got %v", err)
	}
	if strings.Contains(shown.String(), "@") || strings.Contains(shown.String(), "1111") {
		t.Errorf("shows a secret: %s", shown.String())
	}
}

// The hint of a missing scope names those that the call needs, out of all that HubSpot would take.
func TestHintNamesScopesOfTheCall(t *testing.T) {
	t.Parallel()
	write := func(c *hubspot.Client) error {
		_, err := c.AddAndRemove(t.Context(), "42", []int64{1}, nil)
		return err
	}
	read := func(objectType string) func(*hubspot.Client) error {
		return func(c *hubspot.Client) error {
			_, err := c.BatchRead(t.Context(), objectType, "", []string{"1"}, nil)
			return err
		}
	}
	for name, test := range map[string]struct {
		call     func(*hubspot.Client) error
		required string // by HubSpot's answer
		want     string
	}{
		"a write, all that it would take": {write, `"cms.membership.access_groups.write","crm.lists.read","crm.lists.write","crm.segments.read"`,
			"give the app the scopes crm.lists.read and crm.lists.write"},
		"a write, the one that is missing": {write, `"crm.lists.write","crm.segments.write"`, "give the app the scope crm.lists.write"},
		"a write, none named":              {write, ``, "crm.lists.read and crm.lists.write"},
		"companies, none named":            {read("0-2"), ``, "crm.objects.companies.read"},
		"a custom type":                    {read("2-77"), `"crm.objects.custom.read","crm.objects.custom.write"`, "give the app the scope crm.objects.custom.read"},
		"only others":                      {write, `"new.b","new.a"`, "give the app any one of the scopes new.a, new.b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, reply{status: 403, body: `{"errors":[{"context":{"requiredGranularScopes":[` + test.required + `]}}]}`})
			if hint := hubspot.Hint(test.call(dial(t, server.URL))); !strings.HasSuffix(hint, test.want) {
				t.Errorf("hint %q, want %q at its end", hint, test.want)
			}
		})
	}
}

// TestErrorsKnowHints asks as those do who know nothing of this package.
func TestErrorsKnowHints(t *testing.T) {
	t.Parallel()
	hintOf := func(err error) string {
		var knows interface{ Hint() string }
		if errors.As(err, &knows) {
			return knows.Hint()
		}
		return ""
	}
	for sentinel, want := range map[error]string{
		hubspot.ErrDailyLimit: "midnight", hubspot.ErrEmptyAnswer: "base URL",
		hubspot.ErrBreakerOpen: "status.hubspot.com", hubspot.ErrAmbiguous: "run again",
	} {
		if hint := hintOf(fmt.Errorf("sync vip: %w", sentinel)); !strings.Contains(hint, want) {
			t.Errorf("%v: hint %q, want %q in it", sentinel, hint, want)
		}
	}
	for name, test := range map[string]struct {
		with reply
		is   error
		hint string
	}{
		"lost after it was sent": {reply{do: reset}, hubspot.ErrAmbiguous, "run again: the next run reads"},
		"answered with nothing":  {reply{body: ""}, hubspot.ErrEmptyAnswer, "base URL"},
		"daily limit":            {reply{status: 429, body: `{"policyName":"DAILY"}`}, hubspot.ErrDailyLimit, "midnight"},
		"failed, perhaps after":  {reply{status: 500}, hubspot.ErrAmbiguous, " failed (--url)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, test.with)
			_, err := dial(t, server.URL, func(c *hubspot.Config) { c.MaxRetries = -1 }).AddAndRemove(t.Context(), "42", []int64{1}, nil)
			if hint := hintOf(fmt.Errorf("apply: %w", err)); !errors.Is(err, test.is) || !strings.Contains(hint, test.hint) {
				t.Errorf("got %v, hint %q", err, hint)
			}
		})
	}
}
