package association

import (
	"testing"

	"rollcall/engine/warehouse"
	"rollcall/engine/warehouse/querytest"
)

// Every query is one statement that DuckDB takes on a migrated database with the sets staged.
func TestQueriesPrepare(t *testing.T) {
	t.Parallel()
	conn := querytest.Staged(t)
	querytest.Run(t, conn,
		"CREATE TEMP TABLE query_rows (\"the key\" VARCHAR, to_key VARCHAR, label VARCHAR)",
		"CREATE TEMP TABLE rollcall_round (sync INTEGER, object_type_id VARCHAR, id_property VARCHAR)",
		queries.StageRows.Text(), queries.StageKeyRejects.Text(), queries.StageLabels.Text(), queries.StageRead.Text(), queries.StageAsked.Text(), queries.StageAnswers.Text(),
		"CREATE OR REPLACE TEMP TABLE desired (key VARCHAR, from_key VARCHAR, to_key VARCHAR, label VARCHAR)",
		"CREATE TEMP TABLE rollcall_link_wanted (key VARCHAR, from_key VARCHAR, to_key VARCHAR, asked VARCHAR, from_id BIGINT, to_id BIGINT, association_type VARCHAR, label VARCHAR, single VARCHAR, reason VARCHAR, detail VARCHAR, clash BOOLEAN)",
		"CREATE OR REPLACE TEMP TABLE resolved (key VARCHAR, record_id BIGINT, to_record_id BIGINT, association_type VARCHAR, label VARCHAR)",
		"CREATE TEMP TABLE rollcall_link_elements (from_id BIGINT, to_id BIGINT, association_type VARCHAR, label VARCHAR, key VARCHAR)",
		"CREATE OR REPLACE TEMP TABLE rollcall_reconciled (run_id VARCHAR, n BIGINT, sync VARCHAR, list_id VARCHAR, action VARCHAR, record_id BIGINT, to_record_id BIGINT, association_type VARCHAR, key VARCHAR, values JSON, cause VARCHAR, told VARCHAR, state VARCHAR, reason VARCHAR)",
		"CREATE TEMP TABLE rollcall_link_known (from_id BIGINT, to_id BIGINT, association_type VARCHAR, label VARCHAR, key VARCHAR, owner VARCHAR, run_id VARCHAR, since TIMESTAMPTZ)",
		"CREATE TEMP TABLE rollcall_link_live (from_id BIGINT, to_id BIGINT, association_type VARCHAR, label VARCHAR, key VARCHAR, owner VARCHAR, run_id VARCHAR, since TIMESTAMPTZ)",
		"CREATE OR REPLACE TEMP TABLE differing (action VARCHAR, from_id BIGINT, to_id BIGINT, association_type VARCHAR)",
		"CREATE OR REPLACE TEMP TABLE plan (batch BIGINT, n BIGINT, action VARCHAR, record_id BIGINT, key VARCHAR, cause VARCHAR, values JSON, to_record_id BIGINT, association_type VARCHAR, call VARCHAR, types VARCHAR)",
		"CREATE TEMP TABLE rollcall_link_refused (from_id BIGINT, to_id BIGINT, key VARCHAR, detail VARCHAR, retry_at TIMESTAMPTZ, due BOOLEAN)",
		"CREATE TEMP TABLE rollcall_link_claimed (from_id BIGINT, to_id BIGINT, association_type VARCHAR, orphaned BOOLEAN)",
		"CREATE TEMP TABLE rollcall_link_successors (from_id BIGINT, to_id BIGINT, association_type VARCHAR, successor VARCHAR)",
		"CREATE TEMP TABLE rollcall_link_gone (from_id BIGINT, to_id BIGINT, association_type VARCHAR)",
		"CREATE TEMP TABLE rollcall_link_drift (from_id BIGINT, to_id BIGINT, association_type VARCHAR, key VARCHAR, kind VARCHAR, cause VARCHAR)",
	)
	querytest.Prepare(t, conn, warehouse.All(queries))
}
