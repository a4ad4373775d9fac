package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
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
			var errs SettingErrors
			if !errors.As(err, &errs) {
				t.Fatalf("got %v, want SettingErrors", err)
			}
			if said := fmt.Sprintf("%v %s %#v", err, errs.Hint(), errs); strings.Contains(said, secret) {
				t.Errorf("the secret is shown: %s", said)
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
	said := fmt.Sprintf("%+v", s.List())
	if strings.Contains(said, secret) {
		t.Errorf("a secret is shown: %s", said)
	}
	if !strings.Contains(said, "md:ops?motherduck_token=***&x=1") || !strings.Contains(said, "HUBSPOT_ACCESS_TOKEN") {
		t.Errorf("got %s", said)
	}
}
