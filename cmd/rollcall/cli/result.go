package cli

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"rollcall/engine"
	"rollcall/escape"
)

// tableRows is how many rows a table shows; CSV and JSON show all.
const tableRows = 1000

// resultPrinter returns the function that prints results in a format; defuse is for csv.
func (a *app) resultPrinter(format string, defuse bool) (func(*engine.Result) error, error) {
	if defuse && format != "csv" {
		return nil, usage(fmt.Errorf("--defuse-formulas is for --format csv, not %s", format))
	}
	switch format {
	case "table":
		return func(r *engine.Result) error { return showTable(a.out, r) }, nil
	case "csv":
		return a.csv(defuse).show, nil
	case "json":
		return func(r *engine.Result) error { return showJSON(a.out, r) }, nil
	}
	return nil, usage(fmt.Errorf("--format takes table, csv or json, not %q", format))
}

// showWritten prints how many rows a statement has changed; for one that changes tables rather than rows it prints nothing.
func showWritten(w io.Writer, r *engine.Result) error {
	return r.Each(func(values []any) error {
		n, ok := values[0].(int64)
		if !ok {
			return nil
		}
		show(w, "%s\n", plural(n, "row", "rows"))
		return nil
	})
}

// showTable prints a result as a table for people.
func showTable(w io.Writer, r *engine.Result) error {
	if r.Writes {
		return showWritten(w, r)
	}
	header, numbers := make([]string, len(r.Columns)), []int{}
	for i, c := range r.Columns {
		header[i] = c.Name
		if isNumber(c.Type) {
			numbers = append(numbers, i+1)
		}
	}
	g := newGrid(header...)
	g.alignRight(numbers...)
	n := 0
	err := r.Each(func(values []any) error {
		if n++; n > tableRows {
			return nil
		}
		cells := make([]any, len(values))
		for i, v := range values {
			cells[i] = cellText(v, r.Columns[i].Type)
		}
		g.add(cells...)
		return nil
	})
	switch {
	case err != nil:
		return err
	case n == 0:
		show(w, "no rows\n")
		return nil
	}
	if g.fits(widthOf(w)) {
		g.write(w, "")
	} else {
		g.writeRecords(w)
	}
	if n > tableRows {
		show(w, "and %s more; --format csv or json shows all\n", plural(int64(n-tableRows), "row", "rows"))
	}
	return nil
}

// isNumber reports whether values of DuckDB's type are numbers.
func isNumber(columnType string) bool {
	base, _, _ := strings.Cut(columnType, "(")
	return base == "DECIMAL" && !strings.HasSuffix(columnType, "]") || slices.Contains([]string{
		"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "BIGNUM", "FLOAT", "DOUBLE",
	}, base)
}

// csvWriter writes results as CSV.
type csvWriter struct {
	w    io.Writer
	text func(string) string // what is done to texts before they become fields
}

// csv writes to stdout: texts byte by byte as they are, but escaped where stdout is a terminal, and defused on request.
func (a *app) csv(defuse bool) csvWriter {
	c := csvWriter{w: a.out.unescaped(), text: func(s string) string { return s }}
	if isTerminal(a.out) {
		c.text = escape.Value
	}
	if defuse {
		escaped := c.text
		c.text = func(s string) string { return escaped(defused(s)) }
	}
	return c
}

// defused puts ' before a text that a spreadsheet would take for a formula. The characters at which it would are OWASP's
// (https://owasp.org/www-community/attacks/CSV_Injection).
func defused(s string) string {
	if first, _ := utf8.DecodeRuneInString(s); s != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return "'" + s
	}
	return s
}

// show writes a header and a line a row; NULL is an empty field.
func (c csvWriter) show(r *engine.Result) error {
	if r.Writes {
		return r.Each(func([]any) error { return nil })
	}
	out := csv.NewWriter(c.w)
	record := make([]string, len(r.Columns))
	for i, column := range r.Columns {
		record[i] = c.text(column.Name)
	}
	if err := out.Write(record); err != nil {
		return err
	}
	err := r.Each(func(values []any) error {
		for i, v := range values {
			record[i] = ""
			if v == nil {
				continue
			}
			if record[i] = cellText(v, r.Columns[i].Type); !isNumber(r.Columns[i].Type) {
				record[i] = c.text(record[i])
			}
		}
		return out.Write(record)
	})
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// showJSON writes an object a row, its members in the order of the columns.
func showJSON(w io.Writer, r *engine.Result) error {
	if r.Writes {
		return r.Each(func([]any) error { return nil })
	}
	return r.Each(func(values []any) error {
		line := []byte{'{'}
		for i, v := range values {
			if i > 0 {
				line = append(line, ',')
			}
			name, err := json.Marshal(r.Columns[i].Name)
			if err != nil {
				return err
			}
			value, err := json.Marshal(jsonValue(v, r.Columns[i].Type))
			if err != nil {
				return fmt.Errorf("column %s: %w", r.Columns[i].Name, err)
			}
			line = append(append(append(line, name...), ':'), value...)
		}
		_, err := w.Write(append(line, '}', '\n'))
		return err
	})
}
