package warehouse

import (
	"context"
	"database/sql/driver"
	"fmt"
)

// Bounds of what is held of a set at a time.
const (
	PageRows  = 10_000
	PageBytes = 32 << 20
)

// Loader appends rows to a table, a page at a time: an appended row costs a microsecond, an inserted one two hundred. The
// connection is free between calls.
type Loader struct {
	conn    *Conn
	catalog string
	table   string
	rows    [][]driver.Value
	bytes   int // of their texts
}

// Loader loads the temp table of that name.
func (c *Conn) Loader(table string) *Loader { return &Loader{conn: c, catalog: "temp", table: table} }

// TableLoader loads the table of that name in the schema main of the current database.
func (c *Conn) TableLoader(table string) *Loader { return &Loader{conn: c, table: table} }

// Add takes one row; its values are in the order of the table's columns.
func (l *Loader) Add(values ...any) error {
	row := make([]driver.Value, len(values))
	for i, value := range values {
		row[i] = value
		if text, ok := value.(string); ok {
			l.bytes += len(text)
		}
	}
	l.rows = append(l.rows, row)
	if len(l.rows) < PageRows && l.bytes < PageBytes {
		return nil
	}
	return l.Flush()
}

// Flush writes what is still held. A loader that is not flushed has not loaded.
func (l *Loader) Flush() error {
	if len(l.rows) == 0 {
		return nil
	}
	if err := l.conn.appendTo(l.catalog, l.table, l.rows); err != nil {
		return fmt.Errorf("load %s: %w", l.table, err)
	}
	clear(l.rows)
	l.rows, l.bytes = l.rows[:0], 0
	return nil
}

// RowsPerPage is how many rows a page has whose longest text has so many bytes.
func RowsPerPage(longest int64) int64 { return max(1, min(PageRows, PageBytes/max(1, longest))) }

// Extent is how much a set holds.
type Extent struct {
	Rows    int64
	Longest int64 // the bytes of the texts of its longest row
}

// Pages calls read for one page of a set after another, with its row numbers, the second excluded.
func (e Extent) Pages(read func(from, until int64) error) error {
	rows := RowsPerPage(e.Longest)
	for from := int64(0); from < e.Rows; from += rows {
		if err := read(from, from+min(rows, e.Rows-from)); err != nil {
			return err
		}
	}
	return nil
}

// ReadPages reads the text column of a statement with the parameters $from and $until from row 0, one page after another.
func (c *Conn) ReadPages(ctx context.Context, q NamedQuery, of Extent, each func(page []NullString) error) error {
	return of.Pages(func(from, until int64) error {
		page := make([]NullString, 0, until-from)
		err := c.ReadRows(ctx, q, Args{"from": from, "until": until}, func(scan func(...any) error) error {
			var value NullString
			err := scan(&value)
			page = append(page, value)
			return err
		})
		if err != nil {
			return err
		}
		return each(page)
	})
}
