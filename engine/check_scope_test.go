package engine_test

import (
	"slices"
	"strings"
	"testing"

	"rollcall/engine"
	"rollcall/engine/hubspot"
	"rollcall/engine/hubspot/sandbox"
)

// Check tells whether the token may change lists, where HubSpot tells it.
func TestCheckTellsTheWriteScope(t *testing.T) {
	t.Parallel()
	app := sandbox.OAuthApp{ClientID: "app-7", ClientSecret: "client-secret", RefreshToken: "refresh-token"}
	for name, test := range map[string]struct {
		options  sandbox.Options
		want     string
		findings int
		asked    int
	}{
		"granted":       {sandbox.Options{OAuth: &app}, "granted", 0, 1},
		"missing":       {sandbox.Options{OAuth: &app, MissingScopes: []string{hubspot.ScopeListsWrite}}, "missing", 1, 1},
		"another token": {sandbox.Options{MissingScopes: []string{hubspot.ScopeListsWrite}}, "not asked", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := sandboxWorld(t, 2, test.options, func(c *engine.Config) {
				if test.options.OAuth != nil {
					c.HubSpot.Token, c.HubSpot.OAuth = "", &hubspot.OAuth{ClientID: app.ClientID, ClientSecret: hubspot.Token(app.ClientSecret), RefreshToken: hubspot.Token(app.RefreshToken)}
				}
			})
			w.sync("vip", map[string]string{"list_id": "101"})
			w.sync("other", map[string]string{"list_id": "102"})
			all, err := w.engine.Check(t.Context(), nil)
			if err != nil || len(all) != 2 {
				t.Fatalf("%+v, %v", all, err)
			}
			for _, c := range all {
				if c.WriteScope != test.want || len(c.Findings) != test.findings {
					t.Errorf("%s: scope %s, %v; want %s, %d findings", c.Sync, c.WriteScope, c.Findings, test.want, test.findings)
				}
				for _, f := range c.Findings {
					wantWords(t, f.Error+f.Hint, "crm.lists.write")
				}
			}
			if n := w.sandbox.CountCalls("oauth.introspect"); n != test.asked {
				t.Errorf("asked %d times, want %d", n, test.asked)
			}
			if slices.ContainsFunc(w.sandbox.Calls(), func(c sandbox.Call) bool { return c.Status >= 400 }) {
				t.Errorf("calls %+v", w.sandbox.Calls())
			}
		})
	}
}

// Each row is held against the scope that its own changes take: a token that can't change lists is good for records.
func TestCheckTellsTheWriteScopeOfEachKind(t *testing.T) {
	t.Parallel()
	app := sandbox.OAuthApp{ClientID: "app-7", ClientSecret: "client-secret", RefreshToken: "refresh-token"}
	for missing, want := range map[string]string{
		"crm.lists.write":             "granted granted granted missing",
		"crm.objects.contacts.write":  "granted missing granted granted",
		"crm.objects.companies.write": "granted granted granted granted",
		"tickets":                     "granted granted missing granted",
	} {
		t.Run(missing, func(t *testing.T) {
			t.Parallel()
			w := sandboxWorld(t, 2, sandbox.Options{OAuth: &app, MissingScopes: []string{missing}}, func(c *engine.Config) {
				c.HubSpot.Token, c.HubSpot.OAuth = "", &hubspot.OAuth{ClientID: app.ClientID, ClientSecret: hubspot.Token(app.ClientSecret), RefreshToken: hubspot.Token(app.RefreshToken)}
			})
			w.sync("jobs", map[string]string{"kind": "'association'", "query": quote("SELECT '1' AS from_key, '2' AS to_key"), "id_property": "'hs_object_id'", "to_object_type": "'companies'", "to_id_property": "'hs_object_id'"})
			w.sync("people", map[string]string{"kind": "'object'", "query": quote("SELECT 'a@b.com' AS email, 'Ulm' AS city")})
			w.sync("requests", map[string]string{"kind": "'object'", "object_type": "'tickets'", "id_property": "'hs_object_id'", "mode": "'update'", "query": quote("SELECT '1' AS hs_object_id, 'Late' AS subject")})
			w.sync("vip", map[string]string{"list_id": "101"})
			all, err := w.engine.Check(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			var states []string
			for _, c := range all {
				states = append(states, c.WriteScope)
				if c.WriteScope != "missing" {
					continue
				}
				if len(c.Findings) != 1 {
					t.Fatalf("%s: %+v", c.Sync, c.Findings)
				}
				wantWords(t, c.Findings[0].Error+c.Findings[0].Hint, "give the app the scope "+missing)
			}
			if got := strings.Join(states, " "); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
}
