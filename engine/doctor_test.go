package engine_test

import (
	"testing"
	"time"

	"rollcall/engine"
	"rollcall/engine/doctor"
	"rollcall/engine/hubspot"
	"rollcall/engine/hubspot/sandbox"
	"rollcall/engine/warehouse/remotetest"
)

// examine returns what an examination with the world's configuration says of a subject: state, what was found, and the hint.
func (w *world) examine(subject string) string {
	w.t.Helper()
	if err := w.engine.Close(); err != nil {
		w.t.Fatal(err)
	}
	defer w.open()
	found := ""
	err := engine.Examine(w.t.Context(), w.config, func(d doctor.Diagnosis) {
		if d.Subject == subject {
			found += d.State + ": " + d.Found + " | " + d.Hint
		}
	})
	if err != nil || found == "" {
		w.t.Fatalf("%s: %q, %v", subject, found, err)
	}
	return found
}

// Clocks that are a minute apart are told, and on a remote database those that are further apart than the margin of the lease are wrong.
func TestExamineClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	wantWords(t, w.examine("clock"), "ok: this machine's clock and HubSpot's are the same to the second")
	w.config.HubSpot.Now = func() time.Time { return time.Now().Add(-10*time.Minute - 30*time.Second) }
	wantWords(t, w.examine("clock"), "warning: ", "HubSpot's are 10m", "apart", "NTP")
	for ahead, want := range map[time.Duration]string{0: "ok: ", 2 * time.Minute: "warning: ", -10 * time.Minute: "failed: "} {
		server := remotetest.New(t)
		w := newWorld(t, 1, over(t, server.Client(ahead)))
		wantWords(t, w.examine("clock"), want, "the database's now()", "HubSpot's are the same to the second")
	}
}

// A runner on a remote database holds the lease; one whose lease has lapsed is gone.
func TestExamineLease(t *testing.T) {
	t.Parallel()
	w, _, _ := remoteWorld(t)
	wantWords(t, w.examine("lease"), "ok: free")
	w.exec("UPDATE rollcall.lease SET owner = 'other:7', heartbeat_at = now() - INTERVAL 40 SECOND, expires_at = now() + INTERVAL 80 SECOND")
	wantWords(t, w.examine("lease"), "ok: held by other:7, last heard of 4")
	w.exec("UPDATE rollcall.lease SET expires_at = now() - INTERVAL 6 MINUTE")
	wantWords(t, w.examine("lease"), "warning: other:7 held it and is gone")
}

// The share of the day's calls that is used up, against the one that Rollcall may use.
func TestExamineQuota(t *testing.T) {
	t.Parallel()
	w := sandboxWorld(t, 1, sandbox.Options{Rate: sandbox.RateLimit{Daily: 40}})
	wantWords(t, w.examine("daily quota"), "ok: 4 of 40 calls used, 36 left")
	w.config.MaxDailyShare = 10
	wantWords(t, w.examine("daily quota"), "warning: 8 of 40 calls used", "max_daily_share is 10 percent", "runs call nothing until 2")
	w.fault(sandbox.Fault{Operation: "account.daily-usage", Status: 403, Count: -1})
	wantWords(t, w.examine("daily quota"), "warning: 1", " of 40 calls used")
	w.fault(sandbox.Fault{Operation: "account.details", Status: 403, Count: -1})
	wantWords(t, w.examine("portal"), "not asked: HubSpot does not tell: ", "403")
}

// HubSpot tells the scopes of OAuth apps.
func TestExamineScopes(t *testing.T) {
	t.Parallel()
	for missing, want := range map[string]string{"": "ok: lists and records of contacts can be read, and what rows are about can be changed", hubspot.ScopeListsWrite: "failed: the app lacks crm.lists.write"} {
		app := &sandbox.OAuthApp{ClientID: "id", ClientSecret: "secret", RefreshToken: "refresh"}
		options := sandbox.Options{OAuth: app}
		if missing != "" {
			options.MissingScopes = []string{missing}
		}
		w := sandboxWorld(t, 1, options, func(c *engine.Config) {
			c.HubSpot.Token, c.HubSpot.OAuth = "", &hubspot.OAuth{ClientID: "id", ClientSecret: "secret", RefreshToken: "refresh"}
		})
		wantWords(t, w.examine("scopes"), want)
		wantWords(t, w.examine("token"), "ok: set (OAuth credentials), and accepted")
	}
}
