// Package querytest holds the named queries of a package against DuckDB, for the test of each package that has some, and opens databases in
// memory for it.
package querytest

import (
	"slices"
	"testing"

	"github.com/duckdb/duckdb-go/v2"

	"rollcall/engine/warehouse"
	"rollcall/migrations"
)

// Empty connects to an empty database in memory. It ends with the test.
func Empty(t *testing.T) *warehouse.Conn {
	t.Helper()
	conn, err := warehouse.OpenFile(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// Migrated is Empty, with empty control tables.
func Migrated(t *testing.T) *warehouse.Conn {
	t.Helper()
	conn := Empty(t)
	if _, err := migrations.Up(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	return conn
}

// Staged is Migrated, with the temp tables that the engine and its kinds share, without rows.
func Staged(t *testing.T) *warehouse.Conn {
	t.Helper()
	conn := Migrated(t)
	for _, table := range []string{
		"desired (key VARCHAR)", "rejected (key VARCHAR, reason VARCHAR, detail VARCHAR)", "current (record_id BIGINT)",
		"resolved (key VARCHAR, record_id BIGINT, cached BOOLEAN)", "unmatched (key VARCHAR)", "applied (record_id BIGINT, key VARCHAR)",
		"differing (action VARCHAR, record_id BIGINT)", "plan (batch BIGINT, n BIGINT, action VARCHAR, record_id BIGINT, key VARCHAR, cause VARCHAR, values JSON, to_record_id BIGINT, association_type VARCHAR)",
		"outcomes (n BIGINT, action VARCHAR, record_id BIGINT, state VARCHAR, reason VARCHAR)",
		"rollcall_tried (key VARCHAR, reason VARCHAR, values_hash VARCHAR, detail VARCHAR)",
		"rollcall_keys (sync INTEGER, key VARCHAR, reason VARCHAR, detail VARCHAR)",
		"rollcall_answers (object_type_id VARCHAR, id_property VARCHAR, key VARCHAR, record_id BIGINT, cached BOOLEAN, lookup_error INTEGER, is_primary BOOLEAN)",
		"rollcall_questions (object_type_id VARCHAR, id_property VARCHAR, key VARCHAR, sync INTEGER)",
		"rollcall_records (record_id BIGINT, key VARCHAR, is_primary BOOLEAN, merged_id BIGINT)", "rollcall_unread (record_id BIGINT)",
		"rollcall_journal (run_id VARCHAR, list_id VARCHAR, batch BIGINT, n BIGINT, action VARCHAR, record_id BIGINT, state VARCHAR, reason VARCHAR)",
		"rollcall_taken (run_id VARCHAR, n BIGINT, sync VARCHAR, list_id VARCHAR, action VARCHAR, record_id BIGINT, key VARCHAR, cause VARCHAR, state VARCHAR, reason VARCHAR)",
		"rollcall_pending_unknown (run_id VARCHAR, n BIGINT, sync VARCHAR, list_id VARCHAR, target VARCHAR, action VARCHAR, record_id BIGINT, key VARCHAR, values JSON, to_record_id BIGINT, association_type VARCHAR, cause VARCHAR, told VARCHAR, reason VARCHAR)",
		"rollcall_reconciled (run_id VARCHAR, n BIGINT, sync VARCHAR, list_id VARCHAR, action VARCHAR, record_id BIGINT, key VARCHAR, cause VARCHAR, told VARCHAR, state VARCHAR, reason VARCHAR)",
	} {
		if _, err := conn.ExecContext(t.Context(), "CREATE TEMP TABLE "+table); err != nil {
			t.Fatalf("%s: %v", table, err)
		}
	}
	return conn
}

// PrepareStaged is Prepare on a database with the tables and temp tables that Staged makes, after it has run the statements that make what else the
// queries name.
func PrepareStaged(t *testing.T, queries []warehouse.NamedQuery, statements ...string) {
	t.Helper()
	conn := Staged(t)
	Run(t, conn, statements...)
	Prepare(t, conn, queries)
}

// Run runs statements that make what queries name.
func Run(t *testing.T, conn *warehouse.Conn, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := conn.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// Prepare has DuckDB prepare each query, without running it, and holds its parameters against those that were found in its text. All that the
// queries name has to be there. A script of several statements can't be prepared.
func Prepare(t *testing.T, conn *warehouse.Conn, queries []warehouse.NamedQuery) {
	t.Helper()
	for _, q := range queries {
		exact, err := prepare(conn, q)
		switch {
		case err != nil:
			t.Errorf("%s: %v", q.Name(), err)
		case !slices.Equal(exact, q.Parameters()):
			t.Errorf("%s: parameters %v, found %v", q.Name(), exact, q.Parameters())
		}
	}
}

// prepare returns the names of the query's parameters as DuckDB has them.
func prepare(conn *warehouse.Conn, q warehouse.NamedQuery) (parameters []string, err error) {
	err = conn.Raw(func(raw any) error {
		statement, err := raw.(*duckdb.Conn).Prepare(q.Text())
		if err != nil {
			return err
		}
		defer statement.Close()
		for i := range statement.NumInput() {
			name, err := statement.(*duckdb.Stmt).ParamName(i + 1)
			if err != nil {
				return err
			}
			parameters = append(parameters, name)
		}
		return nil
	})
	return parameters, err
}
