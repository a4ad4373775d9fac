package doctor

import (
	"testing"

	"rollcall/engine/warehouse"
	"rollcall/engine/warehouse/querytest"
	"rollcall/migrations"
)

// Every query is one statement that DuckDB takes on a migrated database with the table and the sets to ask with.
func TestQueriesPrepare(t *testing.T) {
	t.Parallel()
	conn, err := warehouse.OpenFile(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := migrations.Up(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), queries.MakeProbe, warehouse.Args{"rows": int64(1)}); err != nil {
		t.Fatal(err)
	}
	if err := conn.ExecAll(t.Context(), queries.StageProbe, queries.CopyProbe); err != nil {
		t.Fatal(err)
	}
	querytest.Prepare(t, conn, warehouse.All(queries))
}
