package hubspot_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/engine/hubspot"
	"rollcall/engine/hubspot/sandbox"
	"rollcall/engine/hubspot/sandbox/openapitest"
)

// conformance runs the client against the sandbox, in one version of the API. Where HubSpot's OpenAPI files are available,
// all traffic between the two is checked against them.
type conformance struct {
	version string
	spec    *openapitest.Specification
}

// play serves a seeded sandbox to a client.
func (c conformance) play(t *testing.T, options sandbox.Options, adjust ...func(*hubspot.Config)) (*sandbox.Server, *hubspot.Client) {
	t.Helper()
	portal := sandbox.New(options)
	if err := portal.Seed(700); err != nil {
		t.Fatal(err)
	}
	var handler http.Handler = portal
	if c.spec != nil {
		handler = c.spec.Wrap(t, portal)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	version := func(config *hubspot.Config) { config.APIVersion = c.version }
	return portal, dial(t, server.URL, append([]func(*hubspot.Config){version}, adjust...)...)
}

// members follows the cursors to the end.
func members(t *testing.T, client *hubspot.Client, listID string) []int64 {
	t.Helper()
	var out []int64
	query := hubspot.PageQuery{}
	for {
		page, err := client.MembershipPage(t.Context(), listID, query)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, page.RecordIDs...)
		if page.After == "" {
			return out
		}
		query.After = page.After
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	var spec *openapitest.Specification
	if dir := os.Getenv(openapitest.DirVariable); dir != "" {
		loaded, err := openapitest.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		spec = loaded
	}
	for _, version := range hubspot.APIVersions() {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			c := conformance{version: version, spec: spec}
			t.Run("lists", func(t *testing.T) { t.Parallel(); c.lists(t) })
			t.Run("memberships", func(t *testing.T) { t.Parallel(); c.memberships(t) })
			t.Run("records", func(t *testing.T) { t.Parallel(); c.records(t) })
			t.Run("record writes", func(t *testing.T) { t.Parallel(); c.recordWrites(t) })
			t.Run("properties and owners", func(t *testing.T) { t.Parallel(); c.properties(t) })
			t.Run("associations", func(t *testing.T) { t.Parallel(); c.associations(t) })
			t.Run("object types", func(t *testing.T) { t.Parallel(); c.objectTypes(t) })
			t.Run("OAuth", func(t *testing.T) { t.Parallel(); c.oauth(t) })
			t.Run("faults", func(t *testing.T) { t.Parallel(); c.faults(t) })
			t.Run("limits", func(t *testing.T) { t.Parallel(); c.limits(t) })
		})
	}
}

func (c conformance) lists(t *testing.T) {
	portal, client := c.play(t, sandbox.Options{})
	ctx := t.Context()
	if err := client.CheckAccess(ctx); err != nil {
		t.Fatal(err)
	}
	list, err := client.List(ctx, "103")
	if err != nil || list.Name != "Everyone" || list.ProcessingType != "DYNAMIC" || list.ObjectTypeID != "0-1" {
		t.Errorf("got %+v, %v", list, err)
	}
	if _, err := client.List(ctx, "999"); !hubspot.IsNotFound(err) {
		t.Errorf("a list that never was: %v", err)
	}
	made, err := client.CreateList(ctx, "0-1", "Spring / 100% ?")
	if err != nil || made.ProcessingType != hubspot.TypeManual {
		t.Fatalf("got %+v, %v", made, err)
	}
	named, err := client.ListByName(ctx, "0-1", "spring / 100% ?")
	if err != nil || named.ID != made.ID {
		t.Errorf("got %+v, %v, want list %s", named, err, made.ID)
	}
	if _, err := client.ListByName(ctx, "0-1", "nobody"); !hubspot.IsNotFound(err) {
		t.Errorf("a name that never was: %v", err)
	}
	if _, err := client.CreateList(ctx, "0-1", "Newsletter"); !errors.Is(err, hubspot.ErrDuplicateName) {
		t.Errorf("a name that is taken: %v", err)
	}
	if made.CreatedBy == "" || made.CreatedBy == list.CreatedBy {
		t.Errorf("list %s is made by %q, as the one of a person is by %q", made.ID, made.CreatedBy, list.CreatedBy)
	}
	if err := client.DeleteList(ctx, made.ID); err != nil {
		t.Error(err)
	}
	if _, err := client.List(ctx, made.ID); !hubspot.IsNotFound(err) {
		t.Errorf("a list that was deleted: %v", err)
	}
	if err := client.DeleteList(ctx, made.ID); !hubspot.IsNotFound(err) {
		t.Errorf("a list that was deleted, once more: %v", err)
	}
	account, err := client.Account(ctx)
	if err != nil || account.PortalID != sandbox.PortalID || account.UIDomain != "app.hubspot.com" {
		t.Errorf("got %+v, %v", account, err)
	}
	if usage, err := client.DailyUsage(ctx); err != nil || usage.Limit == 0 || usage.Used == 0 || usage.ResetsAt == nil {
		t.Errorf("got %+v, %v", usage, err)
	}
	page, err := client.SearchLists(ctx, hubspot.ListSearch{IDs: []string{"103", "101"},
		Properties: []string{hubspot.PropertyListSize, hubspot.PropertyLastAdded, hubspot.PropertyLastRemoved}})
	if err != nil || len(page.Lists) != 2 || page.More {
		t.Fatalf("got %+v, %v", page, err)
	}
	for _, list := range page.Lists {
		if list.ID == "103" && (list.Size == nil || *list.Size != 700 || list.Properties[hubspot.PropertyLastAdded] == "") {
			t.Errorf("got %+v", list)
		}
	}
	if err := portal.DeleteList("101"); err != nil {
		t.Fatal(err)
	}
	if list, err := client.List(ctx, "101"); !hubspot.IsNotFound(err) && (err != nil || list.DeletedAt == nil) {
		t.Errorf("a deleted list: %+v, %v", list, err)
	}
}

func (c conformance) memberships(t *testing.T) {
	for name, options := range map[string]sandbox.Options{
		"as the schema says":      {},
		"as the examples say":     {AddedKey: "recordIdsAdded", OmitEmpty: true, OmitTotal: true},
		"with empty parts absent": {OmitEmpty: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.spec != nil && options.OmitEmpty {
				t.Skip("breaks HubSpot's schema on purpose")
			}
			_, client := c.play(t, options)
			ctx := t.Context()
			everyone := members(t, client, "103")
			if len(everyone) != 700 || !slices.IsSorted(everyone) {
				t.Fatalf("%d members", len(everyone))
			}
			change, err := client.AddAndRemove(ctx, "101", append(everyone[:600:600], 5), nil)
			if err != nil || len(change.Added) != 600 {
				t.Fatalf("%d added, %v", len(change.Added), err)
			}
			if diff := cmp.Diff([]int64{5}, change.Missing); diff != "" {
				t.Errorf("missing: %s", diff)
			}
			change, err = client.AddAndRemove(ctx, "101", everyone[599:601], everyone[:10])
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(change.Removed)
			want := hubspot.MembershipChange{Added: everyone[600:601], Removed: everyone[:10], Attempts: 1}
			if diff := cmp.Diff(want, change); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(everyone[10:601], members(t, client, "101")); diff != "" {
				t.Error(diff)
			}
			if _, err := client.AddAndRemove(ctx, "103", everyone[:1], nil); !hubspot.IsRefused(err) {
				t.Errorf("a DYNAMIC list took a change: %v", err)
			}
			page, err := client.MembershipPage(ctx, "101", hubspot.PageQuery{Limit: 1})
			if err != nil || len(page.RecordIDs) != 1 || (page.Total != nil) == options.OmitTotal {
				t.Errorf("got %+v, %v", page, err)
			}
		})
	}
}

func (c conformance) records(t *testing.T) {
	_, client := c.play(t, sandbox.Options{})
	ctx := t.Context()
	got, err := client.BatchRead(ctx, "contacts", "email",
		[]string{"contact-00001@example.com", "nobody@example.com", "contact-00050@old.example.com", "Nobody-2@example.com"},
		[]string{"email", "hs_additional_emails"})
	if err != nil || len(got.Records) != 2 || len(got.Problems) != 0 {
		t.Fatalf("got %+v, %v", got, err)
	}
	if diff := cmp.Diff([]string{"nobody@example.com", "Nobody-2@example.com"}, got.NotFound); diff != "" {
		t.Error(diff)
	}
	for _, record := range got.Records {
		if record.ID == 1000050 && record.Properties["hs_additional_emails"] != "contact-00050@old.example.com" {
			t.Errorf("got %+v", record)
		}
	}
	var ids []string
	for i := range hubspot.MaxBatchRead {
		ids = append(ids, strconv.Itoa(1000001+i))
	}
	got, err = client.BatchRead(ctx, "0-1", "", ids, []string{"email"})
	if err != nil || len(got.Records) != hubspot.MaxBatchRead {
		t.Errorf("%d records, %v", len(got.Records), err)
	}
	if _, err = client.BatchRead(ctx, "contacts", "", append(ids, "1000500"), nil); !hubspot.IsRefused(err) {
		t.Errorf("a batch that is too large: %v", err)
	}
}

func (c conformance) objectTypes(t *testing.T) {
	portal, client := c.play(t, sandbox.Options{})
	id, err := portal.DefineSchema(sandbox.Schema{Name: "pets", Singular: "pet"})
	if err != nil {
		t.Fatal(err)
	}
	// However many syncs ask for the type, at a time or in turn, its schema costs one call.
	for range 3 {
		var group sync.WaitGroup
		for _, name := range []string{id, "pets", "Pets"} {
			group.Go(func() {
				if got, err := client.ObjectType(t.Context(), name); err != nil || got.ID != id {
					t.Errorf("%s: got %+v, %v", name, got, err)
				}
			})
		}
		group.Wait()
	}
	if n := portal.CountCalls("schemas.list"); n != 1 {
		t.Errorf("%d calls for the schemas, want 1", n)
	}
	if _, err := client.ObjectType(t.Context(), "cars"); !errors.Is(err, hubspot.ErrUnknownObjectType) {
		t.Errorf("got %v", err)
	}
	// A type that is new in the account is found all the same.
	if _, err := portal.DefineSchema(sandbox.Schema{Name: "cars"}); err != nil {
		t.Fatal(err)
	}
	if got, err := client.ObjectType(t.Context(), "cars"); err != nil || got.Name != "cars" {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := client.BatchRead(t.Context(), id, "", []string{"1"}, nil); err != nil {
		t.Error(err)
	}
}

func (c conformance) oauth(t *testing.T) {
	app := &sandbox.OAuthApp{ClientID: "app-7", ClientSecret: testClientSecret, RefreshToken: testRefreshToken}
	portal, client := c.play(t, sandbox.Options{OAuth: app}, withOAuth)
	for range 2 {
		if err := client.CheckAccess(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if n := portal.CountCalls("oauth.token"); n != 1 {
		t.Errorf("%d calls for a token, want 1", n)
	}
}

func (c conformance) faults(t *testing.T) {
	for _, effect := range []sandbox.Effect{
		sandbox.EffectHTML, sandbox.EffectEmpty, sandbox.EffectReset, sandbox.EffectEmptyAfter, sandbox.EffectResetAfter,
		sandbox.EffectTruncate,
	} {
		t.Run(string(effect), func(t *testing.T) {
			t.Parallel()
			portal, client := c.play(t, sandbox.Options{})
			fault := func(operation string) {
				if err := portal.Declare(sandbox.Fault{Operation: operation, Effect: effect}); err != nil {
					t.Fatal(err)
				}
			}
			fault("memberships.add-and-remove")
			if _, err := client.AddAndRemove(t.Context(), "101", []int64{1000001}, nil); err != nil {
				t.Error(err)
			}
			if got := members(t, client, "101"); len(got) != 1 {
				t.Errorf("members: %v", got)
			}
			fault("lists.create")
			list, err := client.CreateList(t.Context(), "0-1", "Uncertain")
			if err != nil || list.Name != "Uncertain" {
				t.Errorf("got %+v, %v", list, err)
			}
			fault("objects.batch-read")
			got, err := client.BatchRead(t.Context(), "contacts", "", []string{"1000001"}, nil)
			if err != nil || len(got.Records) != 1 {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	portal, client := c.play(t, sandbox.Options{})
	for effect, is := range map[sandbox.Effect]func(error) bool{
		sandbox.EffectDaily:   func(err error) bool { return errors.Is(err, hubspot.ErrDailyLimit) },
		sandbox.EffectExpired: hubspot.IsFatal,
		sandbox.EffectScopes:  hubspot.IsFatal,
	} {
		if err := portal.Declare(sandbox.Fault{Effect: effect, Scopes: []string{"crm.lists.read"}}); err != nil {
			t.Fatal(err)
		}
		if _, err := client.List(t.Context(), "101"); !is(err) || hubspot.Hint(err) == "" {
			t.Errorf("%s: %v, hint %q", effect, err, hubspot.Hint(err))
		}
	}
}

func (c conformance) limits(t *testing.T) {
	limit := sandbox.RateLimit{Max: 20, Interval: 200 * time.Millisecond, SearchMax: 5, Daily: 10_000}
	_, client := c.play(t, sandbox.Options{Rate: limit, Latency: time.Millisecond})
	var mu sync.Mutex
	refused := 0
	counted := client.Observed(func(c hubspot.Call) {
		mu.Lock()
		defer mu.Unlock()
		if c.Status == http.StatusTooManyRequests {
			refused++
		}
	})
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for range 6 {
				if _, err := counted.List(t.Context(), "101"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if refused != 0 {
		t.Errorf("%d calls were refused", refused)
	}
	if quota := client.Quota(); quota.Max != 20 || quota.Interval != limit.Interval || quota.Daily == nil || *quota.Daily != 10_000 {
		t.Errorf("quota: %s", fmt.Sprintf("%+v", quota))
	}
}
