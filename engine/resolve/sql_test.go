package resolve

import (
	"testing"

	"rollcall/engine/warehouse"
	"rollcall/engine/warehouse/querytest"
)

// Every query is one statement that DuckDB takes on a migrated database with the sets staged.
func TestQueriesPrepare(t *testing.T) {
	t.Parallel()
	conn := querytest.Staged(t)
	querytest.Run(t, conn, queries.StageRound.Text())
	querytest.Prepare(t, conn, warehouse.All(queries))
}
