package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"

	"rollcall/engine/hubspot"
	"rollcall/escape"
)

// Rules of output: results on stdout, errors on stderr. An error begins with `error:`, says what is wrong in one sentence
// without a capital or a full stop, and is followed by `hint:` with what to do next.

// printError prints a message and a hint, each line after indent. Addresses are redacted: an error may quote a row, and stderr ends up in
// log files.
func printError(w io.Writer, indent, message, hint string) {
	printLabelled(w, indent+"error: ", message)
	if hint != "" {
		printLabelled(w, indent+"hint: ", hint)
	}
}

// printLabelled prints text after a label. Further lines are aligned under the first, after a bar, so that a value can't imitate a line of
// Rollcall's own.
func printLabelled(w io.Writer, label, text string) {
	for line := range strings.SplitSeq(hubspot.WithoutAddresses(text), "\n") {
		show(w, "%s%s\n", label, line)
		label = strings.Repeat(" ", len(label)-2) + "| "
	}
}

// show prints for people. The format is Rollcall's own; a text among the arguments is a value: what is in it and would begin a line,
// or be obeyed by a terminal, is escaped.
func show(w io.Writer, format string, args ...any) {
	for i, arg := range args {
		if s, ok := textOf(arg); ok {
			args[i] = shownText(s)
		}
	}
	_, _ = io.WriteString(w, wrapped(fmt.Sprintf(format, args...), widthOf(w))) // the output keeps the error
}

// textOf returns the text of an argument of show, if it is text, an error or a Stringer.
func textOf(arg any) (string, bool) {
	switch v := arg.(type) {
	case nil:
		return "", false
	case error:
		return v.Error(), true
	case fmt.Stringer:
		return v.String(), true
	}
	v := reflect.ValueOf(arg)
	return v.String(), v.Kind() == reflect.String
}

// shownText is a text among the arguments of show.
type shownText string

// Format writes the text for a verb of package fmt.
func (t shownText) Format(f fmt.State, verb rune) {
	text := string(t)
	if verb != 'q' { // which escapes by itself
		text = escape.Value(text)
	}
	fmt.Fprintf(f, fmt.FormatString(f, verb), text)
}

// writeJSON writes one object a line.
func writeJSON[T any](w io.Writer, objects ...T) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for _, object := range objects {
		if err := encoder.Encode(object); err != nil {
			return err
		}
	}
	return nil
}

// count formats a number for people, a dash if it is not known.
func count(n *int64) string {
	if n == nil {
		return "-"
	}
	return thousands(*n)
}

// thousands groups digits: 1,234,567.
func thousands(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// plural formats a count with its noun.
func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

// moment formats a time for people, in UTC like all times in the ledger, a dash if it is not known.
func moment(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

// deref returns the text, "" for nil.
func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
