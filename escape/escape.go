// Package escape writes the characters of foreign text that a terminal obeys, or does not show, in the form in which Go and JSON
// write them: \n, \t, \u001b, \u202e. What is escaped are the control characters (Unicode's category Cc), the format characters (Cf:
// changes of the direction of writing, zero-width characters, the byte order mark, tags) and the line and paragraph separators (Zl, Zp).
// Bytes that are not UTF-8 become U+FFFD.
package escape

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Value escapes a text that is one value in a line, such as a name or a message: line ends and tabs too.
func Value(s string) string { return escaped(s, func(rune) bool { return false }) }

// Text escapes whole output: the line ends and tabs in it stay. A JSON document means the same afterwards.
func Text(s string) string { return escaped(s, func(r rune) bool { return r == '\n' || r == '\t' }) }

// Hidden reports whether a terminal obeys the character, or does not show it.
func Hidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

func escaped(s string, stays func(rune) bool) string {
	if utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return Hidden(r) && !stays(r) }) {
		return s
	}
	var b strings.Builder
	for _, r := range s { // of a byte that is not UTF-8 it makes U+FFFD
		if Hidden(r) && !stays(r) {
			write(&b, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func write(b *strings.Builder, r rune) {
	switch high, low := utf16.EncodeRune(r); {
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\r':
		b.WriteString(`\r`)
	case r == '\t':
		b.WriteString(`\t`)
	case r > 0xFFFF:
		fmt.Fprintf(b, `\u%04x\u%04x`, high, low)
	default:
		fmt.Fprintf(b, `\u%04x`, r)
	}
}
