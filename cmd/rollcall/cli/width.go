package cli

import (
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"

	"rollcall/cmd/rollcall/settings"
)

// widthOf returns the width of w in columns: the variable COLUMNS, else the terminal's width. 0 is any.
func widthOf(w io.Writer) int {
	var environ []string
	switch o := w.(type) {
	case *output:
		environ = o.environ
	case errorOutput:
		environ = o.environ
	}
	if n, err := strconv.Atoi(settings.Lookup(environ, "COLUMNS")); err == nil && n > 0 {
		return n
	}
	f, ok := underlying(w).(*os.File)
	if !ok || !isTerminal(w) {
		return 0
	}
	n, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return n
}

// wrapped breaks lines that are longer than width between words. What follows stands under the beginning of its line, behind a bar, so
// that no part of a value can imitate a line of Rollcall's own. A word that is longer than a line stays whole.
func wrapped(s string, width int) string {
	if width <= 0 {
		return s
	}
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = wrappedLine(line, width)
	}
	return strings.Join(lines, "\n")
}

func wrappedLine(line string, width int) string {
	if cells(line) <= width {
		return line
	}
	indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
	var b strings.Builder
	b.WriteString(indent)
	used, first := cells(indent), true
	for word := range strings.SplitSeq(line[len(indent):], " ") {
		switch {
		case first:
		case used+1+cells(word) > width:
			b.WriteString("\n" + indent + "| ")
			used = cells(indent) + 2
		default:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += cells(word)
		first = false
	}
	return b.String()
}

// cells returns how many columns of a terminal a text takes.
func cells(s string) int { return text.StringWidthWithoutEscSequences(s) }
