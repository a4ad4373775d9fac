package hubspot

import (
	"errors"
	"net/http"
	"strings"
)

// accessError tells that no access token was to be had, so that the call for which it was needed was not made. HubSpot's
// refusal, if there is one, cannot be reached with errors.As: a 400 or 404 that it bears is no answer to the call, and must
// not be taken for one.
type accessError struct {
	err     error
	refusal *APIError
}

func newAccessError(err error) *accessError {
	e := &accessError{err: err}
	_ = errors.As(err, &e.refusal) // nil, when HubSpot did not refuse
	return e
}

func isAccessError(err error) bool {
	var e *accessError
	return errors.As(err, &e)
}

// Error says why there is none.
func (e *accessError) Error() string { return "no access token: " + e.err.Error() }

// Unwrap gives the cause, unless it is HubSpot's refusal.
func (e *accessError) Unwrap() error {
	if e.refusal != nil {
		return nil
	}
	return e.err
}

// isFinal tells that HubSpot will refuse these credentials for ever: they are wrong or revoked. A refusal that does not
// say what is wrong may come from a gateway in front.
func (e *accessError) isFinal() bool {
	return e.isAboutCredentials() && e.refusal.Category+e.refusal.SubCategory != ""
}

func (e *accessError) isAboutCredentials() bool {
	if e.refusal == nil {
		return false
	}
	switch e.refusal.Status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
		return true
	}
	return false
}

// Hint says in one line what to do next. HubSpot tells what is wrong in OAuth's words or in its own.
func (e *accessError) Hint() string {
	if e.refusal == nil {
		return Hint(e.err)
	}
	said := strings.ToUpper(e.refusal.Category + " " + e.refusal.SubCategory)
	switch {
	case strings.Contains(said, "INVALID_GRANT"), strings.Contains(said, "REFRESH_TOKEN"):
		return "the refresh token is revoked, or of another app: " + reinstall
	case strings.Contains(said, "CLIENT"):
		return "copy HUBSPOT_CLIENT_ID and HUBSPOT_CLIENT_SECRET again from the app's page in HubSpot: both must be of the app " +
			"that HUBSPOT_REFRESH_TOKEN is of"
	case e.refusal.Status == http.StatusNotFound:
		return "check the base URL and the API version"
	case e.isAboutCredentials():
		return "check " + oauthVariables + ": HubSpot does not take them together"
	}
	return e.refusal.Hint()
}
