package hubspot

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// ErrScopesUnknown means that HubSpot does not report the scopes of a token that is not an OAuth app's.
var ErrScopesUnknown = errors.New("HubSpot tells the scopes of OAuth tokens alone")

type introspection struct {
	Scopes *[]text `json:"scopes"`
}

func (a introspection) complete() bool { return a.Scopes != nil }

// Scopes asks which scopes the app's access token has. The error is ErrScopesUnknown, with nothing sent, for other tokens.
func (c *Client) Scopes(ctx context.Context) ([]string, error) {
	r := c.core.refresher
	if r == nil {
		return nil, ErrScopesUnknown
	}
	token, err := r.token(ctx, c.observe)
	if err != nil {
		return nil, err
	}
	answer, _, err := fetch[introspection](ctx, c, request{
		operation: "oauth.introspect", method: http.MethodPost, path: c.core.routes.introspect(),
		form: url.Values{
			"client_id": {r.app.ClientID}, "client_secret": {r.app.ClientSecret.Reveal()},
			"token": {token.Reveal()}, "token_type_hint": {"access_token"},
		},
	})
	if err != nil {
		return nil, err
	}
	scopes := make([]string, len(*answer.Scopes))
	for i, scope := range *answer.Scopes {
		scopes[i] = string(scope)
	}
	return scopes, nil
}
