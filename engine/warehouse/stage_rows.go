package warehouse

import (
	"context"
	"errors"
	"fmt"
)

// StageRows is StageKeys for a query whose other columns count too: it keeps all of them as they are, in the temp table temp.main.query_rows, which
// it makes anew. Its first column is the key column as text, whatever its name; the others follow in the order of the query. It returns
// how many rows there are.
func (s Scope) StageRows(ctx context.Context, conn *Conn, query string, key Key) (rows int64, err error) {
	if _, ok := ctx.Deadline(); ok {
		ctx = withoutLimit(ctx)
	}
	err = conn.Retry(ctx, func() error { // nothing is written but the temp table, which is created again
		rows, err = s.stageRows(ctx, conn, query, key)
		return err
	})
	return rows, err
}

func (s Scope) stageRows(ctx context.Context, conn *Conn, query string, key Key) (rows int64, err error) {
	limit := timeLimit(ctx)
	for _, q := range []NamedQuery{queries.DropRows, queries.BeginReadOnly} {
		if _, err := conn.ExecContext(ctx, q.text); err != nil {
			return 0, fmt.Errorf("stage rows: %w", limit.explain(ctx, Explain(err)))
		}
	}
	if err := s.stageColumns(ctx, conn, query, key); err != nil { // an error always rolls back, see StageKeys
		return 0, limit.explain(ctx, errors.Join(err, rollback(ctx, conn)))
	}
	if _, err := conn.ExecContext(ctx, queries.Commit.text); err != nil {
		return 0, fmt.Errorf("stage rows: %w", limit.explain(ctx, errors.Join(err, rollback(ctx, conn))))
	}
	if err := conn.QueryRowContext(ctx, queries.CountRows.text).Scan(&rows); err != nil {
		return 0, fmt.Errorf("stage rows: %w", limit.explain(ctx, Explain(err)))
	}
	return rows, nil
}

// stageColumns is what StageRows does inside of the transaction.
func (s Scope) stageColumns(ctx context.Context, conn *Conn, query string, key Key) error {
	conn.inTransaction = true // as in stageQuery
	defer func() { conn.inTransaction = false }()
	columns, err := s.Check(ctx, conn, query)
	if err != nil {
		return err
	}
	column, err := columns.key(key)
	if err != nil {
		return err
	}
	args, err := queries.StageRows.bind(Args{"query": query, "column": column})
	if err != nil {
		return err
	}
	if _, err = conn.ExecContext(ctx, queries.StageRows.text, args...); err != nil {
		return queryError(query, err)
	}
	return nil
}

// KeyColumn is the name of the key column as the query gives it.
func (c Columns) KeyColumn(key Key) (string, error) { return c.key(key) }
