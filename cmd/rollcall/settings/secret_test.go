package settings

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"rollcall/engine/hubspot"
)

const secret = "pat-na1-0000-secret"

func TestTokenVariables(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		environ []string
		origin  string // "" is none
	}{
		"none":                     {nil, ""},
		"the first":                {[]string{"HUBSPOT_ACCESS_TOKEN=" + secret}, "HUBSPOT_ACCESS_TOKEN"},
		"a private app's":          {[]string{"HUBSPOT_PRIVATE_APP_TOKEN=" + secret}, "HUBSPOT_PRIVATE_APP_TOKEN"},
		"a Flight's":               {[]string{"hubspot_ACCESS_TOKEN=" + secret}, "hubspot_ACCESS_TOKEN"},
		"two that agree":           {[]string{"HUBSPOT_PRIVATE_APP_TOKEN= " + secret + "\n", "HUBSPOT_ACCESS_TOKEN=" + secret}, "HUBSPOT_ACCESS_TOKEN"},
		"an empty one before":      {[]string{"HUBSPOT_ACCESS_TOKEN=", "HUBSPOT_PRIVATE_APP_TOKEN=" + secret}, "HUBSPOT_PRIVATE_APP_TOKEN"},
		"never another's":          {[]string{"GITHUB_ACCESS_TOKEN=" + secret, "OTHER_PRIVATE_APP_TOKEN=" + secret, "ROLLCALL_TOKEN=" + secret}, ""},
		"never a flag's by way of": {[]string{"TOKEN=" + secret}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := load(t, map[string]string{"token": "pat-from-a-flag"}, c.environ, "")
			if err != nil {
				t.Fatal(err)
			}
			want := ""
			if c.origin != "" {
				want = secret
			}
			if s.Token.Reveal() != want || s.origins[tokenName] != c.origin {
				t.Errorf("got a token of %d bytes from %q", len(s.Token), s.origins[tokenName])
			}
		})
	}
}

func TestTokensThatDiffer(t *testing.T) {
	t.Parallel()
	_, err := load(t, nil, []string{"HUBSPOT_ACCESS_TOKEN=" + secret, "hubspot_ACCESS_TOKEN=" + secret + "2"}, "")
	want := "token from hubspot_ACCESS_TOKEN: differs from HUBSPOT_ACCESS_TOKEN"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestTokenInAFile(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"at the top":           "token = \"" + secret + "\"\n",
		"in a table":           "[hubspot]\naccess_token = \"" + secret + "\"\n",
		"beside another error": "token = \"" + secret + "\"\nthread = 2\nthreads = \"x\"\n",
		"and a syntax error":   "token = \"" + secret + "\"\nthreads = \n",
		"as a table":           "[token]\nvalue = \"" + secret + "\"\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, nil, nil, file)
			var errs Errors
			if !errors.As(err, &errs) {
				t.Fatalf("got %v, want Errors", err)
			}
			if printed := fmt.Sprintf("%v %s %#v", err, errs.Hint(), errs); strings.Contains(printed, secret) {
				t.Errorf("the secret is shown: %s", printed)
			}
			if name != "and a syntax error" && !strings.Contains(errs.Hint(), "HUBSPOT_ACCESS_TOKEN") {
				t.Errorf("hint: %s", errs.Hint())
			}
		})
	}
}

func TestListHidesSecrets(t *testing.T) {
	t.Parallel()
	s, err := load(t, nil, []string{"HUBSPOT_ACCESS_TOKEN=" + secret, "ROLLCALL_DATABASE=md:ops?motherduck_token=" + secret + "&x=1"}, "")
	if err != nil {
		t.Fatal(err)
	}
	printed := fmt.Sprintf("%+v", s.List())
	if strings.Contains(printed, secret) {
		t.Errorf("a secret is shown: %s", printed)
	}
	if !strings.Contains(printed, "md:ops?***") || !strings.Contains(printed, "HUBSPOT_ACCESS_TOKEN") {
		t.Errorf("got %s", printed)
	}
}

const (
	withClientID     = "HUBSPOT_CLIENT_ID=app-7"
	withClientSecret = "HUBSPOT_CLIENT_SECRET=" + secret + "-client"
	withRefreshToken = "HUBSPOT_REFRESH_TOKEN= " + secret + "-refresh\n"
	withToken        = "HUBSPOT_PRIVATE_APP_TOKEN=" + secret
)

func TestOAuthVariables(t *testing.T) {
	t.Parallel()
	s, err := load(t, nil, []string{withClientID, withClientSecret, withRefreshToken}, "")
	if err != nil {
		t.Fatal(err)
	}
	c := s.HubSpot()
	if c.Token != "" || c.OAuth == nil || c.OAuth.ClientID != "app-7" || c.OAuth.ClientSecret.Reveal() != secret+"-client" ||
		c.OAuth.RefreshToken.Reveal() != secret+"-refresh" {
		t.Errorf("got %+v", c.OAuth)
	}
	shown := map[string]string{}
	for _, v := range s.List() {
		shown[v.Name] = v.Value + " from " + v.Origin
	}
	for name, want := range map[string]string{
		"token": " from not set", "client_id": "*** from HUBSPOT_CLIENT_ID",
		"client_secret": "*** from HUBSPOT_CLIENT_SECRET", "refresh_token": "*** from HUBSPOT_REFRESH_TOKEN",
	} {
		if shown[name] != want {
			t.Errorf("%s: shown as %q, want %q", name, shown[name], want)
		}
	}
	if printed := fmt.Sprintf("%v %+v %#v", s, s, s); strings.Contains(printed, secret) {
		t.Errorf("a secret is shown: %s", printed)
	}
}

func TestOAuthComesFromItsVariablesAlone(t *testing.T) {
	t.Parallel()
	flags := map[string]string{"client-id": "app-7", "client-secret": secret, "refresh-token": secret}
	environ := []string{"ROLLCALL_CLIENT_ID=app-7", "ROLLCALL_CLIENT_SECRET=" + secret, "ROLLCALL_REFRESH_TOKEN=" + secret, "HUBSPOT_CLIENT_ID= "}
	s, err := load(t, flags, environ, "")
	if err != nil || s.OAuth != nil || s.HubSpot().OAuth != nil {
		t.Errorf("got %+v, %v", s.OAuth, err)
	}
	for _, key := range []string{"client_secret", "refresh_token", "hubspot.client_secret"} {
		_, err := load(t, nil, nil, key+" = \""+secret+"\"\n")
		if err == nil || !strings.Contains(err.Error(), "does not belong in a file") || strings.Contains(fmt.Sprintf("%v %#v", err, err), secret) {
			t.Errorf("%s: got %v", key, err)
		}
	}
}

func TestOAuthVariablesRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		environ []string
		err     string
		hint    string
	}{
		"with a token": {[]string{withToken, withClientID, withClientSecret, withRefreshToken},
			"token from HUBSPOT_PRIVATE_APP_TOKEN: given besides OAuth's HUBSPOT_CLIENT_ID, HUBSPOT_CLIENT_SECRET and HUBSPOT_REFRESH_TOKEN",
			"unset HUBSPOT_PRIVATE_APP_TOKEN to use OAuth"},
		"one with a token": {[]string{withToken, withClientID},
			"token from HUBSPOT_PRIVATE_APP_TOKEN: given besides OAuth's HUBSPOT_CLIENT_ID", "or HUBSPOT_CLIENT_ID to use the token"},
		"without the secret": {[]string{withClientID, withRefreshToken},
			"HUBSPOT_CLIENT_ID and HUBSPOT_REFRESH_TOKEN: OAuth also needs HUBSPOT_CLIENT_SECRET", "set HUBSPOT_CLIENT_SECRET too"},
		"the secret alone": {[]string{withClientSecret, "HUBSPOT_CLIENT_ID="},
			"HUBSPOT_CLIENT_SECRET: OAuth also needs HUBSPOT_CLIENT_ID and HUBSPOT_REFRESH_TOKEN", "or unset HUBSPOT_CLIENT_SECRET"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, nil, c.environ, "")
			var errs Errors
			if !errors.As(err, &errs) || err.Error() != c.err || !strings.Contains(errs.Hint(), c.hint) {
				t.Errorf("got  %v\nwant %s\nhint %s", err, c.err, errs.Hint())
			}
			if strings.Contains(fmt.Sprintf("%v %#v", err, errs), secret) {
				t.Error("a secret is shown")
			}
		})
	}
}

// The client's hints name settings as they are spelt here.
func TestHintsNameSettings(t *testing.T) {
	t.Parallel()
	s, err := load(t, nil, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = hubspot.New(s.HubSpot())
	want := "set HUBSPOT_ACCESS_TOKEN or HUBSPOT_PRIVATE_APP_TOKEN, or for OAuth HUBSPOT_CLIENT_ID, HUBSPOT_CLIENT_SECRET and HUBSPOT_REFRESH_TOKEN"
	if hint := hubspot.Hint(err); hint != want {
		t.Errorf("got  %s\nwant %s", hint, want)
	}
	local, err := load(t, nil, []string{"HUBSPOT_BASE_URL=http://127.0.0.1:1", "HUBSPOT_ACCESS_TOKEN=x", "ROLLCALL_MAX_RETRIES=0"}, "")
	if err != nil {
		t.Fatal(err)
	}
	client, err := hubspot.New(local.HubSpot())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	want = "see whether a server listens at http://127.0.0.1:1 (the setting hubspot_url); then run again"
	if hint := hubspot.Hint(client.CheckAccess(t.Context())); hint != want {
		t.Errorf("got  %s\nwant %s", hint, want)
	}
}
