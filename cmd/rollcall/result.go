package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"rollcall/engine"
)

// tableRows is how many rows a table shows; CSV and JSON show all.
const tableRows = 1000

// shower is what puts results out in a format.
func (a *app) shower(format string) (func(*engine.Result) error, error) {
	shows := map[string]func(io.Writer, *engine.Result) error{"table": showTable, "csv": showCSV, "json": showJSON}
	show, ok := shows[format]
	if !ok {
		return nil, usage(fmt.Errorf("--format takes table, csv or json, not %q", format))
	}
	return func(r *engine.Result) error { return show(a.out, r) }, nil
}

// showWritten says how many rows a statement has changed; one that changes tables rather than rows has nothing to say.
func showWritten(w io.Writer, r *engine.Result) error {
	return r.Each(func(values []any) error {
		n, ok := values[0].(int64)
		if !ok {
			return nil
		}
		_, err := fmt.Fprintln(w, plural(n, "row", "rows"))
		return err
	})
}

// showTable is for people.
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
	g.right(numbers...)
	n := 0
	err := r.Each(func(values []any) error {
		if n++; n > tableRows {
			return nil
		}
		cells := make([]any, len(values))
		for i, v := range values {
			cells[i] = cell(v, r.Columns[i].Type)
		}
		g.add(cells...)
		return nil
	})
	switch {
	case err != nil:
		return err
	case n == 0:
		_, err = fmt.Fprintln(w, "no rows")
		return err
	}
	g.write(w, "")
	if n > tableRows {
		_, err = fmt.Fprintf(w, "and %s more; --format csv or json shows all\n", plural(int64(n-tableRows), "row", "rows"))
	}
	return err
}

// isNumber says whether values of DuckDB's type are numbers.
func isNumber(columnType string) bool {
	base, _, _ := strings.Cut(columnType, "(")
	return base == "DECIMAL" && !strings.HasSuffix(columnType, "]") || slices.Contains([]string{
		"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "BIGNUM", "FLOAT", "DOUBLE",
	}, base)
}

// showCSV writes a header and a line a row; NULL is an empty field.
func showCSV(w io.Writer, r *engine.Result) error {
	if r.Writes {
		return r.Each(func([]any) error { return nil })
	}
	out := csv.NewWriter(w)
	record := make([]string, len(r.Columns))
	for i, c := range r.Columns {
		record[i] = c.Name
	}
	if err := out.Write(record); err != nil {
		return err
	}
	err := r.Each(func(values []any) error {
		for i, v := range values {
			record[i] = ""
			if v != nil {
				record[i] = cell(v, r.Columns[i].Type)
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
			value, err := json.Marshal(plain(v, r.Columns[i].Type))
			if err != nil {
				return fmt.Errorf("column %s: %w", r.Columns[i].Name, err)
			}
			line = append(append(append(line, name...), ':'), value...)
		}
		_, err := w.Write(append(line, '}', '\n'))
		return err
	})
}
