package migrations

import (
	"context"
	"errors"
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
	row := `SELECT count(*) FROM rollcall.syncs WHERE name = 'vip' AND list_id = '42' AND enabled AND id_property = 'email' AND object_type = 'contacts'
		AND mode = 'mirror' AND foreign_members = 'remove' AND NOT allow_empty AND max_removal_pct = 50 AND max_removals IS NULL AND NOT dry_run AND created_at IS NOT NULL`
	if n := count(t, conn, row); n != 1 {
		t.Errorf("the row with its defaults: %d, want 1", n)
	}
}

// Rejects that version 3 wrote at every run become spans: one row for as long as runs that came to a plan found the same.
func TestUpMakesSpansOfRejects(t *testing.T) {
	t.Parallel()
	conn := connect(t, open(t))
	if err := begin(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all[:3] {
		if _, err := apply(t.Context(), conn, m); err != nil {
			t.Fatal(err)
		}
	}
	// 3 failed before it had a plan, 4 undid a run, 6 is another sync's, 7 found no rejects at all.
	if _, err := conn.ExecContext(t.Context(), `
		INSERT INTO rollcall.runs (run_id, run_at, sync, status, n_emails, undoes) VALUES
			('1', now(), 'vip', 'SUCCEEDED', 5, NULL), ('2', now(), 'vip', 'BLOCKED', 5, NULL), ('3', now(), 'vip', 'FAILED', NULL, NULL),
			('4', now(), 'vip', 'SUCCEEDED', 0, '1'), ('5', now(), 'vip', 'SUCCEEDED', 5, NULL), ('6', now(), 'other', 'SUCCEEDED', 5, NULL),
			('7', now(), 'last', 'SUCCEEDED', 5, NULL), ('8', now(), 'last', 'SUCCEEDED', 5, NULL);
		INSERT INTO rollcall.rejects (run_id, sync, key, reason, detail) VALUES
			('1', 'vip', 'a', 'not_found', 'd'), ('2', 'vip', 'a', 'not_found', 'd'), ('5', 'vip', 'a', 'not_found', 'd'),
			('1', 'vip', 'b', 'not_found', 'd'), ('5', 'vip', 'b', 'not_found', 'd'),
			('2', 'vip', 'c', 'invalid_email', 'd'), ('2', 'vip', 'c', 'not_found', 'd'), ('2', 'vip', 'c', 'not_found', 'e'),
			('6', 'other', 'a', 'not_found', 'd'), ('7', 'last', 'a', 'not_found', 'd')`); err != nil {
		t.Fatal(err)
	}
	if _, err := Up(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"last a not_found d 7 8", "other a not_found d 6 -", "vip a not_found d 1 -", "vip b not_found d 1 2", "vip b not_found d 5 -",
		"vip c invalid_email d 2 5", "vip c not_found d 2 5",
	}
	rows, err := conn.QueryContext(t.Context(), "SELECT concat_ws(' ', sync, key, reason, detail, since_run, coalesce(until_run, '-')) AS span FROM rollcall.rejects ORDER BY span")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var span string
		if err := rows.Scan(&span); err != nil {
			t.Fatal(err)
		}
		got = append(got, span)
	}
	if !slices.Equal(got, want) {
		t.Errorf("spans are %q, want %q", got, want)
	}
	if n := count(t, conn, "SELECT count(*) FROM rollcall.unmatched WHERE sync = 'vip' AND run_id = '5'"); n != 2 {
		t.Errorf("%d keys are unmatched, want 2", n)
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
