package hubspot_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rollcall/engine/hubspot"
	"rollcall/engine/hubspot/sandbox"
)

const (
	testClientSecret = "c11e47-5ec/ret"
	testRefreshToken = "na1-4ef4e5-70ken"
)

// clock is a clock that tests move. It may be read while it is moved.
type clock struct{ ahead atomic.Int64 }

func (c *clock) move(d time.Duration) { c.ahead.Add(int64(d)) }
func (c *clock) now() time.Time       { return time.Now().Add(time.Duration(c.ahead.Load())) }

// oauthPortal serves an account with an OAuth app, whose clock the test moves, and gives a client of that app. The
// client's own clock is the real one.
func oauthPortal(t *testing.T, options sandbox.Options, adjust ...func(*hubspot.Config)) (*sandbox.Server, *clock, *hubspot.Client) {
	t.Helper()
	theirs := &clock{}
	options.Now = theirs.now
	if options.OAuth == nil {
		options.OAuth = &sandbox.OAuthApp{ClientID: "app-7", ClientSecret: testClientSecret, RefreshToken: testRefreshToken}
	}
	portal := sandbox.New(options)
	if err := portal.Seed(700); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(portal)
	t.Cleanup(server.Close)
	return portal, theirs, dial(t, server.URL, append([]func(*hubspot.Config){withOAuth}, adjust...)...)
}

func withOAuth(c *hubspot.Config) {
	c.Token = ""
	c.OAuth = &hubspot.OAuth{ClientID: "app-7", ClientSecret: testClientSecret, RefreshToken: testRefreshToken}
}

func manualList(t *testing.T, portal *sandbox.Server) string {
	t.Helper()
	id, err := portal.CreateList(sandbox.ListInput{Name: "OAuth", ObjectType: "contacts"})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// refusals counts the answers with 401.
func refusals(portal *sandbox.Server) int {
	n := 0
	for _, call := range portal.Calls() {
		if call.Status == http.StatusUnauthorized {
			n++
		}
	}
	return n
}

func TestOAuthRenewsAMinuteBeforeTheEnd(t *testing.T) {
	t.Parallel()
	var ours *clock
	portal, theirs, client := oauthPortal(t, sandbox.Options{}, func(c *hubspot.Config) {
		ours = &clock{}
		c.Now = ours.now
	})
	for i, step := range []struct {
		ahead time.Duration
		calls int
	}{{0, 1}, {28*time.Minute + 50*time.Second, 1}, {20 * time.Second, 2}, {10 * time.Minute, 2}, {20 * time.Minute, 3}} {
		ours.move(step.ahead)
		theirs.move(step.ahead)
		if err := client.CheckAccess(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := portal.CountCalls("oauth.token"); n != step.calls {
			t.Errorf("step %d: %d calls for a token, want %d", i, n, step.calls)
		}
	}
	if n := refusals(portal); n != 0 {
		t.Errorf("%d calls were refused", n)
	}
}

func TestOAuthLifeOfASecond(t *testing.T) {
	t.Parallel()
	app := &sandbox.OAuthApp{ClientID: "app-7", ClientSecret: testClientSecret, RefreshToken: testRefreshToken, Life: time.Second}
	portal, _, client := oauthPortal(t, sandbox.Options{OAuth: app, Latency: 10 * time.Millisecond})
	for deadline := time.Now().Add(30 * time.Second); portal.CountCalls("oauth.token") < 4; {
		if err := client.CheckAccess(t.Context()); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(deadline) {
			t.Fatal("the token is not renewed")
		}
	}
	if tokens, all := portal.CountCalls("oauth.token"), portal.CountCalls(""); all < 4*tokens {
		t.Errorf("%d of %d calls were for a token", tokens, all)
	}
}

func TestOAuthTokenRefusedMidRun(t *testing.T) {
	t.Parallel()
	// Without retries: the new token is due all the same.
	portal, theirs, client := oauthPortal(t, sandbox.Options{}, func(c *hubspot.Config) { c.MaxRetries = -1 })
	var calls []hubspot.Call
	client = client.Observed(func(call hubspot.Call) { calls = append(calls, call) })
	list := manualList(t, portal)
	ids := make([]int64, 600)
	for i := range ids {
		ids[i] = 1_000_001 + int64(i)
	}
	if _, err := client.AddAndRemove(t.Context(), list, ids[:300], nil); err != nil {
		t.Fatal(err)
	}
	theirs.move(time.Hour)
	change, err := client.AddAndRemove(t.Context(), list, ids[300:], nil)
	if err != nil || len(change.Added) != 300 {
		t.Fatalf("%d added, %v", len(change.Added), err)
	}
	page, err := client.MembershipPage(t.Context(), list, hubspot.PageQuery{})
	if err != nil {
		t.Fatal(err)
	}
	theirs.move(time.Hour)
	last, err := client.MembershipPage(t.Context(), list, hubspot.PageQuery{After: page.After})
	if err != nil || len(last.RecordIDs) == 0 || last.RecordIDs[0] == page.RecordIDs[0] {
		t.Errorf("second page: %d members, %v", len(last.RecordIDs), err)
	}
	if n := portal.CountCalls("oauth.token"); n != 3 || refusals(portal) != 2 {
		t.Errorf("%d calls for a token, %d refusals; want 3 and 2", n, refusals(portal))
	}
	// The observer gets every attempt, those for a token too.
	var reported []string
	for _, call := range calls {
		reported = append(reported, fmt.Sprintf("%s/%d=%d", call.Operation, call.Attempt, call.Status))
	}
	const write, token = "memberships.add_and_remove", "oauth.token/1=200"
	if got := strings.Join(reported, " "); !strings.HasPrefix(got, token+" "+write+"/1=200 "+write+"/1=401 "+token+" "+write+"/2=200 ") || strings.Count(got, token) != 3 {
		t.Errorf("told of %s", got)
	}
}

func TestOAuthOneCallForAll(t *testing.T) {
	t.Parallel()
	portal, theirs, client := oauthPortal(t, sandbox.Options{Latency: 20 * time.Millisecond})
	list := manualList(t, portal)
	for round := 1; round <= 3; round++ {
		var group sync.WaitGroup
		start := make(chan struct{})
		for range 16 {
			group.Go(func() {
				<-start
				if _, err := client.List(t.Context(), list); err != nil {
					t.Error(err)
				}
			})
		}
		close(start)
		group.Wait()
		if n := portal.CountCalls("oauth.token"); n != round {
			t.Errorf("round %d: %d calls for a token", round, n)
		}
		theirs.move(time.Hour)
	}
	if refusals(portal) < 2 {
		t.Error("no token was refused")
	}
}

func TestOAuthLateRefusalKeepsTheNewToken(t *testing.T) {
	t.Parallel()
	var tokens atomic.Int64
	arrived, late := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/token"):
			fmt.Fprintf(w, `{"access_token":"access-%d","expires_in":1800}`, tokens.Add(1))
		case r.Header.Get("Authorization") != "Bearer access-1":
			fmt.Fprint(w, listBody)
		default:
			if strings.HasSuffix(r.URL.Path, "/43") {
				close(arrived)
				<-late
			}
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(server.Close)
	client := dial(t, server.URL, withOAuth)
	done := make(chan error)
	go func() {
		_, err := client.List(t.Context(), "43")
		done <- err
	}()
	<-arrived
	if _, err := client.List(t.Context(), "42"); err != nil {
		t.Error(err)
	}
	close(late)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := tokens.Load(); n != 2 {
		t.Errorf("%d calls for a token, want 2", n)
	}
}

func TestOAuthRefusedAgain(t *testing.T) {
	t.Parallel()
	portal, _, client := oauthPortal(t, sandbox.Options{})
	list := manualList(t, portal)
	if err := portal.Declare(sandbox.Fault{Operation: "lists.get", Effect: sandbox.EffectExpired, Count: -1}); err != nil {
		t.Fatal(err)
	}
	_, err := client.List(t.Context(), list)
	if !hubspot.IsFatal(err) || !strings.Contains(hubspot.Hint(err), "still installed") {
		t.Errorf("got %v, hint %q", err, hubspot.Hint(err))
	}
	if tokens, reads := portal.CountCalls("oauth.token"), portal.CountCalls("lists.get"); tokens != 2 || reads != 2 {
		t.Errorf("%d calls for a token, %d for the list; want 2 each", tokens, reads)
	}
}

// tokenServer gives out tokens of its own making at any path that ends in /token, and lists at all others.
func tokenServer(t *testing.T, token http.HandlerFunc) (*script, *httptest.Server) {
	t.Helper()
	api := serve(t, reply{body: listBody})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/token") {
			token(w, r)
			return
		}
		api.answer(w, r)
	}))
	t.Cleanup(server.Close)
	return api, server
}

func TestOAuthRefreshTokenReplaced(t *testing.T) {
	t.Parallel()
	var asked []string
	_, server := tokenServer(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.PostFormValue("refresh_token"))
		fmt.Fprintf(w, `{"access_token":"access-%d","refresh_token":"refresh-%d","expires_in":1800}`, len(asked), len(asked))
	})
	ours := &clock{}
	client := dial(t, server.URL, withOAuth, func(c *hubspot.Config) { c.Now = ours.now })
	for range 3 {
		if _, err := client.List(t.Context(), "42"); err != nil {
			t.Fatal(err)
		}
		ours.move(time.Hour)
	}
	if got, want := strings.Join(asked, " "), testRefreshToken+" refresh-1 refresh-2"; got != want {
		t.Errorf("asked with %s, want %s", got, want)
	}
}

func TestOAuthRequest(t *testing.T) {
	t.Parallel()
	for version, path := range map[string]string{
		"2026-09": "/oauth/2026-09/token", "2026-03": "/oauth/2026-03/token", "v3": "/oauth/v1/token",
	} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			api, server := tokenServer(t, func(w http.ResponseWriter, r *http.Request) {
				if err := r.ParseForm(); err != nil {
					t.Error(err)
				}
				want := url.Values{"grant_type": {"refresh_token"}, "client_id": {"app-7"},
					"client_secret": {testClientSecret}, "refresh_token": {testRefreshToken}}
				if r.Method != "POST" || r.RequestURI != path || r.PostForm.Encode() != want.Encode() || r.Header.Get("Authorization") != "" {
					t.Errorf("%s %s %s", r.Method, r.RequestURI, r.PostForm.Encode())
				}
				fmt.Fprint(w, `{"access_token":" access-1 ","expires_in":"1800"}`)
			})
			client := dial(t, server.URL, withOAuth, func(c *hubspot.Config) { c.APIVersion = version })
			if _, err := client.List(t.Context(), "42"); err != nil {
				t.Fatal(err)
			}
			if auth := api.calls()[0].header.Get("Authorization"); auth != "Bearer access-1" {
				t.Errorf("Authorization: %q", auth)
			}
		})
	}
}

func TestOAuthWaitersAreTheirOwn(t *testing.T) {
	t.Parallel()
	asked, answer := make(chan struct{}, 8), make(chan struct{})
	_, server := tokenServer(t, func(w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		<-answer
		fmt.Fprint(w, `{"access_token":"access-1","expires_in":1800}`)
	})
	client := dial(t, server.URL, withOAuth)
	first, leave := context.WithCancel(t.Context())
	left, stayed := make(chan error), make(chan error)
	go func() {
		_, err := client.List(first, "42")
		left <- err
	}()
	<-asked
	go func() {
		_, err := client.List(t.Context(), "42")
		stayed <- err
	}()
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("who left: %v", err)
	}
	close(answer)
	if err := <-stayed; err != nil {
		t.Errorf("who stayed: %v", err)
	}
	if len(asked) != 0 {
		t.Error("the token was asked for twice")
	}
}

func TestNewWithOAuth(t *testing.T) {
	t.Parallel()
	whole := hubspot.OAuth{ClientID: "app-7", ClientSecret: "s3cret-client", RefreshToken: "s3cret-refresh"}
	without := func(drop func(*hubspot.OAuth)) *hubspot.OAuth {
		app := whole
		drop(&app)
		return &app
	}
	for name, test := range map[string]struct {
		config        hubspot.Config
		problem, hint string
	}{
		"accepted":             {hubspot.Config{OAuth: &whole}, "", ""},
		"nothing":              {hubspot.Config{}, "no HubSpot token", "set Config.Token, or for OAuth OAuth.ClientID, OAuth.ClientSecret and OAuth.RefreshToken"},
		"nothing, by names":    {hubspot.Config{Names: testNames}, "no HubSpot token", "set KEY or OTHER_KEY, or for OAuth APP_ID, APP_SECRET and APP_REFRESH"},
		"nothing, locally":     {hubspot.Config{BaseURL: "http://127.0.0.1:1", Names: testNames}, "no HubSpot token", "wants one: KEY=any"},
		"half, by names":       {hubspot.Config{Names: testNames, OAuth: &hubspot.OAuth{ClientID: "x"}}, "client secret: none given", "set APP_SECRET"},
		"both, by names":       {hubspot.Config{Names: testNames, Token: "s3cret-token", OAuth: &whole}, "both a HubSpot token", "one of the two: set KEY or OTHER_KEY, or APP_ID"},
		"both":                 {hubspot.Config{Token: "s3cret-token", OAuth: &whole}, "both a HubSpot token and OAuth credentials", "one of the two"},
		"without a client id":  {hubspot.Config{OAuth: without(func(o *hubspot.OAuth) { o.ClientID = " " })}, "OAuth: client id: none given", "set OAuth.ClientID"},
		"without a secret":     {hubspot.Config{OAuth: without(func(o *hubspot.OAuth) { o.ClientSecret = "" })}, "OAuth: client secret: none given", "set OAuth.ClientSecret"},
		"without a token":      {hubspot.Config{OAuth: without(func(o *hubspot.OAuth) { o.RefreshToken = "" })}, "OAuth: refresh token: none given", "set OAuth.RefreshToken"},
		"a token in two lines": {hubspot.Config{OAuth: without(func(o *hubspot.OAuth) { o.RefreshToken = "s3cret\nx" })}, "OAuth: refresh token: contains", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := hubspot.New(test.config)
			if test.problem == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.problem) || strings.Contains(fmt.Sprintf("%+v %#v", err, err), "s3cret") {
				t.Fatalf("got %v, want %s", err, test.problem)
			}
			var knows interface{ Hint() string }
			if test.hint != "" && (!errors.As(err, &knows) || !strings.Contains(knows.Hint(), test.hint)) {
				t.Errorf("hint %q, want %s", hubspot.Hint(err), test.hint)
			}
		})
	}
}
