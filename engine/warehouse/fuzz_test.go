package warehouse

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// FuzzCheck holds that whatever the gate lets pass changes nothing: not when it is checked, not when it is
// staged. Where the gate and the engine read a text in two ways, it is here that it shows.
func FuzzCheck(f *testing.F) {
	for _, query := range accepted {
		f.Add(query)
	}
	for _, test := range slices.Concat(refused, costly) {
		f.Add(test.query)
	}
	folder := f.TempDir()
	data := filepath.Join(folder, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		f.Fatal(err)
	}
	_, conn := setup(f, Config{Database: filepath.Join(folder, "rollcall.duckdb"), DataFolders: []string{data}, MemoryLimit: "300MB"})
	script(f, conn, customers)
	before := state(f, conn, folder)
	f.Fuzz(func(t *testing.T, query string) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		columns, err := Check(ctx, conn, query)
		if err == nil && len(columns) > 0 {
			if _, err := StageKeys(ctx, conn, query, Key{Column: columns[0].Name, Longest: 512}); err != nil {
				t.Logf("not staged: %v", err)
			}
		}
		if after := state(t, conn, folder); after != before {
			t.Errorf("%q changed the database\nbefore: %s\nafter:  %s", query, before, after)
		}
	})
}

// state is all that a query must not change: rows, tables, sequences, settings, variables and files.
func state(t testing.TB, conn *Conn, folder string) string {
	t.Helper()
	var s string
	// UNION ALL and one row a line: as scalar subqueries of one row they take the planner twice the time.
	if err := conn.QueryRowContext(t.Context(), `SELECT string_agg(what || ' ' || coalesce(value, ''), chr(10) ORDER BY what, value) FROM (
SELECT 'buyers' AS what, bit_xor(hash(v)) || ' ' || count(*) AS value FROM buyers v
UNION ALL SELECT 'customers', bit_xor(hash(c))::VARCHAR FROM crm.customers c
UNION ALL SELECT 'table', table_name FROM duckdb_tables() WHERE database_name <> 'temp'
UNION ALL SELECT 'view', view_name FROM duckdb_views() WHERE NOT internal
UNION ALL SELECT 'sequence', last_value::VARCHAR FROM duckdb_sequences()
UNION ALL SELECT 'setting ' || name, value FROM duckdb_settings()
UNION ALL SELECT 'variables', count(*)::VARCHAR FROM duckdb_variables()
UNION ALL SELECT 'databases', count(*)::VARCHAR FROM duckdb_databases()
UNION ALL SELECT 'logs', count(*)::VARCHAR FROM duckdb_logs()
UNION ALL SELECT 'current', current_database() || ' ' || current_schema())`).Scan(&s); err != nil {
		t.Fatal(err)
	}
	var files []string
	err := filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
		if !strings.Contains(path, ".duckdb") {
			files = append(files, path)
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	slices.Sort(files)
	return s + "\n" + fmt.Sprint(files)
}
