package warehouse

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/rs/zerolog"
)

// ErrNoRows means that a statement which reads one row found none.
var ErrNoRows = sql.ErrNoRows

// Values that may be NULL.
type (
	NullInt64  = sql.NullInt64
	NullString = sql.NullString
	NullTime   = sql.NullTime
)

// Conn is one connection to a database. Temp tables end with it. One goroutine uses it at a time. Every statement of the program
// passes through it.
type Conn struct {
	conn          *sql.Conn
	own           *sql.DB // the database that was opened for this connection alone, or nil
	limits        *Limits // of a remote database; nil: it is local
	lost          error   // why the connection was given up, or nil
	onLoss        func()  // called when it is given up
	inTransaction bool    // one is under way
	onControl     bool    // it has statements on the control tables
}

// OpenFile opens or makes a DuckDB file and connects to it. Nothing is locked, so it is for statements of our own only. Closing the
// connection closes the file. The DSN is a path, or "" for a database in memory.
func OpenFile(ctx context.Context, dsn string) (*Conn, error) {
	db, err := sql.Open("duckdb", dsn)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Conn{conn: conn, own: db}, nil
}

// Lost reports whether the connection was given up, because a remote database did not answer. Nothing more can be done on it.
func (c *Conn) Lost() bool { return c.lost != nil }

// Hasty makes a remote database's answer to an interruption be waited for no longer than a second, and returns the connection: it has
// nothing that another one would not have.
func (c *Conn) Hasty() *Conn {
	if c.limits != nil {
		hasty := *c.limits
		hasty.Answer = min(hasty.Answer, time.Second)
		c.limits = &hasty
	}
	return c
}

// Close ends the connection, and with it its temp tables. One that was given up is left to itself.
func (c *Conn) Close() error {
	if c.lost != nil {
		go c.conn.Close() // it waits for the statement that does not end
		return nil
	}
	_, done, err := ask(context.Background(), c, func(context.Context) (struct{}, error) { return struct{}{}, c.conn.Close() }, func(struct{}) {})
	if done != nil {
		done()
	}
	if c.own != nil {
		err = errors.Join(err, c.own.Close())
	}
	return err
}

// ExecContext runs a text of statements and returns how many rows the last one changed.
func (c *Conn) ExecContext(ctx context.Context, text string, args ...any) (changed int64, err error) {
	result, done, err := ask(ctx, c, func(ctx context.Context) (sql.Result, error) { return c.conn.ExecContext(ctx, text, args...) }, func(sql.Result) {})
	if err != nil {
		return 0, err
	}
	defer done()
	return result.RowsAffected()
}

// QueryContext runs a statement that returns rows. The caller closes them.
func (c *Conn) QueryContext(ctx context.Context, text string, args ...any) (*Rows, error) {
	rows, done, err := ask(ctx, c, func(ctx context.Context) (*sql.Rows, error) { return c.conn.QueryContext(ctx, text, args...) }, func(rows *sql.Rows) { _ = rows.Close() })
	if err != nil {
		return nil, err
	}
	return &Rows{rows, done}, nil
}

// QueryRowContext runs a statement that returns one row.
func (c *Conn) QueryRowContext(ctx context.Context, text string, args ...any) *Row {
	rows, err := c.QueryContext(ctx, text, args...)
	return &Row{rows, err}
}

// ScanRow reads the one row of a statement without parameters into dest; ErrNoRows where there is none.
func (c *Conn) ScanRow(ctx context.Context, text string, dest ...any) error {
	return c.Retry(ctx, func() error { return c.QueryRowContext(ctx, text).Scan(dest...) })
}

// Raw gives the driver's own connection, a *duckdb.Conn, to do, which must not keep it. Where a remote database does not answer, Raw
// returns an error while do continues, so what do writes may be read only after success.
func (c *Conn) Raw(do func(driverConn any) error) error {
	return c.rawWithin(context.Background(), do)
}

// rawWithin is Raw for what is not waited for much longer than until ctx ends. The driver does not look at ctx.
func (c *Conn) rawWithin(ctx context.Context, do func(driverConn any) error) error {
	_, done, err := ask(ctx, c, func(context.Context) (struct{}, error) {
		return struct{}{}, c.conn.Raw(func(driverConn any) error {
			if wrapped, ok := driverConn.(interface{ Unwrap() *duckdb.Conn }); ok {
				driverConn = wrapped.Unwrap()
			}
			return do(driverConn)
		})
	}, func(struct{}) {})
	if done != nil {
		done()
	}
	return err
}

// Rows are the rows of a statement. The driver holds all of them in memory.
type Rows struct {
	*sql.Rows
	done func()
}

// Close lets the rows go.
func (r *Rows) Close() error {
	defer r.done()
	return r.Rows.Close()
}

// Row is the one row of a statement.
type Row struct {
	rows *Rows
	err  error
}

// Scan reads the row into dest; ErrNoRows where there is none. Further rows are ignored.
func (r *Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	return r.rows.Close()
}

// Exec runs a statement and returns how many rows it changed. The values are exactly its parameters. The log of
// the context gets the name and the duration, at the level trace, and never the values; an error begins with the name.
func (c *Conn) Exec(ctx context.Context, q NamedQuery, values Args) (int64, error) {
	defer c.trace(ctx, q)()
	args, err := q.bind(values)
	if err != nil {
		return 0, err
	}
	var n int64
	run := func() error {
		n, err = c.ExecContext(ctx, q.text, args...)
		return err
	}
	if replaceable.MatchString(q.text) {
		err = c.Retry(ctx, run)
	} else {
		err = run()
	}
	if err != nil {
		return 0, failed(ctx, q.name, err)
	}
	return n, nil
}

// ReadRow scans the one row of a statement into dest; ErrNoRows where there is none. Values and trace are those of Exec.
func (c *Conn) ReadRow(ctx context.Context, q NamedQuery, values Args, dest ...any) error {
	defer c.trace(ctx, q)()
	args, err := q.bind(values)
	if err != nil {
		return err
	}
	if err := c.Retry(ctx, func() error { return c.QueryRowContext(ctx, q.text, args...).Scan(dest...) }); err != nil {
		return failed(ctx, q.name, err)
	}
	return nil
}

// ReadRows calls each for every row of a statement; each scans it. All rows are held in memory, so a statement that may return many
// is read a page at a time. Values and trace are those of Exec.
func (c *Conn) ReadRows(ctx context.Context, q NamedQuery, values Args, each func(scan func(...any) error) error) error {
	defer c.trace(ctx, q)()
	args, err := q.bind(values)
	if err != nil {
		return err
	}
	var rows *Rows
	err = c.Retry(ctx, func() error {
		rows, err = c.QueryContext(ctx, q.text, args...)
		return err
	})
	if err != nil {
		return failed(ctx, q.name, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
	}
	if err := rows.Err(); err != nil {
		return failed(ctx, q.name, err)
	}
	return nil
}

// ExecAll runs statements without parameters, one after another.
func (c *Conn) ExecAll(ctx context.Context, all ...NamedQuery) error {
	for _, q := range all {
		if _, err := c.Exec(ctx, q, nil); err != nil {
			return err
		}
	}
	return nil
}

// replaceable are statements that make a temp table, and so can't leave anything twice.
var replaceable = regexp.MustCompile(`(?m)^CREATE (OR REPLACE )?TEMP TABLE`)

// Transaction runs do between BEGIN and COMMIT. Any error rolls back, because a COMMIT after one answers nil and keeps nothing.
// The context bounds statements only: BEGIN by database/sql would tie the connection's life to it.
func (c *Conn) Transaction(ctx context.Context, do func() error) error {
	return c.transaction(ctx, "BEGIN TRANSACTION", do)
}

// ReadTransaction is Transaction for what writes nothing but temp tables: the engine refuses the rest.
func (c *Conn) ReadTransaction(ctx context.Context, do func() error) error {
	return c.transaction(ctx, "BEGIN TRANSACTION READ ONLY", do)
}

func (c *Conn) transaction(ctx context.Context, begin string, do func() error) error {
	if _, err := c.ExecContext(ctx, begin); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	c.inTransaction, c.onControl = true, false
	defer func() { c.inTransaction, c.onControl = false, false }()
	err := do()
	if err == nil {
		err = c.commit(ctx)
	}
	if err != nil {
		undo, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
		defer cancel()
		_, _ = c.ExecContext(undo, "ROLLBACK") // the first error is the one to return
	}
	return err
}

func (c *Conn) commit(ctx context.Context) error {
	defer traced(ctx, "commit", c.onControl)()
	if _, err := c.ExecContext(ctx, "COMMIT"); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// appendTo appends rows to a table. The values are in the order of its columns.
func (c *Conn) appendTo(catalog, table string, rows [][]driver.Value) error {
	return c.Raw(func(driverConn any) error {
		appender, err := duckdb.NewAppender(driverConn.(*duckdb.Conn), catalog, "main", table)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := appender.AppendRow(row...); err != nil {
				return errors.Join(err, appender.Close())
			}
		}
		return appender.Close()
	})
}

// Trace logs the name of a statement and its duration, if the context's log has the level trace: nothing of
// what it was given.
func Trace(ctx context.Context, name string) (done func()) { return traced(ctx, name, false) }

// trace is Trace of a named query, whose line has control: true where it is on the control tables.
func (c *Conn) trace(ctx context.Context, q NamedQuery) (done func()) {
	c.onControl = c.onControl || c.inTransaction && q.control
	return traced(ctx, q.name, q.control)
}

// traced is Trace; control says whether the statement goes to the control database.
func traced(ctx context.Context, name string, control bool) (done func()) {
	event := zerolog.Ctx(ctx).Trace()
	if !event.Enabled() {
		return func() {}
	}
	if control {
		event = event.Bool("control", true)
	}
	start := time.Now()
	return func() { event.Str("statement", name).Dur("duration", time.Since(start)).Msg("sql") }
}

// failed names the statement that failed, without values of the data. What stopped it on the way counts for more than that it was stopped.
func failed(ctx context.Context, name string, err error) error {
	if cause := context.Cause(ctx); cause != nil && (IsInterrupt(err) || errors.Is(err, ctx.Err())) {
		err = cause
	}
	return fmt.Errorf("%s: %w", name, WithoutValues(err))
}

// IsConflict reports whether err is a write-write conflict: the transaction is gone, and may be tried again from its start.
func IsConflict(err error) bool { return kind(err) == duckdb.ErrorTypeTransaction }

// IsInterrupt reports whether err is the engine's about a statement whose context has ended; the driver does not always join the context's.
func IsInterrupt(err error) bool { return kind(err) == duckdb.ErrorTypeInterrupt }

// IsCatalog reports whether err is the engine's about a table, view or column that is not there.
func IsCatalog(err error) bool {
	return kind(err) == duckdb.ErrorTypeCatalog || kind(err) == duckdb.ErrorTypeBinder
}

// IsDatabase reports whether err comes from the database, and not from the program.
func IsDatabase(err error) bool {
	var e *duckdb.Error
	var late *TimeoutError
	return errors.As(err, &e) || errors.As(err, &late)
}
