// Package hubspot is the client of HubSpot's CRM API: lists, their memberships, and the records behind them. It knows
// HTTP and HubSpot, and nothing of syncs.
//
// What always holds:
//
//   - Every request goes one way, do in request.go, and every answer is decoded in one place, beside it.
//   - Every answer is checked: an empty, truncated or foreign one is an error, never an empty result.
//   - A call that may be repeated is repeated until it is answered or the retries are used up; one that may not
//     (making a list) is looked up before it is tried again.
//   - A response body is read whole, within bounds, and closed inside the attempt that opened it.
//   - No token and no email address is in any error string or log line. Addresses are only in the values that a caller
//     asked for: Record.Properties, BatchRead.NotFound and RecordProblem.IDs.
//
// All methods of Client are safe for concurrent use.
package hubspot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rs/zerolog"
)

// DefaultBaseURL is where HubSpot's public API lives.
const DefaultBaseURL = "https://api.hubapi.com"

// Config says how to reach HubSpot. The zero value of every field but Token means its default.
type Config struct {
	// BaseURL is DefaultBaseURL unless set. It may bear a path prefix, but no user, query or fragment; plain http is
	// accepted for loopback hosts only.
	BaseURL string
	// Token is a service key or a private app's access token. It may be empty for loopback hosts only.
	Token Token
	// APIVersion is one of APIVersions; the first is the default.
	APIVersion string
	// MaxRetries is how often a failed attempt is repeated: 5 by default, never when negative.
	MaxRetries int
	// RetryBase is the first wait of the exponential backoff, 2 s by default.
	RetryBase time.Duration
	// MaxRetryWait is the longest wait that HubSpot may ask for with Retry-After, 5 min by default. It may ask for a day
	// (status 477), which is a reason to give up and to say when to come back.
	MaxRetryWait time.Duration
	// Timeout bounds one attempt, from sending to the last byte of the answer: 60 s by default.
	Timeout time.Duration
	// UserAgent is sent with every request, "rollcall" by default.
	UserAgent string
	// Log gets one debug line an attempt and one warning a retry. The zero value is silent.
	Log zerolog.Logger
	// Transport carries the requests; by default the client has its own.
	Transport http.RoundTripper
	// Now is the clock of what is reported (Call.At, Quota.At, dates in Retry-After), time.Now by default. Waiting and
	// pacing always use the real one.
	Now func() time.Time
}

// Client talks to one HubSpot account. Make it with New.
type Client struct {
	core    *core
	observe func(Call)
}

// core is what a Client and all that Observed made of it share.
type core struct {
	base      *url.URL
	routes    routes
	token     Token
	userAgent string
	log       zerolog.Logger
	now       func() time.Time
	stack     *stack
	quota     *quota
	redact    redactor
}

// New checks the configuration and returns a client for it; nothing is sent. An error names the setting that is wrong.
func New(config Config) (*Client, error) {
	base, err := parseBaseURL(cmp.Or(config.BaseURL, DefaultBaseURL))
	if err != nil {
		return nil, fmt.Errorf("base URL: %w", err)
	}
	routes, err := routesOf(cmp.Or(config.APIVersion, APIVersions()[0]))
	if err != nil {
		return nil, err
	}
	token, err := config.Token.checked()
	if err != nil {
		return nil, fmt.Errorf("token: %w", err)
	}
	if token == "" && !isLoopback(base.Hostname()) {
		return nil, errors.New("token: none given: set HUBSPOT_ACCESS_TOKEN or HUBSPOT_PRIVATE_APP_TOKEN")
	}
	c := &core{
		base:      base,
		routes:    routes,
		token:     token,
		userAgent: cmp.Or(config.UserAgent, "rollcall"),
		log:       config.Log,
		now:       config.Now,
		quota:     &quota{},
		redact:    redactor{token: token},
	}
	if c.now == nil {
		c.now = time.Now
	}
	c.stack = newStack(config, c)
	return &Client{core: c}, nil
}

// Observed returns a client with the same transport, limits and breaker, whose attempts are also told to fn, after those
// that c itself tells. fn is called by the goroutine that made the call, so it must be safe for concurrent use if the
// client is used concurrently, and it must be quick.
func (c *Client) Observed(fn func(Call)) *Client {
	outer := c.observe
	return &Client{core: c.core, observe: func(call Call) {
		if outer != nil {
			outer(call)
		}
		fn(call)
	}}
}

// Close lets go of idle connections. The client can be used afterwards.
func (c *Client) Close() { c.core.stack.client.CloseIdleConnections() }

// CheckAccess makes the cheapest read that proves that the token works and may read lists.
func (c *Client) CheckAccess(ctx context.Context) error {
	_, err := c.SearchLists(ctx, ListSearch{Count: 1})
	return err
}

// parseBaseURL returns the URL without a trailing slash, or what is wrong with it. The URL itself is in no error, since
// it may hold a password.
func parseBaseURL(text string) (*url.URL, error) {
	base, err := url.Parse(strings.TrimSpace(text))
	switch {
	case err != nil:
		return nil, errors.New("not a URL")
	case base.Scheme != "https" && base.Scheme != "http":
		return nil, errors.New("must begin with https://")
	case base.Hostname() == "":
		return nil, errors.New("has no host")
	case base.User != nil:
		return nil, errors.New("must not contain a user or password")
	case base.RawQuery != "" || base.ForceQuery || base.Fragment != "" || strings.HasSuffix(text, "#"):
		return nil, errors.New("must not contain a query or fragment")
	case base.Scheme == "http" && !isLoopback(base.Hostname()):
		return nil, fmt.Errorf("plain http would show the token to the network: use https for %s", base.Hostname())
	}
	base.Path = strings.TrimRight(base.Path, "/")
	base.RawPath = strings.TrimRight(base.RawPath, "/")
	return base, nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
