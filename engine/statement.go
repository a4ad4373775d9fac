package engine

import (
	"context"
	"embed"

	"rollcall/engine/warehouse"
)

//go:embed sql/*.sql
var statements embed.FS

// text is the SQL of one file of sql/, by its name without the ending. The name is a constant of this package and a test
// reads every call, so a missing file is a mistake in the program.
func text(name string) string {
	data, err := statements.ReadFile("sql/" + name + ".sql")
	if err != nil {
		panic(err)
	}
	return string(data)
}

// params are a statement's named parameters, exactly those that its text has.
type params map[string]any

// exec runs a statement and returns how many rows it changed.
func exec(ctx context.Context, conn *warehouse.Conn, name string, p params) (int64, error) {
	return conn.Exec(ctx, name, text(name), p)
}

// execAll runs statements without parameters, one after another.
func execAll(ctx context.Context, conn *warehouse.Conn, names ...string) error {
	for _, name := range names {
		if _, err := exec(ctx, conn, name, nil); err != nil {
			return err
		}
	}
	return nil
}

// readRow scans the one row of a statement into dest; warehouse.ErrNoRows where there is none.
func readRow(ctx context.Context, conn *warehouse.Conn, name string, p params, dest ...any) error {
	return conn.ReadRow(ctx, name, text(name), p, dest...)
}

// readRows calls each for every row of a statement; each scans it. All rows are held in memory, so a statement that may return many
// rows has $from and $upto, and is read by readPages.
func readRows(ctx context.Context, conn *warehouse.Conn, name string, p params, each func(scan func(...any) error) error) error {
	return conn.ReadRows(ctx, name, text(name), p, each)
}

// Bounds of what is held of a set at a time.
const (
	pageRows  = warehouse.PageRows
	pageBytes = warehouse.PageBytes
)

// rowsOf is how many rows a page has whose longest text has so many bytes.
func rowsOf(longest int64) int64 { return max(1, min(pageRows, pageBytes/max(1, longest))) }

// longestRecordID is how many bytes a record ID has at the most, which is a positive 64-bit number.
const longestRecordID = 19

// extent is how much a set holds.
type extent struct {
	rows    int64
	longest int64 // the bytes of the texts of its longest row
}

// turnPages calls read for one page of a set after another, with its row numbers, the second excluded.
func (e extent) turnPages(read func(from, until int64) error) error {
	rows := rowsOf(e.longest)
	for from := int64(0); from < e.rows; from += rows {
		if err := read(from, from+min(rows, e.rows-from)); err != nil {
			return err
		}
	}
	return nil
}

// readPages reads the text column of a paged statement from row 0, one page after another.
func readPages(ctx context.Context, conn *warehouse.Conn, name string, of extent, each func(page []warehouse.NullString) error) error {
	return of.turnPages(func(from, until int64) error {
		page := make([]warehouse.NullString, 0, until-from)
		err := readRows(ctx, conn, name, params{"from": from, "until": until}, func(scan func(...any) error) error {
			var value warehouse.NullString
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

// loader loads a temp table.
type loader struct{ *warehouse.Loader }

func newLoader(conn *warehouse.Conn, table string) *loader { return &loader{conn.Loader(table)} }

// add takes one row; its values are in the order of the table's columns.
func (l *loader) add(values ...any) error { return l.Add(values...) }

// flush writes what is still held. A loader that is not flushed has not loaded.
func (l *loader) flush() error { return l.Flush() }
