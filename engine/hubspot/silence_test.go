package hubspot_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"rollcall/engine/hubspot"
)

// carriedTo is a transport whose requests go to a test's server, whatever host they name.
type carriedTo struct{ server string }

func (c carriedTo) RoundTrip(r *http.Request) (*http.Response, error) {
	to, err := url.Parse(c.server)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = to.Scheme, to.Host
	return http.DefaultTransport.RoundTrip(r)
}

// What is to be looked at when no good answer comes is HubSpot's status page where HubSpot was asked, and the server where that is one on
// this machine.
func TestHintOfSilenceNamesTheServer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		with  reply
		calls int
	}{
		"a failure":          {reply{status: 503, body: "down"}, 1},
		"no answer":          {reply{do: reset}, 1},
		"an open breaker":    {reply{status: 503, body: "down"}, 11},
		"a breaker, silence": {reply{do: reset}, 11},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, test.with)
			hint := func(adjust func(*hubspot.Config)) (hint string) {
				client := dial(t, server.URL, func(c *hubspot.Config) { c.MaxRetries = -1 }, adjust)
				for range test.calls {
					_, err := client.List(t.Context(), "42")
					hint = hubspot.Hint(err)
				}
				return hint
			}
			here := hint(func(*hubspot.Config) {})
			if !strings.Contains(here, server.URL) || strings.Contains(here, "hubspot.com") {
				t.Errorf("hint for a server on this machine: %q", here)
			}
			there := hint(func(c *hubspot.Config) { c.BaseURL, c.Transport = hubspot.DefaultBaseURL, carriedTo{server.URL} })
			if !strings.Contains(there, "status.hubspot.com") || strings.Contains(there, server.URL) {
				t.Errorf("hint for HubSpot: %q", there)
			}
		})
	}
}
