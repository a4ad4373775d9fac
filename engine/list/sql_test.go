package list

import (
	"testing"

	"rollcall/engine/warehouse"
	"rollcall/engine/warehouse/querytest"
)

// Every query is one statement that DuckDB takes on a migrated database with the sets staged.
func TestQueriesPrepare(t *testing.T) {
	t.Parallel()
	querytest.PrepareStaged(t, warehouse.All(queries),
		queries.StagePages.Text(), queries.StageNewcomers.Text(), queries.StageMembers.Text(), queries.StageLists.Text(),
		"CREATE TEMP TABLE query_keys (key VARCHAR, too_long BIGINT)",
		"CREATE TEMP TABLE rollcall_difference (record_id BIGINT, key VARCHAR, kind VARCHAR, cause VARCHAR, is_drift BOOLEAN)",
	)
}
