package warehouse

import (
	"context"
	"database/sql"
	"errors"
)

// StageKeys checks an analyst's query, runs it in a READ ONLY transaction, and keeps its key
// column, as text and untouched, in the temp table temp.main.query_keys(key VARCHAR), which it
// makes anew. It returns how many rows there are, NULLs and duplicates included. The key column
// is matched without regard to case. The deadline of ctx is the query's time limit, and an error
// that comes of it unwraps to context.DeadlineExceeded. The connection must not be in a
// transaction. After an error there is no table.
func StageKeys(ctx context.Context, conn *sql.Conn, query, keyColumn string) (rows int64, err error) {
	return 0, errors.New("not built yet")
}
