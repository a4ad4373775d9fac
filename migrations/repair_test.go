package migrations

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"rollcall/engine/warehouse"
)

// repaired breaks control tables by SQL and repairs them.
func repaired(t *testing.T, script string) ([]string, *warehouse.Conn, error) {
	t.Helper()
	conn := connect(t, open(t))
	if _, err := Up(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), script); err != nil {
		t.Fatal(err)
	}
	scratch, err := warehouse.OpenFile(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer scratch.Close()
	made, err := Repair(t.Context(), conn, scratch)
	return made, conn, err
}

func TestRepairMakesAnewWhatIsMissing(t *testing.T) {
	t.Parallel()
	for script, want := range map[string][]string{
		"SELECT 1": nil,
		"CREATE TABLE rollcall.mine (n INTEGER); ALTER TABLE rollcall.runs ADD COLUMN mine INTEGER": nil,
		"DROP VIEW rollcall.status":                                {"view status"},
		"DROP TABLE rollcall.rejects":                              {"table rejects (empty)"},
		"DROP TABLE rollcall.syncs":                                {"table syncs (empty)"},
		"DELETE FROM rollcall.lease":                               nil,
		"CREATE OR REPLACE VIEW rollcall.history AS SELECT 1 AS n": {"view history"},
		"ALTER TABLE rollcall.runs DROP COLUMN row_json; DROP VIEW rollcall.row_history; DROP TABLE rollcall.approvals":                         {"table approvals (empty)", "column runs.row_json", "view row_history"},
		"INSERT INTO rollcall.runs (run_id, run_at, sync, status, epoch) VALUES ('1', now(), 'vip', 'SUCCEEDED', 7); DROP TABLE rollcall.lease": {"table lease (empty)"},
	} {
		made, conn, err := repaired(t, script)
		if err != nil || !slices.Equal(made, want) {
			t.Errorf("%s\n\tmade %q, %v; want %q", script, made, err, want)
			continue
		}
		scratch, err := warehouse.OpenFile(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		if again, err := Repair(t.Context(), conn, scratch); err != nil || len(again) != 0 {
			t.Errorf("%s\n\ta second time made %q, %v; want nothing", script, again, err)
		}
		scratch.Close()
		wantExplained(t, conn, "mine")
		for _, view := range []string{"status", "history", "unmatched", "row_history", "approval_status"} {
			count(t, conn, "SELECT count(*) FROM rollcall."+view)
		}
		epoch := 0
		if strings.Contains(script, "epoch") {
			epoch = 7
		}
		if n := count(t, conn, "SELECT epoch FROM rollcall.lease WHERE name = 'runner'"); n != epoch {
			t.Errorf("%s\n\tthe lease continues from %d, want %d", script, n, epoch)
		}
	}
}

func TestRepairLeavesWhatItCannotMakeAnew(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		"ALTER TABLE rollcall.syncs DROP COLUMN enabled":                                       "rollcall.syncs.enabled is missing",
		"ALTER TABLE rollcall.runs DROP COLUMN sync":                                           "rollcall.runs.sync is missing",
		"ALTER TABLE rollcall.changes ALTER record_id TYPE VARCHAR; DROP VIEW rollcall.status": "rollcall.changes.record_id is of the type VARCHAR and should be BIGINT",
		"DROP VIEW rollcall.status; CREATE TABLE rollcall.status (n INTEGER)":                  "rollcall.status is a table and should be a view",
	} {
		made, conn, err := repaired(t, script)
		var damage *DamageError
		if !errors.As(err, &damage) || !strings.Contains(err.Error(), want) || len(made) > 0 {
			t.Errorf("%s\n\tmade %q, %v; want a DamageError: %s", script, made, err, want)
		}
		if strings.Contains(script, "DROP VIEW rollcall.status") && count(t, conn, "SELECT count(*) FROM duckdb_views() WHERE view_name = 'status'") != 0 {
			t.Errorf("%s\n\tthe view was made, though there was an error", script)
		}
	}
}

// A column that is recreated is NULL in the rows that are there, and has its default for those that come later.
func TestRepairedColumnHasItsDefault(t *testing.T) {
	t.Parallel()
	made, conn, err := repaired(t, "INSERT INTO rollcall.approvals (run_id, approved_by) VALUES ('0', 'ada'); ALTER TABLE rollcall.approvals DROP COLUMN approved_at")
	if err != nil || !slices.Equal(made, []string{"column approvals.approved_at"}) {
		t.Fatalf("made %q, %v", made, err)
	}
	if _, err := conn.ExecContext(t.Context(), "INSERT INTO rollcall.approvals (run_id, approved_by) VALUES ('1', 'ada')"); err != nil {
		t.Fatal(err)
	}
	if n := count(t, conn, "SELECT count(*) FROM rollcall.approvals WHERE run_id = CASE WHEN approved_at <= now() THEN '1' ELSE '0' END"); n != 2 {
		t.Errorf("of 2 approvals %d have a time exactly if they were given afterwards", n)
	}
}

// Tables whose version is lost are not migrated a second time.
func TestUpRefusesTablesWithoutAVersion(t *testing.T) {
	t.Parallel()
	for _, script := range []string{"DROP TABLE rollcall.schema_version", "DELETE FROM rollcall.schema_version"} {
		conn := connect(t, open(t))
		if _, err := Up(t.Context(), conn); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.ExecContext(t.Context(), script); err != nil {
			t.Fatal(err)
		}
		var damage *DamageError
		if _, err := Up(t.Context(), conn); !errors.As(err, &damage) {
			t.Errorf("%s: %v, want a DamageError", script, err)
		}
	}
}
