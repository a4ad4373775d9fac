package sandbox

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// OAuthApp is a public app that may trade its refresh token for access tokens.
type OAuthApp struct {
	ClientID, ClientSecret, RefreshToken string
	// Life is how long an access token is good for; 0 means 30 minutes, as at
	// HubSpot.
	Life time.Duration
}

// issueToken answers grant_type=refresh_token. The other grants need a person
// in a browser and are refused.
func (s *Server) issueToken(x *exchange) (answer, *problem) {
	form, p := oauthForm(x)
	if p != nil {
		return answer{}, p
	}
	app := s.opts.OAuth
	switch {
	case form.Get("grant_type") != "refresh_token":
		return oauthRefusal("unsupported_grant_type", "BAD_GRANT_TYPE", "missing or unknown grant type"), nil
	case !app.names(form):
		return unknownClient(), nil
	case form.Get("refresh_token") != app.RefreshToken:
		return oauthRefusal("invalid_grant", "BAD_REFRESH_TOKEN", "missing or invalid refresh token"), nil
	}
	life := cmp.Or(app.Life, 30*time.Minute)
	token := fmt.Sprintf("sandbox-access-token-%d", len(s.issued)+1)
	if s.issued == nil {
		s.issued = map[string]time.Time{}
	}
	s.issued[token] = x.now.Add(life)
	return ok(map[string]any{
		"access_token": token, "refresh_token": app.RefreshToken, "token_type": "bearer",
		"token_use": "access_token", "expires_in": int(life.Seconds()),
		"hub_id": PortalID, "user_id": 1, "scopes": []string{},
	}), nil
}

// oauthForm reads the form that an OAuth call has as its body.
func oauthForm(x *exchange) (url.Values, *problem) {
	if p := checkContentType(x.r, "application/x-www-form-urlencoded"); p != nil {
		return nil, p
	}
	form, err := url.ParseQuery(string(x.body))
	if err != nil {
		return nil, invalid("The form could not be read: %v", err)
	}
	return form, nil
}

// names reports whether the form has the app's ID and secret. No app (nil) has any.
func (a *OAuthApp) names(form url.Values) bool {
	return a != nil && form.Get("client_id") == a.ClientID && form.Get("client_secret") == a.ClientSecret
}

// unknownClient refuses a form that does not have the app's ID and secret.
func unknownClient() answer {
	return oauthRefusal("invalid_client", "BAD_CLIENT_ID", "missing or unknown client id or secret")
}

func oauthRefusal(code, status, message string) answer {
	a := ok(map[string]string{"error": code, "error_description": message, "status": status, "message": message})
	a.status = http.StatusBadRequest
	return a
}
