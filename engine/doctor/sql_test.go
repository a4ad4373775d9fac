package doctor

import (
	"testing"

	"rollcall/engine/warehouse"
	"rollcall/engine/warehouse/querytest"
)

// Every query is one statement that DuckDB takes on a migrated database with the table and the sets to ask with.
func TestQueriesPrepare(t *testing.T) {
	t.Parallel()
	conn := querytest.Migrated(t)
	if _, err := conn.Exec(t.Context(), queries.MakeProbe, warehouse.Args{"rows": int64(1)}); err != nil {
		t.Fatal(err)
	}
	if err := conn.ExecAll(t.Context(), queries.StageProbe, queries.CopyProbe); err != nil {
		t.Fatal(err)
	}
	querytest.Prepare(t, conn, warehouse.All(queries))
}
