package syncspec

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// EncodeTOML writes a row as a TOML file: the columns that are set and differ from
// their default, in a fixed order. The name is left to the file's name, blanks at
// the ends of a text are left out, and bytes that are not UTF-8 become U+FFFD.
func EncodeTOML(r Row) []byte {
	var b bytes.Buffer
	for _, c := range columns {
		value, fallback := c.text(r), c.text(c.without(r)) // some defaults follow other columns
		if c.name == "name" || value == fallback || (c.fold && strings.EqualFold(value, fallback)) {
			continue
		}
		fmt.Fprintf(&b, "%s = %s\n", c.name, tomlValue(c, &r, value))
	}
	return b.Bytes()
}

// tomlValue writes the value that text means in the TOML type of its column.
func tomlValue(c column, r *Row, text string) string {
	switch f := c.field(r).(type) {
	case **string:
		text = strings.ToValidUTF8(text, string(utf8.RuneError))
		switch {
		case c.name != "query" && !strings.Contains(text, "\n"):
			return quoted(text, `"`)
		case literal(text):
			return "'''\n" + text + "\n'''"
		default:
			return quoted(text, `"""`)
		}
	case **float64:
		return strings.ToLower(strconv.FormatFloat(**f, 'g', -1, 64))
	}
	return text
}

// literal reports whether a text can stand in a multi-line literal string as it is
// (TOML 1.0: tabs and newlines, no other control character, no three quotes).
func literal(text string) bool {
	control := func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' || r == 0x7f }
	return !strings.Contains(text, "'''") && !strings.ContainsFunc(text, control)
}

// quoted writes a basic string, one that may span lines if the quotes are three.
func quoted(text, quotes string) string {
	var b strings.Builder
	b.WriteString(quotes)
	if len(quotes) > 1 {
		b.WriteByte('\n')
	}
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n' && len(quotes) > 1, r == '\t':
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + quotes
}
