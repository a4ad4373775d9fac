package hubspot

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// emailLike matches whatever looks like an email address, also with the sign escaped for a URL (%40) or for JSON
// (\u0040), or in its full-width form, with a quoted local part, and with a number for a domain. It would rather take too
// much.
var emailLike = regexp.MustCompile(
	`(?i)("[^"\n]*"|[^\s"'<>()\[\]{},;:|][^\s"<>()\[\]{},;:|]*)(@|%40|\\u0040|＠|﹫)(\[[^\]\s]*\]|[^\s"<>()\[\]{},;:|]+)`)

// tokenLike matches HubSpot's access tokens and whatever follows the word Bearer.
var tokenLike = regexp.MustCompile(`(?i)\bpat-[a-z0-9]+-[0-9a-f-]{8,}|\bbearer\s+[^\s"',]+`)

// WithoutAddresses returns the text with [email] in place of whatever looks like an email address.
func WithoutAddresses(s string) string {
	return emailLike.ReplaceAllString(s, "[email]")
}

// redactor takes secrets and addresses out of foreign text. It is shared, and so is always a pointer: errors refer to it,
// and one that held the secrets themselves would show them to %#v.
type redactor struct {
	mu sync.Mutex
	// kept are the secrets that last as long as the client, passing those that OAuth brings, the newest last.
	kept, passing []string
}

// Bounds of the secrets: anything shorter would be taken out of ordinary words, and an access token that ended many hours
// ago is worth nothing.
const (
	minSecret  = 8
	maxPassing = 32
)

// keep adds secrets that are redacted from now on.
func (r *redactor) keep(secrets ...Token) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept = withForms(r.kept, secrets)
}

// pass adds secrets that are redacted until many others have been added.
func (r *redactor) pass(secrets ...Token) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.passing = withForms(r.passing, secrets)
	r.passing = slices.Clone(r.passing[max(0, len(r.passing)-maxPassing):])
}

// withForms appends the secrets, each as it is and as it is encoded in a form.
func withForms(known []string, secrets []Token) []string {
	for _, secret := range secrets {
		for _, form := range []string{secret.Reveal(), url.QueryEscape(secret.Reveal())} {
			if len(form) >= minSecret && !slices.Contains(known, form) {
				known = append(known, form)
			}
		}
	}
	return known
}

// secrets are all that are known, the longest first: one may begin with another. A nil redactor knows none.
func (r *redactor) secrets() []string {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	all := slices.Concat(r.kept, r.passing)
	slices.SortFunc(all, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return all
}

// clean returns the text without addresses and tokens.
func (r *redactor) clean(s string) string {
	for _, secret := range r.secrets() {
		s = strings.ReplaceAll(s, secret, hidden)
	}
	return tokenLike.ReplaceAllString(WithoutAddresses(s), hidden)
}

// line returns the text clean, on one line, and cut where it gets too long to read.
func (r *redactor) line(s string) string { return shorten(r.clean(s), 600) }
