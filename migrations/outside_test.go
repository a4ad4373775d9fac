package migrations

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"rollcall/engine/warehouse"
)

// The views are read by other programs too: whatever the file is called, with and without the database's name, after USE and when attached.
func TestViewsCanBeReadByOtherPrograms(t *testing.T) {
	t.Parallel()
	made := filepath.Join(t.TempDir(), "made.duckdb")
	views := makeTables(t, made)
	content, err := os.ReadFile(made)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		file      string
		use, from string // from stands before the name of the view
	}{
		{"control.duckdb", "", "rollcall."},
		{"control.duckdb", "", "control.rollcall."},
		{"control.duckdb", "USE control.rollcall", ""},
		{"control.duckdb", "ATTACH ':memory:' AS scratch; USE scratch", "control.rollcall."},
		{"rollcall.duckdb", "", "rollcall.rollcall."},
		{"rollcall.duckdb", "USE rollcall.rollcall", ""},
		{"rollcall.duckdb", "ATTACH ':memory:' AS scratch; USE scratch", "rollcall.rollcall."},
		{"ops.duckdb", "", "rollcall."},
	} {
		path := filepath.Join(t.TempDir(), test.file)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		conn, err := warehouse.OpenFile(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.ExecContext(t.Context(), cmp.Or(test.use, "SELECT 1")); err != nil {
			t.Fatal(err)
		}
		for _, view := range views {
			var n int
			if err := conn.QueryRowContext(t.Context(), "SELECT count(*) FROM "+test.from+view).Scan(&n); err != nil {
				t.Errorf("%s, %q, FROM %s%s: %v", test.file, test.use, test.from, view, err)
			}
		}
		conn.Close()
	}
}

// Tables of the warehouse that have the names of control tables do not come between the views and theirs.
func TestViewsReadTheirOwnTables(t *testing.T) {
	t.Parallel()
	conn := connect(t, open(t))
	if _, err := Up(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), `INSERT INTO rollcall.syncs (name) VALUES ('vip');
		CREATE TABLE syncs (name VARCHAR); CREATE TABLE runs (n INTEGER); CREATE TABLE lists (n INTEGER); CREATE TABLE members (n INTEGER)`); err != nil {
		t.Fatal(err)
	}
	if n := count(t, conn, "SELECT count(*) FROM rollcall.status WHERE sync = 'vip'"); n != 1 {
		t.Errorf("status has %d rows of vip, want 1", n)
	}
}

// makeTables makes the control tables in a file, which is called control meanwhile as in Rollcall, and returns the names of the views.
func makeTables(t *testing.T, path string) []string {
	t.Helper()
	conn, err := warehouse.OpenFile(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "ATTACH '"+path+"' AS control; USE control"); err != nil {
		t.Fatal(err)
	}
	if _, err := Up(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	rows, err := conn.QueryContext(t.Context(), "SELECT view_name FROM duckdb_views() WHERE schema_name = 'rollcall'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var views []string
	for rows.Next() {
		var view string
		if err := rows.Scan(&view); err != nil {
			t.Fatal(err)
		}
		views = append(views, view)
	}
	if !slices.Contains(views, "status") {
		t.Fatalf("views are %q", views)
	}
	return views
}
