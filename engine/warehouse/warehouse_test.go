package warehouse

import (
	"database/sql"
	"path/filepath"
	"testing"
)

// setup opens a warehouse in a folder of its own, and a connection to it.
func setup(t testing.TB, c Config) (*Warehouse, *Conn) {
	t.Helper()
	if c.Database == "" {
		c.Database = filepath.Join(t.TempDir(), "rollcall.duckdb")
	}
	w, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := w.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil && err != sql.ErrConnDone {
			t.Error(err)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w, conn
}

// emails is the key column of most queries.
var emails = Key{Column: "email", Longest: 512}

func script(t testing.TB, conn *Conn, text string) {
	t.Helper()
	if err := Script(t.Context(), conn, text); err != nil {
		t.Fatal(err)
	}
}

func count(t testing.TB, conn *Conn, table string) (n int) {
	t.Helper()
	if err := conn.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
