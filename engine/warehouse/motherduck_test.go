package warehouse

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"
)

// token is a token of the right form with these claims.
func token(claims string) string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"HS256"}`)) + "." + part([]byte(claims)) + "." + part([]byte("signature"))
}

func TestCheckTokenFindsWhatTheServerWouldRefuse(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct{ token, message string }{
		{"", "there is no MotherDuck token"},
		{"abc", "not whole"},
		{"a.b", "not whole"},
		{"a.b.c.d", "not whole"},
		{`"` + token("{}") + `"`, "not whole"},
		{token("{}") + "\n", "not whole"},
		{token("no claims"), "not whole"},
		{token(`{"exp": 1700000000}`), "expired on 2023-11-14"},
		{token(`{"exp": 1795219200}`), "expired on 2026-11-21"},
		{token(`{"exp": 1900000000}`), ""},
		{token(`{"sub": "x"}`), ""},
	} {
		err := checkToken(test.token, now)
		if test.message == "" {
			if err != nil {
				t.Errorf("%s: %v", test.token, err)
			}
			continue
		}
		var known *Error
		if !errors.As(err, &known) || !strings.Contains(known.Error(), test.message) || !strings.Contains(known.Hint(), "MOTHERDUCK_TOKEN") {
			t.Errorf("%q: %v", test.token, err)
		} else if len(test.token) > 20 && strings.Contains(known.Error()+known.Hint(), test.token[5:15]) {
			t.Errorf("the error shows the token: %v", known)
		}
	}
}

func TestMotherDuckTokenIsTakenAsItsOwnClientsDo(t *testing.T) {
	t.Parallel()
	vars := map[string]string{"motherduck_token": "lower", "MOTHERDUCK_TOKEN": "upper"}
	if got := motherDuckToken(func(k string) string { return vars[k] }); got != "lower" {
		t.Errorf("got %s", got)
	}
	delete(vars, "motherduck_token")
	if got := motherDuckToken(func(k string) string { return vars[k] }); got != "upper" {
		t.Errorf("got %s", got)
	}
}

func TestMotherDuckDSN(t *testing.T) {
	t.Parallel()
	got, err := motherDuckDSN(Config{Database: "md:crm", UserAgent: "rollcall/1.0", MemoryLimit: "2GB", Threads: 4})
	want := "md:crm?custom_user_agent=rollcall%2F1.0&memory_limit=2GB&motherduck_dbinstance_inactivity_ttl=0s&motherduck_saas_mode=true&threads=4"
	if err != nil || got != want {
		t.Errorf("got %s, %v", got, err)
	}
	for _, c := range []Config{
		{Database: "md:rollcall"},
		{Database: "md:RollCall"},
		{Database: "md:crm?motherduck_token=secret"},
		{Database: "md:crm;motherduck_token=secret"},
		{Database: "MD:crm&motherduck_token=secret"},
		{Database: "md:crm=secret"},
		{Database: "md:crm", Attach: map[string]string{"x": "y"}},
		{Database: "md:crm", DataFolders: []string{"data"}},
	} {
		var known *Error
		if _, err := motherDuckDSN(c); !errors.As(err, &known) || known.Hint() == "" || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v: %v", c, err)
		}
		if _, err := Open(t.Context(), c); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v: %v", c, err)
		}
	}
}

func TestOpenMotherDuckWithoutNetworkSaysSo(t *testing.T) {
	t.Setenv("motherduck_token", "")
	t.Setenv("MOTHERDUCK_TOKEN", token("{}"))
	t.Setenv("HOME", t.TempDir())
	w, err := Open(t.Context(), Config{Database: "md:crm"})
	if err == nil {
		w.Close()
		t.Skip("MotherDuck answered")
	}
	var known *Error
	if !errors.As(err, &known) {
		t.Fatalf("no hint: %v", err)
	}
	if !strings.Contains(known.Error(), "could not be downloaded") {
		t.Skipf("the network answered: %v", err)
	}
	if !strings.Contains(known.Hint(), "extensions.duckdb.org on port 80") {
		t.Errorf("hint: %s", known.Hint())
	}
	t.Setenv("MOTHERDUCK_TOKEN", "")
	if _, err := Open(t.Context(), Config{Database: "md:crm"}); err == nil || !strings.Contains(err.Error(), "no MotherDuck token") {
		t.Errorf("got %v", err)
	}
}
