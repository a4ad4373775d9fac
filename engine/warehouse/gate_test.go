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

const customers = `
CREATE SCHEMA crm;
CREATE TABLE crm.customers (email VARCHAR, plan VARCHAR, seats INTEGER, tags VARCHAR[], joined DATE, extra STRUCT(city VARCHAR));
INSERT INTO crm.customers VALUES ('ada@example.com', 'pro', 3, ['a'], DATE '2026-01-01', {'city': 'Ulm'}), ('bob@example.com', 'free', 1, [], NULL, NULL);
CREATE VIEW crm.active AS SELECT email, seats FROM crm.customers WHERE seats > 0;
CREATE TABLE victim AS SELECT range AS id, 'a' || range || '@example.com' AS email FROM range(10);
CREATE TABLE "odd.name" AS SELECT 'a@example.com' AS email;
CREATE SEQUENCE sq;
CREATE MACRO domain(e) AS split_part(e, '@', 2);
CREATE MACRO pros() AS TABLE SELECT email FROM crm.customers WHERE plan = 'pro';
`

// accepted are queries as analysts write them; each must run as well.
var accepted = []string{
	"SELECT email FROM crm.customers",
	"SELECT email FROM crm.customers;",
	"SELECT email FROM crm.customers; ; -- done",
	"-- who\nSELECT email /* ; */ FROM crm.customers -- all; of them",
	"FROM crm.customers",
	"FROM crm.customers SELECT email WHERE plan = 'pro'",
	"TABLE crm.customers",
	"VALUES ('a@example.com')",
	"SELECT ';' AS email, '--' AS b, '/*' AS c, $$ ; $$ AS d",
	"SELECT email FROM crm.active",
	"SELECT email FROM pros() WHERE domain(email) = 'example.com'",
	`SELECT email FROM "odd.name"`,
	"WITH c AS (SELECT * FROM crm.customers), d AS MATERIALIZED (SELECT email FROM c) SELECT email FROM d",
	"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n",
	"SELECT email, row_number() OVER (PARTITION BY plan ORDER BY joined) AS n FROM crm.customers QUALIFY n = 1",
	"SELECT lead(seats, 1) OVER w, sum(seats) OVER w, rank() OVER w FROM crm.customers WINDOW w AS (ORDER BY seats ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
	"SELECT plan, count(*), count(DISTINCT email) FILTER (WHERE seats > 1), string_agg(email, ',' ORDER BY email) FROM crm.customers GROUP BY ROLLUP (plan) HAVING count(*) > 0 ORDER BY ALL",
	"SELECT grouping(plan), plan, count(*) FROM crm.customers GROUP BY CUBE (plan, seats)",
	"PIVOT crm.customers ON plan IN ('pro', 'free') USING sum(seats) GROUP BY email",
	"UNPIVOT (SELECT email, plan FROM crm.customers) ON email, plan INTO NAME n VALUE v",
	"SELECT COLUMNS('e.*') FROM crm.customers",
	"SELECT * EXCLUDE (plan) REPLACE (lower(email) AS email) RENAME (seats AS n) FROM crm.customers",
	"SELECT list_transform(tags, lambda x: upper(x)), [x FOR x IN tags IF x <> 'b'], list_reduce([1, 2], lambda a, b: a + b) FROM crm.customers",
	"SELECT email FROM crm.customers UNION BY NAME SELECT email, id FROM victim",
	"SELECT email FROM crm.customers EXCEPT ALL SELECT email FROM victim INTERSECT SELECT email FROM crm.customers",
	"SELECT DISTINCT ON (plan) email FROM crm.customers ORDER BY plan DESC NULLS LAST LIMIT 10 OFFSET 0",
	"SELECT email FROM crm.customers LIMIT 50%",
	"SELECT email FROM crm.customers USING SAMPLE 10 ROWS",
	"SELECT email FROM crm.customers TABLESAMPLE reservoir(5 ROWS) REPEATABLE (3)",
	"SELECT c.email FROM crm.customers c JOIN victim v USING (email) LEFT JOIN crm.active a ON a.email = c.email, LATERAL (SELECT c.seats + 1) l(n)",
	"SELECT c.email FROM crm.customers c ASOF JOIN victim v ON c.seats >= v.id",
	"SELECT c.email FROM crm.customers c SEMI JOIN victim v ON c.email = v.email",
	"SELECT * FROM crm.customers POSITIONAL JOIN victim",
	"SELECT email FROM crm.customers WHERE email IN (SELECT email FROM victim) OR EXISTS (SELECT 1 FROM victim WHERE id = seats) OR seats > ALL (SELECT 1)",
	"SELECT CASE WHEN seats BETWEEN 1 AND 2 THEN 'few' ELSE 'many' END, coalesce(plan, 'x'), nullif(plan, 'y'), ifnull(plan, 'z'), plan IS NULL, plan IS NOT DISTINCT FROM 'a' FROM crm.customers",
	"SELECT tags[1], tags[1:2], extra.city, extra['city'], {'a': 1}.a, MAP {'k': 1}['k'], (1, 2), [1, 2], #1 FROM crm.customers",
	"SELECT CAST(seats AS DECIMAL(10, 2)), seats::VARCHAR, TRY_CAST(plan AS INTEGER), TRY(1 / 0), seats::INTEGER[3] FROM crm.customers WHERE false",
	"SELECT DATE '2026-01-01' + INTERVAL 1 DAY, now() - INTERVAL '1 week', current_date, extract(year FROM joined), date_trunc('month', joined), joined AT TIME ZONE 'UTC', age(joined) FROM crm.customers",
	"SELECT email LIKE 'a%', email ILIKE 'A%', email SIMILAR TO 'a.*', email ~ 'a', email GLOB 'a*', email NOT LIKE 'b', email COLLATE nocase, trim(BOTH 'x' FROM email), substring(email FROM 1 FOR 2), position('a' IN email), email || 'x', regexp_replace(email, '\\+.*@', '@') FROM crm.customers",
	"SELECT -seats, seats % 2, seats // 2, seats ^ 2, seats & 1, seats | 1, seats << 1, ~seats, NOT seats > 1, seats!  FROM crm.customers",
	`SELECT '{"a": 1}'::JSON ->> 'a', json_extract('{"a": 1}', '$.a'), to_json(email) FROM crm.customers`,
	"SELECT unnest(tags) AS t FROM crm.customers",
	"SELECT i FROM range(3) r(i), generate_series(1, 2), unnest([1, 2]) u(x)",
	"SELECT key FROM json_each('{\"a\": 1}')",
	"SELECT email.upper().replace('A', 'b') FROM crm.customers",
	"SELECT md5(email), sha256(email), hash(email), uuid(), random() FROM crm.customers",
	"SELECT arg_max(email, seats), quantile_cont(seats, 0.5), approx_count_distinct(email), any_value(plan), histogram(seats) FROM crm.customers",
	"SELECT table_name FROM information_schema.tables",
	"SELECT current_database(), current_schema(), version()",
	"SELECT email FROM current_db.crm.customers",
	"SELECT email AS \"Mail; DROP TABLE victim\" FROM crm.customers",
	"(SELECT email FROM crm.customers)",
	"SELECT email FROM (FROM crm.customers WHERE seats > 0) AS t(email)",
}

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

// refused are queries that must not pass, with a part of what is said of each.
var refused = []struct{ query, message string }{
	{"", "empty"},
	{" \n", "empty"},
	{"-- nothing", "empty"},
	{";;", "empty"},
	{"/* open", "unterminated"},
	{"SELECT 'open", "unterminated"},
	{"SELECT 1\x00; DELETE FROM victim", "not text"},
	{"SELECT '\xff'", "not text"},
	{"SELECT 1; SELECT 2", "2 statements"},
	{"SELECT 1; DELETE FROM victim", "not a SELECT"},
	{"SELECT 1); DELETE FROM victim; SELECT (1", "syntax error"},
	{"SELECT 1) AS x; DELETE FROM victim; --", "syntax error"},
	{"DELETE FROM victim", "not a SELECT"},
	{"DELETE FROM victim RETURNING *", "not a SELECT"},
	{"INSERT INTO victim VALUES (1, 'x')", "not a SELECT"},
	{"UPDATE victim SET id = 1", "not a SELECT"},
	{"MERGE INTO victim USING victim v ON v.id = victim.id WHEN MATCHED THEN DELETE", "not a SELECT"},
	{"TRUNCATE victim", "not a SELECT"},
	{"WITH d AS (DELETE FROM victim RETURNING *) SELECT * FROM d", "CTE"},
	{"CREATE TABLE x AS SELECT 1", "not a SELECT"},
	{"CREATE TEMP TABLE x AS SELECT 1", "not a SELECT"},
	{"DROP TABLE victim", "not a SELECT"},
	{"ALTER TABLE victim ADD COLUMN x INTEGER", "not a SELECT"},
	{"SELECT 1 INTO x", "INTO"},
	{"SELECT * FROM victim FOR UPDATE", "locking"},
	{"PRAGMA version", "not a SELECT"},
	{"PRAGMA database_list", "not a SELECT"},
	{"DESCRIBE victim", "DESCRIBE"},
	{"DESCRIBE SELECT 1", "DESCRIBE"},
	{"SHOW TABLES", "DESCRIBE"},
	{"SHOW ALL TABLES", "DESCRIBE"},
	{"SHOW DATABASES", "DESCRIBE"},
	{"SUMMARIZE victim", "SUMMARIZE"},
	{"FROM (DESCRIBE victim)", "DESCRIBE"},
	{"SELECT (SELECT count(*) FROM (SUMMARIZE victim))", "SUMMARIZE"},
	{"CALL duckdb_settings()", "not a SELECT"},
	{"COPY victim TO 'x.csv'", "not a SELECT"},
	{"COPY (SELECT 1) TO '/tmp/x.csv'", "not a SELECT"},
	{"EXPORT DATABASE 'x'", "not a SELECT"},
	{"IMPORT DATABASE 'x'", ""},
	{"ATTACH 'x.db'", "not a SELECT"},
	{"DETACH control", "not a SELECT"},
	{"USE memory", "not a SELECT"},
	{"SET threads = 1", "not a SELECT"},
	{"RESET threads", "not a SELECT"},
	{"SET VARIABLE x = 1", "not a SELECT"},
	{"INSTALL httpfs", "not a SELECT"},
	{"LOAD httpfs", "not a SELECT"},
	{"CREATE SECRET (TYPE http, BEARER_TOKEN 'x')", "not a SELECT"},
	{"BEGIN", "not a SELECT"},
	{"COMMIT", "not a SELECT"},
	{"PREPARE p AS SELECT 1", "not a SELECT"},
	{"EXECUTE p", "not a SELECT"},
	{"CHECKPOINT", "not a SELECT"},
	{"VACUUM", "not a SELECT"},
	{"ANALYZE", "not a SELECT"},
	{"EXPLAIN SELECT 1", "not a SELECT"},
	{"EXPLAIN ANALYZE DELETE FROM victim", "not a SELECT"},
	{"CREATE MACRO f() AS 1", "not a SELECT"},
	{"COMMENT ON TABLE victim IS 'x'", "not a SELECT"},
	{"PIVOT crm.customers ON plan USING sum(seats)", "not a SELECT"},
	{"SELECT $1", "parameter"},
	{"SELECT ?", "parameter"},
	{"SELECT $name FROM victim WHERE id = $id", "parameter"},
	{"SELECT nextval('sq')", "nextval"},
	{"SELECT currval('sq')", "currval"},
	{"SELECT setseed(0.5)", "setseed"},
	{"SELECT write_log('x')", "write_log"},
	{"SELECT getvariable('x')", "getvariable"},
	{"SELECT current_setting('motherduck_token')", "current_setting"},
	{"SELECT Current_Setting('threads')", "current_setting"},
	{`SELECT "current_setting"('threads')`, "current_setting"},
	{"SELECT system.main.current_setting('threads')", "current_setting"},
	{"SELECT ('threads').current_setting()", "current_setting"},
	{"SELECT list_transform(['threads'], lambda x: current_setting(x))", "current_setting"},
	{"SELECT [current_setting(x) FOR x IN ['threads']]", "current_setting"},
	{"SELECT 1 ORDER BY current_setting('threads')", "current_setting"},
	{"SELECT 1 LIMIT (SELECT current_setting('threads')::INT)", "current_setting"},
	{"SELECT count(*) FILTER (WHERE current_setting('threads') = 1) FROM victim", "current_setting"},
	{"SELECT sum(id) OVER (ORDER BY current_setting('threads')) FROM victim", "current_setting"},
	{"SELECT * FROM victim QUALIFY current_setting('threads') = 1", "current_setting"},
	{"SELECT * FROM victim v JOIN victim w ON current_setting('threads') = 1", "current_setting"},
	{"SELECT * REPLACE (current_setting('threads') AS id) FROM victim", "current_setting"},
	{"SELECT DISTINCT ON (current_setting('threads')) id FROM victim", "current_setting"},
	{"PIVOT victim ON id IN (1) USING first(current_setting('threads'))", "current_setting"},
	{"SELECT 1 GROUP BY GROUPING SETS ((current_setting('threads')))", "current_setting"},
	{"VALUES (current_setting('threads'))", "current_setting"},
	{"WITH c AS (SELECT current_setting('threads')) SELECT 1", "current_setting"},
	{"SELECT 1 UNION SELECT current_setting('threads')::INT", "current_setting"},
	{"FROM range(current_setting('threads')::INT)", "current_setting"},
	{"SELECT sleep_ms(10)", "sleep_ms"},
	{"SELECT pg_sleep(10)", "pg_sleep"},
	{"SELECT error('x')", "error()"},
	{"SELECT getenv('HOME')", "getenv"},
	{"SELECT txid_current()", "txid_current"},
	{"SELECT json_serialize_plan('SELECT 1')", "json_serialize_plan"},
	{"FROM json_execute_serialized_sql('{}')", "json_execute_serialized_sql"},
	{"FROM query('SELECT 1')", "query"},
	{"FROM query_table('duckdb_settings')", "query_table"},
	{"FROM histogram('victim', 'id')", "histogram"},
	{"FROM histogram_values('duckdb_settings', 'value')", "histogram_values"},
	{"FROM which_secret('x', 'http')", "which_secret"},
	{"FROM duckdb_secrets()", "duckdb_secrets"},
	{"FROM duckdb_settings()", "duckdb_settings"},
	{"FROM duckdb_logs()", "duckdb_logs"},
	{"FROM duckdb_logs", "duckdb_logs"},
	{"FROM duckdb_databases", "duckdb_databases"},
	{"FROM pg_settings", "pg_settings"},
	{"FROM pg_catalog.pg_settings", "pg_settings"},
	{"FROM system.pg_catalog.pg_settings", "pg_settings"},
	{"FROM sqlite_master", "sqlite_master"},
	{"FROM pragma_version()", "pragma_version"},
	{"FROM pragma_database_list", "pragma_database_list"},
	{"FROM md_information_schema.databases", "belongs to the engine"},
	{"FROM MD_CREATE_FLIGHT(name := 'x')", "md_create_flight"},
	{"SELECT md_version()", "md_version"},
	{"FROM enable_logging()", "enable_logging"},
	{"FROM truncate_duckdb_logs()", "truncate_duckdb_logs"},
	{"FROM checkpoint()", "checkpoint"},
	{"FROM force_checkpoint()", "force_checkpoint"},
	{"FROM read_text('/etc/hostname')", "read_text"},
	{"FROM read_blob('/etc/hostname')", "read_blob"},
	{"FROM glob('/etc/*')", "glob"},
	{"FROM read_csv('/etc/passwd')", "read_csv"},
	{"FROM read_parquet('x.parquet')", "read_parquet"},
	{"FROM parquet_metadata('x.parquet')", "parquet_metadata"},
	{"FROM sniff_csv('/etc/passwd')", "sniff_csv"},
	{"FROM read_json('x.json')", "read_json"},
	{"FROM read_duckdb('x.db')", "read_duckdb"},
	{"FROM arrow_scan(1, 2, 3)", "arrow_scan"},
	{"FROM test_all_types()", "test_all_types"},
	{"FROM http_get('http://example.com')", "http_get"},
	{"FROM st_read('x')", "st_read"},
	{"FROM '/etc/passwd'", "/etc/passwd"},
	{"FROM '/etc/passwd.csv'", "/etc/passwd.csv"},
	{`FROM "x.parquet"`, "x.parquet"},
	{"FROM 'https://example.com/x.csv'", "https://example.com/x.csv"},
	{"FROM 's3://bucket/x.parquet'", "s3://bucket/x.parquet"},
	{`SELECT (WITH "a.csv" AS (SELECT 1 AS n) SELECT n FROM "a.csv") FROM "a.csv"`, "a.csv"},
	{"SELECT * FROM nope", "nope"},
	{"SELECT nope FROM victim", "nope"},
	{"SELECT lowr(email) FROM victim", "lowr"},
	{"SELECT sum(email) FROM victim", "sum"},
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
	if n := count(t, conn, "victim"); n != 10 {
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
		if _, err := Check(t.Context(), conn, "SELECT current_setting('threads') FROM victim"); err == nil {
			t.Errorf("%s\n\tlets a setting be read", macro)
		}
		if rows, err := StageKeys(t.Context(), conn, "SELECT email FROM victim", "email"); err != nil && !strings.Contains(macro, "duckdb_functions") {
			t.Errorf("%s\n\t%v", macro, err)
		} else if err == nil && rows != 10 {
			t.Errorf("%s\n\tgave %d rows", macro, rows)
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
		{"SELECT 'é',\n lowr(email) FROM victim", QueryError{
			Message: "a query can't call lowr(): it is not a function that is known to only compute", Hint: "did you mean lower()?", Line: 2, Column: 2}},
		{"SELECT email,\n       emial FROM victim", QueryError{
			Message: `referenced column "emial" not found in FROM clause`, Hint: `candidate bindings: "email"`, Line: 2, Column: 8}},
		{"SELECT '" + strings.Repeat("x", 300) + "', nope, '" + strings.Repeat("y", 300) + "' FROM victim", QueryError{
			Message: `referenced column "nope" not found in FROM clause`, Hint: `candidate bindings: "email"`, Line: 1, Column: 312}},
		{"SELECT 1\nFROM victims", QueryError{
			Message: "table with name victims does not exist", Hint: `did you mean "victim"?`, Line: 2, Column: 6}},
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
