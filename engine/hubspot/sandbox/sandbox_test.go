package sandbox_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/engine/hubspot/sandbox"
)

// portal is a sandbox behind real HTTP and what a test needs to talk to it.
type portal struct {
	*sandbox.Server
	t     *testing.T
	url   string
	clock *clock
}

// clock does not advance until a test moves it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// start seeds a sandbox with n contacts.
func start(t *testing.T, opts sandbox.Options, n int) *portal {
	t.Helper()
	c := &clock{now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)}
	if opts.Now == nil {
		opts.Now = c.Now
	}
	s := sandbox.New(opts)
	if err := s.Seed(n); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return &portal{Server: s, t: t, url: server.URL, clock: c}
}

// in is the same portal for a subtest.
func (p *portal) in(t *testing.T) *portal {
	q := *p
	q.t = t
	return &q
}

type reply struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

// call sends a request with a token and, if body is not empty, as JSON.
func (p *portal) call(method, path, body string) reply {
	p.t.Helper()
	header := http.Header{"Authorization": {"Bearer pat-test"}}
	if body != "" {
		header.Set("Content-Type", "application/json")
	}
	r, err := p.send(method, path, body, header)
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

func (p *portal) send(method, path, body string, header http.Header) (reply, error) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header = header
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return reply{}, err
	}
	r := reply{status: resp.StatusCode, header: resp.Header, raw: string(raw)}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	_ = dec.Decode(&r.body) // what is no JSON object is looked at raw
	return r, nil
}

// want asks for a status and returns the reply.
func (r reply) want(t *testing.T, status int) reply {
	t.Helper()
	if r.status != status {
		t.Fatalf("status %d, want %d: %s", r.status, status, r.raw)
	}
	return r
}

// at walks into the decoded body: keys of objects, indexes of arrays.
func (r reply) at(path ...any) any {
	var v any = r.body
	for _, step := range path {
		switch s := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[s]
		case int:
			a, _ := v.([]any)
			if s >= len(a) {
				return nil
			}
			v = a[s]
		}
	}
	return v
}

func (r reply) text(path ...any) string {
	v := r.at(path...)
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func (r reply) texts(path ...any) []string {
	var all []string
	a, _ := r.at(path...).([]any)
	for _, v := range a {
		all = append(all, fmt.Sprint(v))
	}
	return all
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s: got %s, want %s", what, g, w)
	}
}

// quoted writes ids as a JSON array of strings.
func quoted(ids ...string) string {
	raw, _ := json.Marshal(append([]string{}, ids...))
	return string(raw)
}

// contactID is the record id of the n-th seeded contact.
func contactID(n int) string { return fmt.Sprint(1_000_000 + n) }

func contactIDs(from, to int) []string {
	var ids []string
	for n := from; n <= to; n++ {
		ids = append(ids, contactID(n))
	}
	return ids
}

// bases are the beginnings of list and object paths, by version.
func bases() map[string][2]string {
	return map[string][2]string{
		"v3":      {"/crm/v3/lists", "/crm/v3/objects"},
		"2025-09": {"/crm/lists/2025-09", "/crm/objects/2025-09"},
		"2026-03": {"/crm/lists/2026-03", "/crm/objects/2026-03"},
		"2026-09": {"/crm/lists/2026-09", "/crm/objects/2026-09"},
	}
}

func TestEveryVersionAnswersTheSame(t *testing.T) {
	t.Parallel()
	for version, base := range bases() {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			p := start(t, sandbox.Options{}, 60)
			r := p.call("PUT", base[0]+"/101/memberships/add", quoted(contactID(1), contactID(2), "77")).want(t, 200)
			equal(t, "added", r.texts("recordsIdsAdded"), contactIDs(1, 2))
			equal(t, "missing", r.texts("recordIdsMissing"), []string{"77"})
			r = p.call("GET", base[0]+"/101/memberships", "").want(t, 200)
			equal(t, "members", len(r.at("results").([]any)), 2)
			r = p.call("POST", base[1]+"/contacts/batch/read", `{"idProperty":"email","properties":["email"],"inputs":[{"id":"CONTACT-00001@example.com"}]}`).want(t, 200)
			equal(t, "id", r.text("results", 0, "id"), contactID(1))
			info := strings.Replace(strings.Replace(base[0], "/crm/lists/", "/account-info/", 1), "/crm/v3/lists", "/account-info/v3", 1)
			r = p.call("GET", info+"/details", "").want(t, 200)
			equal(t, "portal", r.text("portalId"), sandbox.PortalID)
		})
	}
	t.Run("an unknown version is not there", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 1)
		p.call("GET", "/crm/lists/2024-01/101", "").want(t, 404)
		p.call("GET", "/crm/lists/v3/101", "").want(t, 404)
	})
}
