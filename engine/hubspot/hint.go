package hubspot

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Hint returns what to do about an error of this package, in one line, or "" if there is no hint.
func Hint(err error) string {
	var knows interface{ Hint() string }
	if errors.As(err, &knows) {
		return knows.Hint()
	}
	return ""
}

// advised is an error that always has the same hint.
type advised struct{ message, hint string }

// ErrNoToken means that a Config has neither a token nor OAuth credentials.
var ErrNoToken = errors.New("no HubSpot token")

// noToken is ErrNoToken with a hint.
type noToken struct{ advised }

// Unwrap is ErrNoToken.
func (*noToken) Unwrap() error { return ErrNoToken }

// Error describes what is wrong.
func (e *advised) Error() string { return e.message }

// Hint returns what to do about it, in one line.
func (e *advised) Hint() string { return e.hint }

// Hints, and parts of them, that several errors have.
const (
	hintDaily = "calls of the day are used up by all apps of the account together: they are given back at midnight in the " +
		"account's time zone; run less often, or raise the limit"
	hintForeign = "check that the base URL leads to HubSpot and not to a proxy's own page"
)

// Hint is that of the cause. Where the cause has none, what may have been applied has one, and so has silence.
func (e *callError) Hint() string {
	var silence *unanswered
	hint := Hint(e.err)
	switch {
	case errors.Is(e.err, ErrBreakerOpen):
		hint = e.server.hintNoAnswer()
	case hint != "":
	case e.ambiguous:
		hint = Hint(ErrAmbiguous)
	case errors.As(e.err, &silence):
		hint = e.server.hintNoAnswer()
	}
	return hint
}

// Hint returns what to do next, in one line.
func (e *APIError) Hint() string {
	switch status := e.Status; {
	case status == http.StatusUnauthorized:
		return e.hintUnauthorized()
	case status == http.StatusForbidden:
		return e.hintForbidden()
	case status == http.StatusNotFound || status == http.StatusGone:
		if e.ListID != "" {
			return fmt.Sprintf("list %s was deleted or never existed in this account: use the ILS id in the list's address in "+
				"HubSpot, or restore the list (within 90 days)", e.ListID)
		}
		return "it does not exist in this account, or the API version has no such path"
	case errors.Is(e, ErrDuplicateName):
		return "a list of that name exists, perhaps of another object type: use its id, or another name"
	case strings.Contains(e.SubCategory, "INVALID_OBJECT_TYPE_FOR_LIST"):
		return "the list is of another object type"
	case status == http.StatusTooManyRequests && e.limit() == limitDaily:
		return hintDaily
	case status == http.StatusTooManyRequests:
		return "something else uses the same limit: run less at a time, or raise the limit"
	case status == statusMigration:
		return "HubSpot is moving the account to another data centre: run again after the time it names"
	case status == http.StatusLocked || status == http.StatusRequestTimeout:
		return "HubSpot is busy: run again in a minute"
	case status == http.StatusRequestEntityTooLarge || status == http.StatusRequestURITooLong:
		return "send fewer ids at a time"
	case status >= 500:
		return e.server.hintFailing()
	case status >= 400:
		return e.hintRefused()
	}
	return ""
}

// hintRefused repeats HubSpot's reason, and names what its support asks for; empty where HubSpot says neither.
func (e *APIError) hintRefused() string {
	var parts []string
	reason := e.Message
	for _, detail := range e.Errors {
		if reason == "" {
			reason = detail.Message
		}
	}
	if reason != "" {
		parts = append(parts, "HubSpot says: "+strings.TrimRight(reason, ". "))
	}
	if e.CorrelationID != "" {
		parts = append(parts, "its support can look up correlation id "+e.CorrelationID)
	}
	return strings.Join(parts, "; ")
}

var expiredFor = regexp.MustCompile(`expired (\d+) (second|minute|hour|day)`)

// hintUnauthorized distinguishes an unknown token from an expired one: HubSpot calls both expired, the first one since 1970.
func (e *APIError) hintUnauthorized() string {
	where := e.names.anyToken()
	if e.oauth {
		return "HubSpot refuses an access token that it has just given out: see that the app is still installed in the account, " +
			"or " + e.names.hintReinstall()
	}
	if !strings.Contains(strings.ToLower(e.Category+" "+e.Message), "expired") {
		return "the token is revoked, or of another account: put the current one into " + where
	}
	if e.expiredSinceEpoch() {
		return "the token is not one that HubSpot knows: copy it again, whole, into " + where
	}
	return "the token has expired: make a new one and put it into " + where
}

func (e *APIError) expiredSinceEpoch() bool {
	for name, values := range e.Context {
		if !strings.HasPrefix(name, "expire") {
			continue
		}
		for _, value := range values {
			if t := parseMoment(value); strings.HasPrefix(value, "1970-") || t != nil && e.At.Sub(*t) > 3650*24*time.Hour {
				return true
			}
		}
	}
	if m := expiredFor.FindStringSubmatch(e.Message); m != nil {
		n, err := strconv.ParseInt(m[1], 10, 64)
		perDay := map[string]int64{"second": 86400, "minute": 1440, "hour": 24, "day": 1}[m[2]]
		return err != nil || n/perDay > 3650
	}
	return false
}
