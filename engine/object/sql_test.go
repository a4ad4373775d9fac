package object

import (
	"testing"

	"rollcall/engine/warehouse"
	"rollcall/engine/warehouse/querytest"
)

// Every query is one statement that the engine takes on a migrated database with the sets staged.
func TestQueriesPrepare(t *testing.T) {
	t.Parallel()
	querytest.PrepareStaged(t, warehouse.All(queries),
		"CREATE TEMP TABLE query_rows (\"the key\" VARCHAR, city VARCHAR)",
		queries.StageRows.Text(), queries.StageValueRejects.Text(), queries.StageFound.Text(), queries.StageClaims.Text(), queries.StageRound.Text(), queries.StageProperties.Text(), queries.LoadKnown.Text(),
		"CREATE TEMP TABLE rollcall_object_asked (object_type_id VARCHAR, record_id BIGINT, property VARCHAR, value VARCHAR, asked VARCHAR, retry BOOLEAN)",
		"CREATE TEMP TABLE rollcall_object_retries (sync INTEGER, key VARCHAR, reason VARCHAR, detail VARCHAR, retry_at TIMESTAMPTZ, due BOOLEAN, leaving BOOLEAN)",
		"CREATE TEMP TABLE rollcall_object_questions (sync INTEGER, key VARCHAR)",
		"CREATE TEMP TABLE rollcall_object_wanted (key VARCHAR, hash VARCHAR, values VARCHAR, looked BOOLEAN, refused VARCHAR, known BOOLEAN, held BOOLEAN, known_hash VARCHAR, withheld VARCHAR, known_withheld VARCHAR, has_left BOOLEAN, differs BOOLEAN, found_at TIMESTAMPTZ, record_id BIGINT, clash BOOLEAN, twin BOOLEAN)",
		"CREATE TEMP TABLE rollcall_object_owned (record_id BIGINT, property VARCHAR, value VARCHAR, sync VARCHAR)",
		"CREATE TEMP TABLE rollcall_object_left (id_property VARCHAR, key VARCHAR, record_id BIGINT, created BOOLEAN, held BOOLEAN)",
		"CREATE TEMP TABLE rollcall_object_drift (record_id BIGINT, property VARCHAR, left_value VARCHAR, found_value VARCHAR, own BOOLEAN)",
		"CREATE TEMP TABLE rollcall_object_undone (action VARCHAR, record_id BIGINT, key VARCHAR, property VARCHAR, before VARCHAR, after VARCHAR, touched BOOLEAN)",
		"CREATE TEMP TABLE rollcall_object_left_by_run (action VARCHAR, record_id BIGINT, key VARCHAR, property VARCHAR, before VARCHAR, after VARCHAR, touched BOOLEAN, live VARCHAR, untouched BOOLEAN)",
		"CREATE TEMP TABLE rollcall_object_merged (survivor BIGINT, gone BIGINT)",
		queries.StageLive.Text(), queries.StageLiveKeys.Text(), queries.StageWritten.Text(),
		"CREATE TEMP TABLE rollcall_object_leaving (action VARCHAR, record_id BIGINT, key VARCHAR, values JSON)",
		"CREATE OR REPLACE TEMP TABLE current (record_id BIGINT, property VARCHAR, value VARCHAR, agreed BOOLEAN)",
		"CREATE OR REPLACE TEMP TABLE differing (key VARCHAR, record_id BIGINT, property VARCHAR, before VARCHAR, after VARCHAR)",
	)
}
