package main

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

// Rules of speech: results on stdout, troubles on stderr. A trouble begins with `error:`, says what is wrong in one sentence
// without a capital or a full stop, and is followed by `hint:` with what to do next.

// tell says what is wrong and what to do, each line of it behind indent. An error may quote the row that it stumbled over, and stderr
// ends up in log files, so no address is in it.
func tell(w io.Writer, indent, message, hint string) {
	tellLines(w, indent+"error: ", message)
	if hint != "" {
		tellLines(w, indent+"hint: ", hint)
	}
}

// tellLines puts the label before the text, and each further line of it under the first, behind a bar: no line of a value passes for
// one of Rollcall's own.
func tellLines(w io.Writer, label, text string) {
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

// textOf is the text that an argument of show stands for, if it is one.
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

// count is a number for people, a dash where it is not known.
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

// plural is a count with its noun.
func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

// moment is a time for people, in UTC as everywhere in the ledger.
func moment(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

func words(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
