package discover_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/engine/discover"
	"rollcall/engine/hubspot"
	"rollcall/engine/hubspot/sandbox"
)

// account serves a handler as HubSpot and returns its account.
func account(t *testing.T, handler http.Handler) *discover.Account {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	client, err := hubspot.New(hubspot.Config{BaseURL: server.URL, Token: "any", MaxRetries: -1})
	if err != nil {
		t.Fatal(err)
	}
	a := discover.New(client)
	t.Cleanup(a.Close)
	return a
}

// portal is a seeded sandbox with a custom object type.
func portal(t *testing.T, options sandbox.Options) *sandbox.Server {
	t.Helper()
	box := sandbox.New(options)
	if err := box.Seed(3); err != nil {
		t.Fatal(err)
	}
	if _, err := box.DefineSchema(sandbox.Schema{Name: "pets", Singular: "pet"}); err != nil {
		t.Fatal(err)
	}
	return box
}

func TestObjectTypes(t *testing.T) {
	t.Parallel()
	own := []discover.ObjectType{
		{ObjectType: "contacts", TypeID: "0-1"}, {ObjectType: "companies", TypeID: "0-2"}, {ObjectType: "deals", TypeID: "0-3"}, {ObjectType: "tickets", TypeID: "0-5"},
	}
	got, err := account(t, portal(t, sandbox.Options{})).ObjectTypes(t.Context())
	want := append(own, discover.ObjectType{ObjectType: "pets", TypeID: "2-7001", Singular: "pet", Plural: "pets", Custom: true})
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	// Without the scope of schemas, HubSpot's own types are known all the same.
	got, err = account(t, portal(t, sandbox.Options{MissingScopes: []string{"crm.schemas.custom.read"}})).ObjectTypes(t.Context())
	if diff := cmp.Diff(own, got); diff != "" || !hubspot.IsForbidden(err) {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	options := sandbox.Options{}
	for _, test := range []struct {
		name    string
		missing []string
		pets    string
	}{{"with the names of types", nil, "pets"}, {"without", []string{"crm.schemas.custom.read"}, "2-7001"}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			options := options
			options.MissingScopes = test.missing
			box := portal(t, options)
			for i := range 1_100 {
				if _, err := box.CreateList(sandbox.ListInput{Name: fmt.Sprintf("Pets %04d", i), ObjectType: "pets", ProcessingType: sandbox.Snapshot}); err != nil {
					t.Fatal(err)
				}
			}
			a := account(t, box)
			all, err := a.Lists(t.Context(), "")
			if err != nil || len(all) != 1_103 {
				t.Fatalf("%d lists, %v", len(all), err)
			}
			three, none := int64(3), int64(0)
			if diff := cmp.Diff(discover.List{"103", "Everyone", "contacts", &three, "DYNAMIC", false}, all[2]); diff != "" {
				t.Error(diff)
			}
			found, err := a.Lists(t.Context(), "pets 0007")
			if diff := cmp.Diff([]discover.List{{"111", "Pets 0007", test.pets, &none, "SNAPSHOT", true}}, found); diff != "" || err != nil {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
	t.Run("pages that lead nowhere", func(t *testing.T) {
		t.Parallel()
		a := account(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"lists":[],"hasMore":true,"offset":500,"total":501}`))
		}))
		if _, err := a.Lists(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "next page") {
			t.Errorf("got %v", err)
		}
	})
}

func TestProperties(t *testing.T) {
	t.Parallel()
	a := account(t, portal(t, sandbox.Options{}))
	all, err := a.Properties(t.Context(), "0-1", nil)
	if err != nil || len(all) < 10 || !strings.HasPrefix(all[0].Name, "a") {
		t.Fatalf("%+v, %v", all, err)
	}
	some, err := a.Properties(t.Context(), "Contacts", []string{"hs_object_id", "email", "lifecyclestage"})
	if err != nil || len(some) != 3 || !some[0].Unique || !some[0].ReadOnly || !some[1].Unique || some[1].ReadOnly || some[2].Unique || len(some[2].Options) == 0 {
		t.Errorf("%+v, %v", some, err)
	}
	_, err = a.Properties(t.Context(), "contacts", []string{"email", "Lifecycle stage"})
	var unknown *discover.UnknownPropertyError
	if !errors.As(err, &unknown) || unknown.Name != "Lifecycle stage" || unknown.Hint() != "did you mean lifecyclestage?" {
		t.Errorf("got %v", err)
	}
	if _, err = a.Properties(t.Context(), "cars", nil); !errors.Is(err, hubspot.ErrUnknownObjectType) {
		t.Errorf("got %v", err)
	}
	if pets, err := a.Properties(t.Context(), "pet", nil); err != nil || len(pets) == 0 {
		t.Errorf("%+v, %v", pets, err)
	}
}

// HubSpot does not call the address of contacts unique, and finds them by it all the same.
func TestAddressIdentifiesContacts(t *testing.T) {
	t.Parallel()
	a := account(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"results":[{"name":"email","type":"string","hasUniqueValue":false}]}`))
	}))
	for objectType, want := range map[string]bool{"contacts": true, "companies": false} {
		if got, err := a.Properties(t.Context(), objectType, nil); err != nil || len(got) != 1 || got[0].Unique != want {
			t.Errorf("%s: %+v, %v", objectType, got, err)
		}
	}
}

func TestLabels(t *testing.T) {
	t.Parallel()
	a := account(t, portal(t, sandbox.Options{AssociationExamples: true}))
	got, err := a.Labels(t.Context(), "company", "contacts")
	want := []discover.Label{{"", "HUBSPOT_DEFINED", 280}, {"Contact with Primary Company", "HUBSPOT_DEFINED", 2}, {"Decision maker", "USER_DEFINED", 2}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if pets, err := a.Labels(t.Context(), "contacts", "pets"); err != nil || len(pets) != 1 {
		t.Errorf("%+v, %v", pets, err)
	}
	for _, types := range [][2]string{{"cars", "contacts"}, {"contacts", "cars"}} {
		if _, err := a.Labels(t.Context(), types[0], types[1]); !errors.Is(err, hubspot.ErrUnknownObjectType) {
			t.Errorf("got %v", err)
		}
	}
}
