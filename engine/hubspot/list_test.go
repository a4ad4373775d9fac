package hubspot_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/engine/hubspot"
)

func TestList(t *testing.T) {
	t.Parallel()
	server := serve(t, reply{body: listBody},
		reply{body: `{"list":{"listId":43,"name":"Old","processingType":"DYNAMIC","deletedAt":"2026-10-01T00:00:00Z","size":null,"updatedAt":"soon"}}`})
	client := dial(t, server.URL)
	got, err := client.List(t.Context(), "42")
	if err != nil {
		t.Fatal(err)
	}
	size, updated := int64(3), time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)
	want := hubspot.List{ID: "42", Name: "VIP", ObjectTypeID: "0-1", ProcessingType: "MANUAL", ProcessingStatus: "COMPLETE",
		Size: &size, UpdatedAt: &updated, Properties: map[string]string{}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	old, err := client.List(t.Context(), "43")
	if err != nil || old.ID != "43" || old.DeletedAt == nil || old.Size != nil || old.UpdatedAt != nil {
		t.Errorf("got %+v, %v", old, err)
	}
}

// What a list takes depends on how HubSpot fills it, and whether it has done so.
func TestListTakesMembers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind, status         string
		writable, processing bool
	}{
		{"MANUAL", "COMPLETE", true, false},
		{"SNAPSHOT", "COMPLETE", true, false},
		{"SNAPSHOT", "PROCESSING", true, true},
		{"DYNAMIC", "PAUSED", false, false},
		{"DYNAMIC", "PROCESSING", false, true},
		{"", "", false, false}, // a kind that is new, or not told
	} {
		server := serve(t, reply{body: `{"list":{"listId":"42","processingType":"` + test.kind + `","processingStatus":"` + test.status + `"}}`})
		list, err := dial(t, server.URL).List(t.Context(), "42")
		if err != nil || list.IsWritable() != test.writable || list.IsProcessing() != test.processing {
			t.Errorf("%+v: writable %t, processing %t; %v", test, list.IsWritable(), list.IsProcessing(), err)
		}
	}
}

func TestSearchLists(t *testing.T) {
	t.Parallel()
	server := serve(t, reply{body: `{"lists":[{"listId":"42","name":"VIP","processingType":"MANUAL","additionalProperties":` +
		`{"hs_list_size":"68","hs_last_record_added_at":"1740405014244","hs_folder_name":null,"n":7}}],"hasMore":true,"offset":1,"total":9}`})
	page, err := dial(t, server.URL).SearchLists(t.Context(), hubspot.ListSearch{
		IDs: []string{"42", "43"}, Properties: []string{hubspot.PropertyListSize, hubspot.PropertyLastAdded},
	})
	if err != nil {
		t.Fatal(err)
	}
	size := int64(68)
	want := hubspot.ListSearchPage{More: true, Offset: 1, Total: 9, Lists: []hubspot.List{{
		ID: "42", Name: "VIP", ProcessingType: "MANUAL", Size: &size,
		Properties: map[string]string{"hs_list_size": "68", "hs_last_record_added_at": "1740405014244", "n": "7"},
	}}}
	if diff := cmp.Diff(want, page); diff != "" {
		t.Error(diff)
	}
	var body map[string]any
	decodeInto(t, server.calls()[0].body, &body)
	wantBody := map[string]any{
		"listIds": []any{"42", "43"}, "processingTypes": []any{}, "offset": 0.0, "count": 500.0,
		"additionalProperties": []any{"hs_list_size", "hs_last_record_added_at"},
	}
	if diff := cmp.Diff(wantBody, body); diff != "" {
		t.Error(diff)
	}
}

func TestCreateList(t *testing.T) {
	t.Parallel()
	duplicate := reply{status: 400, body: `{"category":"VALIDATION_ERROR","subCategory":"ILS.DUPLICATE_LIST_NAMES","message":"List name is not unique."}`}
	missing := reply{status: 404, body: `{"message":"no list"}`}
	created := reply{body: listBody}
	for _, test := range []struct {
		name    string
		replies []reply
		// want are the methods of the calls.
		want string
		err  error
	}{
		{"made at once", []reply{created}, "POST", nil},
		{"reset, and it was made", []reply{{do: reset}, created}, "POST GET", nil},
		{"reset, and it was not made", []reply{{do: reset}, missing, created}, "POST GET POST", nil},
		{"502, and it was made", []reply{{status: 502}, created}, "POST GET", nil},
		{"truncated answer", []reply{{do: truncated(`{"list":{`)}, created}, "POST GET", nil},
		{"empty answer", []reply{{status: 200}, created}, "POST GET", nil},
		{"429 is repeated without a look", []reply{{status: 429}, created}, "POST POST", nil},
		{"made, looked up too early, made again", []reply{{do: reset}, missing, duplicate, created}, "POST GET POST GET", nil},
		{"the name is taken", []reply{duplicate}, "POST", hubspot.ErrDuplicateName},
		{"the look fails", []reply{{do: reset}, {status: 403}}, "POST GET", hubspot.ErrAmbiguous},
		{"never an answer", []reply{{do: reset}, missing, {do: reset}, missing, {do: reset}, missing}, "POST GET POST GET POST GET", hubspot.ErrAmbiguous},
		{"refused", []reply{{status: 400}}, "POST", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, test.replies...)
			client := dial(t, server.URL, func(c *hubspot.Config) { c.MaxRetries = 2 })
			list, err := client.CreateList(t.Context(), "0-1", "VIP")
			var methods []string
			for _, call := range server.calls() {
				methods = append(methods, call.method)
			}
			if got := strings.Join(methods, " "); got != test.want {
				t.Errorf("calls: %s, want %s", got, test.want)
			}
			switch {
			case test.name == "refused":
				if !hubspot.IsRefused(err) {
					t.Errorf("got %v", err)
				}
			case test.err != nil:
				if !errors.Is(err, test.err) {
					t.Errorf("got %v, want %v", err, test.err)
				}
			case err != nil || list.ID != "42":
				t.Errorf("got %+v, %v", list, err)
			}
		})
	}
	t.Run("sends a manual list", func(t *testing.T) {
		t.Parallel()
		server := serve(t, created)
		if _, err := dial(t, server.URL).CreateList(t.Context(), "0-1", "VIP"); err != nil {
			t.Fatal(err)
		}
		if body := server.calls()[0].body; body != `{"name":"VIP","objectTypeId":"0-1","processingType":"MANUAL"}` {
			t.Error(body)
		}
	})
	t.Run("cancelled while the outcome is unknown", func(t *testing.T) {
		t.Parallel()
		server := serve(t, reply{do: reset})
		ctx, cancel := context.WithCancel(t.Context())
		client := dial(t, server.URL).Observed(func(hubspot.Call) { cancel() })
		_, err := client.CreateList(ctx, "0-1", "VIP")
		if !errors.Is(err, hubspot.ErrAmbiguous) || len(server.calls()) != 1 {
			t.Errorf("got %v after %d calls", err, len(server.calls()))
		}
	})
	t.Run("no name", func(t *testing.T) {
		t.Parallel()
		server := serve(t, created)
		if _, err := dial(t, server.URL).CreateList(t.Context(), "0-1", " "); err == nil || len(server.calls()) != 0 {
			t.Errorf("got %v after %d calls", err, len(server.calls()))
		}
	})
}

func TestListByNameHidesTheName(t *testing.T) {
	t.Parallel()
	server := serve(t, reply{status: 404, body: `{"message":"no list of ann@example.com"}`})
	var calls []hubspot.Call
	client := dial(t, server.URL).Observed(func(c hubspot.Call) { calls = append(calls, c) })
	_, err := client.ListByName(t.Context(), "0-1", "Friends of ann@example.com")
	if !hubspot.IsNotFound(err) || strings.Contains(err.Error(), "@") {
		t.Errorf("got %v", err)
	}
	if len(calls) != 1 || calls[0].Path != "/crm/lists/2026-09/object-type-id/0-1/name/{listName}" {
		t.Errorf("calls: %+v", calls)
	}
}

func TestObjectType(t *testing.T) {
	t.Parallel()
	server := serve(t, reply{body: `{"results":[{"objectTypeId":"2-77","name":"pets","fullyQualifiedName":"p123_pets",` +
		`"labels":{"singular":"Pet","plural":"Pets"}}]}`})
	client := dial(t, server.URL)
	for name, want := range map[string]hubspot.ObjectType{
		"contacts": {ID: "0-1", Name: "contacts"}, "Contact": {ID: "0-1", Name: "contacts"}, "0-1": {ID: "0-1", Name: "contacts"},
		"company": {ID: "0-2", Name: "companies"}, "deals": {ID: "0-3", Name: "deals"}, "0-48": {ID: "0-48", Name: "0-48"},
	} {
		if got, err := client.ObjectType(t.Context(), name); err != nil || got != want {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	if n := len(server.calls()); n != 0 {
		t.Errorf("%d calls for types that are known", n)
	}
	for _, name := range []string{"2-77", "pets", "PETS", "Pet", "p123_pets"} {
		if got, err := client.ObjectType(t.Context(), name); err != nil || got != (hubspot.ObjectType{ID: "2-77", Name: "pets"}) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	_, err := client.ObjectType(t.Context(), "cars")
	if !errors.Is(err, hubspot.ErrUnknownObjectType) || !strings.Contains(err.Error(), "pets") {
		t.Errorf("got %v", err)
	}
}
