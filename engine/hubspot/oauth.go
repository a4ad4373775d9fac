package hubspot

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// OAuth are the credentials of a public app that is installed in the account. HubSpot gives out access tokens for them,
// which are good for half an hour (HubSpot's guide to OAuth tokens).
type OAuth struct {
	// ClientID and ClientSecret are the app's own.
	ClientID     string
	ClientSecret Token
	// RefreshToken is what the app got when it was installed in the account.
	RefreshToken Token
}

// Format shows the app and hides the secrets, whatever the verb: fmt follows a pointer behind one that does not fit, and
// then asks no Token how to print it.
func (o OAuth) Format(state fmt.State, _ rune) {
	_, _ = fmt.Fprintf(state, "{ClientID:%s ClientSecret:%s RefreshToken:%s}", o.ClientID, hidden, hidden)
}

// checked returns the credentials without the blanks that copying leaves. The error names what is missing or broken, and
// shows nothing of it.
func (o OAuth) checked(names Names) (OAuth, error) {
	id, err := Token(o.ClientID).checked()
	if err != nil || id == "" {
		return OAuth{}, incomplete("client id", names.ClientID, err)
	}
	secret, err := o.ClientSecret.checked()
	if err != nil || secret == "" {
		return OAuth{}, incomplete("client secret", names.ClientSecret, err)
	}
	refresh, err := o.RefreshToken.checked()
	if err != nil || refresh == "" {
		return OAuth{}, incomplete("refresh token", names.RefreshToken, err)
	}
	return OAuth{ClientID: id.Reveal(), ClientSecret: secret, RefreshToken: refresh}, nil
}

func incomplete(what, name string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return &advised{message: what + ": none given", hint: "set " + name}
}

// refresher gives out the access token, and gets a new one before it ends or once HubSpot refuses it. However many callers
// need a new one at a time, one call is made for all of them.
type refresher struct {
	core *core

	mu sync.Mutex
	// app holds the newest refresh token that HubSpot has given.
	app     OAuth
	current Token
	// until is when to get the next one; zero when HubSpot did not say how long current is good for.
	until time.Time
	// underWay is the renewal that callers are waiting for, if any.
	underWay *renewal
	// refused is HubSpot's final refusal of these credentials: they are not tried again.
	refused error
}

// renewal is one call for a token; its result may be read once done is closed.
type renewal struct {
	done  chan struct{}
	token Token
	err   error
}

// authorize adds the token to each attempt.
func (c *core) authorize(next sender) sender {
	return func(ctx context.Context, a *attempt) error {
		a.token = c.token
		if c.refresher != nil {
			token, err := c.refresher.token(ctx, a.observe)
			if err != nil {
				return err
			}
			a.token = token
		}
		return next(ctx, a)
	}
}

// token returns a token that is still valid for a while, and renews it if necessary. The observer of the first waiting caller gets the call.
func (r *refresher) token(ctx context.Context, observe func(Call)) (Token, error) {
	r.mu.Lock()
	switch {
	case r.refused != nil:
		defer r.mu.Unlock()
		return "", r.refused
	case r.current != "" && (r.until.IsZero() || r.core.now().Before(r.until)):
		defer r.mu.Unlock()
		return r.current, nil
	case r.underWay == nil:
		r.underWay = &renewal{done: make(chan struct{})}
		// The call serves all that wait, so it outlives each of them; and its answer may have a refresh token that must not be lost.
		go r.renew(context.WithoutCancel(ctx), r.underWay, r.app, observe)
	}
	waiting := r.underWay
	r.mu.Unlock()
	select {
	case <-waiting.done:
		return waiting.token, waiting.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// reject reports whether an attempt was refused because of its token, and should be retried with a new one. The token is not given
// out again; if there is a newer one already, nothing is lost.
func (r *refresher) reject(a *attempt) bool {
	if r == nil || a.status != http.StatusUnauthorized || a.token == "" {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.current == a.token {
		r.current = ""
	}
	return true
}

// renew makes the call, stores its result, and wakes the callers that wait for it.
func (r *refresher) renew(ctx context.Context, next *renewal, app OAuth, observe func(Call)) {
	asked := r.core.now()
	answer, err := (&Client{core: r.core, observe: observe}).askToken(ctx, app)
	r.mu.Lock()
	defer r.mu.Unlock()
	defer close(next.done)
	r.underWay = nil
	if err != nil {
		failed := newAccessError(err)
		if failed.isFinal() {
			r.refused = failed
		}
		next.err = failed
		return
	}
	r.core.redact.pass(answer.AccessToken, answer.RefreshToken)
	next.token, r.current, r.until = answer.AccessToken, answer.AccessToken, time.Time{}
	if life := time.Duration(answer.ExpiresIn) * time.Second; life > 0 {
		r.until = asked.Add(life - margin(life))
	}
	if answer.RefreshToken != "" {
		r.app.RefreshToken = answer.RefreshToken
	}
	r.core.log.Info().Int64("good_for_seconds", int64(answer.ExpiresIn)).Msg("access token")
}

// margin is how long before its end a token is replaced: a minute, which covers the wait for a place and the call itself.
func margin(life time.Duration) time.Duration { return min(time.Minute, life/2) }

// tokenAnswer is what HubSpot gives for a refresh token (HubSpot's OAuth spec). A refresh token in it replaces the old one.
type tokenAnswer struct {
	AccessToken  Token `json:"access_token"`
	RefreshToken Token `json:"refresh_token"`
	ExpiresIn    count `json:"expires_in"`
}

func (a tokenAnswer) complete() bool { return strings.TrimSpace(a.AccessToken.Reveal()) != "" }

// TokenOperation is the call for an access token. HubSpot's limits do not count it.
const TokenOperation = "oauth.token"

// askToken trades the refresh token for an access token. All secrets are in the body.
func (c *Client) askToken(ctx context.Context, app OAuth) (tokenAnswer, error) {
	answer, _, err := fetch[tokenAnswer](ctx, c, request{
		operation: TokenOperation, method: http.MethodPost, path: c.core.routes.token,
		form: url.Values{
			"grant_type": {"refresh_token"}, "client_id": {app.ClientID},
			"client_secret": {app.ClientSecret.Reveal()}, "refresh_token": {app.RefreshToken.Reveal()},
		},
	})
	if err != nil {
		return tokenAnswer{}, err
	}
	if answer.AccessToken, err = answer.AccessToken.checked(); err != nil {
		return tokenAnswer{}, fmt.Errorf("%w: no header can carry the access token", errMismatch)
	}
	if answer.RefreshToken, err = answer.RefreshToken.checked(); err != nil {
		return tokenAnswer{}, fmt.Errorf("%w: no header can carry the refresh token", errMismatch)
	}
	return answer, nil
}
