package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"rollcall/engine/hubspot/sandbox"
)

func TestObjectSearch(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 50)
	path := objects + "/contacts/search"
	where := func(filter string) string { return `{"filterGroups":[{"filters":[` + filter + `]}],"limit":5}` }
	for body, want := range map[string]string{
		where(`{"propertyName":"email","operator":"EQ","value":"CONTACT-00001@example.com"}`):     "1 [1000001]",
		where(`{"propertyName":"email","operator":"EQ","value":"contact-00050@old.example.com"}`): "0 []",
		where(`{"propertyName":"lastname","operator":"IN","values":["00002","00004"]}`):           "2 [1000002 1000004]",
		where(`{"propertyName":"hs_additional_emails","operator":"HAS_PROPERTY"}`):                "1 [1000050]",
		`{"filterGroups":[],"limit":2,"after":"48","sorts":[],"properties":[]}`:                   "50 [1000049 1000050]",
	} {
		r := p.call("POST", path, body).want(t, 200)
		equal(t, body, []any{r.text("total"), r.ids()}, "["+want+"]")
	}
	equal(t, "next", p.call("POST", path, `{"limit":2}`).text("paging", "next", "after"), "2")
	for _, body := range []string{
		`{"limit":201}`, `{"after":"9900","limit":200}`, `{"query":"` + strings.Repeat("x", 3_000) + `"}`,
		where(`{"propertyName":"email","operator":"LIKE"}`), where(`{"propertyName":"email"}`),
	} {
		p.call("POST", path, body).want(t, 400)
	}
}

func TestSearchLimit(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{Rate: sandbox.RateLimit{Max: 2, SearchMax: 3}}, 1)
	for range 3 {
		r := p.call("POST", objects+"/contacts/search", `{}`).want(t, 200)
		equal(t, "header", r.header.Get("X-Hubspot-Ratelimit-Max"), "")
	}
	r := p.call("POST", objects+"/contacts/search", `{}`).want(t, 429)
	equal(t, "category", r.text("category"), "RATE_LIMITS")
	equal(t, "policy", r.text("policyName"), "")
	r = p.call("GET", lists+"/101", "").want(t, 200)
	equal(t, "the window has not felt the searches", r.header.Get("X-Hubspot-Ratelimit-Remaining"), "1")
	p.call("POST", lists+"/search", `{}`).want(t, 200)
	p.call("POST", lists+"/search", `{}`).want(t, 429)
	p.clock.forward(time.Second)
	p.call("POST", objects+"/contacts/search", `{}`).want(t, 200)
}
