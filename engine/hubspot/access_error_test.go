package hubspot_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"rollcall/engine/hubspot"
	"rollcall/engine/hubspot/sandbox"
)

func TestOAuthUnknownRefreshToken(t *testing.T) {
	t.Parallel()
	portal, _, client := oauthPortal(t, sandbox.Options{}, func(c *hubspot.Config) { c.OAuth.RefreshToken = "na1-another" })
	for range 2 {
		if err := client.CheckAccess(t.Context()); !hubspot.IsFatal(err) || !strings.Contains(err.Error(), "BAD_REFRESH_TOKEN") {
			t.Errorf("got %v", err)
		}
	}
	if n := portal.CountCalls(""); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
}

func TestOAuthRevoked(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ body, hint string }{
		"by HubSpot's guide": {`{"error":"invalid_grant","error_description":"x","status":"BAD_REFRESH_TOKEN","message":"missing or invalid refresh token"}`, "APP_REFRESH"},
		"by the standard":    {`{"error":"invalid_grant","error_description":"revoked"}`, "APP_REFRESH"},
		"by the specs":       {`{"category":"BAD_REFRESH_TOKEN","message":"no","correlationId":"c-1"}`, "APP_REFRESH"},
		"the client":         {`{"status":"BAD_CLIENT_SECRET","message":"missing or unknown client secret"}`, "copy APP_ID and APP_SECRET again"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portal, theirs, client := oauthPortal(t, sandbox.Options{})
			list := manualList(t, portal)
			if _, err := client.List(t.Context(), list); err != nil {
				t.Fatal(err)
			}
			theirs.move(time.Hour)
			fault := sandbox.Fault{Operation: "oauth.token", Effect: sandbox.EffectStatus, Status: 400, Body: test.body, Count: -1}
			if err := portal.Declare(fault); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				_, err := client.AddAndRemove(t.Context(), list, []int64{1_000_001}, nil)
				var api *hubspot.APIError
				switch {
				case !hubspot.IsFatal(err) || errors.Is(err, hubspot.ErrAmbiguous):
					t.Errorf("wrong kind: %v", err)
				case hubspot.IsRefused(err) || errors.As(err, &api):
					t.Errorf("looks like an answer to the change: %v", err)
				case !strings.Contains(err.Error(), "no access token: ") || !strings.Contains(hubspot.Hint(err), test.hint):
					t.Errorf("got %v, hint %q", err, hubspot.Hint(err))
				}
			}
			// One that worked, one that was refused; what is refused once is not asked again.
			if n := portal.CountCalls("oauth.token"); n != 2 {
				t.Errorf("%d calls for a token", n)
			}
		})
	}
}

func TestOAuthOutage(t *testing.T) {
	t.Parallel()
	for _, effect := range []sandbox.Effect{
		sandbox.EffectStatus, sandbox.EffectHTML, sandbox.EffectReset, sandbox.EffectResetAfter, sandbox.EffectTruncate,
		sandbox.EffectEmpty, sandbox.EffectSecondly,
	} {
		t.Run(string(effect), func(t *testing.T) {
			t.Parallel()
			portal, _, client := oauthPortal(t, sandbox.Options{}, func(c *hubspot.Config) { c.MaxRetries = 2 })
			fault := sandbox.Fault{Operation: "oauth.token", Effect: effect, Status: 503, Count: 2}
			if effect == sandbox.EffectEmpty {
				fault.Status = 200
			}
			if effect == sandbox.EffectSecondly {
				fault.Count = 1
			}
			if err := portal.Declare(fault); err != nil {
				t.Fatal(err)
			}
			if err := client.CheckAccess(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := portal.CountCalls("oauth.token"); n != fault.Count+1 {
				t.Errorf("%d calls for a token, want %d", n, fault.Count+1)
			}
		})
	}
	t.Run("for good", func(t *testing.T) {
		t.Parallel()
		portal, _, client := oauthPortal(t, sandbox.Options{}, func(c *hubspot.Config) { c.MaxRetries = 2 })
		if err := portal.Declare(sandbox.Fault{Operation: "oauth.token", Effect: sandbox.EffectStatus, Status: 503, Count: 3}); err != nil {
			t.Fatal(err)
		}
		err := client.CheckAccess(t.Context())
		if err == nil || hubspot.IsFatal(err) || !strings.Contains(err.Error(), "503") || !strings.Contains(hubspot.Hint(err), " failed (--url)") {
			t.Errorf("got %v, hint %q", err, hubspot.Hint(err))
		}
		if n := portal.CountCalls(""); n != 3 {
			t.Errorf("%d calls, want 3: an outage is retried once, not by two layers", n)
		}
		if err := client.CheckAccess(t.Context()); err != nil {
			t.Errorf("after the outage: %v", err)
		}
	})
}
