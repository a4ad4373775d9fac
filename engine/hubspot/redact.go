package hubspot

import (
	"regexp"
	"strings"
)

// emailLike matches whatever looks like an email address, also with the sign escaped for a URL (%40) or for JSON
// (\u0040), or in its full-width form, with a quoted local part, and with a number for a domain. It would rather take too
// much.
var emailLike = regexp.MustCompile(
	`(?i)("[^"\n]*"|[^\s"<>()\[\]{},;:]+)(@|%40|\\u0040|＠|﹫)(\[[^\]\s]*\]|[^\s"<>()\[\]{},;:]+)`)

// tokenLike matches HubSpot's access tokens and whatever follows the word Bearer.
var tokenLike = regexp.MustCompile(`(?i)\bpat-[a-z0-9]+-[0-9a-f-]{8,}|\bbearer\s+[^\s"',]+`)

func redactEmails(s string) string { return emailLike.ReplaceAllString(s, "[email]") }

// redactor takes secrets and addresses out of foreign text.
type redactor struct{ token Token }

// clean returns the text without addresses and tokens.
func (r redactor) clean(s string) string {
	if secret := r.token.Reveal(); len(secret) >= 8 {
		s = strings.ReplaceAll(s, secret, hidden)
	}
	return tokenLike.ReplaceAllString(redactEmails(s), hidden)
}

// line returns the text clean, on one line, and cut where it gets too long to read.
func (r redactor) line(s string) string { return shorten(r.clean(s), 600) }
