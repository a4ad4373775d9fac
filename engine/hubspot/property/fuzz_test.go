package property_test

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"rollcall/engine/hubspot"
	"rollcall/engine/hubspot/property"
	"rollcall/engine/hubspot/sandbox"
)

// portal is a sandbox with properties of every type and a contact for each value that is tried at a time.
func portal(f *testing.F, contacts int) (*hubspot.Client, []property.Definition) {
	f.Helper()
	box := sandbox.New(sandbox.Options{})
	if err := box.Seed(contacts); err != nil {
		f.Fatal(err)
	}
	names := map[string]bool{"email": true}
	for _, p := range []sandbox.Property{
		{Name: "f_text"}, {Name: "f_number", Type: "number"}, {Name: "f_bool", Type: "bool"}, {Name: "f_date", Type: "date"}, {Name: "f_datetime", Type: "datetime"},
		{Name: "f_phone", Type: "phone_number"}, {Name: "f_owner", Type: "enumeration", External: true, Reference: "OWNER"},
		{Name: "f_one", Type: "enumeration", Options: []sandbox.Option{{Label: "Aye", Value: "a"}, {Label: "1", Value: "2"}}},
		{Name: "f_many", Type: "enumeration", FieldType: "checkbox", Options: []sandbox.Option{{Label: "Aye", Value: "a"}, {Label: "Bee", Value: "b"}, {Label: "Two", Value: "2"}}},
	} {
		if err := box.DefineProperty("contacts", p); err != nil {
			f.Fatal(err)
		}
		names[p.Name] = true
	}
	server := httptest.NewServer(box)
	f.Cleanup(server.Close)
	client, err := hubspot.New(hubspot.Config{BaseURL: server.URL, Token: "t"})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(client.Close)
	all, err := client.Properties(f.Context(), "contacts")
	if err != nil {
		f.Fatal(err)
	}
	owners, err := client.Owners(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	var tried []property.Definition
	for _, d := range all {
		if d.Reference == "OWNER" {
			d.Options = hubspot.OwnerOptions(owners)
		}
		if names[d.Name] {
			tried = append(tried, d)
		}
	}
	return client, tried
}

// What Stored accepts, HubSpot accepts and stores as that text; and the text of a text that was stored is the same.
func FuzzStored(f *testing.F) {
	for _, text := range []string{"", "a", " b;a;", "1e-3", "-01.50", "2026-01-31", "2026-01-31 12:00:00+01", "true", "52", "ﬀ\u200b", "1769817600000", "\x00", "9999-12-31T23:59:59.9999Z", "Ann.O'Neil+x@Sub.Example.com"} {
		f.Add(text, int64(51), 0.1)
	}
	f.Add("x", int64(1769817600000), 1e300)
	f.Add("x", int64(-62135596800000), -5e-324)
	client, definitions := portal(f, 8)
	f.Fuzz(func(t *testing.T, text string, number int64, float float64) {
		values := []any{text, number, float, float32(float), number%2 == 0, time.UnixMicro(number).UTC(), []any{text, number, nil, "a"}, []any{"b", number % 3, text}}
		records := make([]hubspot.Record, len(values))
		for i, value := range values {
			records[i] = hubspot.Record{ID: int64(1_000_001 + i), Properties: map[string]string{}}
			for _, d := range definitions {
				stored, reject := d.Stored(value)
				if reject != nil || d.Address && i > 0 { // no two contacts have one address
					continue
				}
				records[i].Properties[d.Name] = stored
				if again, reject := d.Stored(stored); again != stored || reject != nil {
					t.Errorf("%s: %v is %q, and that is %q, %+v", d.Name, value, stored, again, reject)
				}
			}
		}
		batch, err := client.BatchUpdate(t.Context(), "contacts", records)
		if err != nil {
			t.Fatal(err)
		}
		for i, outcome := range batch.Outcomes {
			if outcome.Status != hubspot.WriteUpdated {
				t.Fatalf("%T %v as %q: %s", values[i], values[i], records[i].Properties, fmt.Sprintf("%+v", outcome.Problem))
			}
			for _, d := range definitions {
				sent, accepted := records[i].Properties[d.Name]
				if got := outcome.Properties[d.Name]; accepted && (got != sent || d.Canonical(got) != sent) {
					t.Errorf("%s: sent %q, HubSpot stored %q, which is %q", d.Name, sent, got, d.Canonical(got))
				}
			}
		}
	})
}
