package control

import (
	"testing"

	"rollcall/engine/warehouse"
	"rollcall/engine/warehouse/querytest"
	"rollcall/migrations"
)

// Every query is one statement that DuckDB takes on a migrated database.
func TestQueriesPrepare(t *testing.T) {
	t.Parallel()
	querytest.Prepare(t, migrated(t), warehouse.All(queries))
}

// migrated connects to a database in memory with empty control tables.
func migrated(t *testing.T) *warehouse.Conn {
	t.Helper()
	conn, err := warehouse.OpenFile(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := migrations.Up(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	return conn
}
