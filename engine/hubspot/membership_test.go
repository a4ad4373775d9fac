package hubspot_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/engine/hubspot"
)

func TestMembershipPage(t *testing.T) {
	t.Parallel()
	total := int64(3)
	for _, test := range []struct {
		name  string
		body  string
		query hubspot.PageQuery
		want  hubspot.MembershipPage
		err   string
	}{
		{"strings, a cursor, a total",
			`{"results":[{"recordId":"9007199254740993","membershipTimestamp":"2026-01-01T00:00:00Z"},{"recordId":"2"}],` +
				`"paging":{"next":{"after":"abc=","link":"?after=abc"},"prev":{"before":"xyz"}},"total":3}`,
			hubspot.PageQuery{},
			hubspot.MembershipPage{RecordIDs: []int64{9007199254740993, 2}, Joined: []time.Time{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), {}}, After: "abc=", Before: "xyz", Total: &total}, ""},
		{"numbers and no more", `{"results":[{"recordId":9007199254740993}]}`, hubspot.PageQuery{After: "abc="},
			hubspot.MembershipPage{RecordIDs: []int64{9007199254740993}, Joined: []time.Time{{}}}, ""},
		{"an empty list", `{"results":[],"paging":null,"total":null}`, hubspot.PageQuery{}, hubspot.MembershipPage{}, ""},
		{"a cursor that does not advance", `{"results":[],"paging":{"next":{"after":"abc="}}}`, hubspot.PageQuery{After: "abc="},
			hubspot.MembershipPage{}, "cursor"},
		{"no results at all", `{"paging":{}}`, hubspot.PageQuery{}, hubspot.MembershipPage{}, "empty answer"},
		{"an id that is none", `{"results":[{"recordId":"ann@example.com"}]}`, hubspot.PageQuery{}, hubspot.MembershipPage{}, "record id"},
		{"a result without an id", `{"results":[{"recordId":"1"},{}]}`, hubspot.PageQuery{}, hubspot.MembershipPage{}, "empty answer"},
		{"an id of zero", `{"results":[{"recordId":0}]}`, hubspot.PageQuery{}, hubspot.MembershipPage{}, "record id"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, reply{body: test.body})
			client := dial(t, server.URL, func(c *hubspot.Config) { c.MaxRetries = 1 })
			got, err := client.MembershipPage(t.Context(), "42", test.query)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) || strings.Contains(err.Error(), "@") {
					t.Errorf("got %v, want %q", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.At.IsZero() {
				t.Error("the page lacks the time of the answer")
			}
			got.At = time.Time{}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAddAndRemove(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		body string
		want hubspot.MembershipChange
		err  error
		said string
	}{
		{"the specs' spelling", `{"recordsIdsAdded":["1","2"],"recordIdsRemoved":["4"],"recordIdsMissing":["3"]}`,
			hubspot.MembershipChange{Added: []int64{1, 2}, Removed: []int64{4}, Missing: []int64{3}}, nil, ""},
		{"the examples' spelling", `{"recordIdsAdded":["1","2"],"recordIdsRemoved":[],"recordIdsMissing":[]}`,
			hubspot.MembershipChange{Added: []int64{1, 2}}, nil, ""},
		{"both", `{"recordsIdsAdded":["1"],"recordIdsAdded":["1","2"]}`, hubspot.MembershipChange{Added: []int64{1, 2}}, nil, ""},
		{"numbers", `{"recordsIdsAdded":[1,2]}`, hubspot.MembershipChange{Added: []int64{1, 2}}, nil, ""},
		{"absent means empty", `{"recordIdsMissing":["1"]}`, hubspot.MembershipChange{Missing: []int64{1}}, nil, ""},
		{"all empty", `{"recordsIdsAdded":[]}`, hubspot.MembershipChange{}, nil, ""},
		{"an empty body", ``, hubspot.MembershipChange{}, hubspot.ErrEmptyAnswer, ""},
		{"no object", `[]`, hubspot.MembershipChange{}, hubspot.ErrEmptyAnswer, ""},
		{"none of the fields", `{"status":"ok"}`, hubspot.MembershipChange{}, hubspot.ErrEmptyAnswer, ""},
		{"an added id that was not sent", `{"recordsIdsAdded":["7"]}`, hubspot.MembershipChange{}, hubspot.ErrAmbiguous, "1 ids that were not sent"},
		{"an added id that was to be removed", `{"recordsIdsAdded":["4"]}`, hubspot.MembershipChange{}, hubspot.ErrAmbiguous, "not sent"},
		{"a removed id that was to be added", `{"recordIdsRemoved":["1"]}`, hubspot.MembershipChange{}, hubspot.ErrAmbiguous, "not sent"},
		{"a missing id that was not sent", `{"recordIdsMissing":["8","9"]}`, hubspot.MembershipChange{}, hubspot.ErrAmbiguous, "2 ids"},
		{"fields of another shape", `{"recordsIdsAdded":5}`, hubspot.MembershipChange{}, hubspot.ErrAmbiguous, "shape"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, reply{body: test.body})
			client := dial(t, server.URL, func(c *hubspot.Config) { c.MaxRetries = 1 })
			got, err := client.AddAndRemove(t.Context(), "42", []int64{1, 2, 3}, []int64{4})
			if test.err != nil {
				if !errors.Is(err, test.err) || !errors.Is(err, hubspot.ErrAmbiguous) || !strings.Contains(err.Error(), test.said) {
					t.Errorf("got %v, want %v, %q", err, test.err, test.said)
				}
				if !strings.Contains(err.Error(), "memberships.add_and_remove of list 42") {
					t.Errorf("does not say what failed: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			test.want.Attempts = 1
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if body := server.calls()[0].body; body != `{"recordIdsToAdd":["1","2","3"],"recordIdsToRemove":["4"]}` {
				t.Errorf("sent %s", body)
			}
		})
	}
	t.Run("one way only sends the other key too", func(t *testing.T) {
		t.Parallel()
		server := serve(t, reply{body: `{"recordIdsRemoved":["4"]}`})
		if _, err := dial(t, server.URL).AddAndRemove(t.Context(), "42", nil, []int64{4}); err != nil {
			t.Fatal(err)
		}
		if body := server.calls()[0].body; body != `{"recordIdsToAdd":[],"recordIdsToRemove":["4"]}` {
			t.Errorf("sent %s", body)
		}
	})
	t.Run("nothing to change is no call", func(t *testing.T) {
		t.Parallel()
		server := serve(t, reply{})
		if change, err := dial(t, server.URL).AddAndRemove(t.Context(), "42", nil, nil); err != nil || change.Attempts != 0 {
			t.Errorf("got %+v, %v", change, err)
		}
	})
}

// A write that HubSpot refused, or that a gateway gave up, may succeed in parts.
func TestIsSplittable(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]bool{
		400: true, 413: true, 414: true, 422: true, 502: true, 504: true,
		200: false, 401: false, 403: false, 404: false, 408: false, 423: false, 429: false, 500: false, 503: false, 521: false,
	} {
		server := serve(t, reply{status: status, body: `{"message":"no"}`})
		_, err := dial(t, server.URL, func(c *hubspot.Config) { c.MaxRetries = -1 }).AddAndRemove(t.Context(), "42", []int64{1, 2}, nil)
		if err == nil || hubspot.IsSplittable(fmt.Errorf("send: %w", err)) != want {
			t.Errorf("%d: %v; splittable is not %t", status, err, want)
		}
	}
	server := serve(t, reply{do: reset})
	_, err := dial(t, server.URL, func(c *hubspot.Config) { c.MaxRetries = -1 }).AddAndRemove(t.Context(), "42", []int64{1, 2}, nil)
	if err == nil || hubspot.IsSplittable(err) {
		t.Errorf("a connection that was reset: %v", err)
	}
}

func TestBatchRead(t *testing.T) {
	t.Parallel()
	sent := []string{"Ann@example.com", "bob@example.com", "eve@example.com"}
	found := `{"id":"1","properties":{"email":"ann@example.com","n":7,"empty":null},"createdAt":"2026-01-01T00:00:00Z"}`
	ann := hubspot.Record{ID: 1, Properties: map[string]string{"email": "ann@example.com", "n": "7"}}
	for _, test := range []struct {
		name string
		with reply
		want hubspot.BatchRead
	}{
		{"ids as strings and numbers", reply{body: `{"status":"COMPLETE","results":[` + found + `,{"id":2,"properties":{}}]}`},
			hubspot.BatchRead{Records: []hubspot.Record{ann, {ID: 2, Properties: map[string]string{}}}}},
		{"one error names all that are missing", reply{status: 207, body: `{"results":[` + found + `],"numErrors":1,"errors":[{"status":"error",` +
			`"category":"OBJECT_NOT_FOUND","message":"Could not get some","context":{"ids":["bob@example.com","eve@example.com"]}}]}`},
			hubspot.BatchRead{Records: []hubspot.Record{ann}, NotFound: []string{"bob@example.com", "eve@example.com"}}},
		{"all missing, lower-cased by HubSpot", reply{status: 207, body: `{"results":[],"numErrors":1,"errors":[` +
			`{"category":"OBJECT_NOT_FOUND","context":{"ids":["ann@example.com","bob@example.com","eve@example.com"]}}]}`},
			hubspot.BatchRead{NotFound: sent}},
		{"missing without names is a problem", reply{status: 207, body: `{"results":[],"numErrors":1,"errors":[` +
			`{"category":"OBJECT_NOT_FOUND","message":"m","context":{"ids":[""]}}]}`},
			hubspot.BatchRead{Problems: []hubspot.RecordProblem{{Category: "OBJECT_NOT_FOUND", Message: "m"}}}},
		{"missing that was not sent is a problem", reply{status: 207, body: `{"results":[],"errors":[` +
			`{"category":"OBJECT_NOT_FOUND","context":{"ids":["bob@example.com","zoe@example.com"]}}]}`},
			hubspot.BatchRead{NotFound: []string{"bob@example.com"},
				Problems: []hubspot.RecordProblem{{Category: "OBJECT_NOT_FOUND", IDs: []string{"zoe@example.com"}}}}},
		{"another category is a problem", reply{status: 207, body: `{"results":[` + found + `],"numErrors":2,"errors":[` +
			`{"category":"INTERNAL_ERROR","message":"at bob@example.com","context":{"ids":["bob@example.com"]}},{"category":"ODD"}]}`},
			hubspot.BatchRead{Records: []hubspot.Record{ann}, Problems: []hubspot.RecordProblem{
				{Category: "INTERNAL_ERROR", Message: "at [email]", IDs: []string{"bob@example.com"}}, {Category: "ODD"}}}},
		{"errors in a 200", reply{body: `{"results":[],"errors":[{"category":"OBJECT_NOT_FOUND","context":{"ids":["eve@example.com"]}}]}`},
			hubspot.BatchRead{NotFound: []string{"eve@example.com"}}},
		{"counted and not named", reply{status: 207, body: `{"results":[],"numErrors":2}`},
			hubspot.BatchRead{Problems: []hubspot.RecordProblem{{Message: "2 errors that HubSpot does not name"}}}},
		{"nothing at all", reply{body: `{"status":"COMPLETE","results":[]}`}, hubspot.BatchRead{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, test.with)
			got, err := dial(t, server.URL).BatchRead(t.Context(), "contacts", "email", sent, []string{"email"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("what is sent", func(t *testing.T) {
		t.Parallel()
		server := serve(t, reply{body: `{"results":[]}`})
		client := dial(t, server.URL)
		for _, property := range []string{"email", "", "hs_object_id"} {
			if _, err := client.BatchRead(t.Context(), "contacts", property, []string{"1"}, nil); err != nil {
				t.Fatal(err)
			}
		}
		const rest = `"inputs":[{"id":"1"}],"properties":[],"propertiesWithHistory":[]}`
		for i, want := range []string{`{"idProperty":"email",` + rest, `{` + rest, `{` + rest} {
			if body := server.calls()[i].body; body != want {
				t.Errorf("sent %s, want %s", body, want)
			}
		}
	})
	t.Run("no results at all is an empty answer", func(t *testing.T) {
		t.Parallel()
		server := serve(t, reply{body: `{"status":"COMPLETE"}`})
		if _, err := dial(t, server.URL).BatchRead(t.Context(), "contacts", "", sent, nil); !errors.Is(err, hubspot.ErrEmptyAnswer) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("no ids is no call", func(t *testing.T) {
		t.Parallel()
		server := serve(t, reply{})
		if _, err := dial(t, server.URL).BatchRead(t.Context(), "contacts", "", nil, nil); err != nil || len(server.calls()) != 0 {
			t.Errorf("got %v after %d calls", err, len(server.calls()))
		}
	})
}
