package main

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"rollcall/engine"
	"rollcall/syncspec"
)

// comparison is one sync as a file and as a row; nil where there is none.
type comparison struct {
	name string
	file *specFile
	row  *syncspec.Row
}

// difference compares a folder with the table, by name.
type difference []comparison

// compare puts files and rows of one name side by side. Two rows of one name are an error: a file can be only one of them.
func compare(files map[string]specFile, rows []syncspec.Row) (difference, error) {
	all := map[string]comparison{}
	for name, file := range files {
		all[name] = comparison{name: name, file: &file}
	}
	for _, row := range rows {
		c := all[words(row.Name)]
		if c.row != nil {
			return nil, usage(&specsError{
				fmt.Sprintf("rollcall.syncs has more than one row named %q", words(row.Name)),
				"rename or delete all but one: a name is one file, and rollcall run refuses both rows",
			})
		}
		c.name, c.row = words(row.Name), &row
		all[c.name] = c
	}
	var d difference
	for _, name := range slices.Sorted(maps.Keys(all)) {
		d = append(d, all[name])
	}
	return d, nil
}

// pick is the part of the difference that is wanted.
func (d difference) pick(wanted func(comparison) bool) difference {
	var picked difference
	for _, c := range d {
		if wanted(c) {
			picked = append(picked, c)
		}
	}
	return picked
}

// refuseNames refuses rows whose names can't be those of files.
func (d difference) refuseNames() error {
	for _, c := range d {
		if c.name == "" || c.name != filepath.Base(c.name) {
			return usage(fmt.Errorf("the row %q can't be a file: give it a name of letters, digits, _ and -", c.name))
		}
	}
	return nil
}

// hasFile says whether there is a file.
func (c comparison) hasFile() bool { return c.file != nil }

// edit is what a push writes: the file's row, or no row where there is no file.
func (c comparison) edit() engine.Edit {
	if c.file == nil {
		return engine.Edit{Name: c.name}
	}
	return engine.Edit{Name: c.name, Row: &c.file.row}
}

// same says whether the file and the row mean the same.
func (c comparison) same() bool {
	return c.file != nil && c.row != nil && syncspec.Equal(c.file.row, *c.row)
}

// pushed says what a push did with the row.
func (c comparison) pushed() string {
	switch {
	case c.row == nil:
		return "added"
	case c.file == nil:
		return "removed from the table"
	}
	return "changed"
}

// pulled says what a pull did with the file.
func (c comparison) pulled() string {
	switch {
	case c.row == nil:
		return "removed"
	case c.file == nil:
		return "written"
	}
	return "rewritten"
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
	return syncspec.Diff(*c.row, c.file.row)
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
	show(a.out, "%s: %s\n", syncspec.ShowName(c.name), what)
	if c.file != nil && c.row != nil {
		for _, change := range c.changes() {
			show(a.out, "  %s: %s -> %s\n", change.Column, shorten(cmp.Or(change.From, "NULL"), 60), shorten(cmp.Or(change.To, "NULL"), 60))
		}
	}
	return nil
}

// tellSpecs says what became of each sync, or that there was nothing to do.
func (a *app) tellSpecs(d difference, what func(comparison) string, target string) error {
	for _, c := range d {
		if err := a.tellSpec(c, what(c)); err != nil {
			return err
		}
	}
	if len(d) > 0 || a.json {
		return nil
	}
	show(a.out, "no difference: %s says the same\n", target)
	return nil
}
