package settings

import (
	"fmt"
	"strings"

	"rollcall/engine/hubspot"
)

const tokenName = "token"

// tokenVariables are the only variables that a token is taken from. The last is what
// a MotherDuck secret named hubspot injects into a Flight.
func tokenVariables() []string {
	return []string{"HUBSPOT_ACCESS_TOKEN", "HUBSPOT_PRIVATE_APP_TOKEN", "hubspot_ACCESS_TOKEN"}
}

// oauthVariable is one of the variables that an app's OAuth credentials are taken from, and no other.
type oauthVariable struct {
	name, env    string
	accepts, use string
}

// oauthOf lists them in the order of hubspot.OAuth's fields.
func oauthOf() []oauthVariable {
	return []oauthVariable{
		{"client_id", "HUBSPOT_CLIENT_ID", "a public app's client id", "with OAuth: which app asks, from the environment only"},
		{"client_secret", "HUBSPOT_CLIENT_SECRET", "the same app's client secret", "with OAuth: the app's secret, from the environment only"},
		{"refresh_token", "HUBSPOT_REFRESH_TOKEN", "the refresh token that the app got for this account", "with OAuth: what access tokens are got for, from the environment only"},
	}
}

// hubSpotNames are what the client's hints call its settings.
func hubSpotNames() hubspot.Names {
	app := oauthOf()
	return hubspot.Names{
		BaseURL: "the setting hubspot_url", Token: tokenVariables()[:2],
		ClientID: app[0].env, ClientSecret: app[1].env, RefreshToken: app[2].env,
	}
}

// takeSecrets takes the token or the OAuth credentials from the environment. Both together are an error, since either may
// be the wrong account's.
func (s *Settings) takeSecrets(environ []string) Errors {
	token, origin, errs := readToken(environ)
	if origin != "" {
		s.Token, s.origins[tokenName] = token, origin
	}
	var texts, given, missing []string
	for _, v := range oauthOf() {
		text := strings.TrimSpace(Lookup(environ, v.env))
		texts = append(texts, text)
		if text == "" {
			missing = append(missing, v.env)
			continue
		}
		given = append(given, v.env)
		s.origins[v.name] = v.env
	}
	switch {
	case len(given) == 0:
	case origin != "":
		errs = append(errs, Error{
			Setting: tokenName, Origin: origin, Message: "given besides OAuth's " + listed(given),
			hint: fmt.Sprintf("unset %s to use OAuth, or %s to use the token", origin, listed(given)),
		})
	case len(missing) > 0:
		errs = append(errs, Error{
			Origin: listed(given), Message: "OAuth also needs " + listed(missing),
			hint: fmt.Sprintf("set %s too, or unset %s", listed(missing), listed(given)),
		})
	default:
		s.OAuth = &hubspot.OAuth{ClientID: texts[0], ClientSecret: hubspot.Token(texts[1]), RefreshToken: hubspot.Token(texts[2])}
	}
	return errs
}

// secrets are the settings that only the environment has, hidden.
func (s Settings) secrets() []Value {
	all := []Value{{
		Name: tokenName, Env: strings.Join(tokenVariables(), ", "),
		Accepts: "a service key or a private app's access token", Use: "HubSpot's access token, from the environment only",
	}}
	for _, v := range oauthOf() {
		all = append(all, Value{Name: v.name, Env: v.env, Accepts: v.accepts, Use: v.use})
	}
	for i, v := range all {
		all[i].Origin = "not set"
		if origin, ok := s.origins[v.Name]; ok {
			all[i].Value, all[i].Origin = hubspot.Token("").String(), origin
		}
	}
	return all
}

// listed joins names as a sentence does.
func listed(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// readToken takes the token from the first variable that has one. Variables that hold
// different tokens are an error, since either may be the wrong account's.
func readToken(environ []string) (token hubspot.Token, origin string, errs Errors) {
	for _, variable := range tokenVariables() {
		text := hubspot.Token(strings.TrimSpace(Lookup(environ, variable)))
		switch {
		case text == "":
		case token == "":
			token, origin = text, variable
		case token != text:
			errs = append(errs, Error{
				Setting: tokenName, Origin: variable, Message: "differs from " + origin,
				hint: "set only one of " + strings.Join(tokenVariables(), ", "),
			})
		}
	}
	return token, origin, errs
}
