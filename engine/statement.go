package engine

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/rs/zerolog"

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

// bind returns the text of the statement and its arguments; an error where the parameters are not exactly its own.
func bind(name string, p params) (statement string, args []any, err error) {
	statement = text(name)
	if args, err = warehouse.Args(statement, p); err != nil {
		return "", nil, fmt.Errorf("%s: %w", name, err)
	}
	return statement, args, nil
}

// trace tells the log of the context, where it listens at the level trace, what was done by its name, and how long it took: nothing of
// what it was given.
func trace(ctx context.Context, name string) (done func()) {
	event := zerolog.Ctx(ctx).Trace()
	if !event.Enabled() {
		return func() {}
	}
	start := time.Now()
	return func() { event.Str("statement", name).Dur("duration", time.Since(start)).Msg("sql") }
}

// failed names the statement that failed. What stopped it on the way counts for more than that it was stopped.
func failed(ctx context.Context, name string, err error) error {
	if cause := context.Cause(ctx); cause != nil && interrupted(err) {
		err = cause
	}
	return fmt.Errorf("%s: %w", name, err)
}

// exec runs a statement and returns how many rows it changed.
func exec(ctx context.Context, conn *sql.Conn, name string, p params) (int64, error) {
	defer trace(ctx, name)()
	statement, args, err := bind(name, p)
	if err != nil {
		return 0, err
	}
	res, err := conn.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, failed(ctx, name, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, failed(ctx, name, err)
	}
	return n, nil
}

// execAll runs statements without parameters, one after another.
func execAll(ctx context.Context, conn *sql.Conn, names ...string) error {
	for _, name := range names {
		if _, err := exec(ctx, conn, name, nil); err != nil {
			return err
		}
	}
	return nil
}

// readRow scans the one row of a statement into dest; sql.ErrNoRows where there is none.
func readRow(ctx context.Context, conn *sql.Conn, name string, p params, dest ...any) error {
	defer trace(ctx, name)()
	statement, args, err := bind(name, p)
	if err != nil {
		return err
	}
	if err := conn.QueryRowContext(ctx, statement, args...).Scan(dest...); err != nil {
		return failed(ctx, name, err)
	}
	return nil
}

// readRows calls each for every row of a statement; each scans it. The driver holds the whole result in memory, so a
// statement that may return many rows has $from and $upto, and is read by readPages.
func readRows(ctx context.Context, conn *sql.Conn, name string, p params, each func(scan func(...any) error) error) error {
	defer trace(ctx, name)()
	statement, args, err := bind(name, p)
	if err != nil {
		return err
	}
	rows, err := conn.QueryContext(ctx, statement, args...)
	if err != nil {
		return failed(ctx, name, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := rows.Err(); err != nil {
		return failed(ctx, name, err)
	}
	return nil
}

// Bounds of what is held of a set at a time.
const (
	pageRows  = 10_000
	pageBytes = 32 << 20
)

// rowsOf is how many rows a page has whose longest text has so many bytes.
func rowsOf(longest int64) int64 { return max(1, min(pageRows, pageBytes/max(1, longest))) }

// readPages reads the text column of a paged statement from row 0 until total, one page after another.
func readPages(ctx context.Context, conn *sql.Conn, name string, total int64, each func(page []sql.NullString) error) error {
	for from := int64(0); from < total; from += pageRows {
		page := make([]sql.NullString, 0, min(pageRows, total-from))
		err := readRows(ctx, conn, name, params{"from": from, "upto": from + pageRows}, func(scan func(...any) error) error {
			var value sql.NullString
			err := scan(&value)
			page = append(page, value)
			return err
		})
		if err != nil {
			return err
		}
		if err := each(page); err != nil {
			return err
		}
	}
	return nil
}

// loader appends rows to a temp table, a page at a time: an appended row costs a microsecond, an inserted one
// two hundred. The connection is free between calls.
type loader struct {
	conn  *sql.Conn
	table string
	rows  [][]driver.Value
	bytes int // of their texts
}

func newLoader(conn *sql.Conn, table string) *loader { return &loader{conn: conn, table: table} }

// add takes one row; its values are in the order of the table's columns.
func (l *loader) add(values ...driver.Value) error {
	l.rows = append(l.rows, values)
	for _, value := range values {
		if text, ok := value.(string); ok {
			l.bytes += len(text)
		}
	}
	if len(l.rows) < pageRows && l.bytes < pageBytes {
		return nil
	}
	return l.flush()
}

// flush writes what is still held. A loader that is not flushed has not loaded.
func (l *loader) flush() error {
	if len(l.rows) == 0 {
		return nil
	}
	err := l.conn.Raw(func(raw any) error {
		appender, err := duckdb.NewAppender(raw.(driver.Conn), "temp", "main", l.table)
		if err != nil {
			return err
		}
		for _, row := range l.rows {
			if err := appender.AppendRow(row...); err != nil {
				return errors.Join(err, appender.Close())
			}
		}
		return appender.Close()
	})
	if err != nil {
		return fmt.Errorf("load %s: %w", l.table, err)
	}
	clear(l.rows)
	l.rows, l.bytes = l.rows[:0], 0
	return nil
}

// transaction runs do between BEGIN and COMMIT on conn. Any error rolls back, because a COMMIT after one answers nil and
// keeps nothing. The context bounds statements only: BEGIN by database/sql would tie the connection's life to it.
func transaction(ctx context.Context, conn *sql.Conn, do func() error) error {
	if _, err := conn.ExecContext(ctx, "BEGIN TRANSACTION"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	err := do()
	if err == nil {
		defer trace(ctx, "commit")()
		if _, err = conn.ExecContext(ctx, "COMMIT"); err != nil {
			err = fmt.Errorf("commit: %w", err)
		}
	}
	if err != nil {
		undo, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		_, _ = conn.ExecContext(undo, "ROLLBACK") // the first error is the one to tell
	}
	return err
}

// conflicted says whether err is a write-write conflict: the transaction is gone, and may be tried again from its start.
func conflicted(err error) bool {
	var e *duckdb.Error
	return errors.As(err, &e) && e.Type == duckdb.ErrorTypeTransaction
}

// interrupted says whether err is DuckDB's about a statement whose context has ended; the driver does not always join the context's.
func interrupted(err error) bool {
	var e *duckdb.Error
	return errors.As(err, &e) && e.Type == duckdb.ErrorTypeInterrupt
}
