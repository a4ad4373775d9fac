package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"rollcall/syncspec"
)

// comparison is one sync as a file and as a row; nil where there is none.
type comparison struct {
	name      string
	file, row *syncspec.Row
}

// difference compares a folder with the table, by name.
type difference []comparison

func compare(files map[string]syncspec.Row, rows []syncspec.Row) difference {
	all := map[string]comparison{}
	for name, file := range files {
		all[name] = comparison{name: name, file: &file}
	}
	for _, row := range rows {
		c := comparison{name: words(row.Name), row: &row}
		c.file = all[c.name].file
		all[c.name] = c
	}
	var d difference
	for _, name := range slices.Sorted(maps.Keys(all)) {
		d = append(d, all[name])
	}
	return d
}

// same says whether the file and the row mean the same.
func (c comparison) same() bool {
	return c.file != nil && c.row != nil && syncspec.Equal(*c.file, *c.row)
}

// pushed says what a push did with the row.
func (c comparison) pushed() string {
	if c.row == nil {
		return "added"
	}
	return "changed"
}

// differs says how the file and the row differ.
func (c comparison) differs() string {
	switch {
	case c.row == nil:
		return "only a file"
	case c.file == nil:
		return "only a row"
	}
	return "differs"
}

// changes are the columns that a push changes.
func (c comparison) changes() []syncspec.ColumnChange {
	if c.file == nil || c.row == nil {
		return nil
	}
	return syncspec.Diff(*c.row, *c.file)
}

// tellSpec says what became of one sync, or how it differs.
func (a *app) tellSpec(c comparison, what string) error {
	if a.json {
		type column struct {
			Column string `json:"column"`
			From   string `json:"from"`
			To     string `json:"to"`
		}
		columns := []column{}
		for _, change := range c.changes() {
			columns = append(columns, column{change.Column, change.From, change.To})
		}
		return writeJSON(a.out, map[string]any{"sync": c.name, "what": what, "columns": columns})
	}
	fmt.Fprintf(a.out, "%s: %s\n", c.name, what)
	if c.file != nil && c.row != nil && what != "removed" {
		for _, change := range c.changes() {
			fmt.Fprintf(a.out, "  %s: %s -> %s\n", change.Column, shorten(cmp.Or(change.From, "NULL"), 60), shorten(cmp.Or(change.To, "NULL"), 60))
		}
	}
	return nil
}

// tellRest says so when there was nothing to do.
func (a *app) tellRest(n int, target string) error {
	if n > 0 || a.json {
		return nil
	}
	_, err := fmt.Fprintf(a.out, "no difference: %s says the same\n", target)
	return err
}
