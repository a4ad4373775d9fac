package hubspot_test

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/engine/hubspot"
	"rollcall/engine/hubspot/sandbox"
)

var (
	unlabelled = hubspot.AssociationType{Category: hubspot.HubSpotDefined, ID: 279}
	primary    = hubspot.AssociationType{Category: hubspot.HubSpotDefined, ID: 1}
	decides    = hubspot.AssociationType{Category: hubspot.UserDefined, ID: 1}
)

func TestAssociationLabels(t *testing.T) {
	t.Parallel()
	server := serve(t, reply{body: `{"results":[{"category":"HUBSPOT_DEFINED","typeId":279,"label":null},{"category":"USER_DEFINED","typeId":"1","label":"Decision maker"}]}`},
		reply{body: `{"results":[{"category":"HUBSPOT_DEFINED"}]}`})
	client := dial(t, server.URL, func(c *hubspot.Config) { c.MaxRetries = -1 })
	got, err := client.AssociationLabels(t.Context(), "contacts", "0-2")
	want := []hubspot.AssociationLabel{{AssociationType: unlabelled}, {AssociationType: decides, Label: "Decision maker"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil || !got[0].IsDefault() {
		t.Errorf("%v\n%s", err, diff)
	}
	if uri := server.calls()[0].uri; uri != "/crm/associations/2026-09/contacts/0-2/labels" {
		t.Errorf("asked %s", uri)
	}
	if _, err := client.AssociationLabels(t.Context(), "contacts", "0-2"); !errors.Is(err, hubspot.ErrEmptyAnswer) {
		t.Errorf("a label without an id: %v", err)
	}
	if _, err := client.AssociationLabels(t.Context(), "contacts", "../x"); err == nil {
		t.Error("a type that is none")
	}
}

func TestReadAssociations(t *testing.T) {
	t.Parallel()
	link := func(id int64) hubspot.AssociatedRecord {
		return hubspot.AssociatedRecord{ID: id, Labels: []hubspot.AssociationLabel{{AssociationType: unlabelled}}}
	}
	wire := func(from, more string, to ...string) string {
		var links []string
		for _, id := range to {
			links = append(links, `{"toObjectId":`+id+`,"associationTypes":[{"category":"HUBSPOT_DEFINED","typeId":279,"label":null}]}`)
		}
		return `{"from":{"id":"` + from + `"},"to":[` + strings.Join(links, ",") + `]` + more + `}`
	}
	next := func(cursor string) string { return `,"paging":{"next":{"after":"` + cursor + `","link":"x"}}` }
	page := func(results ...string) string {
		return `{"status":"COMPLETE","results":[` + strings.Join(results, ",") + `]`
	}
	const none = `{"status":"error","category":"OBJECT_NOT_FOUND","subCategory":"crm.associations.NO_ASSOCIATIONS_FOUND","message":"No company is associated with contact 2.",` +
		`"context":{"fromObjectId":["2"],"fromObjectType":["contact"],"toObjectType":["company"]}}`
	found := func(id int64, links ...hubspot.AssociatedRecord) hubspot.RecordAssociations {
		return hubspot.RecordAssociations{ID: id, State: hubspot.AssociationsFound, Links: links}
	}
	nothing := hubspot.RecordAssociations{ID: 2, State: hubspot.AssociationsNone}
	unmentioned := hubspot.RecordAssociations{ID: 2, State: hubspot.AssociationUnmentioned}
	for _, test := range []struct {
		name    string
		replies []reply
		want    []hubspot.RecordAssociations
		err     string
	}{
		{"one with, one without", []reply{{status: 207, body: page(wire("1", "", "7", "8")) + `,"numErrors":1,"errors":[` + none + `]}`}},
			[]hubspot.RecordAssociations{found(1, link(7), link(8)), nothing}, ""},
		{"pages of one, and one that is not mentioned", []reply{{body: page(wire("1", next("a"), "7")) + `}`}, {body: page(wire("1", next("b"), "7", "8")) + `}`}, {body: page(wire("1", "", "9")) + `}`}},
			[]hubspot.RecordAssociations{found(1, link(7), link(8), link(9)), unmentioned}, ""},
		{"a page that does not come", []reply{{body: page(wire("1", next("a"), "7"), wire("2", next("a"), "8")) + `}`}, {body: page(wire("1", "", "9")) + `}`}},
			[]hubspot.RecordAssociations{found(1, link(7), link(9)), unmentioned}, ""},
		{"an error that names one, which is not asked for on", []reply{{status: 207, body: page(wire("1", "", "7"), wire("2", next("a"), "8")) +
			`,"errors":[{"category":"INTERNAL_ERROR","message":"not for ann@example.com","context":{"ids":["2"]}}]}`}},
			[]hubspot.RecordAssociations{found(1, link(7)), {ID: 2, State: hubspot.AssociationFailed, Category: "INTERNAL_ERROR", Message: "not for [email]"}}, ""},
		{"an error that names none", []reply{{status: 207, body: page(wire("1", "", "7")) + `,"errors":[{"category":"ODD","message":"m","context":{}}]}`}},
			[]hubspot.RecordAssociations{found(1, link(7)), {ID: 2, State: hubspot.AssociationUnmentioned, Category: "ODD", Message: "m"}}, ""},
		{"none by an empty result", []reply{{body: page(wire("2", ""), wire("1", "", "7")) + `}`}}, []hubspot.RecordAssociations{found(1, link(7)), nothing}, ""},
		{"both a result and none", []reply{{status: 207, body: page(wire("1", "", "7"), wire("2", "", "8")) + `,"errors":[` + none + `]}`}},
			[]hubspot.RecordAssociations{found(1, link(7)), {ID: 2, State: hubspot.AssociationFailed, Category: "OBJECT_NOT_FOUND", Message: "No company is associated with contact 2."}}, ""},
		{"a record that was not asked for", []reply{{body: page(wire("3", "", "7")) + `}`}}, nil, "record 3, which was not asked for"},
		{"a record twice", []reply{{body: page(wire("1", "", "7"), wire("1", "", "8")) + `}`}}, nil, "record 1 twice"},
		{"a cursor that does not advance", []reply{{body: page(wire("1", next("a"), "7")) + `}`}}, nil, "cursor is this page's own"},
		{"no results", []reply{{body: `{"status":"COMPLETE"}`}}, nil, "empty answer"},
		{"a link without a type", []reply{{body: page(`{"from":{"id":"1"},"to":[{"toObjectId":7,"associationTypes":[]}]}`) + `}`}}, nil, "empty answer"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, test.replies...)
			got, err := dial(t, server.URL, func(c *hubspot.Config) { c.MaxRetries = -1 }).ReadAssociations(t.Context(), "contacts", "companies", []int64{1, 2})
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) || got != nil || hubspot.Hint(err) == "" {
					t.Errorf("got %v, %v, hint %q", got, err, hubspot.Hint(err))
				}
				return
			}
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("%v\n%s", err, diff)
			}
			if n := len(server.calls()); n != len(test.replies) {
				t.Errorf("%d calls, want %d", n, len(test.replies))
			}
		})
	}
}

func TestWriteAssociations(t *testing.T) {
	t.Parallel()
	links := []hubspot.Association{{From: 1, To: 7, Types: []hubspot.AssociationType{decides}}, {From: 2, To: 8, Types: []hubspot.AssociationType{primary}}}
	type write func(*hubspot.Client) (hubspot.AssociationChange, error)
	create := func(c *hubspot.Client) (hubspot.AssociationChange, error) {
		return c.CreateAssociations(t.Context(), "contacts", "companies", links)
	}
	byDefault := func(c *hubspot.Client) (hubspot.AssociationChange, error) {
		return c.CreateDefaultAssociations(t.Context(), "contacts", "companies", links)
	}
	archive := func(c *hubspot.Client) (hubspot.AssociationChange, error) {
		return c.ArchiveAssociations(t.Context(), "contacts", "companies", append(links, hubspot.Association{From: 1, To: 9}))
	}
	unlabel := func(c *hubspot.Client) (hubspot.AssociationChange, error) {
		return c.ArchiveAssociationLabels(t.Context(), "contacts", "companies", links)
	}
	const one = `{"fromObjectTypeId":"0-1","fromObjectId":1,"toObjectTypeId":"0-2","toObjectId":7,"labels":["Decision maker"]}`
	const two = `{"fromObjectTypeId":"0-1","fromObjectId":"2","toObjectTypeId":"0-2","toObjectId":"8","labels":[]}`
	failed := func(category, message string) string { return "failed " + category + " " + message }
	const typed = `{"inputs":[{"from":{"id":"1"},"to":{"id":"7"},"types":[{"associationCategory":"USER_DEFINED","associationTypeId":1}]},` +
		`{"from":{"id":"2"},"to":{"id":"8"},"types":[{"associationCategory":"HUBSPOT_DEFINED","associationTypeId":1}]}]}`
	for _, test := range []struct {
		name  string
		write write
		with  reply
		want  []string
		path  string
		sent  string
	}{
		{"created", create, reply{status: 201, body: `{"status":"COMPLETE","results":[` + two + `,` + one + `]}`}, []string{"done", "done"}, "/create", typed},
		{"one is not mentioned", create, reply{status: 201, body: `{"results":[` + two + `]}`}, []string{"unmentioned", "done"}, "", ""},
		{"a record that is not there", create, reply{status: 207, body: `{"results":[` + one + `],"numErrors":1,"errors":[{"category":"VALIDATION_ERROR","message":"m",` +
			`"context":{"INVALID_OBJECT_IDS":["CONTACT=2 is not valid"]}}]}`}, []string{"done", failed("VALIDATION_ERROR", "m")}, "", ""},
		{"a type that is not there", create, reply{status: 207, body: `{"results":[` + two + `],"errors":[{"category":"VALIDATION_ERROR","message":"m",` +
			`"context":{"associationSpec":["USER_DEFINED=1"]}}]}`}, []string{failed("VALIDATION_ERROR", "m"), "done"}, "", ""},
		{"an error of a pair", create, reply{status: 207, body: `{"results":[],"errors":[{"category":"A","message":"a","context":{"fromObjectId":["1"],"toObjectId":["7"]}},` +
			`{"category":"B","message":"at ann@example.com","context":{"fromObjectId":["2"],"toObjectId":["8"]}}]}`}, []string{failed("A", "a"), failed("B", "at [email]")}, "", ""},
		{"an error of another pair", create, reply{status: 207, body: `{"results":[` + two + `],"errors":[{"category":"A","message":"a","context":{"fromObjectId":["1"],"toObjectId":["8"]}}]}`},
			[]string{"unmentioned", "done"}, "", ""},
		{"an error without a name", create, reply{status: 207, body: `{"results":[` + one + `],"errors":[{"category":"ODD","message":"m"}]}`}, []string{"done", "unmentioned ODD m"}, "", ""},
		{"by default, in both directions", byDefault, reply{body: `{"results":[{"from":{"id":"7"},"to":{"id":"1"},"associationSpec":{}},{"from":{"id":"1"},"to":{"id":"7"},"associationSpec":{}}],` +
			`"errors":[{"category":"VALIDATION_ERROR","message":"m","context":{"objectId":["8"]}}]}`}, []string{"done", failed("VALIDATION_ERROR", "m")},
			"/associate/default", `{"inputs":[{"from":{"id":"1"},"to":{"id":"7"}},{"from":{"id":"2"},"to":{"id":"8"}}]}`},
		{"archived without a body", archive, reply{status: 204}, []string{"done", "done", "done"},
			"/archive", `{"inputs":[{"from":{"id":"1"},"to":[{"id":"7"},{"id":"9"}]},{"from":{"id":"2"},"to":[{"id":"8"}]}]}`},
		{"archived with one", archive, reply{body: `{"status":"COMPLETE","results":[]}`}, []string{"done", "done", "done"}, "", ""},
		{"one is not archived", archive, reply{status: 207, body: `{"status":"COMPLETE","results":[],"errors":[{"category":"A","message":"a","context":{"fromObjectId":["2"]}}]}`},
			[]string{"done", failed("A", "a"), "done"}, "", ""},
		{"some are not archived", archive, reply{status: 207, body: `{"status":"COMPLETE","results":[],"errors":[{"category":"A","message":"a","context":{}}]}`},
			[]string{"unmentioned A a", "unmentioned A a", "unmentioned A a"}, "", ""},
		{"labels archived", unlabel, reply{status: 204}, []string{"done", "done"}, "/labels/archive", typed},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, test.with)
			got, err := test.write(dial(t, server.URL, func(c *hubspot.Config) { c.MaxRetries = -1 }))
			if err != nil {
				t.Fatal(err)
			}
			var said []string
			for _, o := range got.Outcomes {
				said = append(said, strings.TrimSpace(string(o.State)+" "+o.Category+" "+o.Message))
			}
			if diff := cmp.Diff(test.want, said); diff != "" || got.Attempts != 1 || got.MaybeApplied {
				t.Errorf("%+v\n%s", got, diff)
			}
			if call := server.calls()[0]; test.sent != "" && (call.body != test.sent || call.uri != "/crm/associations/2026-09/contacts/companies/batch"+test.path) {
				t.Errorf("sent %s to %s", call.body, call.uri)
			}
		})
	}
	for name, write := range map[string]write{"create": create, "default": byDefault, "archive": archive, "labels": unlabel} {
		t.Run(name+" without a good answer", func(t *testing.T) {
			t.Parallel()
			once := func(c *hubspot.Config) { c.MaxRetries = -1 }
			for _, lost := range []reply{{do: reset}, {body: ""}, {body: `{"x":1}`}, {status: 503}, {do: truncated(`{"results":[`)}} {
				if got, err := write(dial(t, serve(t, lost).URL, once)); !errors.Is(err, hubspot.ErrAmbiguous) || got.Outcomes != nil {
					t.Errorf("%+v: %+v, %v", lost, got, err)
				}
			}
			if _, err := write(dial(t, serve(t, reply{status: 400, body: `{"message":"no"}`}).URL, once)); !hubspot.IsRefused(err) || errors.Is(err, hubspot.ErrAmbiguous) {
				t.Errorf("a refusal: %v", err)
			}
			good := reply{status: 201, body: `{"status":"COMPLETE","results":[` + one + `,` + two + `]}`}
			if got, err := write(dial(t, serve(t, reply{do: reset}, good).URL)); err != nil || got.Attempts != 2 || !got.MaybeApplied || got.Outcomes[0].State != hubspot.AssociationDone {
				t.Errorf("a second attempt: %+v, %v", got, err)
			}
		})
	}
	t.Run("an answer to something else", func(t *testing.T) {
		t.Parallel()
		server := serve(t, reply{status: 201, body: `{"results":[{"fromObjectId":5,"toObjectId":6}]}`})
		if _, err := create(dial(t, server.URL)); !errors.Is(err, hubspot.ErrAmbiguous) || !strings.Contains(err.Error(), "1 associations that were not sent") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("what is not sent", func(t *testing.T) {
		t.Parallel()
		server := serve(t, reply{status: 204})
		client := dial(t, server.URL)
		if _, err := client.ArchiveAssociations(t.Context(), "contacts", "companies", append(links, links[0])); err == nil {
			t.Error("a pair is given twice")
		}
		if got, err := client.CreateAssociations(t.Context(), "contacts", "companies", nil); err != nil || got.Attempts != 0 {
			t.Errorf("nothing: %+v, %v", got, err)
		}
		if got, err := client.ReadAssociations(t.Context(), "contacts", "companies", nil); err != nil || len(got) != 0 || len(server.calls()) != 0 {
			t.Errorf("nothing: %+v, %v", got, err)
		}
	})
	t.Run("a missing scope", func(t *testing.T) {
		t.Parallel()
		server := serve(t, reply{status: 403, body: `{"category":"MISSING_SCOPES","errors":[{"context":{"requiredGranularScopes":["crm.objects.deals.read","e-commerce"]}}]}`})
		if _, err := create(dial(t, server.URL)); !strings.Contains(hubspot.Hint(err), "both object types") {
			t.Errorf("hint %q", hubspot.Hint(err))
		}
	})
}

// associations runs the client's calls against the sandbox.
func (c conformance) associations(t *testing.T) {
	for name, options := range map[string]sandbox.Options{
		"as the schema says": {AssociationPage: 3}, "as the examples say": {AssociationPage: 3, AssociationExamples: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.spec != nil && options.AssociationExamples {
				t.Skip("breaks HubSpot's schema on purpose")
			}
			c.associate(t, options)
		})
	}
	c.associationFaults(t)
}

func (c conformance) associate(t *testing.T, options sandbox.Options) {
	_, client := c.play(t, options)
	ctx := t.Context()
	labels, err := client.AssociationLabels(ctx, "companies", "contacts")
	if err != nil || len(labels) != 3 || labels[2].Label != "Decision maker" || !labels[0].IsDefault() {
		t.Fatalf("%+v, %v", labels, err)
	}
	const acme, initech = 9000000001, 9000000003
	var links []hubspot.Association
	for i := range int64(7) {
		links = append(links, hubspot.Association{From: 1000001 + i, To: initech, Types: []hubspot.AssociationType{decides, primary}})
	}
	links = append(links, hubspot.Association{From: 5, To: initech, Types: []hubspot.AssociationType{decides}},
		hubspot.Association{From: 1000001, To: acme, Types: []hubspot.AssociationType{{Category: hubspot.UserDefined, ID: 99}}})
	states := func(change hubspot.AssociationChange, err error) map[hubspot.AssociationState]int {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		n := map[hubspot.AssociationState]int{}
		for _, o := range change.Outcomes {
			n[o.State]++
		}
		return n
	}
	if diff := cmp.Diff(map[hubspot.AssociationState]int{"done": 7, "failed": 2}, states(client.CreateAssociations(ctx, "contacts", "companies", links))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[hubspot.AssociationState]int{"done": 8, "failed": 1}, states(client.CreateDefaultAssociations(ctx, "contacts", "0-2", links))); diff != "" {
		t.Error(diff)
	}
	got, err := client.ReadAssociations(ctx, "companies", "contacts", []int64{initech, 9000000002, 77, acme})
	if err != nil || len(got) != 4 {
		t.Fatalf("%+v, %v", got, err)
	}
	var ids []int64
	for _, l := range got[0].Links {
		ids = append(ids, l.ID)
		if len(l.Labels) != 3 {
			t.Errorf("contact %d has %+v", l.ID, l.Labels)
		}
	}
	if want := []int64{1000001, 1000002, 1000003, 1000004, 1000005, 1000006, 1000007}; !slices.Equal(ids, want) || got[1].State != hubspot.AssociationsFound ||
		got[2].State != hubspot.AssociationsNone || got[3].Links[0].Labels[1].Label != "Decision maker" {
		t.Errorf("got %+v", got)
	}
	if n := states(client.ArchiveAssociationLabels(ctx, "contacts", "companies", links[:3])); n["done"] != 3 {
		t.Errorf("labels archived: %v", n)
	}
	if n := states(client.ArchiveAssociations(ctx, "contacts", "companies", links[3:8])); n["done"] != 5 {
		t.Errorf("archived: %v", n)
	}
	got, err = client.ReadAssociations(ctx, "companies", "contacts", []int64{initech})
	if err != nil || len(got[0].Links) != 3 || len(got[0].Links[0].Labels) != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
	var many []int64
	for i := range hubspot.MaxAssociationRead + 1 {
		many = append(many, int64(i+1))
	}
	if _, err := client.ReadAssociations(ctx, "contacts", "companies", many); !hubspot.IsRefused(err) {
		t.Errorf("too many: %v", err)
	}
	if got, err := client.ReadAssociations(ctx, "contacts", "companies", many[1:]); err != nil || len(got) != hubspot.MaxAssociationRead {
		t.Errorf("as many as may be: %d, %v", len(got), err)
	}
}

func (c conformance) associationFaults(t *testing.T) {
	link := []hubspot.Association{{From: 1000003, To: 9000000003, Types: []hubspot.AssociationType{decides}}}
	for _, effect := range []sandbox.Effect{
		sandbox.EffectHTML, sandbox.EffectEmpty, sandbox.EffectReset, sandbox.EffectEmptyAfter, sandbox.EffectResetAfter, sandbox.EffectTruncate,
	} {
		portal, client := c.play(t, sandbox.Options{})
		for _, operation := range []string{"batch-read", "batch-create", "batch-default", "batch-archive", "batch-labels-archive"} {
			if err := portal.Declare(sandbox.Fault{Operation: "associations." + operation, Effect: effect}); err != nil {
				t.Fatal(err)
			}
		}
		for _, write := range []func() (hubspot.AssociationChange, error){
			func() (hubspot.AssociationChange, error) {
				return client.CreateAssociations(t.Context(), "contacts", "companies", link)
			},
			func() (hubspot.AssociationChange, error) {
				return client.CreateDefaultAssociations(t.Context(), "contacts", "companies", link)
			},
			func() (hubspot.AssociationChange, error) {
				return client.ArchiveAssociationLabels(t.Context(), "contacts", "companies", link)
			},
			func() (hubspot.AssociationChange, error) {
				return client.ArchiveAssociations(t.Context(), "contacts", "companies", link)
			},
		} {
			if change, err := write(); err != nil || change.Outcomes[0].State != hubspot.AssociationDone {
				t.Errorf("%s: %+v, %v", effect, change, err)
			}
		}
		if got, err := client.ReadAssociations(t.Context(), "contacts", "companies", []int64{1000002, 1000003}); err != nil ||
			got[0].State != hubspot.AssociationsFound || got[1].State != hubspot.AssociationsNone {
			t.Errorf("%s: %+v, %v", effect, got, err)
		}
	}
	portal, client := c.play(t, sandbox.Options{})
	ids := []string{strconv.Itoa(1000002)}
	for effect, want := range map[sandbox.Effect]hubspot.AssociationState{
		sandbox.EffectOmit: hubspot.AssociationUnmentioned, sandbox.EffectUnknownError: hubspot.AssociationUnmentioned,
	} {
		if err := portal.Declare(sandbox.Fault{Operation: "associations.batch-read", Effect: effect, IDs: ids}); err != nil {
			t.Fatal(err)
		}
		if got, err := client.ReadAssociations(t.Context(), "contacts", "companies", []int64{1000002, 1000001}); err != nil || got[0].State != want || got[1].State != hubspot.AssociationsFound {
			t.Errorf("%s: %+v, %v", effect, got, err)
		}
	}
	if err := portal.Declare(sandbox.Fault{Operation: "associations.batch-create", Effect: sandbox.EffectFailInputs, IDs: []string{"1000003"}, Category: "ODD"}); err != nil {
		t.Fatal(err)
	}
	if got, err := client.CreateAssociations(t.Context(), "contacts", "companies", link); err != nil || got.Outcomes[0].State != hubspot.AssociationFailed || got.Outcomes[0].Category != "ODD" {
		t.Errorf("%+v, %v", got, err)
	}
	if err := portal.Declare(sandbox.Fault{Operation: "associations.batch-create", Status: http.StatusGatewayTimeout, Count: -1}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateAssociations(t.Context(), "contacts", "companies", link); !hubspot.IsSplittable(err) || !errors.Is(err, hubspot.ErrAmbiguous) {
		t.Errorf("a gateway that gives up: %v", err)
	}
}
