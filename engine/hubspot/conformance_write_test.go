package hubspot_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/engine/hubspot"
	"rollcall/engine/hubspot/property"
	"rollcall/engine/hubspot/sandbox"
)

// told writes outcomes in short.
func told(batch hubspot.BatchWrite) []string {
	var all []string
	for _, o := range batch.Outcomes {
		line := fmt.Sprint(o.Status, " ", o.RecordID)
		if o.Problem != nil {
			line += fmt.Sprintf(" %s %v %d", o.Problem.Category, o.Problem.Properties, o.Problem.ExistingID)
		}
		all = append(all, line)
	}
	return all
}

func (c conformance) recordWrites(t *testing.T) {
	portal, client := c.play(t, sandbox.Options{})
	ctx := t.Context()
	made, err := client.BatchCreate(ctx, "contacts", []map[string]string{
		{"email": "Ada@example.com", "lifecyclestage": "lead"}, {"email": "contact-00007@example.com"}, {"email": "bob@example.com", "lifecyclestage": "Lead"}, nil,
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"created 1000701", "failed 0 CONFLICT map[] 1000007", "failed 0 VALIDATION_ERROR map[lifecyclestage:INVALID_OPTION] 0", "created 1000702"}, told(made)); diff != "" {
		t.Error(diff)
	}
	for i, duplicate := range []bool{1: true, 2: false} {
		if p := made.Outcomes[i].Problem; p != nil && (p.IsDuplicate() != duplicate || p.IsNotFound()) {
			t.Errorf("input %d: duplicate is not %t: %+v", i, duplicate, p)
		}
	}
	if got := made.Outcomes[0].Properties; got["email"] != "ada@example.com" || got["lifecyclestage"] != "lead" || got["createdate"] == "" {
		t.Errorf("HubSpot answered %v", got)
	}

	if _, err := portal.MergeContacts("1000010", "1000009"); err != nil {
		t.Fatal(err)
	}
	changed, err := client.BatchUpdate(ctx, "0-1", []hubspot.Record{
		{ID: 1000001, Properties: map[string]string{"city": "Bern", "lastname": ""}}, {ID: 5, Properties: map[string]string{"city": "x"}},
		{ID: 1000009, Properties: map[string]string{"city": "x"}}, {ID: 1000002, Properties: map[string]string{"email": "contact-00007@example.com"}}, {ID: 1000003},
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"updated 1000001", "failed 5 OBJECT_NOT_FOUND map[] 0", "unmentioned 1000009",
		"failed 1000002 VALIDATION_ERROR map[email:CONFLICTING_UNIQUE_VALUE] 1000007", "updated 1000003"}, told(changed)); diff != "" {
		t.Error(diff)
	}
	if gone, taken := changed.Outcomes[1].Problem, changed.Outcomes[3].Problem; !gone.IsNotFound() || gone.IsDuplicate() || !taken.IsDuplicate() {
		t.Errorf("gone: %+v, taken: %+v", gone, taken)
	}
	if got := changed.Outcomes[0].Properties; got["city"] != "Bern" || got["lastname"] != "" {
		t.Errorf("HubSpot answered %v", got)
	}

	gone, err := client.BatchArchive(ctx, "contacts", []int64{1000001, 5})
	if diff := cmp.Diff([]string{"archived 1000001", "archived 5"}, told(gone)); err != nil || diff != "" {
		t.Error(err, diff)
	}
	c.refusedWhole(t, client)
}

// A batch that HubSpot refuses whole is an error that can be split, and writes nothing.
func (c conformance) refusedWhole(t *testing.T, client *hubspot.Client) {
	t.Helper()
	twice := []hubspot.Record{{ID: 1000004, Properties: map[string]string{"city": "x"}}, {ID: 1000004, Properties: map[string]string{"city": "y"}}}
	batch, err := client.BatchUpdate(t.Context(), "contacts", twice)
	if !hubspot.IsRefused(err) || !hubspot.IsSplittable(err) || fmt.Sprint(told(batch)) != "[not_done 1000004 not_done 1000004]" {
		t.Errorf("the same record twice: %v, %v", told(batch), err)
	}
	many := make([]map[string]string, hubspot.MaxBatchWrite+1)
	batch, err = client.BatchCreate(t.Context(), "companies", many)
	if !hubspot.IsSplittable(err) || len(batch.Outcomes) != len(many) || batch.Outcomes[100].Status != hubspot.WriteNotDone {
		t.Errorf("a batch that is too large: %v", err)
	}
	if batch, err = client.BatchCreate(t.Context(), "companies", many[1:]); err != nil || batch.Outcomes[99].Status != hubspot.WriteCreated {
		t.Errorf("a full batch: %v", err)
	}
}

func (c conformance) properties(t *testing.T) {
	portal, client := c.play(t, sandbox.Options{})
	colours := sandbox.Property{
		Name: "colours", Label: "Colours", Type: "enumeration", FieldType: "checkbox",
		Options: []sandbox.Option{{Label: "Red", Value: "r"}, {Label: "Blue", Value: "b", Hidden: true}},
	}
	for _, p := range []sandbox.Property{colours, {Name: "badge", Unique: true, Hidden: true}, {Name: "total", Type: "number", Calculated: true}, {Name: "old", Archived: true}} {
		if err := portal.DefineProperty("contacts", p); err != nil {
			t.Fatal(err)
		}
	}
	all, err := client.Properties(t.Context(), "contacts")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]property.Definition{}
	for _, d := range all {
		named[d.Name] = d
		if one, err := client.Property(t.Context(), "contacts", d.Name); err != nil || !cmp.Equal(one, d) {
			t.Errorf("%s alone: %v, %s", d.Name, err, cmp.Diff(d, one))
		}
	}
	for _, want := range []property.Definition{
		{Name: "colours", Label: "Colours", Type: "enumeration", FieldType: "checkbox", Group: "contactinformation",
			Options: []property.Option{{Value: "r", Label: "Red"}, {Value: "b", Label: "Blue", Hidden: true}}},
		{Name: "badge", Label: "badge", Type: "string", FieldType: "text", Group: "contactinformation", Unique: true, Hidden: true},
		{Name: "total", Label: "total", Type: "number", FieldType: "number", Group: "contactinformation", Calculated: true, ReadOnly: true},
		{Name: "email", Label: "Email", Type: "string", FieldType: "text", Group: "contactinformation", Unique: true, HubSpotDefined: true, Address: true},
		{Name: "createdate", Label: "Create Date", Type: "datetime", FieldType: "date", Group: "contactinformation", ReadOnly: true, HubSpotDefined: true},
		{Name: "hubspot_owner_id", Label: "Owner", Type: "enumeration", FieldType: "select", Group: "contactinformation", External: true, Reference: "OWNER", HubSpotDefined: true},
	} {
		if diff := cmp.Diff(want, named[want.Name]); diff != "" {
			t.Errorf("%s: %s", want.Name, diff)
		}
	}
	if _, found := named["old"]; found {
		t.Error("an archived property is listed")
	}
	owners, err := client.Owners(t.Context())
	if diff := cmp.Diff([]hubspot.Owner{{"51", "ada@sales.example.com", "Ada", "Lovelace"}, {"52", "grace@sales.example.com", "Grace", "Hopper"}}, owners); err != nil || diff != "" {
		t.Error(err, diff)
	}
	reject := func(value string) string {
		owner := named["hubspot_owner_id"]
		owner.Options = hubspot.OwnerOptions(owners)
		_, reject := owner.Stored(value)
		return reject.Hint
	}
	for _, value := range []string{"ada@sales.example.com", "ADA LOVELACE"} {
		if hint := reject(value); !strings.Contains(hint, `"51"`) {
			t.Errorf("the hint for %q is %q", value, hint)
		}
	}
	for i := range 501 {
		if _, err := portal.AddOwner(sandbox.Owner{FirstName: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if owners, err = client.Owners(t.Context()); err != nil || len(owners) != 503 || owners[502].FirstName != "500" {
		t.Errorf("%d owners, %v", len(owners), err)
	}
}

// Whatever happens to an answer: a record is made once at the most, and the outcome never says that it was not when it was.
func TestFaultsOfRecordWrites(t *testing.T) {
	t.Parallel()
	type fate struct {
		status    hubspot.WriteStatus
		ambiguous bool
		attempts  int
		made      int
	}
	for effect, want := range map[sandbox.Effect]fate{
		sandbox.EffectReset:        {hubspot.WriteUnknown, true, 1, 0},
		sandbox.EffectResetAfter:   {hubspot.WriteUnknown, true, 1, 1},
		sandbox.EffectTruncate:     {hubspot.WriteUnknown, true, 1, 1},
		sandbox.EffectEmpty:        {hubspot.WriteUnknown, true, 1, 0},
		sandbox.EffectEmptyAfter:   {hubspot.WriteUnknown, true, 1, 1},
		sandbox.EffectHTML:         {hubspot.WriteUnknown, true, 1, 0},
		sandbox.EffectStatusAfter:  {hubspot.WriteUnknown, true, 1, 1},
		sandbox.EffectOmit:         {hubspot.WriteUnmentioned, false, 1, 1},
		sandbox.EffectUnknownError: {hubspot.WriteUnmentioned, false, 1, 0},
		sandbox.EffectFailInputs:   {hubspot.WriteFailed, false, 1, 0},
		sandbox.EffectSecondly:     {hubspot.WriteCreated, false, 2, 1},
		sandbox.EffectDaily:        {hubspot.WriteNotDone, false, 1, 0},
	} {
		t.Run(string(effect), func(t *testing.T) {
			t.Parallel()
			portal, client := conformance{version: hubspot.APIVersions()[0]}.play(t, sandbox.Options{})
			fault := sandbox.Fault{Operation: "objects.batch-create", Effect: effect, IDs: []string{"ada@example.com"}, Status: 504}
			if err := portal.Declare(fault); err != nil {
				t.Fatal(err)
			}
			batch, err := client.BatchCreate(t.Context(), "contacts", []map[string]string{{"email": "ada@example.com"}})
			found, readErr := client.BatchRead(t.Context(), "contacts", "email", []string{"ada@example.com"}, nil)
			if readErr != nil {
				t.Fatal(readErr)
			}
			got := fate{batch.Outcomes[0].Status, errors.Is(err, hubspot.ErrAmbiguous), batch.Attempts, len(found.Records)}
			if got != want || batch.MaybeApplied && !want.ambiguous {
				t.Errorf("got %+v, want %+v (%v)", got, want, err)
			}
			if want.ambiguous && (hubspot.IsSplittable(err) || hubspot.Hint(err) == "") {
				t.Errorf("ambiguous, but splittable or without a hint: %v", err)
			}
		})
	}
	// What changes nothing a second time is sent again.
	for _, effect := range []sandbox.Effect{sandbox.EffectResetAfter, sandbox.EffectEmpty, sandbox.EffectHTML, sandbox.EffectTruncate} {
		for operation, write := range map[string]func(*hubspot.Client) (hubspot.BatchWrite, error){
			"objects.batch-update": func(c *hubspot.Client) (hubspot.BatchWrite, error) {
				return c.BatchUpdate(t.Context(), "contacts", []hubspot.Record{{ID: 1000001, Properties: map[string]string{"city": "Bern"}}})
			},
			"objects.batch-archive": func(c *hubspot.Client) (hubspot.BatchWrite, error) {
				return c.BatchArchive(t.Context(), "contacts", []int64{1000001})
			},
		} {
			if operation == "objects.batch-archive" && effect == sandbox.EffectTruncate {
				continue // there is no body to truncate
			}
			portal, client := conformance{version: "v3"}.play(t, sandbox.Options{})
			if err := portal.Declare(sandbox.Fault{Operation: operation, Effect: effect}); err != nil {
				t.Fatal(err)
			}
			batch, err := write(client)
			done := []hubspot.WriteStatus{hubspot.WriteUpdated, hubspot.WriteArchived}
			if err != nil || !slices.Contains(done, batch.Outcomes[0].Status) || batch.Attempts != 2 || !batch.MaybeApplied {
				t.Errorf("%s %s: %+v, %v", operation, effect, batch, err)
			}
		}
	}
}

// No error and no problem shows a value that was sent, though HubSpot repeats them.
func TestRefusedValuesAreHidden(t *testing.T) {
	t.Parallel()
	_, client := conformance{version: "2026-03"}.play(t, sandbox.Options{})
	secrets := map[string]string{"lifecyclestage": "top secret \"stage\"", "hs_email_optout": "hush hush", "email": "not an address", "closedate": "very-private"}
	batch, err := client.BatchCreate(t.Context(), "contacts", []map[string]string{secrets})
	if err != nil {
		t.Fatal(err)
	}
	problem := batch.Outcomes[0].Problem
	want := map[string]string{"lifecyclestage": "INVALID_OPTION", "hs_email_optout": "READ_ONLY_VALUE", "email": "INVALID_EMAIL", "closedate": "INVALID_LONG"}
	if diff := cmp.Diff(want, problem.Properties); diff != "" {
		t.Error(diff)
	}
	for _, secret := range secrets {
		if strings.Contains(fmt.Sprintf("%+v", problem), secret) {
			t.Errorf("%q is in %+v", secret, problem)
		}
	}
}
