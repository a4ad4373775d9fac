package warehouse

import "strings"

// Match reports whether the value fits the pattern, without regard to case. * stands for any characters, also none; every other character
// stands for itself.
func Match(pattern, value string) bool {
	first, rest, starred := strings.Cut(strings.ToLower(pattern), "*")
	value = strings.ToLower(value)
	if !starred {
		return value == first
	}
	value, fits := strings.CutPrefix(value, first)
	if !fits {
		return false
	}
	parts := strings.Split(rest, "*")
	last := parts[len(parts)-1]
	for _, part := range parts[:len(parts)-1] {
		at := strings.Index(value, part)
		if at < 0 {
			return false
		}
		value = value[at+len(part):]
	}
	return strings.HasSuffix(value, last)
}
