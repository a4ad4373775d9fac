package warehouse

import (
	"context"
)

// CheckKey is the scope's Check for a query whose key column is known by name: it returns the query's columns, and a [*QueryError] too
// where the key column is not among them or can't be a key.
func (s Scope) CheckKey(ctx context.Context, conn *Conn, query string, key Key) (Columns, error) {
	columns, err := s.Check(ctx, conn, query)
	if err != nil {
		return nil, err
	}
	_, err = columns.KeyColumn(key)
	return columns, err
}
