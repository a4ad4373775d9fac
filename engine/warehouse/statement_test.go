package warehouse

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStatementsSplitsWhereAStatementEnds(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	script(t, conn, customers)
	for _, test := range []struct {
		script string
		want   []Statement
	}{
		{"", nil},
		{" ;; -- nothing; at all\n/* ; */ ;", nil},
		{"SELECT 1", []Statement{{"SELECT 1", 1}}},
		{"SELECT 1;\n\nSELECT 2;\n", []Statement{{"SELECT 1", 1}, {"SELECT 2", 3}}},
		{"SELECT ';', \"a;b\", $$;$$, $x$ ; $x$, 'it''s;' FROM t; SELECT 2", []Statement{{"SELECT ';', \"a;b\", $$;$$, $x$ ; $x$, 'it''s;' FROM t", 1}, {"SELECT 2", 1}}},
		{"SELECT 1 -- a; b\n, 2; SELECT /* ; /* nested; */ */ 3", []Statement{{"SELECT 1 -- a; b\n, 2", 1}, {"SELECT /* ; /* nested; */ */ 3", 2}}},
		{"-- head; er\nCREATE TABLE t (i INTEGER); INSERT INTO t VALUES (1);\nDROP TABLE t", []Statement{{"-- head; er\nCREATE TABLE t (i INTEGER)", 1}, {"INSERT INTO t VALUES (1)", 2}, {"DROP TABLE t", 3}}},
		{"PIVOT crm.customers ON plan USING sum(seats); SELECT 1", []Statement{{"PIVOT crm.customers ON plan USING sum(seats)", 1}, {"SELECT 1", 1}}},
		{"SELECT $1; SELECT 2", []Statement{{"SELECT $1", 1}, {"SELECT 2", 1}}},
		{"SELECT E'\\';'; SELECT 2", []Statement{{"SELECT E'\\';'", 1}, {"SELECT 2", 1}}},
	} {
		got, err := Statements(t.Context(), conn, test.script)
		if err != nil {
			t.Errorf("%q: %v", test.script, err)
			continue
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q\n%s", test.script, diff)
		}
	}
}

func TestStatementsSaysWhereAScriptIsWrong(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	for query, line := range map[string]int{
		"SELECT 1;\n\nSELEC 2;\nSELECT 3": 3,
		"SELECT 1; SELECT 'open;\n":       1,
		"SELECT 1;\nSELECT (1;":           2,
	} {
		_, err := Statements(t.Context(), conn, query)
		var problem *QueryError
		if !errors.As(err, &problem) || problem.Line != line {
			t.Errorf("%q: %#v", query, err)
		}
	}
}

func TestQueryRunsOneStatementOfAPerson(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	script(t, conn, customers)
	rows, err := Query(t.Context(), conn, "DELETE FROM buyers WHERE id < 3; -- three")
	if err != nil {
		t.Fatal(err)
	}
	rows.Close()
	if n := count(t, conn, "buyers"); n != 7 {
		t.Errorf("%d rows are left", n)
	}
	for _, statement := range []string{"", "-- nothing", "DELETE FROM buyers; SELECT 1", "DELETE FROM buyers; SELEC 1", "SELECT nope"} {
		rows, err := Query(t.Context(), conn, statement)
		var problem *QueryError
		if !errors.As(err, &problem) {
			t.Errorf("%q: %v", statement, err)
		}
		if err == nil {
			rows.Close()
		}
	}
	if n := count(t, conn, "buyers"); n != 7 {
		t.Errorf("a refused text has run: %d rows", n)
	}
}

func TestScriptRunsAllStatements(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	script(t, conn, "CREATE TABLE a AS SELECT 1; CREATE TABLE b AS SELECT 2; INSERT INTO a FROM b;")
	if n := count(t, conn, "a"); n != 2 {
		t.Errorf("%d rows", n)
	}
	if err := Script(t.Context(), conn, "SELECT 1; SELECT nope"); err == nil || !strings.Contains(err.Error(), "nope") {
		t.Errorf("got %v", err)
	}
}

func TestWritesTellsACountFromAResult(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	script(t, conn, "CREATE TABLE t (i INTEGER, \"Count\" BIGINT); CREATE VIEW v AS FROM t")
	for statement, want := range map[string]bool{
		"INSERT INTO t VALUES (1, 2), (3, 4)":                true,
		"WITH x AS (SELECT 1 AS i) INSERT INTO t (i) FROM x": true,
		"UPDATE t SET i = 2":                                 true,
		"-- all of them\nDELETE FROM t":                      true,
		"UPDATE t SET i = length('it''s RETURNING')":         true,
		"TRUNCATE t": true,
		"MERGE INTO t USING (SELECT 1 AS i) AS s USING (i) WHEN NOT MATCHED THEN INSERT (i) VALUES (s.i)": true,
		"CREATE TABLE u AS FROM range(3)":                 true,
		"CREATE TABLE w (i INTEGER)":                      true,
		"COMMENT ON TABLE t IS 'x'":                       true,
		"ALTER TABLE t ADD COLUMN j INTEGER":              true,
		"DROP VIEW v":                                     true,
		"BEGIN":                                           true,
		"SELECT count(*) AS \"Count\" FROM t":             false,
		"FROM t SELECT \"Count\"":                         false,
		"VALUES (1)":                                      false,
		"INSERT INTO t VALUES (1, 2) RETURNING \"Count\"": false,
		"DELETE FROM t RETURNING i":                       false,
		"EXPLAIN DELETE FROM t":                           false,
		"SHOW TABLES":                                     false,
		"DESCRIBE t":                                      false,
		"SUMMARIZE t":                                     false,
		"PRAGMA version":                                  false,
		"SELECT * FROM nowhere":                           false,
	} {
		if got := Writes(conn, statement); got != want {
			t.Errorf("%s: %t", statement, got)
		}
	}
}
