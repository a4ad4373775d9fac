// Package hubspot is the client of HubSpot's CRM API: lists, their memberships, records, their properties and owners. It knows
// HTTP and HubSpot, and nothing of syncs.
//
// Invariants:
//
//   - Every request is sent by one function, do in request.go, and every answer is decoded in one place, beside it.
//   - Every answer is checked: an empty, truncated or foreign one is an error, never an empty result.
//   - A call that may be repeated is repeated until it is answered or the retries are used up; one that may not
//     (making a list) is looked up before it is tried again; one that makes records is left to the caller, who knows their keys.
//   - A response body is read whole, within bounds, and closed inside the attempt that opened it.
//   - No token, no client secret and no email address is in any error string or log line. Addresses are only in the values that a caller
//     asked for: Record.Properties, BatchRead.NotFound, RecordProblem.IDs, WriteOutcome.Properties and Owner.Email.
//   - No value that a write sent is in any error string or log line.
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

// DefaultBaseURL is the base URL of HubSpot's public API.
const DefaultBaseURL = "https://api.hubapi.com"

// Config configures a Client. The zero value of every field but Token and OAuth means its default; exactly one of
// those two is to be set.
type Config struct {
	// BaseURL is DefaultBaseURL unless set. It may have a path prefix, but no user, query or fragment; plain http is
	// accepted for loopback hosts only.
	BaseURL string
	// Token is a service key or a private app's access token.
	Token Token
	// OAuth are the credentials of a public app, from which the client gets its access tokens.
	OAuth *OAuth
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
	// Names are what hints call the settings of this configuration.
	Names Names
	// Log gets one debug line an attempt, one trace line with its waits and limits, and one warning a retry, but of a rate limit one a
	// window. The zero value is silent.
	Log zerolog.Logger
	// Transport carries the requests; by default the client has its own.
	Transport http.RoundTripper
	// Now is the clock of what is reported (Call.At, Quota.At, dates in Retry-After) and of the life of an OAuth token,
	// time.Now by default. Waiting and pacing always use the real one.
	Now func() time.Time
}

// Client talks to one HubSpot account. Make it with New.
type Client struct {
	core    *core
	observe func(Call)
	chained bool            // its calls belong to a chain
	abort   context.Context // ends attempts that linger; nil: they end with the context of their call
}

// core is what a Client and all that Observed made of it share.
type core struct {
	base   *url.URL
	routes routes
	// token is the access token of requests, unless refresher, which is nil without OAuth, hands out tokens that end.
	token     Token
	refresher *refresher
	userAgent string
	names     Names
	log       zerolog.Logger
	now       func() time.Time
	stack     *stack
	quota     *quota
	redact    *redactor
	schemas   schemaCache
}

// New checks the configuration and returns a client for it; nothing is sent. A host that is neither that of DefaultBaseURL nor loopback
// is logged as a warning. An error names the setting that is wrong; one about the token has a hint.
func New(config Config) (*Client, error) {
	base, err := parseBaseURL(cmp.Or(config.BaseURL, DefaultBaseURL))
	if err != nil {
		return nil, fmt.Errorf("base URL: %w", err)
	}
	routes, err := routesOf(cmp.Or(config.APIVersion, APIVersions()[0]))
	if err != nil {
		return nil, err
	}
	c := &core{
		base:      base,
		routes:    routes,
		userAgent: cmp.Or(config.UserAgent, "rollcall"),
		names:     config.Names.complete(),
		log:       config.Log,
		now:       config.Now,
		quota:     &quota{},
		redact:    &redactor{},
		schemas:   newSchemaCache(),
	}
	if err := c.takeCredentials(config); err != nil {
		return nil, err
	}
	if c.now == nil {
		c.now = time.Now
	}
	c.stack = newStack(config, c)
	c.warnOfHost()
	return &Client{core: c}, nil
}

// warnOfHost logs a warning if the token is sent to a host that is neither HubSpot's nor this machine.
func (c *core) warnOfHost() {
	if host := c.base.Host; !strings.EqualFold("https://"+host, DefaultBaseURL) && !isLoopback(c.base.Hostname()) {
		c.log.Warn().Str("host", host).Msg("the HubSpot token goes to a host that is not HubSpot's default")
	}
}

// takeCredentials stores the token or the OAuth credentials, and redacts both from errors and logs from then on.
func (c *core) takeCredentials(config Config) error {
	token, err := config.Token.checked()
	switch {
	case err != nil:
		return fmt.Errorf("token: %w", err)
	case token != "" && config.OAuth != nil:
		return &advised{message: "both a HubSpot token and OAuth credentials", hint: "give one of the two: set " + c.names.anyToken() +
			", or " + c.names.oauth()}
	case config.OAuth != nil:
		app, err := config.OAuth.checked(c.names)
		if err != nil {
			return fmt.Errorf("OAuth: %w", err)
		}
		c.redact.keep(app.ClientSecret, app.RefreshToken)
		c.refresher = &refresher{core: c, app: app}
	case token == "" && isLoopback(c.base.Hostname()):
		return &noToken{advised{ErrNoToken.Error(), "a sandbox takes any, but as HubSpot it wants one: " + c.names.Token[0] + "=any"}}
	case token == "":
		return &noToken{advised{ErrNoToken.Error(), "set " + c.names.anyToken() + ", or for OAuth " + c.names.oauth()}}
	}
	c.token = token
	c.redact.keep(token)
	return nil
}

// Observed returns a client with the same transport, limits and breaker, which also calls fn for each attempt, after the
// observers of c. fn is called by the goroutine that made the call, or by one that gets a token for it, so it must be safe for concurrent use if the
// client is used concurrently, and it must be quick.
func (c *Client) Observed(fn func(Call)) *Client {
	outer := c.observe
	observed := *c
	observed.observe = func(call Call) {
		if outer != nil {
			outer(call)
		}
		fn(call)
	}
	return &observed
}

// Lingering returns a client whose attempts that are under way when the context of their call ends continue until abort ends. No attempt
// is begun after the end of that context, which must not come later than that of abort.
func (c *Client) Lingering(abort context.Context) *Client {
	lingering := *c
	lingering.abort = abort
	return &lingering
}

// Chain returns a client for a chain of calls, each of which waits for the one before, such as the pages of a list. Until done is
// called, all calls that do not belong to a chain take half of the rolling window at most.
func (c *Client) Chain() (chained *Client, done func()) {
	client := *c
	client.chained = true
	return &client, c.core.stack.pacer.chain()
}

// Format prints the base URL and never the token, whatever the verb.
func (c *Client) Format(state fmt.State, _ rune) {
	_, _ = fmt.Fprintf(state, "HubSpot at %s", c.core.base.Host)
}

// Close closes idle connections. The client can be used afterwards.
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
