package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"rollcall/engine/plan"
)

// changesGrid is a table of changes.
func changesGrid(w io.Writer, changes []plan.Change) *grid {
	detail := "values"
	if slices.ContainsFunc(changes, isLink) {
		detail = "label"
	}
	g := newGrid("action", "record id", "key", "cause", detail)
	g.alignRight(2)
	if slices.ContainsFunc(changes, func(c plan.Change) bool { return len(c.Values) > 0 }) {
		g.fit(widthOf(w), detail, "record id")
	} else {
		g.fit(widthOf(w), "key", "record id")
		g.leave(detail)
	}
	for _, c := range changes {
		id := "-" // of a record that is still to be created
		if c.RecordID != 0 {
			id = strconv.FormatInt(c.RecordID, 10)
		}
		g.add(c.Action, id, c.Key, c.Cause, valuesOf(c))
	}
	return g
}

// isLink reports whether the change makes or ends a link.
func isLink(c plan.Change) bool { return c.Action == "link" || c.Action == "unlink" }

// Of the values of a change so many are shown, and so much of each.
const (
	shownValues = 3
	valueWidth  = 24
)

// valuesOf describes what a change does to the properties of a record, on one line, or is the label of a link.
func valuesOf(c plan.Change) string {
	var shown []string
	if isLink(c) {
		for _, v := range c.Values {
			shown = append(shown, deref(cmp.Or(v.After, v.Before)))
		}
		return strings.Join(shown, ", ")
	}
	for n, v := range c.Values {
		if n == shownValues {
			shown = append(shown, fmt.Sprintf("and %d more", len(c.Values)-n))
			break
		}
		line := v.Property + ": " + valueOf(v.After)
		if v.Before != nil {
			line = v.Property + ": " + valueOf(v.Before) + " → " + valueOf(v.After)
		}
		shown = append(shown, line)
	}
	return strings.Join(shown, ", ")
}

// valueOf is the beginning of a value, in quotes; NULL: it is empty.
func valueOf(v *string) string {
	if v == nil {
		return "NULL"
	}
	return "'" + text.Snip(*v, valueWidth, "…") + "'"
}

// showSample is a table of the plan's sample.
func showSample(w io.Writer, p *plan.Plan) {
	changesGrid(w, p.Sample).write(w, "    ")
	if more := p.Changes() - int64(len(p.Sample)); more > 0 {
		show(w, "    and %s more: --all shows them\n", thousands(more))
	}
}
