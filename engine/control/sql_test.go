package control

import (
	"testing"

	"rollcall/engine/warehouse"
	"rollcall/engine/warehouse/querytest"
)

// Every query is one statement that DuckDB takes on a migrated database.
func TestQueriesPrepare(t *testing.T) {
	t.Parallel()
	querytest.Prepare(t, querytest.Migrated(t), warehouse.All(queries))
}
