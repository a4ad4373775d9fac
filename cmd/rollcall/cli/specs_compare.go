package cli

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"rollcall/engine/control"
	"rollcall/syncspec"
)

// comparison holds one sync as a file and as a row; nil if there is none.
type comparison struct {
	name string
	file *specFile
	row  *syncspec.Row

	wrong  error // why the row can't be a file; nil where it can
	locked bool  // no file can be written into the row: it has no name, or another row has the same one
}

// difference compares a folder with the table, by name.
type difference []comparison

// compare pairs files and rows by name.
func compare(files map[string]specFile, rows []syncspec.Row) difference {
	all := map[string]comparison{}
	for name, file := range files {
		all[name] = comparison{name: name, file: &file}
	}
	for _, row := range rows {
		c := all[deref(row.Name)]
		second := c.row != nil
		c.name, c.row, c.wrong = deref(row.Name), &row, notAFile(row)
		c.locked = c.name == "" || second
		if second {
			c.wrong = &specsError{
				fmt.Sprintf("rollcall.syncs has more than one row named %q", deref(row.Name)),
				"rename or delete all but one: a name is one file, and rollcall run refuses both rows",
			}
		}
		all[c.name] = c
	}
	var d difference
	for _, name := range slices.Sorted(maps.Keys(all)) {
		d = append(d, all[name])
	}
	return d
}

// notAFile returns why a row can't be written to a file that push, diff and the next pull accept: it is invalid, or its name is; nil if it can.
func notAFile(row syncspec.Row) error {
	spec, err := syncspec.Parse(row)
	switch {
	case err != nil:
		return err
	case spec.Name != deref(row.Name):
		return syncspec.Problems{{Column: "name", Message: fmt.Sprintf("%q has blanks around it", deref(row.Name)), Hint: "UPDATE rollcall.syncs SET name = trim(name)"}}
	case strings.HasPrefix(spec.Name, "-") || !filepath.IsLocal(spec.Name+specEnding):
		return syncspec.Problems{{Column: "name", Message: fmt.Sprintf("%q can't be the name of a file", spec.Name), Hint: "begin it with a letter"}}
	}
	return nil
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

// isWrong reports whether the row can't be a file.
func (c comparison) isWrong() bool { return c.wrong != nil }

// isLocked reports whether there is a row that no file can be written into.
func (c comparison) isLocked() bool { return c.locked }

// hasFile reports whether there is a file.
func (c comparison) hasFile() bool { return c.file != nil }

// edit returns what a push writes: the file's row, or no row if there is no file.
func (c comparison) edit() control.Edit {
	if c.file == nil {
		return control.Edit{Name: c.name}
	}
	return control.Edit{Name: c.name, Row: &c.file.row}
}

// same reports whether the file and the row mean the same.
func (c comparison) same() bool {
	return c.file != nil && c.row != nil && syncspec.Equal(c.file.row, *c.row)
}

// pushed returns what a push did with the row.
func (c comparison) pushed() string {
	switch {
	case c.row == nil:
		return "added"
	case c.file == nil:
		return "removed from the table"
	}
	return "changed"
}

// pulled returns what a pull did with the file.
func (c comparison) pulled() string {
	switch {
	case c.row == nil:
		return "removed"
	case c.file == nil:
		return "written"
	}
	return "rewritten"
}

// differs returns how the file and the row differ.
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

// showSpec prints what was done with one sync, or how it differs.
func (a *app) showSpec(c comparison, what string) error {
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

// showSpecs prints what was done with each sync, or that there was nothing to do.
func (a *app) showSpecs(d difference, what func(comparison) string, target string) error {
	for _, c := range d {
		if err := a.showSpec(c, what(c)); err != nil {
			return err
		}
	}
	if len(d) > 0 || a.json {
		return nil
	}
	show(a.out, "no difference: %s says the same\n", target)
	return nil
}
