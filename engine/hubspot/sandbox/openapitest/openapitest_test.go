package openapitest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"rollcall/engine/hubspot/sandbox/openapitest"
)

// notes is a testing.TB that collects what would fail a test.
type notes struct {
	testing.TB
	mu    sync.Mutex
	lines []string
}

func (n *notes) Errorf(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, fmt.Sprintf(format, args...))
}

func TestWrap(t *testing.T) {
	t.Parallel()
	spec := openapitest.Open(t)
	const added = `{"recordsIdsAdded":["1"],"recordIdsRemoved":[],"recordIdsMissing":[]}`
	cases := map[string]struct {
		method, path, body string
		status             int
		answer             string
		fault              bool
		breach             string // a part of the report; "" for none
	}{
		"a good call":               {"PUT", "/crm/v3/lists/1/memberships/add", `["1"]`, 200, added, false, ""},
		"a good call, 2026-09":      {"PUT", "/crm/lists/2026-09/1/memberships/add", `["1"]`, 200, added, false, ""},
		"numbers for strings":       {"PUT", "/crm/lists/2026-09/1/memberships/add", `[1]`, 200, added, false, "request breaks"},
		"an unknown key":            {"PUT", "/crm/v3/lists/1/memberships/add-and-remove", `{"recordIdsToAdd":[],"recordIdsToRemove":[],"x":1}`, 200, added, false, "request breaks"},
		"a misspelt key":            {"PUT", "/crm/v3/lists/1/memberships/add", `["1"]`, 200, `{"recordIdsAdded":[],"recordIdsRemoved":[],"recordIdsMissing":[]}`, false, "answer 200 breaks"},
		"a spoilt answer":           {"PUT", "/crm/v3/lists/1/memberships/add", `["1"]`, 200, `{`, true, ""},
		"an error without category": {"GET", "/crm/v3/lists/1", "", 404, `{"message":"no","correlationId":"5a4db0c5-0000-4000-8000-000000000001"}`, false, "answer 404 breaks"},
		"a path that is not there":  {"GET", "/crm/v3/segments/1", "", 404, `{}`, false, "no such operation"},
		"the control API":           {"GET", "/_sandbox/state", "", 200, `[]`, false, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := &notes{TB: t}
			h := spec.Wrap(n, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				if c.fault {
					w.Header().Set("X-Sandbox-Fault", "truncate")
				}
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.answer))
			}))
			r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
			r.Header.Set("Content-Type", "application/json")
			h.ServeHTTP(httptest.NewRecorder(), r)
			got := strings.Join(n.lines, "\n")
			if (c.breach == "") != (got == "") || !strings.Contains(got, c.breach) {
				t.Errorf("report %q, want %q in it", got, c.breach)
			}
		})
	}
}
