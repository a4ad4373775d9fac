package cli

import (
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
	g := newGrid("action", "record id", "key", "cause", "values")
	g.alignRight(2)
	if slices.ContainsFunc(changes, func(c plan.Change) bool { return len(c.Values) > 0 }) {
		g.fit(widthOf(w), "values", "record id")
	} else {
		g.fit(widthOf(w), "key", "record id")
		g.leave("values")
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

// Of the values of a change so many are shown, and so much of each.
const (
	shownValues = 3
	valueWidth  = 24
)

// valuesOf describes what a change does to the properties of a record, on one line.
func valuesOf(c plan.Change) string {
	var shown []string
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
