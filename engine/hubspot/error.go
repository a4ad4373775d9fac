package hubspot

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

var (
	// ErrDailyLimit means that the account's calls of the day are used up. It is never retried.
	ErrDailyLimit error = &advised{message: "daily limit of API calls reached", hint: hintDaily}
	// ErrEmptyAnswer means that HubSpot answered with success and nothing, or with nothing of what was asked.
	ErrEmptyAnswer error = &advised{message: "empty answer", hint: hintForeign}
	// ErrBreakerOpen means that nothing was sent, since HubSpot has failed too often in a row.
	ErrBreakerOpen error = &advised{message: "circuit breaker open", hint: server{}.hintNoAnswer()}
	// ErrAmbiguous means that a write may or may not have been applied: it was sent, and no good answer came (a reset, a
	// timeout, a 5xx, a truncated body).
	ErrAmbiguous error = &advised{
		message: "may or may not have been applied",
		hint:    "run again: the next run reads what HubSpot has, and sends only what is missing",
	}
	// ErrDuplicateName means that the account has a list of that name already.
	ErrDuplicateName = errors.New("a list of that name exists")
)

// APIError is HubSpot's refusal of a request. All texts in it are redacted. "All fields should be treated as optional"
// (HubSpot's guide to error handling).
type APIError struct {
	Status        int
	Category      string
	SubCategory   string
	Message       string
	CorrelationID string
	// PolicyName is the limit that a 429 ran into: DAILY, TEN_SECONDLY_ROLLING, SECONDLY.
	PolicyName string
	Context    map[string][]string
	Errors     []ErrorDetail
	// RequiredScopes are those of which the token needs any one.
	RequiredScopes []string
	// RetryAfter is what HubSpot asked to wait, and At when it did.
	RetryAfter time.Duration
	At         time.Time
	Operation  string
	ListID     string

	oauth  bool
	server server
	names  Names
}

// ErrorDetail is one of the errors that an APIError consists of.
type ErrorDetail struct {
	Message string
	Code    string
	Context map[string][]string
}

// Error returns the status, category and messages of the refusal in one line.
func (e *APIError) Error() string {
	var b strings.Builder
	b.WriteString(subject(e.Operation, e.ListID))
	fmt.Fprintf(&b, ": HubSpot answered %d", e.Status)
	if kind := strings.Trim(e.Category+" "+e.SubCategory, " "); kind != "" {
		b.WriteString(" " + kind)
	} else if text := http.StatusText(e.Status); text != "" {
		b.WriteString(" " + text)
	}
	if e.Message != "" {
		b.WriteString(": " + strings.TrimRight(e.Message, ". "))
	}
	if e.CorrelationID != "" {
		fmt.Fprintf(&b, " (correlation id %s)", e.CorrelationID)
	}
	if e.RetryAfter >= time.Second {
		fmt.Fprintf(&b, "; it asks to wait %s, until %s", e.RetryAfter.Round(time.Second),
			e.At.Add(e.RetryAfter).UTC().Format(time.RFC3339))
	}
	return b.String()
}

// Is makes errors.Is find ErrDailyLimit and ErrDuplicateName.
func (e *APIError) Is(target error) bool {
	switch target {
	case ErrDailyLimit:
		return e.limit() == limitDaily
	case ErrDuplicateName:
		return strings.Contains(e.SubCategory, "DUPLICATE_LIST_NAMES")
	}
	return false
}

// IsNotFound reports whether HubSpot answered that there is no such list, record or path.
func IsNotFound(err error) bool { return hasStatus(err, http.StatusNotFound, http.StatusGone) }

// IsRefused reports whether HubSpot refuses the request itself (400, 409, 413, 414, 422): sending it again can't succeed, sending
// half of it may.
func IsRefused(err error) bool {
	return hasStatus(err, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong,
		http.StatusConflict, http.StatusUnprocessableEntity)
}

// IsSplittable reports whether a write of fewer changes may succeed where this one failed: HubSpot refused the request, or a gateway in
// front of it got no answer in time (502, 504). It never is one that may have been applied and must not be sent again, such as a creation.
func IsSplittable(err error) bool {
	var call *callError
	if errors.As(err, &call) && call.ambiguous && call.once {
		return false
	}
	return IsRefused(err) || hasStatus(err, http.StatusBadGateway, http.StatusGatewayTimeout)
}

// IsForbidden reports whether HubSpot accepts the token, but not for this call: a scope is missing.
func IsForbidden(err error) bool { return hasStatus(err, http.StatusForbidden) }

// IsFatal reports whether no call with this token can succeed (401), or none of this kind (403), or HubSpot refuses to
// issue a token.
func IsFatal(err error) bool {
	var access *accessError
	return hasStatus(err, http.StatusUnauthorized, http.StatusForbidden) || errors.As(err, &access) && access.isFinal()
}

func hasStatus(err error, statuses ...int) bool {
	var e *APIError
	if !errors.As(err, &e) {
		return false
	}
	for _, status := range statuses {
		if e.Status == status {
			return true
		}
	}
	return false
}

// subject names what was asked: the operation, and the list when there is one.
func subject(operation, listID string) string {
	if listID == "" {
		return operation
	}
	return operation + " of list " + listID
}

// callError is a call that failed, after all its attempts.
type callError struct {
	operation, listID string
	attempts          int
	// ambiguous is set when an attempt of a write may have been applied.
	ambiguous bool
	// once is set for a call that must not be repeated when it is ambiguous.
	once   bool
	err    error
	server server
	redact *redactor
}

// callError is the only one that makes a callError, so that none lacks the redactor.
func (c *core) callError(req request, attempts int, ambiguous bool, err error) *callError {
	return &callError{operation: req.operation, listID: req.listID, attempts: attempts, ambiguous: ambiguous, once: req.once, err: err, server: c.server(), redact: c.redact}
}

// Error names the operation, the number of attempts and the last attempt's error.
func (e *callError) Error() string {
	var b strings.Builder
	cause := e.redact.clean(e.err.Error())
	if what := subject(e.operation, e.listID) + ": "; !strings.HasPrefix(cause, what) {
		b.WriteString(what)
	}
	b.WriteString(cause)
	if e.attempts > 1 {
		fmt.Fprintf(&b, " (after %d attempts)", e.attempts)
	}
	if e.ambiguous {
		b.WriteString("; the change " + ErrAmbiguous.Error())
	}
	return b.String()
}

// Unwrap gives the last attempt's error.
func (e *callError) Unwrap() error { return e.err }

// Is makes errors.Is find ErrAmbiguous.
func (e *callError) Is(target error) bool { return target == ErrAmbiguous && e.ambiguous }
