package warehouse

import (
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
