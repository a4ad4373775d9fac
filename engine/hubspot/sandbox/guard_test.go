package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"rollcall/engine/hubspot/sandbox"
)

func bearer(token string) http.Header {
	return http.Header{"Authorization": {"Bearer " + token}}
}

func (p *portal) as(header http.Header) reply {
	p.t.Helper()
	r, err := p.send("GET", lists+"/101", "", header)
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

func TestAuthentication(t *testing.T) {
	t.Parallel()
	t.Run("no token", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 1)
		for _, header := range []http.Header{{}, {"Authorization": {"Bearer "}}, {"Authorization": {"Basic abc"}}} {
			equal(t, "category", p.as(header).want(t, 401).text("category"), "INVALID_AUTHENTICATION")
		}
		p.as(bearer("anything")).want(t, 200)
	})
	t.Run("a token that was never issued is said to have expired in 1970", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{Tokens: []string{"right"}}, 1)
		p.as(bearer("right")).want(t, 200)
		r := p.as(bearer("wrong")).want(t, 401)
		equal(t, "category", r.text("category"), "EXPIRED_AUTHENTICATION")
		equal(t, "expiry", r.text("context", "expire time", 0), "1970-01-01T00:00:00.000Z")
		if !strings.Contains(r.text("message"), "expired 20777 day(s) ago") {
			t.Errorf("message %q", r.text("message"))
		}
	})
	t.Run("a scope that was not granted is named", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{MissingScopes: []string{"crm.lists.write", "crm.objects.companies.read", "crm.objects.custom.read"}}, 1)
		p.call("GET", lists+"/101", "").want(t, 200)
		r := p.call("PUT", lists+"/101/memberships/add", `["1000001"]`).want(t, 403)
		equal(t, "category", r.text("category"), "MISSING_SCOPES")
		equal(t, "scopes", r.texts("errors", 0, "context", "requiredGranularScopes"), []string{"crm.lists.write", "crm.segments.write"})
		r = p.call("PUT", "/crm/v3/lists/101/memberships/add", `["1000001"]`).want(t, 403)
		equal(t, "scopes", r.texts("errors", 0, "context", "requiredGranularScopes"), []string{"crm.lists.write"})
		p.call("POST", objects+"/0-2/batch/read", `{"inputs":[]}`).want(t, 403)
		p.call("POST", objects+"/pets/batch/read", `{"inputs":[]}`).want(t, 403)
		p.call("POST", objects+"/contacts/batch/read", `{"inputs":[]}`).want(t, 200)
	})
	t.Run("OAuth tokens are issued and expire", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{OAuth: &sandbox.OAuthApp{ClientID: "id", ClientSecret: "s", RefreshToken: "r"}}, 1)
		form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
		r, err := p.send("POST", "/oauth/v1/token", "grant_type=refresh_token&client_id=id&client_secret=s&refresh_token=r", form)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "life", r.want(t, 200).text("expires_in"), "1800")
		token := bearer(r.text("access_token"))
		p.as(token).want(t, 200)
		p.as(bearer("anything")).want(t, 401)
		p.clock.forward(30*time.Minute + 75*time.Second)
		if r := p.as(token).want(t, 401); !strings.Contains(r.text("message"), "expired 75 second(s) ago") {
			t.Errorf("message %q", r.text("message"))
		}
		for status, body := range map[string]string{
			"BAD_REFRESH_TOKEN": "grant_type=refresh_token&client_id=id&client_secret=s&refresh_token=x",
			"BAD_CLIENT_ID":     "grant_type=refresh_token&client_id=id&client_secret=x&refresh_token=r",
			"BAD_GRANT_TYPE":    "grant_type=password&client_id=id&client_secret=s&refresh_token=r",
		} {
			r, err := p.send("POST", "/oauth/2026-09/token", body, form)
			must(t, err)
			equal(t, "status", r.want(t, 400).text("status"), status)
		}
	})
}

func TestStrictness(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 1)
	t.Run("every answer has a correlation id, the same in header and body", func(t *testing.T) {
		p := p.in(t)
		first, second := p.call("GET", lists+"/1", ""), p.call("GET", lists+"/1", "")
		equal(t, "id", first.header.Get("X-Hubspot-Correlation-Id"), first.text("correlationId"))
		if first.text("correlationId") == second.text("correlationId") {
			t.Error("two calls have the same correlation id")
		}
		if p.call("GET", lists+"/101", "").header.Get("X-Hubspot-Correlation-Id") == "" {
			t.Error("a good answer has no correlation id")
		}
	})
	t.Run("a wrong method is 405 and names the right ones", func(t *testing.T) {
		p := p.in(t)
		r := p.call("POST", lists+"/101/memberships/add", `["1"]`).want(t, 405)
		equal(t, "allow", r.header.Get("Allow"), "PUT")
		equal(t, "status", r.text("status"), "error")
	})
	t.Run("a body that is not called JSON is 415", func(t *testing.T) {
		p := p.in(t)
		for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded"} {
			header := bearer("t")
			header.Set("Content-Type", contentType)
			r, err := p.send("PUT", lists+"/101/memberships/add", `["1000001"]`, header)
			if err != nil {
				t.Fatal(err)
			}
			r.want(t, 415)
		}
		header := bearer("t")
		header.Set("Content-Type", "application/json; charset=utf-8")
		r, err := p.send("PUT", lists+"/101/memberships/add", `["1000001"]`, header)
		if err != nil {
			t.Fatal(err)
		}
		r.want(t, 200)
	})
	t.Run("what is not there is 404", func(t *testing.T) {
		p := p.in(t)
		p.call("GET", "/contacts/v1/lists", "").want(t, 404)
		p.call("GET", lists+"/101/unheard/of", "").want(t, 404)
		p.call("GET", lists+"/abc", "").want(t, 404)
	})
	t.Run("flags are true or false", func(t *testing.T) {
		p.in(t).call("GET", lists+"/101?includeFilters=yes", "").want(t, 400)
	})
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	t.Run("is off by default and then says nothing", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 1)
		for range 300 {
			p.call("GET", lists+"/101", "").want(t, 200)
		}
		equal(t, "header", p.call("GET", lists+"/101", "").header.Get("X-Hubspot-Ratelimit-Max"), "")
	})
	t.Run("the window rolls", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{Rate: sandbox.RateLimit{Max: 3}}, 1)
		r := p.call("GET", lists+"/101", "").want(t, 200)
		equal(t, "max", r.header.Get("X-Hubspot-Ratelimit-Max"), "3")
		equal(t, "remaining", r.header.Get("X-Hubspot-Ratelimit-Remaining"), "2")
		equal(t, "interval", r.header.Get("X-Hubspot-Ratelimit-Interval-Milliseconds"), "10000")
		p.clock.forward(6 * time.Second)
		p.call("GET", lists+"/101", "").want(t, 200)
		p.call("GET", lists+"/101", "").want(t, 200)
		r = p.call("GET", lists+"/101", "").want(t, 429)
		equal(t, "policy", r.text("policyName"), "TEN_SECONDLY_ROLLING")
		equal(t, "type", r.text("errorType"), "RATE_LIMIT")
		equal(t, "remaining", r.header.Get("X-Hubspot-Ratelimit-Remaining"), "0")
		p.clock.forward(4 * time.Second)
		p.call("GET", lists+"/101", "").want(t, 200)
		p.call("GET", lists+"/101", "").want(t, 429)
	})
	t.Run("the day ends at midnight", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{Rate: sandbox.RateLimit{Daily: 2}}, 1)
		p.call("GET", lists+"/101", "").want(t, 200)
		usage := p.call("GET", "/account-info/v3/api-usage/daily/private-apps", "").want(t, 200)
		equal(t, "used", usage.text("results", 0, "currentUsage"), "2")
		equal(t, "limit", usage.text("results", 0, "usageLimit"), "2")
		r := p.call("GET", lists+"/101", "").want(t, 429)
		equal(t, "policy", r.text("policyName"), "DAILY")
		equal(t, "left", r.header.Get("X-Hubspot-Ratelimit-Daily-Remaining"), "0")
		p.clock.forward(12 * time.Hour)
		p.call("GET", lists+"/101", "").want(t, 200)
	})
}
