package migrations

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"rollcall/engine/warehouse"
)

func open(t *testing.T) *warehouse.Warehouse {
	t.Helper()
	db, err := warehouse.Open(t.Context(), warehouse.Config{Database: filepath.Join(t.TempDir(), "ops.duckdb")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func connect(t *testing.T, db *warehouse.Warehouse) *warehouse.Conn {
	t.Helper()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func count(t *testing.T, conn *warehouse.Conn, query string) (n int) {
	t.Helper()
	if err := conn.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func TestUp(t *testing.T) {
	t.Parallel()
	conn := connect(t, open(t))
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}

	var missing *VersionError
	if err := Check(t.Context(), conn); !errors.As(err, &missing) || missing.Found != 0 {
		t.Fatalf("Check before Up: %v, want a VersionError that found 0", err)
	}
	applied, err := Up(t.Context(), conn)
	if err != nil || len(applied) != len(all) {
		t.Fatalf("first Up applied %d, %v; want all %d", len(applied), err, len(all))
	}
	applied, err = Up(t.Context(), conn)
	if err != nil || len(applied) != 0 {
		t.Fatalf("second Up applied %v, %v; want nothing", applied, err)
	}
	if err := Check(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
}

func TestUpKeepsRows(t *testing.T) {
	t.Parallel()
	conn := connect(t, open(t))
	if _, err := Up(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), "INSERT INTO rollcall.syncs (name, query, list_id) VALUES ('vip', 'SELECT 1 AS email', 42)"); err != nil {
		t.Fatal(err)
	}
	if _, err := Up(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	row := `SELECT count(*) FROM rollcall.syncs WHERE name = 'vip' AND list_id = '42' AND enabled AND created_at IS NOT NULL AND updated_at IS NOT NULL
		AND COALESCE(kind, id_property, object_type, mode, foreign_members, on_leave, allow_empty::VARCHAR, max_removal_pct::VARCHAR, dry_run::VARCHAR) IS NULL`
	if n := count(t, conn, row); n != 1 {
		t.Errorf("the row with its defaults: %d, want 1", n)
	}
}

// Tables that an earlier development version made are left as they are, and the error says how to continue with the rows.
func TestAnotherLayoutIsRefused(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("testdata/first_layout.sql")
	if err != nil {
		t.Fatal(err)
	}
	for want, script := range map[string]string{
		"an earlier layout":         string(script),
		"the layout 2001-01-pebble": "UPDATE rollcall.schema_version SET layout = '2001-01-pebble'",
	} {
		conn := connect(t, open(t))
		if strings.HasPrefix(script, "UPDATE") {
			if _, err := Up(t.Context(), conn); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := conn.ExecContext(t.Context(), script); err != nil {
			t.Fatal(err)
		}
		columns := "SELECT count(*) FROM duckdb_columns() WHERE schema_name = 'rollcall'"
		before := count(t, conn, columns)
		_, upErr := Up(t.Context(), conn)
		_, pendingErr := Pending(t.Context(), conn)
		for step, err := range map[string]error{"Up": upErr, "Pending": pendingErr, "Check": Check(t.Context(), conn)} {
			var other *LayoutError
			if !errors.As(err, &other) || !strings.Contains(err.Error(), want) || !strings.Contains(other.Hint(), "specs pull") {
				t.Errorf("%s: %v, want a LayoutError with %q and a hint", step, err, want)
			}
		}
		if after := count(t, conn, columns); after != before {
			t.Errorf("%s: %d columns became %d", want, before, after)
		}
	}
}

var update = flag.Bool("update", false, "write testdata/layout.txt")

// Tables that differ need another name of the layout: databases of the one before would not fit this program, and would not be refused.
func TestLayoutNamesTheTables(t *testing.T) {
	t.Parallel()
	conn := connect(t, open(t))
	if _, err := Up(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	var columns string
	if err := conn.QueryRowContext(t.Context(), `SELECT string_agg(concat_ws(' ', table_name, column_name, data_type, CASE WHEN NOT is_nullable THEN 'NOT NULL' END, 'DEFAULT ' || nullif(column_default, 'NULL')), chr(10) ORDER BY table_name, column_index)
		FROM duckdb_columns() WHERE schema_name = 'rollcall' AND table_name IN (SELECT table_name FROM duckdb_tables() WHERE schema_name = 'rollcall')`).Scan(&columns); err != nil {
		t.Fatal(err)
	}
	text := Layout + "\n" + columns + "\n"
	if *update {
		if err := os.WriteFile("testdata/layout.txt", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	known, err := os.ReadFile("testdata/layout.txt")
	if err != nil {
		t.Fatal(err)
	}
	if text != string(known) {
		t.Errorf("the tables are not those of testdata/layout.txt: give Layout another name, then go test ./migrations -run Layout -update. They are:\n%s", text)
	}
}

// What the changes of a record carry can be read as rows, and a change of a list has none.
func TestChangeValuesSpellsOutValues(t *testing.T) {
	t.Parallel()
	conn := connect(t, open(t))
	if _, err := Up(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), `INSERT INTO rollcall.changes (run_id, n, sync, target, action, record_id, key, values, state) VALUES
		('r', 1, 'companies', 'companies', 'update', 7, 'a.example', '{"name":["Old","New"],"phone":[null,"1\"2"]}', 'done'),
		('r', 2, 'companies', 'companies', 'create', NULL, 'b.example', '{"name":[null,"B"]}', 'planned'),
		('s', 1, 'vip', '101', 'add', 8, 'ada@example.com', NULL, 'done')`); err != nil {
		t.Fatal(err)
	}
	rows, err := conn.QueryContext(t.Context(), `SELECT concat_ws('|', run_id, sync, n, coalesce(record_id::VARCHAR, '-'), key, property, coalesce(before, '-'), coalesce(after, '-')) AS line
		FROM rollcall.change_values ORDER BY line`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		got = append(got, line)
	}
	want := []string{"r|companies|1|7|a.example|name|Old|New", `r|companies|1|7|a.example|phone|-|1"2`, "r|companies|2|-|b.example|name|-|B"}
	if !slices.Equal(got, want) {
		t.Errorf("values are %q, want %q", got, want)
	}
}

func TestUpAtOnce(t *testing.T) {
	t.Parallel()
	db := open(t)
	var wg sync.WaitGroup
	for range 6 {
		conn := connect(t, db)
		wg.Go(func() {
			if _, err := Up(context.Background(), conn); err != nil {
				t.Errorf("Up beside others: %v", err)
			}
		})
	}
	wg.Wait()
	conn := connect(t, db)
	if n := count(t, conn, "SELECT count(*) FROM rollcall.schema_version"); n != 1 {
		t.Errorf("%d version rows, want 1", n)
	}
	if n := count(t, conn, "SELECT count(*) FROM rollcall.lease"); n != 1 {
		t.Errorf("%d lease rows, want 1", n)
	}
}

func TestNewerTablesAreRefused(t *testing.T) {
	t.Parallel()
	conn := connect(t, open(t))
	if _, err := Up(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), "UPDATE rollcall.schema_version SET version = 999"); err != nil {
		t.Fatal(err)
	}
	var newer *VersionError
	if _, err := Up(t.Context(), conn); !errors.As(err, &newer) || newer.Found != 999 {
		t.Fatalf("Up on a newer database: %v, want a VersionError", err)
	}
}

func TestEveryTableAndColumnIsExplained(t *testing.T) {
	t.Parallel()
	conn := connect(t, open(t))
	if _, err := Up(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	wantExplained(t, conn, "")
}

// wantExplained wants a comment on every table, view and column, but those of a name.
func wantExplained(t *testing.T, conn *warehouse.Conn, but string) {
	t.Helper()
	for what, query := range map[string]string{
		"tables":  "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'rollcall' AND coalesce(comment, '') = ''",
		"views":   "SELECT view_name FROM duckdb_views() WHERE schema_name = 'rollcall' AND coalesce(comment, '') = ''",
		"columns": "SELECT table_name || '.' || column_name FROM duckdb_columns() WHERE schema_name = 'rollcall' AND coalesce(comment, '') = ''",
	} {
		rows, err := conn.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				t.Fatal(err)
			}
			if but == "" || !slices.Contains(strings.Split(name, "."), but) {
				t.Errorf("%s without a comment: %s", what, name)
			}
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
