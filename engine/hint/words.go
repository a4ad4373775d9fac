package hint

import (
	"fmt"
	"strings"

	"rollcall/engine/hubspot"
	"rollcall/escape"
)

// OneLine is an error's message on one line, also that of a joined error, without addresses, and with what is not shown escaped.
func OneLine(err error) string {
	line := strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' }), "; ")
	return escape.Value(hubspot.WithoutAddresses(line))
}

// Counted is a number with its noun, of which it takes the form for one or for many.
func Counted(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
