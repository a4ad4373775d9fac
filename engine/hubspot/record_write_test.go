package hubspot_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"rollcall/engine/hubspot"
)

func TestBatchWriteAnswers(t *testing.T) {
	t.Parallel()
	const one, two = `{"id":"11","properties":{"city":"Bern","n":7,"empty":null},"objectWriteTraceId":"0"}`, `{"id":12,"objectWriteTraceId":"1","properties":{}}`
	failure := func(context string) string {
		return `{"status":"error","category":"VALIDATION_ERROR","message":"No","context":{` + context + `},"errors":[{"message":"very-private was bad","code":"INVALID_OPTION","context":{"propertyName":["city"]}}],"links":{}}`
	}
	for _, test := range []struct {
		name string
		with reply
		want []string
		said string
	}{
		{"all, in another order", reply{body: `{"status":"COMPLETE","results":[` + two + `,` + one + `]}`}, []string{"updated 11", "updated 12"}, ""},
		{"an error by trace id", reply{status: 207, body: `{"results":[` + two + `],"numErrors":1,"errors":[` + failure(`"objectWriteTraceId":["0"],"ids":[""]`) + `]}`},
			[]string{"failed 11 VALIDATION_ERROR map[city:INVALID_OPTION] 0", "updated 12"}, ""},
		{"an error by record id", reply{status: 207, body: `{"results":[` + one + `],"errors":[` + failure(`"ids":["12"]`) + `]}`},
			[]string{"updated 11", "failed 12 VALIDATION_ERROR map[city:INVALID_OPTION] 0"}, ""},
		{"one error of both, and another one", reply{status: 207, body: `{"results":[],"errors":[` + failure(`"objectWriteTraceId":["0","1"]`) +
			`,{"message":"Property values were not valid: [{\"name\":\"age\",\"error\":\"INVALID_INTEGER\"}]","context":{"objectWriteTraceId":["1"]}}]}`},
			[]string{"failed 11 VALIDATION_ERROR map[city:INVALID_OPTION] 0", "failed 12 VALIDATION_ERROR map[age:INVALID_INTEGER city:INVALID_OPTION] 0"}, ""},
		{"an error of nobody", reply{status: 207, body: `{"results":[` + one + `],"errors":[` + failure(`"ids":[""]`) + `]}`}, []string{"updated 11", "unmentioned 12"}, ""},
		{"counted and not named", reply{status: 207, body: `{"results":[` + one + `],"numErrors":"2"}`}, []string{"updated 11", "unmentioned 12"}, ""},
		{"no trace ids", reply{body: `{"results":[{"id":"12","properties":{}},{"id":"99","properties":{}}]}`}, []string{"unmentioned 11", "updated 12"}, ""},
		{"nothing", reply{body: `{"results":[]}`}, []string{"unmentioned 11", "unmentioned 12"}, ""},
		{"a trace id that was not sent", reply{body: `{"results":[{"id":"11","objectWriteTraceId":"2","properties":{}}]}`}, []string{"unknown 11", "unknown 12"}, "not sent"},
		{"one input twice", reply{body: `{"results":[` + one + `,` + one + `]}`}, []string{"unknown 11", "unknown 12"}, "twice"},
		{"written and refused", reply{status: 207, body: `{"results":[` + one + `],"errors":[` + failure(`"objectWriteTraceId":["0"]`) + `]}`}, []string{"unknown 11", "unknown 12"}, "twice"},
		{"a result without an id", reply{body: `{"results":[{"objectWriteTraceId":"0"}]}`}, []string{"unknown 11", "unknown 12"}, "empty answer"},
		{"no results", reply{body: `{"status":"COMPLETE"}`}, []string{"unknown 11", "unknown 12"}, "empty answer"},
		{"a refusal", reply{status: 409, body: `{"message":"very-private already exists. Existing ID: 7","category":"CONFLICT"}`}, []string{"not_done 11", "not_done 12"}, "[value] already exists. Existing ID: 7"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			server := serve(t, test.with)
			client := dial(t, server.URL, func(c *hubspot.Config) { c.MaxRetries, c.Log = -1, zerolog.New(&log) })
			batch, err := client.BatchUpdate(t.Context(), "contacts", []hubspot.Record{{ID: 11, Properties: map[string]string{"city": "very-private"}}, {ID: 12}})
			if diff := cmp.Diff(test.want, told(batch)); diff != "" {
				t.Error(diff)
			}
			if (err == nil) != (test.said == "") || err != nil && !strings.Contains(err.Error(), test.said) {
				t.Errorf("got %v, want %q", err, test.said)
			}
			if unknown := strings.HasPrefix(test.want[0], "unknown"); errors.Is(err, hubspot.ErrAmbiguous) != unknown {
				t.Errorf("ambiguous is not %t: %v", unknown, err)
			}
			if shown := fmt.Sprintf("%v %+v %s %s", err, batch, hubspot.Hint(err), &log); strings.Contains(shown, "private") {
				t.Errorf("shows a value that was sent: %s", shown)
			}
		})
	}
}

func TestBatchWriteRequests(t *testing.T) {
	t.Parallel()
	server := serve(t, reply{body: `{"results":[]}`}, reply{body: `{"results":[]}`}, reply{status: 204})
	var calls []hubspot.Call
	client := dial(t, server.URL).Observed(func(c hubspot.Call) { calls = append(calls, c) })
	for _, write := range []func() (hubspot.BatchWrite, error){
		func() (hubspot.BatchWrite, error) {
			return client.BatchCreate(t.Context(), "0-1", []map[string]string{{"email": "a@example.com"}, nil})
		},
		func() (hubspot.BatchWrite, error) {
			return client.BatchUpdate(t.Context(), "2-77", []hubspot.Record{{ID: 7, Properties: map[string]string{"city": ""}}, {ID: 8}})
		},
		func() (hubspot.BatchWrite, error) { return client.BatchArchive(t.Context(), "deals", []int64{7}) },
		func() (hubspot.BatchWrite, error) { return client.BatchArchive(t.Context(), "deals", nil) },
		func() (hubspot.BatchWrite, error) { return client.BatchCreate(t.Context(), "deals", nil) },
	} {
		if _, err := write(); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for i, a := range server.calls() {
		got = append(got, a.method+" "+a.uri+" "+a.body, fmt.Sprint(calls[i].Operation, " ", calls[i].Items))
	}
	want := []string{
		`POST /crm/objects/2026-09/0-1/batch/create {"inputs":[{"properties":{"email":"a@example.com"},"associations":[],"objectWriteTraceId":"0"},{"properties":{},"associations":[],"objectWriteTraceId":"1"}]}`,
		"contacts.batch_create 2",
		`POST /crm/objects/2026-09/2-77/batch/update {"inputs":[{"id":"7","properties":{"city":""},"objectWriteTraceId":"0"},{"id":"8","properties":{},"objectWriteTraceId":"1"}]}`,
		"2-77.batch_update 2",
		`POST /crm/objects/2026-09/deals/batch/archive {"inputs":[{"id":"7"}]}`,
		"deals.batch_archive 1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if batch, err := client.BatchCreate(t.Context(), "contacts/../x", []map[string]string{nil}); err == nil || fmt.Sprint(told(batch)) != "[not_done 0]" {
		t.Errorf("a path was taken for an object type: %v, %v", told(batch), err)
	}
}

// Only 204 says that records were archived: a page of a proxy with status 200 does not.
func TestBatchArchiveAnswers(t *testing.T) {
	t.Parallel()
	for _, with := range []reply{{status: 200}, {status: 200, body: "<html>"}, {status: 207, body: `{"results":[]}`}} {
		server := serve(t, with)
		batch, err := dial(t, server.URL, func(c *hubspot.Config) { c.MaxRetries = -1 }).BatchArchive(t.Context(), "deals", []int64{7})
		if !errors.Is(err, hubspot.ErrAmbiguous) || batch.Outcomes[0].Status != hubspot.WriteUnknown {
			t.Errorf("%+v: %+v, %v", with, batch, err)
		}
	}
}

// HubSpot quotes values in its messages in several ways; none reaches an error, and what can be read does.
func TestValuesInRefusals(t *testing.T) {
	t.Parallel()
	quoted := func(values string) string {
		return `{"category":"VALIDATION_ERROR","message":"Property values were not valid: ` + values + `","errors":[{"message":"s3cret-1 was not one of the allowed options","code":"INVALID_OPTION","context":{"propertyName":["stage"]}}]}`
	}
	for body, want := range map[string]string{
		quoted(`[{\"isValid\":false,\"message\":\"s3cret-1 was not one of\",\"error\":\"INVALID_OPTION\",\"name\":\"stage\"},{\"error\":\"INVALID_LONG\",\"name\":\"day\"}]`): "Property values were not valid: stage INVALID_OPTION, day INVALID_LONG",
		quoted(`something else with s3cret-1`): "Property values were not valid",
		`{"message":"Cannot set PropertyValueCoordinates{portalId=1, propertyName=tag, value=other {s3cret-2}} on 5. 77 already has that value."}`: "propertyName=tag, value=[value]} on 5. 77 already has that value",
		`{"message":"the text s3cret-1, and s3cret-1 s3cret-1s"}`:                                                                                  "the text [value], and [value] s3cret-1s",
	} {
		server := serve(t, reply{status: 400, body: body})
		_, err := dial(t, server.URL).BatchCreate(t.Context(), "contacts", []map[string]string{{"stage": "s3cret-1", "tag": "s3", "other": "s3cret-1"}})
		var refusal *hubspot.APIError
		if !errors.As(err, &refusal) || !strings.Contains(err.Error(), want) {
			t.Fatalf("got %v, want %q", err, want)
		}
		for _, d := range refusal.Errors {
			if d.Message != "stage INVALID_OPTION" {
				t.Errorf("detail %q", d.Message)
			}
		}
		if !strings.Contains(want, "s3cret") && strings.Contains(fmt.Sprintf("%v %+v %s", err, refusal, hubspot.Hint(err)), "s3cret") {
			t.Errorf("%v shows a value", err)
		}
	}
}

// A token that may only read records is told which scope it lacks.
func TestWriteScopeHint(t *testing.T) {
	t.Parallel()
	server := serve(t, reply{status: 403, body: `{"category":"MISSING_SCOPES"}`})
	client := dial(t, server.URL)
	_, err := client.BatchArchive(t.Context(), "0-2", []int64{7})
	if !strings.Contains(hubspot.Hint(err), "crm.objects.companies.write") {
		t.Errorf("hint %q", hubspot.Hint(err))
	}
	if _, err = client.Owners(t.Context()); !strings.Contains(hubspot.Hint(err), "crm.objects.owners.read") {
		t.Errorf("hint %q", hubspot.Hint(err))
	}
}
