package hubspot

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// accessError means that no access token could be obtained, so that the call that needed it was not made. HubSpot's
// refusal, if there is one, cannot be reached with errors.As: a 400 or 404 that it wraps is no answer to the call, and must
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

// Error describes why there is no access token.
func (e *accessError) Error() string { return "no access token: " + e.err.Error() }

// Unwrap returns the cause, unless it is HubSpot's refusal.
func (e *accessError) Unwrap() error {
	if e.refusal != nil {
		return nil
	}
	return e.err
}

// isFinal reports whether HubSpot will always refuse these credentials: they are wrong or revoked. A refusal that does not
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

// Hint returns what to do next, in one line. HubSpot names the cause as an OAuth error code or as a category of its own.
func (e *accessError) Hint() string {
	if e.refusal == nil {
		return Hint(e.err)
	}
	names := e.refusal.names
	category := strings.ToUpper(e.refusal.Category + " " + e.refusal.SubCategory)
	switch {
	case strings.Contains(category, "INVALID_GRANT"), strings.Contains(category, "REFRESH_TOKEN"):
		return "the refresh token is revoked, or of another app: " + names.hintReinstall()
	case strings.Contains(category, "CLIENT"):
		return fmt.Sprintf("copy %s and %s again from the app's page in HubSpot: both must be of the app that %s is of",
			names.ClientID, names.ClientSecret, names.RefreshToken)
	case e.refusal.Status == http.StatusNotFound:
		return "check the base URL and the API version"
	case e.isAboutCredentials():
		return "check " + names.oauth() + ": HubSpot does not take them together"
	}
	return e.refusal.Hint()
}
