package ledger

import (
	"strings"
	"testing"

	"rollcall/engine/warehouse"
	"rollcall/engine/warehouse/querytest"
)

// Every query is one statement that DuckDB takes on a migrated database with the sets staged.
func TestQueriesPrepare(t *testing.T) {
	t.Parallel()
	querytest.PrepareStaged(t, warehouse.All(queries), queries.StageRuns.Text(), queries.StagePlans.Text(), queries.StageEnds.Text(), queries.StageCalls.Text(), "CREATE TEMP TABLE rollcall_kept (run_id VARCHAR, whole BOOLEAN)")
}

// A statement with a misspelt parameter is not run: the driver would bind the argument by its position.
func TestSQLParametersAreExact(t *testing.T) {
	t.Parallel()
	_, conn := shared(t)
	for range 20 { // the order was that of a map
		_, err := conn.Exec(t.Context(), queries.TakeLease, warehouse.Args{"owner": "us:1", "tll_ms": 60_000, "force": true})
		if err == nil || !strings.Contains(err.Error(), "TakeLease: parameters: no value for $skew_ms, no value for $taking, no value for $ttl_ms, the statement has no $tll_ms") {
			t.Fatalf("error %v", err)
		}
	}
	var owner warehouse.NullString
	if err := conn.QueryRowContext(t.Context(), "SELECT owner FROM rollcall.lease").Scan(&owner); err != nil || owner.Valid {
		t.Errorf("the lease is held by %v, %v", owner, err)
	}
}
