package syncspec

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// Limits on addresses (RFC 5321 sections 4.5.3.1.1 and 4.5.3.1.3, RFC 1035
// section 2.3.4), in bytes.
const (
	mostAddressBytes = 254
	mostLocalBytes   = 64
	mostDomainBytes  = 253
	mostLabelBytes   = 63
)

// email checks an address and gives its lower-case form, or the rule that it
// breaks. What passes is an addr-spec of RFC 5322 (with the Unicode of RFC 6532)
// whose local part is a dot-atom, at a domain name under a top-level domain that
// the public suffix list knows.
//
// A Unicode domain keeps its Unicode, composed and lower-cased as UTS 46 maps it,
// since that is how people wrote it in HubSpot too; one in its ASCII form
// (`xn--…`) keeps that.
func email(address string) (key, rule string) {
	const tooLong = "more than 254 bytes long"
	// Composing may shorten an address, but not this one; mapping it would be slow.
	if len(address) > 8*mostAddressBytes {
		return "", tooLong
	}
	address = strings.ToLower(address)
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return "", "no @"
	}
	local, domain := address[:at], address[at+1:]
	if !dotAtom(local) {
		return "", localRule(local, domain)
	}
	if domain == "" {
		return "", "nothing after the @"
	}
	ascii, domain, rule := asciiDomain(domain)
	if rule == "" {
		rule = domainRule(ascii)
	}
	if rule != "" {
		return "", rule
	}
	if len(domain) != len(address)-at-1 || domain != address[at+1:] {
		address = local + "@" + domain
	}
	if len(address) > mostAddressBytes || at+1+len(ascii) > mostAddressBytes {
		return "", tooLong
	}
	return address, ""
}

// dotAtom reports whether the local part is atoms parted by single dots.
func dotAtom(local string) bool {
	if local == "" || len(local) > mostLocalBytes {
		return false
	}
	last := byte('.')
	for i := 0; i < len(local); i++ {
		c := local[i]
		switch {
		case c == '.':
			if last == '.' {
				return false
			}
		case c >= utf8.RuneSelf:
			return visible(local) && local[len(local)-1] != '.' && !strings.Contains(local, "..")
		case !atomByte(c):
			return false
		}
		last = c
	}
	return last != '.'
}

// atomByte reports whether an ASCII character may stand in an atom (RFC 5322
// section 3.2.3).
func atomByte(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

// visible reports whether every character of a local part with Unicode in it may
// stand there and can be seen.
func visible(local string) bool {
	for _, r := range local {
		switch {
		case r == utf8.RuneError, r < utf8.RuneSelf && r != '.' && !atomByte(byte(r)):
			return false
		case r >= utf8.RuneSelf && (!unicode.IsGraphic(r) || unicode.IsSpace(r)):
			return false
		}
	}
	return true
}

// localRule returns which rule a local part that is no dot-atom breaks, the most
// telling first.
func localRule(local, domain string) string {
	switch {
	case !utf8.ValidString(local):
		return "not valid UTF-8 text"
	case strings.ContainsAny(local, "<>") || strings.Contains(domain, ">"):
		return "a display name or angle brackets around the address"
	case strings.ContainsAny(local, "()"):
		return "a comment in brackets"
	case strings.ContainsAny(local, `"`):
		return "quotation marks before the @"
	case strings.ContainsAny(local, ",;"):
		return "a comma or semicolon, perhaps between two addresses"
	case strings.HasPrefix(local, "mailto:"):
		return "mailto: before the address"
	case strings.Contains(local, "@"):
		return "more than one @"
	case strings.ContainsFunc(local, unicode.IsSpace):
		return "a blank before the @"
	case local == "":
		return "nothing before the @"
	case len(local) > mostLocalBytes:
		return "more than 64 bytes before the @"
	case strings.Contains(local, ".."):
		return "two dots in a row before the @"
	case local[0] == '.' || local[len(local)-1] == '.':
		return "a dot at the start or just before the @"
	}
	return "a character before the @ that no address may have"
}

// asciiDomain gives the domain in the ASCII form that the name system uses, and
// the form that the key keeps.
func asciiDomain(domain string) (ascii, kept, rule string) {
	punycode := strings.Contains(domain, "xn--")
	if !punycode && !strings.ContainsFunc(domain, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return domain, domain, ""
	}
	const invalid = "a domain that is not a valid international name"
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return "", "", invalid
	}
	if punycode {
		return ascii, domain, ""
	}
	kept, err = idna.Lookup.ToUnicode(domain)
	if err != nil {
		return "", "", invalid
	}
	return ascii, kept, ""
}

// domainRule gives the rule that a lower-case ASCII domain breaks, or "".
func domainRule(domain string) string {
	if len(domain) > mostDomainBytes {
		return "a domain of more than 253 bytes"
	}
	start, previous := 0, 0
	for i := 0; i <= len(domain); i++ {
		if i < len(domain) && domain[i] != '.' {
			c := domain[i]
			if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' {
				continue
			}
			return domainCharRule(domain)
		}
		if rule := labelRule(domain[start:i]); rule != "" {
			return rule
		}
		if i < len(domain) {
			previous, start = start, i+1
		}
	}
	if start == 0 {
		return "no top-level domain: nothing like .com after the @"
	}
	// Two labels suffice: the list has wildcards such as *.ck right under the top.
	// What its documentation calls unmanaged is a suffix that is neither ICANN's
	// nor has a dot.
	suffix, icann := publicsuffix.PublicSuffix(domain[previous:])
	if !icann && !strings.Contains(suffix, ".") {
		if _, err := netip.ParseAddr(domain); err == nil {
			return "an IP address in place of a domain"
		}
		return "no top-level domain ." + domain[start:]
	}
	return ""
}

func labelRule(label string) string {
	switch {
	case label == "":
		return "a dot too many after the @"
	case len(label) > mostLabelBytes:
		return "a part of the domain of more than 63 bytes"
	case label[0] == '-' || label[len(label)-1] == '-':
		return "a part of the domain that starts or ends with a hyphen"
	}
	return ""
}

// domainCharRule names the character that no domain may have.
func domainCharRule(domain string) string {
	switch {
	case domain[0] == '[':
		return "an IP address in place of a domain"
	case strings.ContainsAny(domain, ",;"):
		return "a comma or semicolon, perhaps between two addresses"
	case strings.ContainsAny(domain, "<>"):
		return "a display name or angle brackets around the address"
	case strings.ContainsAny(domain, "()"):
		return "a comment in brackets"
	case strings.ContainsAny(domain, " \t\r\n\v\f"):
		return "a blank after the @"
	}
	i := strings.IndexFunc(domain, func(r rune) bool {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' || r == '.')
	})
	return fmt.Sprintf("the character %q in the domain", domain[i])
}
