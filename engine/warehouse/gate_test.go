package warehouse

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheckAcceptsWhatAnalystsWrite(t *testing.T) {
	t.Parallel()
	w, conn := setup(t, Config{})
	script(t, conn, customers)
	for _, query := range accepted {
		query := strings.ReplaceAll(query, "current_db.", w.Name()+".")
		columns, err := Check(t.Context(), conn, query)
		if err != nil {
			t.Errorf("%s\n\trefused: %v", query, err)
			continue
		}
		if len(columns) == 0 {
			t.Errorf("%s\n\thas no columns", query)
		}
		rows, err := conn.QueryContext(t.Context(), query)
		if err != nil {
			t.Errorf("%s\n\tdoes not run: %v", query, err)
			continue
		}
		rows.Close()
	}
}

func TestCheckRefusesWhatDoesMoreThanRead(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	script(t, conn, customers)
	for _, test := range refused {
		_, err := Check(t.Context(), conn, test.query)
		var problem *QueryError
		if !errors.As(err, &problem) {
			t.Errorf("%s\n\tno query error: %v", test.query, err)
			continue
		}
		if !strings.Contains(problem.Message, test.message) {
			t.Errorf("%s\n\tgot:  %s\n\twant: %s", test.query, problem.Message, test.message)
		}
	}
	if n := count(t, conn, "buyers"); n != 10 {
		t.Errorf("the checks changed the table: %d rows", n)
	}
}

func TestCheckLooksIntoViewsAndMacros(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	script(t, conn, customers+`
CREATE MACRO leak() AS TABLE SELECT name, value FROM duckdb_settings();
CREATE MACRO setting(n) AS current_setting(n);
CREATE MACRO overloaded(a) AS a, (a, b) AS current_setting(a);
CREATE MACRO indirect(n) AS domain(setting(n));
CREATE VIEW leaking AS SELECT * FROM duckdb_settings();
CREATE VIEW outer_leak AS SELECT * FROM (SELECT * FROM leak());
CREATE VIEW "sly"" AS SELECT 1 --"(x) AS SELECT current_setting('threads');
CREATE VIEW "AS AS"("a AS b") AS SELECT 1;
CREATE TEMP VIEW temporary AS SELECT current_setting('threads') AS t;
CREATE RECURSIVE VIEW counting(n) AS SELECT 1 UNION ALL SELECT n + 1 FROM counting WHERE n < 3;
CREATE MACRO fine(n) AS (SELECT max(seats) + n FROM crm.active);
`)
	for _, query := range []string{
		"FROM leak()", "SELECT setting('threads')", "SELECT overloaded(1)", "SELECT indirect('threads')",
		"FROM leaking", "FROM main.leaking", "FROM outer_leak", `FROM "sly"" AS SELECT 1 --"`, "FROM temporary", "FROM temp.main.temporary",
		"SELECT (SELECT count(*) FROM leaking)", "SELECT ('threads').setting()", "SELECT main.setting('threads')",
	} {
		_, err := Check(t.Context(), conn, query)
		var problem *QueryError
		if !errors.As(err, &problem) || !strings.Contains(problem.Message, "by the ") {
			t.Errorf("%s\n\tgot: %v", query, err)
		}
	}
	for _, query := range []string{`FROM "AS AS"`, "FROM counting", "SELECT fine(1)"} {
		if _, err := Check(t.Context(), conn, query); err != nil {
			t.Errorf("%s\n\trefused: %v", query, err)
		}
	}
}

func TestCheckIsNotFooledByMacrosThatHideItsOwnFunctions(t *testing.T) {
	t.Parallel()
	for _, macro := range []string{
		`CREATE MACRO json_serialize_sql(q, skip_null := true, skip_empty := true) AS '{"error":false,"statements":[{}]}'`,
		"CREATE MACRO list_contains(a, b) AS false",
		"CREATE MACRO lower(a) AS 'x'",
		"CREATE MACRO duckdb_functions() AS TABLE SELECT 1 AS n",
		"CREATE MACRO query(q) AS TABLE SELECT 'evil' AS email",
	} {
		_, conn := setup(t, Config{})
		script(t, conn, customers+macro)
		if _, err := Check(t.Context(), conn, "SELECT current_setting('threads') FROM buyers"); err == nil {
			t.Errorf("%s\n\tlets a setting be read", macro)
		}
		if staged, err := StageKeys(t.Context(), conn, "SELECT email FROM buyers", emails); err != nil && !strings.Contains(macro, "duckdb_functions") {
			t.Errorf("%s\n\t%v", macro, err)
		} else if err == nil && staged.Rows != 10 {
			t.Errorf("%s\n\tgave %d rows", macro, staged.Rows)
		}
	}
	_, conn := setup(t, Config{})
	script(t, conn, customers+"CREATE MACRO current_date() AS current_setting('threads')")
	if _, err := Check(t.Context(), conn, "SELECT current_date"); err == nil {
		t.Error("a macro behind a keyword was not looked into")
	}
}

func TestCheckReadsDataFoldersOnly(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	folder := filepath.Join(root, "data")
	if err := os.MkdirAll(filepath.Join(folder, "below"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"data/a.csv", "data/below/b.csv", "secret.csv", "data/c.json"} {
		if err := os.WriteFile(filepath.Join(root, name), []byte("email\nada@example.com\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(root, "secret.csv"), filepath.Join(folder, "link.csv")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(folder, filepath.Join(root, "linked")); err != nil {
		t.Fatal(err)
	}
	_, conn := setup(t, Config{Database: filepath.Join(root, "rollcall.duckdb"), DataFolders: []string{filepath.Join(root, "linked")}})
	for query, ok := range map[string]bool{
		"FROM '%s/data/a.csv'":                                  true,
		"FROM '%s/data/below/b.csv'":                            true,
		"FROM '%s/linked/a.csv'":                                true,
		"FROM '%s/data/below/../a.csv'":                         true,
		"FROM read_csv('%s/data/*.csv', ignore_errors := true)": false, // the link leads out
		"FROM read_csv('%s/data/below/*.csv')":                  true,
		"FROM read_csv_auto('%s/data/a.csv')":                   true,
		"FROM '%s/secret.csv'":                                  false,
		"FROM read_csv('%s/secret.csv')":                        false,
		"FROM read_csv('%s/data/../secret.csv')":                false,
		"FROM read_csv('%s/data/link.csv')":                     false,
		"FROM read_text('%s/data/a.csv')":                       false,
		"FROM read_json('%s/data/c.json')":                      false,
		"FROM '%s/data/c.json'":                                 false,
		"FROM glob('%s/data/*')":                                false,
		"FROM '%s/rollcall.duckdb'":                             false,
		"FROM read_csv('https://example.com/%s.csv')":           false,
		"FROM 'https://example.com/%s.csv'":                     false,
		"FROM read_csv('%s/data/nope.csv')":                     false,
	} {
		query = fmt.Sprintf(query, root)
		_, err := Check(t.Context(), conn, query)
		var problem *QueryError
		if ok && err != nil || !ok && !errors.As(err, &problem) {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func TestQueryErrorSaysWhere(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	script(t, conn, customers)
	for _, test := range []struct {
		query string
		want  QueryError
	}{
		{"SELECT email\nFROM crm.customers\nWHERE sleep_ms(1) = 1", QueryError{Message: "a query can't call sleep_ms(): it waits", Line: 3, Column: 7}},
		{"SELECT email\nFRM crm.customers", QueryError{Message: `syntax error at or near "crm"`, Line: 2, Column: 5}},
		{"SELECT 'é',\n lowr(email) FROM buyers", QueryError{
			Message: "a query can't call lowr(): it is not a function that is known to only compute", Hint: "did you mean lower()?", Line: 2, Column: 2}},
		{"SELECT email,\n       emial FROM buyers", QueryError{
			Message: `referenced column "emial" not found in FROM clause`, Hint: `candidate bindings: "email"`, Line: 2, Column: 8}},
		{"SELECT '" + strings.Repeat("x", 300) + "', nope, '" + strings.Repeat("y", 300) + "' FROM buyers", QueryError{
			Message: `referenced column "nope" not found in FROM clause`, Hint: `candidate bindings: "email"`, Line: 1, Column: 312}},
		{"SELECT 1\nFROM buyerss", QueryError{
			Message: "table with name buyerss does not exist", Hint: `did you mean "buyers"?`, Line: 2, Column: 6}},
	} {
		_, err := Check(t.Context(), conn, test.query)
		var got *QueryError
		if !errors.As(err, &got) {
			t.Errorf("%s: %v", test.query, err)
			continue
		}
		if diff := cmp.Diff(test.want, QueryError{Message: got.Message, Hint: got.Hint, Line: got.Line, Column: got.Column}, cmp.AllowUnexported(QueryError{})); diff != "" {
			t.Errorf("%s\n%s", test.query, diff)
		}
	}
}

func TestCheckEndsOnWhateverItIsGiven(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	for name, query := range map[string]string{
		"long":       "SELECT '" + strings.Repeat("x", maxQuery) + "'",
		"sum":        "SELECT " + strings.Repeat("1+", 20_000) + "1",
		"brackets":   "SELECT " + strings.Repeat("(", 20_000) + "1" + strings.Repeat(")", 20_000),
		"subqueries": strings.Repeat("SELECT * FROM (", 2_000) + "SELECT 1" + strings.Repeat(")", 2_000),
		"lists":      "SELECT " + strings.Repeat("[", 5_000) + "1" + strings.Repeat("]", 5_000),
		"unions":     strings.Repeat("SELECT 1 UNION ALL ", 5_000) + "SELECT 1",
		"nots":       "SELECT " + strings.Repeat("NOT ", 20_000) + "true",
		"wide":       "SELECT " + strings.Repeat("1, ", 20_000) + "1",
	} {
		_, err := Check(t.Context(), conn, query)
		var problem *QueryError
		if err != nil && !errors.As(err, &problem) {
			t.Errorf("%s: %.300v", name, err)
		}
	}
}

func TestColumnsHaveNamesAndTypes(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	script(t, conn, customers)
	got, err := Check(t.Context(), conn, `SELECT email AS "E Mail", seats, seats::DECIMAL(9,1) AS d, tags, extra, joined, uuid() AS u, NULL AS n, email AS "E Mail" FROM crm.customers`)
	if err != nil {
		t.Fatal(err)
	}
	want := Columns{{"E Mail", "VARCHAR"}, {"seats", "INTEGER"}, {"d", "DECIMAL(9,1)"}, {"tags", "VARCHAR[]"}, {"extra", "STRUCT"}, {"joined", "DATE"}, {"u", "UUID"}, {"n", "INTEGER"}, {"E Mail", "VARCHAR"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func BenchmarkCheck(b *testing.B) {
	_, conn := setup(b, Config{})
	script(b, conn, customers)
	for b.Loop() {
		if _, err := Check(b.Context(), conn, "SELECT email FROM crm.active WHERE domain(email) = 'example.com'"); err != nil {
			b.Fatal(err)
		}
	}
}
