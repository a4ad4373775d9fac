package settings

import (
	"fmt"
	"slices"
	"strings"
)

// Error is one thing that is wrong with the settings.
type Error struct {
	// Setting is the setting's name, or "" where it is none of them.
	Setting string
	// Origin is the flag, the variable, or the place in a file (file:line:column).
	Origin  string
	Message string
	// Excerpt shows the place in the file, underlined, or is "".
	Excerpt string

	hint   string
	inFile bool
	line   int
}

// Error names the origin, the setting and what is wrong with it.
func (e Error) Error() string {
	switch {
	case e.Setting == "":
		return e.Origin + ": " + e.Message
	case e.inFile:
		return fmt.Sprintf("%s: %s: %s", e.Origin, e.Setting, e.Message)
	}
	return fmt.Sprintf("%s from %s: %s", e.Setting, e.Origin, e.Message)
}

// Hint returns what is accepted, or what to do.
func (e Error) Hint() string { return e.hint }

// Errors are all that is wrong with the settings. It is the error of
// [Load], and never empty there.
type Errors []Error

// Error names everything that is wrong, parted by semicolons.
func (es Errors) Error() string {
	texts := make([]string, len(es))
	for i, e := range es {
		texts[i] = e.Error()
	}
	return strings.Join(texts, "; ")
}

// Hint gathers all hints, each once, parted by semicolons.
func (es Errors) Hint() string {
	var hints []string
	for _, e := range es {
		if e.hint != "" && !slices.Contains(hints, e.hint) {
			hints = append(hints, e.hint)
		}
	}
	return strings.Join(hints, "; ")
}
