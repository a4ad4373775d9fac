package hubspot

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// request is what an operation wants sent, and how its failures are to be taken.
type request struct {
	operation string
	method    string
	// path is escaped and without the base URL; shown is what observers get in its place, when that differs.
	path, shown string
	query       url.Values
	body        any
	// form is sent in place of a body. It is only for asking for a token, and its values are secret.
	form   url.Values
	listID string
	items  int
	// search puts the request under the limit of HubSpot's search endpoints.
	search bool
	// write: an attempt that was sent and not answered may have changed something.
	write bool
	// partly: some of its inputs may fail on their own, which is status 207.
	partly bool
	// bodiless: status 204 is success, with nothing to decode.
	bodiless bool
	// once: an attempt that may have been applied must not be repeated.
	once bool
	// success is the one status that means success; 0: any 2xx.
	success int
	// values are those of the records that it writes, which no error may show.
	values []string
}

// attempt is one try of a request: what is sent, and the answer.
type attempt struct {
	request
	payload []byte
	number  int
	chained bool
	// token is the access token; empty where the request needs none.
	token Token
	// observe is called for each attempt, and for the call that gets its token; may be nil.
	observe func(Call)
	// abort ends it when it is under way; nil: the context of the call does.
	abort context.Context

	// asked is when the caller came, which may have to wait for a token and a place.
	asked time.Time
	// at is when it was sent by the client's clock, start by the real one; both are zero until then.
	at, start time.Time
	took      time.Duration
	// sent is set when bytes of the request may have reached HubSpot.
	sent   bool
	status int
	header http.Header
	body   []byte
}

// whole refuses the status of a partial success where nothing can succeed in part, and any but the one that means success where there is
// one: its body, whatever it says, is of something else.
func (a *attempt) whole() error {
	if a.success != 0 && a.status != a.success {
		return fmt.Errorf("%w: status %d where %d means success", ErrEmptyAnswer, a.status, a.success)
	}
	if a.status == http.StatusMultiStatus && !a.partly {
		return fmt.Errorf("%w: status 207", errMismatch)
	}
	return nil
}

// date is the time of the answer by HubSpot's clock; zero where it does not say.
func (a *attempt) date() time.Time {
	at, err := http.ParseTime(a.header.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return at
}

// complete is an answer that knows whether it is one: JSON that lacks what was asked for decodes without an error.
type complete interface{ complete() bool }

// effort is what a call took.
type effort struct {
	attempts int
	// maybeApplied: an attempt of a write that failed may have been applied all the same.
	maybeApplied bool
	// answered is the last answer's time by HubSpot's clock, to the second; zero where HubSpot did not say.
	answered time.Time
}

// fetch sends the request and decodes its answer. It also returns what that took.
func fetch[T complete](ctx context.Context, c *Client, req request) (T, effort, error) {
	var out T
	took, err := c.do(ctx, req, func(body []byte) error {
		// A new value for each attempt, so that nothing of a refused answer stays.
		var answer T
		if err := decode(body, &answer); err != nil {
			return err
		}
		if !answer.complete() {
			return fmt.Errorf("%w: it lacks what was asked for", ErrEmptyAnswer)
		}
		out = answer
		return nil
	})
	return out, took, err
}

// do sends every request. accept is given the body of an answer with a 2xx status, inside the attempt, so that
// an answer which is not whole is asked for again.
func (c *Client) do(ctx context.Context, req request, accept func(body []byte) error) (took effort, err error) {
	payload, err := req.payload()
	if err != nil {
		return took, fmt.Errorf("%s: encode: %w", req.operation, err)
	}
	renewed := false
	took.maybeApplied, err = c.core.stack.run(ctx, func(ctx context.Context) error {
		for {
			took.attempts++
			a := &attempt{request: req, payload: payload, number: took.attempts, asked: time.Now(), chained: c.chained, observe: c.observe, abort: c.abort}
			failed := c.try(ctx, a, accept)
			took.answered = a.date()
			if failed == nil {
				return nil
			}
			// Not a retry of the policy's: it needs no wait, and is due even where none is allowed.
			if renewed || !c.core.refresher.reject(a) {
				return failed
			}
			renewed = true
		}
	})
	if err == nil {
		return took, nil
	}
	return took, c.core.callError(req, took.attempts, took.maybeApplied, err)
}

// try makes one attempt, and reports it to the log and the observer.
func (c *Client) try(ctx context.Context, a *attempt, accept func(body []byte) error) *failure {
	send := c.core.stack.send
	if a.form != nil {
		send = c.core.stack.grant
	}
	err := send(ctx, a)
	failed := c.core.classify(ctx, a, err, accept)
	c.report(a, failed)
	return failed
}

// payload encodes the body or the form; nil when there is neither.
func (r request) payload() ([]byte, error) {
	switch {
	case r.form != nil:
		return []byte(r.form.Encode()), nil
	case r.body != nil:
		return json.Marshal(r.body)
	}
	return nil, nil
}

// errUnreadable is a body that is no JSON: cut short, or of something else than HubSpot.
var errUnreadable error = &advised{message: "answer is not whole JSON", hint: hintForeign}

// errMismatch is a body whose JSON has another shape than HubSpot's. Asking again will not change it.
var errMismatch error = &advised{message: "answer has an unexpected shape", hint: hintForeign}

func decode(body []byte, into any) error {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return ErrEmptyAnswer
	}
	if !json.Valid(body) {
		return errUnreadable
	}
	if body[0] != '{' {
		return fmt.Errorf("%w: it is no JSON object", ErrEmptyAnswer)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("%w: %w", errMismatch, err)
	}
	return nil
}

// newRequest makes the HTTP request of an attempt.
func (c *core) newRequest(ctx context.Context, a *attempt) (*http.Request, error) {
	target := c.base.String() + a.path
	if len(a.query) > 0 {
		target += "?" + a.query.Encode()
	}
	// net/http takes an empty bytes.Reader for no body.
	req, err := http.NewRequestWithContext(ctx, a.method, target, bytes.NewReader(a.payload))
	if err != nil {
		return nil, err
	}
	switch {
	case a.form != nil:
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	case a.payload != nil:
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token.Reveal())
	}
	return req, nil
}

// report logs an attempt and calls the observer. One that the breaker or a cancelled wait kept back was never
// made, and is not reported.
func (c *Client) report(a *attempt, failed *failure) {
	if a.at.IsZero() {
		return
	}
	call := Call{
		At: a.at, Method: a.method, Operation: a.operation, Path: a.path, Status: a.status, Attempt: a.number,
		Duration: a.took, Items: a.items, CorrelationID: c.core.redact.line(a.header.Get(correlationHeader)),
	}
	if a.shown != "" {
		call.Path = a.shown
	}
	call.ServerTime = a.date()
	call.RetryAfter = retryAfter(a.header, c.core.now())
	if failed != nil {
		call.Err = c.core.redact.line(failed.Error())
	}
	c.core.log.Debug().Str("operation", a.operation).Str("list_id", a.listID).Int("status", a.status).
		Int("attempt", a.number).Dur("duration", a.took).Int("items", a.items).Str("correlation_id", call.CorrelationID).
		Str("error", call.Err).Msg("call")
	c.core.trace(a, call)
	if a.observe != nil {
		a.observe(call)
	}
}

// trace logs how long an attempt waited and the limits in the headers.
func (c *core) trace(a *attempt, call Call) {
	event := c.log.Trace()
	if !event.Enabled() {
		return
	}
	limit := func(name string) string { return c.redact.line(a.header.Get("X-HubSpot-RateLimit-" + name)) }
	event.Str("operation", call.Operation).Str("method", call.Method).Str("path", call.Path).Int("attempt", call.Attempt).
		Dur("waited", a.start.Sub(a.asked)).Int("sent_bytes", len(a.payload)).Int("answer_bytes", len(a.body)).
		Str("limit_max", limit("Max")).Str("limit_remaining", limit("Remaining")).Str("daily", limit("Daily")).
		Str("daily_remaining", limit("Daily-Remaining")).Dur("retry_after", call.RetryAfter).Msg("attempt")
}
