package warehouse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
	"github.com/duckdb/duckdb-go/v2"
)

// rollbackTimeout bounds the ending of a transaction after the caller's own time is up.
const rollbackTimeout = 30 * time.Second

// Key is the key column of a query.
type Key struct {
	// Column is its name.
	Column string
	// OrOnly means that the only column of a query is the key column whatever its name.
	OrOnly bool
	// Longest is how many characters a key has at the most.
	Longest int
}

// Staged is the result of StageKeys.
type Staged struct {
	Rows    int64 // NULLs and duplicates included
	Longest int64 // the bytes of the longest key
}

// keptOfLong is how many characters are kept of a text that is too long for a key.
const keptOfLong = 100

// StageKeys checks an analyst's query, runs it in a READ ONLY transaction, and keeps its key
// column, as text and untouched, in the temp table temp.main.query_keys(key VARCHAR, too_long BIGINT), which it
// makes anew. A text of more than key.Longest characters is cut to its beginning, and its length is in too_long, which is NULL for
// the others. It returns how many rows there are, NULLs and duplicates included, and the bytes of the longest. The key column
// is matched without regard to case. The deadline of ctx is the query's time limit, and an error
// that results unwraps to context.DeadlineExceeded; the engine looks at it twice a second, and
// not within one long call of a function. The connection must not be in a transaction. After an
// error there is no table. What is wrong with the query comes back as a [*QueryError].
func (s Scope) StageKeys(ctx context.Context, conn *Conn, query string, key Key) (staged Staged, err error) {
	err = s.stage(ctx, conn, query, key, staging{
		step: "stage keys", drop: queries.DropKeys, fill: queries.StageKeys, args: Args{"longest": key.Longest, "kept": min(key.Longest, keptOfLong)},
		count: queries.CountKeys, counts: []any{&staged.Rows, &staged.Longest},
	})
	return staged, err
}

// StageRows is StageKeys for a query whose other columns count too: it keeps all of them as they are, in the temp table temp.main.query_rows, which
// it makes anew. Its first column is the key column as text, whatever its name; the others follow in the order of the query. It returns
// how many rows there are.
func (s Scope) StageRows(ctx context.Context, conn *Conn, query string, key Key) (rows int64, err error) {
	err = s.stage(ctx, conn, query, key, staging{
		step: "stage rows", drop: queries.DropRows, fill: queries.StageRows, count: queries.CountRows, counts: []any{&rows},
	})
	return rows, err
}

// staging is a temp table to be made of a query's rows.
type staging struct {
	step   string     // for errors
	drop   NamedQuery // removes the temp table of an earlier query
	fill   NamedQuery // makes the temp table
	args   Args       // of fill, besides $query and $column
	count  NamedQuery // reads the temp table's figures
	counts []any      // where they are written to
}

// stage makes the temp table t of the query's rows. The error is that of StageKeys; the figures are set only without one.
func (s Scope) stage(ctx context.Context, conn *Conn, query string, key Key, t staging) error {
	if _, ok := ctx.Deadline(); ok {
		ctx = withoutLimit(ctx)
	}
	return conn.Retry(ctx, func() error { // nothing is written but the temp table, which is created again
		return s.stageOnce(ctx, conn, query, key, t)
	})
}

func (s Scope) stageOnce(ctx context.Context, conn *Conn, query string, key Key, t staging) error {
	limit := timeLimit(ctx)
	for _, q := range []NamedQuery{t.drop, queries.BeginReadOnly} {
		if _, err := conn.ExecContext(ctx, q.text); err != nil {
			return fmt.Errorf("%s: %w", t.step, limit.explain(ctx, Explain(err)))
		}
	}
	// COMMIT of a transaction that an error has ended says that all is well and keeps nothing, so an
	// error always rolls back, and what was kept is looked at afterwards.
	if err := s.stageQuery(ctx, conn, query, key, t); err != nil {
		return limit.explain(ctx, errors.Join(err, rollback(ctx, conn)))
	}
	if _, err := conn.ExecContext(ctx, queries.Commit.text); err != nil {
		return fmt.Errorf("%s: %w", t.step, limit.explain(ctx, errors.Join(err, rollback(ctx, conn))))
	}
	if err := conn.QueryRowContext(ctx, t.count.text).Scan(t.counts...); err != nil {
		return fmt.Errorf("%s: %w", t.step, limit.explain(ctx, Explain(err)))
	}
	return nil
}

// stageQuery is what stage does inside of the transaction. The check is a part of it, so that the
// views and macros that were looked into are those that the query runs with.
func (s Scope) stageQuery(ctx context.Context, conn *Conn, query string, key Key, t staging) error {
	conn.inTransaction = true // nothing is tried again alone when the transaction is gone: it would run outside of READ ONLY
	defer func() { conn.inTransaction = false }()
	columns, err := s.Check(ctx, conn, query)
	if err != nil {
		return err
	}
	column, err := columns.KeyColumn(key)
	if err != nil {
		return err
	}
	all := Args{"query": query, "column": column}
	maps.Copy(all, t.args)
	args, err := t.fill.bind(all)
	if err != nil {
		return err
	}
	if _, err = conn.ExecContext(ctx, t.fill.text, args...); err != nil {
		return queryError(query, err)
	}
	return nil
}

// rollback ends the transaction even where the caller's time is up: the connection must not stay in it.
// Where there is none any more, that is no error.
func rollback(ctx context.Context, conn *Conn) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	if _, err := conn.ExecContext(ctx, queries.Rollback.text); err != nil && !strings.Contains(err.Error(), "no transaction is active") {
		return fmt.Errorf("rollback: %w", err)
	}
	return optimizerOn(ctx, conn) // a transaction that was aborted does not let it be put on
}

// keyTypes are the types whose text is a key.
var keyTypes = set("VARCHAR", "ENUM", "UUID", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT",
	"UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "BIGNUM", "FLOAT", "DOUBLE", "NULL")

// KeyColumn returns the name of the key column as the query gives it. It finds the column by its name without regard to case. The error is a
// [*QueryError]: there is no such column, or several, or its type is none of a key.
func (c Columns) KeyColumn(key Key) (string, error) {
	name := key.Column
	var found Columns
	for _, column := range c {
		if strings.EqualFold(column.Name, name) || len(c) == 1 && key.OrOnly {
			found = append(found, column)
		}
	}
	switch {
	case len(found) == 0:
		return "", c.missing(name)
	case len(found) > 1:
		return "", &QueryError{
			Message: fmt.Sprintf("the query returns %d columns that are called %s", len(found), name),
			Hint:    "return one, or give the others another name with AS",
		}
	}
	if t := found[0].Type; !keyTypes[t] && !strings.HasPrefix(t, "DECIMAL(") || strings.HasSuffix(t, "]") {
		return "", &QueryError{
			Message: fmt.Sprintf("the key column %s is of the type %s", found[0].Name, found[0].Type),
			Hint:    "a key is a text or a number: return one, or cast the column with ::VARCHAR",
		}
	}
	return found[0].Name, nil
}

// missing returns which columns there are and which of them is likely meant.
func (c Columns) missing(name string) error {
	e := &QueryError{
		Message: fmt.Sprintf("the query returns no column %s; it returns %s", name, strings.Join(c.Names(), ", ")),
		Hint:    fmt.Sprintf("give the column that holds the keys this name with AS %s, or set key_column", name),
	}
	if likely := c.likeliest(name); likely != "" {
		e.Hint = fmt.Sprintf("did you mean %s? Set key_column to it, or return it AS %s", likely, name)
	}
	return e
}

// likeliest is the column whose name is closest to the wanted one: first those that differ by marks
// alone (e_mail), then those that hold the name (email_address), then those a few letters off (emial).
func (c Columns) likeliest(name string) string {
	plain := func(s string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune("_- .", r) {
				return -1
			}
			return r
		}, strings.ToLower(s))
	}
	want := plain(name)
	distance := func(column string) int {
		have := plain(column)
		switch {
		case have == want:
			return 0
		case len(want) > 2 && strings.Contains(have, want), len(have) > 2 && strings.Contains(want, have):
			return 1
		}
		return 1 + levenshtein.ComputeDistance(want, have)
	}
	names := c.Names()
	if len(names) == 0 {
		return ""
	}
	best := slices.MinFunc(names, func(a, b string) int { return cmp.Compare(distance(a), distance(b)) })
	if distance(best) > 1+max(2, len(want)/3) {
		return ""
	}
	return best
}

// limit is how long the caller lets a query run; 0 for no limit.
type limit time.Duration

func timeLimit(ctx context.Context) limit {
	deadline, ok := ctx.Deadline()
	if !ok {
		return 0
	}
	left := time.Until(deadline)
	if left > time.Second {
		return limit(left.Round(time.Second))
	}
	return limit(left.Round(time.Millisecond))
}

// explain says of an error that came of the deadline that it did. The driver does not always join the context's error to the engine's.
func (l limit) explain(ctx context.Context, err error) error {
	if kind(err) == duckdb.ErrorTypeInterrupt && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = errors.Join(context.DeadlineExceeded, err)
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &Error{
		message: fmt.Sprintf("the query took longer than %s", time.Duration(l)),
		hint:    "make it cheaper, such as by a table that is prepared beforehand, or raise query_timeout",
		err:     err,
	}
}
