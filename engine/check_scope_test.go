package engine_test

import (
	"slices"
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
