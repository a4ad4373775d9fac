package hubspot

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
)

// Bounds of what is read of a body. A page of members or a batch is well below a megabyte.
const (
	maxBody      = 64 << 20
	maxErrorBody = 1 << 20
)

var (
	errTooLarge error = &advised{message: fmt.Sprintf("answer is larger than %d MB", maxBody>>20), hint: hintForeign}
	errRedirect error = &advised{message: "redirect refused", hint: "check the base URL: HubSpot does not redirect API calls"}
)

// stack is the way of an attempt to HubSpot and back.
type stack struct {
	core   *core
	client *http.Client
	retry  retrypolicy.RetryPolicy[any]
	// send is the way of every attempt but those to get a token, which go the way of grant.
	send, grant sender

	pacer   *pacer
	search  *pacer
	breaker *breaker

	timeout      time.Duration
	retryBase    time.Duration
	maxRetryWait time.Duration
	maxRetries   int
}

// sender is one layer of the stack: it makes an attempt and stores the answer in it. It returns an error if no answer came.
type sender func(ctx context.Context, a *attempt) error

// newStack builds the layers through which every attempt goes:
//
//	do -> retry -> classify -> authorize -> breaker -> pacer -> exchange -> http.Client -> http.Transport
//
//	retry     runs the rest again when classify returns a retryable failure, after the wait in it or the backoff, whichever is longer
//	classify  decides the outcome: accepted, failed permanently, or retryable
//	authorize gets the token; with OAuth that may take a call of its own, which goes through all of these layers but this
//	          one and the pacer, as HubSpot does not count it
//	breaker   lets nothing pass for a while after a run of failures; each attempt counts
//	pacer     waits for room in the rolling window; each attempt takes a place in it
//	exchange  sends, reads the whole body and closes it, so that no layer above can leak one; what lingers is bound here by
//	          abort, and by the context of the call in all layers above
//
// retry and breaker are failsafe-go's. They wrap attempts rather than http.RoundTrippers because failsafehttp (v0.9.8)
// leaves the bodies of retried responses open, and because an attempt is over only when its body has been checked.
func newStack(config Config, c *core) *stack {
	s := &stack{
		core:         c,
		pacer:        newPacer(),
		search:       newSearchPacer(),
		timeout:      cmp.Or(config.Timeout, time.Minute),
		retryBase:    cmp.Or(config.RetryBase, 2*time.Second),
		maxRetryWait: cmp.Or(config.MaxRetryWait, 5*time.Minute),
		maxRetries:   max(0, cmp.Or(config.MaxRetries, 5)),
	}
	transport := config.Transport
	if transport == nil {
		transport = newTransport()
	}
	s.client = &http.Client{Transport: transport, CheckRedirect: checkRedirect}
	warned := &warnings{}
	s.retry = retrypolicy.NewBuilder[any]().
		HandleIf(func(_ any, err error) bool { return asFailure(err).retry }).
		WithDelayFunc(func(exec failsafe.ExecutionAttempt[any]) time.Duration {
			return max(asFailure(exec.LastError()).wait, s.jittered(exec.Attempts()))
		}).
		OnRetryScheduled(func(event failsafe.ExecutionScheduledEvent[any]) {
			failed := asFailure(event.LastError())
			line := c.log.Debug()
			if warned.first(failed, event.Delay) {
				line = c.log.Warn()
			}
			line.Str("operation", failed.operation).Int("attempt", event.Attempts()).Dur("wait", event.Delay).
				Str("error", c.redact.line(failed.Error())).Msg("retry")
		}).
		WithMaxRetries(s.maxRetries).
		ReturnLastFailure().
		Build()
	s.breaker = newBreaker(max(10, 2*(s.maxRetries+1)), 15*s.retryBase)
	s.grant = s.breaker.around(s.exchange)
	s.send = c.authorize(s.breaker.around(s.search.aroundSearch(s.pacer.around(s.exchange))))
	return s
}

// newTransport is http.DefaultTransport with connections kept for the concurrency that the pacer allows.
func newTransport() http.RoundTripper {
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	own := transport.Clone()
	own.MaxIdleConnsPerHost = 16
	return own
}

// checkRedirect follows a redirect only where the request stays what it is: to the same host, by the same method. A PUT
// that became a GET would be answered with success and nothing done, and another host would be shown the token.
func checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0]
	switch {
	case req.URL.Scheme != first.URL.Scheme || req.URL.Host != first.URL.Host:
		return fmt.Errorf("%w: it leads to another host, %s", errRedirect, req.URL.Host)
	case req.Method != first.Method:
		return fmt.Errorf("%w: it would turn %s into %s", errRedirect, first.Method, req.Method)
	case len(via) >= 5:
		return fmt.Errorf("%w: there are too many", errRedirect)
	}
	return nil
}

// run makes attempts until one is good, one fails for good, the retries are used up or the context ends, after which none is begun. It returns
// whether any that failed may have been applied.
func (s *stack) run(ctx context.Context, try func(ctx context.Context) error) (bool, error) {
	tried, maybeApplied := false, false
	var last error
	_, err := failsafe.With[any](s.retry).WithContext(ctx).GetWithExecution(
		func(failsafe.Execution[any]) (any, error) {
			tried = true
			last = try(ctx)
			maybeApplied = maybeApplied || asFailure(last).maybeApplied
			return nil, last
		})
	switch {
	case tried && last == nil:
		// A context that ends just after a good answer does not undo it.
		return maybeApplied, nil
	case err != nil && ctx.Err() != nil && last != nil && !errors.Is(last, ctx.Err()):
		return maybeApplied, fmt.Errorf("%w; before that: %w", ctx.Err(), last)
	}
	return maybeApplied, err
}

// underWay is the context of an attempt from its sending on: that of its call, unless it lingers.
func (a *attempt) underWay(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if a.abort == nil {
		return context.WithTimeout(ctx, timeout)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	stop := context.AfterFunc(a.abort, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}

// exchange sends the attempt and reads its answer whole.
func (s *stack) exchange(ctx context.Context, a *attempt) error {
	var traced, wrote atomic.Bool
	ctx, cancel := a.underWay(ctx, s.timeout)
	defer cancel()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:      func(string) { traced.Store(true) },
		WroteHeaders: func() { wrote.Store(true) },
	})
	req, err := s.core.newRequest(ctx, a)
	if err != nil {
		return err
	}
	a.at, a.start = s.core.now(), time.Now()
	defer func() {
		a.took = time.Since(a.start)
		// A transport that does not trace leaves no proof that nothing was sent.
		a.sent = wrote.Load() || !traced.Load()
	}()
	resp, err := s.client.Do(req)
	if err != nil {
		return withoutURL(err)
	}
	defer resp.Body.Close()
	a.status, a.header = resp.StatusCode, resp.Header
	s.core.quota.see(resp.Header, a.at)
	limit := maxErrorBody
	if isSuccess(resp.StatusCode) {
		limit = maxBody
	}
	a.body, err = io.ReadAll(io.LimitReader(resp.Body, int64(limit)+1))
	if !isSuccess(resp.StatusCode) {
		// The status says enough; what is left of the body is for the message.
		return nil
	}
	if err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	if len(a.body) > limit {
		return errTooLarge
	}
	return nil
}

// withoutURL takes off net/http's wrapping, which repeats the whole URL.
func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// isPermanent reports whether a failure to reach HubSpot will not pass by itself.
func isPermanent(err error) bool {
	var certificate *tls.CertificateVerificationError
	var plain tls.RecordHeaderError
	return errors.Is(err, errRedirect) || errors.Is(err, errTooLarge) || errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, &certificate) ||
		errors.As(err, &plain)
}

func isSuccess(status int) bool { return status >= 200 && status < 300 }
