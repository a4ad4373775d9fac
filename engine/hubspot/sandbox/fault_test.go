package sandbox_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"rollcall/engine/hubspot/sandbox"
)

func (p *portal) declare(faults ...sandbox.Fault) {
	p.t.Helper()
	if err := p.Declare(faults...); err != nil {
		p.t.Fatal(err)
	}
}

// add adds the first contact to list 101.
func (p *portal) add() reply {
	p.t.Helper()
	return p.call("PUT", lists+"/101/memberships/add", quoted(contactID(1)))
}

func (p *portal) size() int {
	p.t.Helper()
	members, err := p.Members("101")
	if err != nil {
		p.t.Fatal(err)
	}
	return len(members)
}

func TestFaultPlaces(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		fault sandbox.Fault
		want  string // the statuses of five GETs of list 101
	}{
		"the first call, without more": {sandbox.Fault{Status: 500}, "[500 200 200 200 200]"},
		"the third":                    {sandbox.Fault{Status: 500, Nth: 3}, "[200 200 500 200 200]"},
		"two after one":                {sandbox.Fault{Status: 500, After: 1, Count: 2}, "[200 500 500 200 200]"},
		"all after three":              {sandbox.Fault{Status: 500, After: 3, Count: -1}, "[200 200 200 500 500]"},
		"another method":               {sandbox.Fault{Status: 500, Method: "PUT", Count: -1}, "[200 200 200 200 200]"},
		"by path":                      {sandbox.Fault{Status: 500, Path: "/crm/*/*/101", Nth: 2}, "[200 500 200 200 200]"},
		"another path":                 {sandbox.Fault{Status: 500, Path: "/crm/*/*/102", Count: -1}, "[200 200 200 200 200]"},
		"by operation":                 {sandbox.Fault{Status: 500, Operation: "lists.get", Nth: 1}, "[500 200 200 200 200]"},
		"another operation":            {sandbox.Fault{Status: 500, Operation: "lists.search", Count: -1}, "[200 200 200 200 200]"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, sandbox.Options{}, 1)
			p.declare(c.fault)
			var got []int
			for range 5 {
				got = append(got, p.call("GET", lists+"/101", "").status)
			}
			equal(t, "statuses", got, c.want)
		})
	}
	t.Run("faults of one call follow each other in the order declared", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 1)
		p.declare(sandbox.Fault{Status: 502, Nth: 1}, sandbox.Fault{Effect: sandbox.EffectBurst, Nth: 2}, sandbox.Fault{Status: 423, Nth: 2})
		equal(t, "statuses", []int{p.add().status, p.add().status, p.add().status}, "[502 429 200]")
	})
	t.Run("a fault that makes no sense is refused", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 1)
		for _, f := range []sandbox.Fault{
			{}, {Effect: "explode"}, {Status: 500, Nth: 1, Count: 2}, {Status: 500, Operation: "lists.gett"}, {Status: 500, Path: "["},
			{Effect: sandbox.EffectOmit}, {Effect: sandbox.EffectDeleteList}, {Effect: sandbox.EffectSlow}, {Effect: sandbox.EffectScopes},
		} {
			if err := p.Declare(f); err == nil {
				t.Errorf("%+v was taken", f)
			}
		}
	})
}

func TestFaultAnswers(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		fault   sandbox.Fault
		status  int
		holds   string // a part of the body
		applied int    // members of list 101 afterwards
	}{
		"burst":                 {sandbox.Fault{Effect: sandbox.EffectBurst, RetryAfter: "1"}, 429, `"policyName":"TEN_SECONDLY_ROLLING"`, 0},
		"daily":                 {sandbox.Fault{Effect: sandbox.EffectDaily, RetryAfter: "1"}, 429, `"policyName":"DAILY"`, 0},
		"secondly":              {sandbox.Fault{Effect: sandbox.EffectSecondly, RetryAfter: "1"}, 429, `"category":"RATE_LIMITS"`, 0},
		"locked":                {sandbox.Fault{Status: 423, RetryAfter: "1"}, 423, `"status":"error"`, 0},
		"migration":             {sandbox.Fault{Status: 477}, 477, `"status":"error"`, 0},
		"timeout":               {sandbox.Fault{Status: 408, RetryAfter: "1"}, 408, `"correlationId"`, 0},
		"a body of one's own":   {sandbox.Fault{Status: 500, Body: "error code: 1015", ContentType: "text/plain", RetryAfter: "1"}, 500, "error code: 1015", 0},
		"html":                  {sandbox.Fault{Effect: sandbox.EffectHTML, RetryAfter: "1"}, 502, "<html>", 0},
		"expired in mid-run":    {sandbox.Fault{Effect: sandbox.EffectExpired, RetryAfter: "1"}, 401, "expired 60 second(s) ago", 0},
		"scopes in mid-run":     {sandbox.Fault{Effect: sandbox.EffectScopes, Scopes: []string{"crm.lists.write"}, RetryAfter: "1"}, 403, `"requiredGranularScopes":["crm.lists.write"]`, 0},
		"status after applying": {sandbox.Fault{Effect: sandbox.EffectStatusAfter, Status: 504, RetryAfter: "1"}, 504, `"status":"error"`, 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, sandbox.Options{}, 1)
			p.declare(c.fault)
			r := p.add().want(t, c.status)
			if !strings.Contains(r.raw, c.holds) {
				t.Errorf("body %s, want %s in it", r.raw, c.holds)
			}
			equal(t, "Retry-After", r.header.Get("Retry-After"), "1")
			equal(t, "members", p.size(), c.applied)
			if r.header.Get(sandbox.FaultHeader) == "" {
				t.Error("the answer does not say that a fault made it")
			}
			p.add().want(t, 200)
		})
	}
}

func TestFaultWire(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		effect  sandbox.Effect
		applied int
	}{
		"reset before handling": {sandbox.EffectReset, 0},
		"reset after applying":  {sandbox.EffectResetAfter, 1},
		"truncated body":        {sandbox.EffectTruncate, 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, sandbox.Options{}, 1)
			p.declare(sandbox.Fault{Effect: c.effect})
			header := bearer("t")
			header.Set("Content-Type", "application/json")
			if r, err := p.send("PUT", lists+"/101/memberships/add", `["1000001"]`, header); err == nil {
				t.Errorf("a whole answer: %d %s", r.status, r.raw)
			}
			equal(t, "members", p.size(), c.applied)
		})
	}
	t.Run("a slow answer comes too late for one who does not wait, applied or not", func(t *testing.T) {
		t.Parallel()
		for effect, applied := range map[sandbox.Effect]int{sandbox.EffectSlow: 0, sandbox.EffectSlowAfter: 1} {
			p := start(t, sandbox.Options{}, 1)
			p.declare(sandbox.Fault{Effect: effect, DelayMilliseconds: 60_000})
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, "PUT", p.url+lists+"/101/memberships/add", strings.NewReader(`["1000001"]`))
			must(t, err)
			req.Header = bearer("t")
			req.Header.Set("Content-Type", "application/json")
			resp, err := http.DefaultClient.Do(req)
			if err == nil {
				_ = resp.Body.Close()
				t.Error("an answer in time")
			}
			equal(t, string(effect), p.size(), applied)
		}
	})
	t.Run("an empty 2xx has no body", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 1)
		p.declare(sandbox.Fault{Effect: sandbox.EffectEmpty, Nth: 1}, sandbox.Fault{Effect: sandbox.EffectEmptyAfter, Nth: 2})
		equal(t, "body", p.add().want(t, 200).raw, "")
		equal(t, "members", p.size(), 0)
		equal(t, "body", p.add().want(t, 200).raw, "")
		equal(t, "members", p.size(), 1)
	})
}

func TestFaultsInThePortal(t *testing.T) {
	t.Parallel()
	t.Run("a list vanishes or turns DYNAMIC before the second call", func(t *testing.T) {
		t.Parallel()
		for effect, status := range map[sandbox.Effect]int{sandbox.EffectDeleteList: 404, sandbox.EffectMakeDynamic: 400} {
			p := start(t, sandbox.Options{}, 1)
			p.declare(sandbox.Fault{Effect: effect, ListID: "101", Nth: 2})
			p.add().want(t, 200)
			p.add().want(t, status)
		}
	})
	t.Run("a contact is deleted before the call", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 2)
		p.declare(sandbox.Fault{Effect: sandbox.EffectDeleteRecord, IDs: []string{contactID(1)}})
		equal(t, "missing", p.add().want(t, 200).texts("recordIdsMissing"), contactIDs(1, 1))
	})
	t.Run("a contact is merged before the call", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 2)
		p.declare(sandbox.Fault{Effect: sandbox.EffectMergeRecord, IDs: []string{contactID(1)}, Into: contactID(2)})
		equal(t, "missing", p.add().want(t, 200).texts("recordIdsMissing"), contactIDs(1, 1))
		r := p.call("POST", objects+"/contacts/batch/read", batchRead("email", "contact-00001@example.com")).want(t, 200)
		equal(t, "survivor", r.ids(), contactIDs(2, 2))
	})
	t.Run("batch read keeps silent about an input", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 3)
		p.declare(sandbox.Fault{Effect: sandbox.EffectOmit, IDs: []string{contactID(2), "nobody@example.com"}})
		r := p.call("POST", objects+"/contacts/batch/read", batchRead("email", "contact-00001@example.com", "contact-00002@example.com", "nobody@example.com")).want(t, 200)
		equal(t, "found", r.ids(), contactIDs(1, 1))
	})
	t.Run("207 of an unknown category", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 3)
		p.declare(sandbox.Fault{Effect: sandbox.EffectUnknownError, IDs: []string{contactID(2)}, Category: "ODD"})
		r := p.call("POST", objects+"/contacts/batch/read", batchRead("", contactIDs(1, 2)...)).want(t, 207)
		equal(t, "found", r.ids(), contactIDs(1, 1))
		equal(t, "category", r.text("errors", 0, "category"), "ODD")
		equal(t, "ids", r.at("errors", 0, "context", "ids"), nil)
	})
	t.Run("a page repeats or skips records", func(t *testing.T) {
		t.Parallel()
		for effect, want := range map[sandbox.Effect][]string{
			sandbox.EffectRepeat: append(contactIDs(1, 40), contactIDs(39, 100)...),
			sandbox.EffectSkip:   append(contactIDs(1, 40), contactIDs(43, 100)...),
		} {
			p := start(t, sandbox.Options{}, 100)
			p.declare(sandbox.Fault{Operation: "memberships.get", Effect: effect, Records: 2, Nth: 2})
			equal(t, string(effect), walk(p, lists+"/103/memberships?limit=40", "after", "next", 9), want)
		}
	})
	t.Run("a write with one record in it is refused, others are not", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 9)
		p.declare(sandbox.Fault{Effect: sandbox.EffectRefuse, IDs: []string{contactID(7)}, Count: -1})
		p.call("PUT", lists+"/101/memberships/add", quoted(contactIDs(5, 9)...)).want(t, 400)
		p.call("PUT", lists+"/101/memberships/add", quoted(contactIDs(5, 6)...)).want(t, 200)
		p.call("PUT", lists+"/101/memberships/add-and-remove", `{"recordIdsToAdd":[],"recordIdsToRemove":["1000007"]}`).want(t, 400)
		equal(t, "members", p.size(), 2)
	})
}

func TestFaultAsJSON(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 1)
	f := sandbox.Fault{Operation: "memberships.add", Effect: sandbox.EffectStatusAfter, Status: 503, RetryAfter: "2"}
	raw, err := json.Marshal([]sandbox.Fault{f})
	if err != nil {
		t.Fatal(err)
	}
	p.call("POST", "/_sandbox/faults", string(raw)).want(t, 200)
	equal(t, "Retry-After", p.add().want(t, 503).header.Get("Retry-After"), "2")
	p.call("POST", "/_sandbox/faults", `{"status":500,"effects":"x"}`).want(t, 400)
	p.call("POST", "/_sandbox/faults", `{"status":500,"count":-1}`).want(t, 200)
	p.add().want(t, 500)
	p.call("DELETE", "/_sandbox/faults", "").want(t, 200)
	p.add().want(t, 200)
	calls := p.Calls()
	equal(t, "the log names the fault", []any{calls[0].Status, calls[0].Fault, calls[0].IDs}, "[503 status-after 1]")
}
