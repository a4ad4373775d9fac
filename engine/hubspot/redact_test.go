package hubspot_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"rollcall/engine/hubspot"
)

func TestOAuthShowsNoSecrets(t *testing.T) {
	t.Parallel()
	const access = "acce55-70ken+1/x"
	secrets := []string{testClientSecret, testRefreshToken, access, url.QueryEscape(testClientSecret), url.QueryEscape(access),
		fmt.Sprintf("%x", testClientSecret), fmt.Sprintf("%x", testRefreshToken)}
	var shown strings.Builder
	log := func(c *hubspot.Config) { c.MaxRetries, c.Log = 1, zerolog.New(&shown).Level(zerolog.TraceLevel) }
	show := func(values ...any) {
		for _, value := range values {
			fmt.Fprintf(&shown, "%v %+v %#v %s %q %d %x\n", value, value, value, value, value, value, value)
			if encoded, err := json.Marshal(value); err == nil {
				shown.Write(encoded)
			}
		}
	}
	for _, status := range []int{400, 503, 200} {
		for _, shape := range []string{`%s %s`, `{"error":"%s","message":"%s"}`, `{"access_token":[],"expires_in":"%s %s"}`} {
			_, server := tokenServer(t, func(w http.ResponseWriter, r *http.Request) {
				_ = r.ParseForm()
				w.WriteHeader(status)
				fmt.Fprintf(w, shape, r.PostForm.Encode(), r.PostFormValue("client_secret")+" "+r.PostFormValue("refresh_token"))
			})
			client := dial(t, server.URL, withOAuth, log)
			_, err := client.Observed(func(c hubspot.Call) { show(c) }).List(t.Context(), "42")
			if err == nil {
				t.Fatal("no error")
			}
			show(err, hubspot.Hint(err), client)
		}
	}
	for _, status := range []int{401, 400, 503} {
		api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/token") {
				fmt.Fprintf(w, `{"access_token":%q,"refresh_token":%q,"expires_in":1800}`, access, testRefreshToken)
				return
			}
			token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
			w.Header().Set("X-HubSpot-Correlation-Id", token)
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"message":"token %s, %s","category":"%s"}`, token, url.QueryEscape(token), token)
		}))
		t.Cleanup(api.Close)
		client := dial(t, api.URL, withOAuth, log)
		_, err := client.Observed(func(c hubspot.Call) { show(c) }).List(t.Context(), "42")
		show(err, hubspot.Hint(err), client)
	}
	var config hubspot.Config
	withOAuth(&config)
	show(config, config.OAuth, *config.OAuth, dial(t, "http://localhost:1", func(c *hubspot.Config) { c.Token = testClientSecret }))
	if !strings.Contains(shown.String(), "token ***, ***") || !strings.Contains(shown.String(), `"message":"call"`) {
		t.Errorf("the test does not test: %s", shown.String())
	}
	for _, secret := range secrets {
		if i := strings.Index(shown.String(), secret); i >= 0 {
			t.Errorf("shows %s: %s", secret, shown.String()[max(0, i-200):i+50])
		}
	}
}
