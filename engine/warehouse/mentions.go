package warehouse

import (
	"slices"
	"strings"
)

// mentions are the names in one of the program's own statements that a NamedQuery has. Every command reads all statements when it starts,
// so no regular expression does.
type mentions struct {
	parameters []string // the names of its parameters, each once, in the order of their first use
	control    bool     // it names a table of the schema rollcall, outside of comments and literals
}

// mentionsOf reads a statement that the engine takes: its literals, quoted names and comments are closed.
func mentionsOf(text string) mentions {
	var m mentions
	for at := 0; at < len(text); {
		rest := text[at:]
		switch c := text[at]; {
		case c == '\'' || c == '"':
			at += 1 + through(rest[1:], rest[:1]) // a doubled one closes it and opens the next
		case strings.HasPrefix(rest, "--"):
			at += through(rest, "\n")
		case strings.HasPrefix(rest, "/*"):
			at += 2 + through(rest[2:], "*/")
		case c == '$':
			name := wordOf(rest[1:])
			if name != "" && !slices.Contains(m.parameters, name) {
				m.parameters = append(m.parameters, name)
			}
			at += 1 + len(name)
		case isWord(c):
			word := wordOf(rest)
			next := rest[len(word):]
			m.control = m.control || word == "rollcall" && len(next) > 1 && next[0] == '.' && (next[1] == '_' || 'a' <= next[1] && next[1] <= 'z')
			at += len(word)
		default:
			at++
		}
	}
	return m
}

// through returns how many bytes of text there are up to and with the end, all of them where it does not come.
func through(text, end string) int {
	if i := strings.Index(text, end); i >= 0 {
		return i + len(end)
	}
	return len(text)
}

// wordOf returns the letters, digits and underscores that text begins with.
func wordOf(text string) string {
	n := 0
	for n < len(text) && isWord(text[n]) {
		n++
	}
	return text[:n]
}

func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}
