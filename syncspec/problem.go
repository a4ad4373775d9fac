package syncspec

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a row or with a file that holds one.
type Problem struct {
	// Column is the column of rollcall.syncs, or "" where it is none of them (a
	// syntax error, an unknown key).
	Column string
	// Message is what is wrong, lower case, without a full stop.
	Message string
	// Hint is what to do about it, or is "".
	Hint string

	// File, Line and Col say where in a TOML file; lines and columns count from 1.
	// They are zero for a row of the control table.
	File      string
	Line, Col int
	// Excerpt shows that place in the file, underlined, or is "".
	Excerpt string
}

// Error is `column: message`, or `file:line:col: column: message`.
func (p Problem) Error() string {
	var where []string
	if p.File != "" {
		place := p.File
		if p.Line > 0 {
			place = fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
		}
		where = append(where, place)
	}
	if p.Column != "" {
		where = append(where, p.Column)
	}
	return strings.Join(append(where, p.Message), ": ")
}

// Problems are all that is wrong with a row. It is the error of [Parse] and
// [DecodeTOML], and never empty there.
type Problems []Problem

// Error names every problem, parted by semicolons.
func (ps Problems) Error() string {
	texts := make([]string, len(ps))
	for i, p := range ps {
		texts[i] = p.Error()
	}
	return strings.Join(texts, "; ")
}

// Hint gathers the hints of all problems, each once, parted by semicolons.
func (ps Problems) Hint() string {
	var hints []string
	for _, p := range ps {
		if p.Hint != "" && !slices.Contains(hints, p.Hint) {
			hints = append(hints, p.Hint)
		}
	}
	return strings.Join(hints, "; ")
}
