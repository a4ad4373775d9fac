package warehouse

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// target is an engine on which nothing is locked, as MotherDuck's is: what the gate lets pass, the engine does. Its folder, in which the engine also
// looks for files that are named without one, holds files with secrets, and the database hr is outside of the scope.
func target(t testing.TB) (folder string, conn *Conn, scope Scope) {
	t.Helper()
	folder = t.TempDir()
	conn, err := OpenFile(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	script(t, conn, customers+strings.ReplaceAll(`
SET autoinstall_known_extensions = false;
SET autoload_known_extensions = false;
SET file_search_path = '$DIR';
SET VARIABLE hidden = 'SECRET of a variable';
COPY (SELECT 'SECRET of csv' AS email) TO '$DIR/hidden.csv';
COPY (SELECT 'SECRET of É' AS email) TO '$DIR/é.csv';
COPY (SELECT 'SECRET of parquet' AS email) TO '$DIR/hidden.parquet';
COPY (SELECT 'SECRET of json' AS email) TO '$DIR/hidden.json';
ATTACH '$DIR/hidden.duckdb' AS made; CREATE TABLE made.hidden AS SELECT 'SECRET of a file' AS email; DETACH made;
ATTACH ':memory:' AS hr;
CREATE TABLE hr.payroll AS SELECT 'SECRET of hr' AS email, 1 AS "SECRET salary";
CREATE TABLE hr."hidden.csv" AS SELECT 'a@example.com' AS email;
CREATE TABLE hr."$DIR/hidden.json" AS SELECT 'a@example.com' AS email;
CREATE TYPE hr.mood AS ENUM ('SECRET of a type', 'b');
CREATE SCHEMA hr.s; CREATE TABLE hr.s."https://127.0.0.1:9/x.csv" AS SELECT 'a@example.com' AS email;
CREATE SCHEMA away; CREATE TABLE away."hidden.csv" AS SELECT 'a@example.com' AS email;
CREATE VIEW open_payroll AS SELECT email FROM hr.payroll;
CREATE VIEW columns_of_all AS SELECT table_name || column_name AS email FROM information_schema.columns;
CREATE MACRO payroll() AS TABLE SELECT email FROM hr.payroll;
CREATE MACRO setting(n) AS current_setting(n);
CREATE MACRO csv_of(n) AS TABLE SELECT * FROM read_csv(n);
CREATE TABLE generating (x INTEGER, note VARCHAR DEFAULT current_setting('threads'), email VARCHAR GENERATED ALWAYS AS ('it''s (' || getvariable('hidden') || '")"'));
CREATE TABLE generating_well (x INTEGER DEFAULT random(), email VARCHAR GENERATED ALWAYS AS (lower('GENERATED ALWAYS AS(getvariable(x)') || x) VIRTUAL);
CREATE VIEW over_generating AS SELECT email FROM generating;
INSERT INTO generating (x) VALUES (1); INSERT INTO generating_well (x) VALUES (1);
`, "$DIR", folder))
	return folder, conn, Scope{Databases: []string{"memory"}}
}

// hostileRelations are what no query may name in a table's place, with a part of the reason.
var hostileRelations = map[string]string{
	// Files and addresses by whatever name.
	"'$DIR/hidden.csv'":             "can't read the file",
	"'hidden.csv'":                  "can't read the file",
	"hidden.csv":                    "does not exist",
	`"hidden".csv`:                  "does not exist",
	`"$DIR/hidden".csv`:             "only Parquet and CSV",
	`"$DIR/hidden".CSV`:             "only Parquet and CSV",
	`"$DIR/hidden".json`:            "only Parquet and CSV",
	`"$DIR/hidden".parquet`:         "only Parquet and CSV",
	`"$DIR/hidden".duckdb`:          "only Parquet and CSV",
	"hidden.duckdb":                 "does not exist",
	`"$DIR".hidden.csv`:             "only Parquet and CSV",
	`main."hidden.csv"`:             "only Parquet and CSV",
	`memory.main."hidden.csv"`:      "only Parquet and CSV",
	`"https://127.0.0.1:9/x".csv`:   "only Parquet and CSV",
	`"http://127.0.0.1:9/x?q".json`: "only Parquet and CSV",
	`"s3://bucket/key".parquet`:     "only Parquet and CSV",
	"'s3://bucket/key.parquet'":     "only Parquet and CSV",
	"'$DIR/*.csv'":                  "can't read the file",
	"'file://$DIR/hidden.csv'":      "only Parquet and CSV",
	"'/proc/self/environ'":          "only Parquet and CSV",
	// A table of that name in another database, or in another schema, is not what the engine finds.
	"'$DIR/hidden.json'":          "only Parquet and CSV",
	"'https://127.0.0.1:9/x.csv'": "only Parquet and CSV",
	`away.payroll`:                "does not exist",
	// Functions.
	"read_csv('$DIR/hidden.csv')":         "reads files",
	"read_parquet('$DIR/hidden.parquet')": "reads files",
	"read_json('$DIR/hidden.json')":       "reads files",
	"read_text('$DIR/hidden.csv')":        "reads files",
	"read_blob('$DIR/hidden.csv')":        "reads files",
	"read_duckdb('$DIR/hidden.duckdb')":   "reads files",
	"glob('$DIR/*')":                      "reads files",
	"sniff_csv('$DIR/hidden.csv')":        "reads files",
	"csv_of('$DIR/hidden.csv')":           "by the macro csv_of",
	"query('FROM ''$DIR/hidden.csv''')":   "SQL held in a text",
	"query_table('hr.payroll')":           "SQL held in a text",
	"json_execute_serialized_sql('{}')":   "SQL held in a text",
	"duckdb_settings()":                   "the engine's catalog or settings",
	"duckdb_secrets()":                    "the engine's catalog or settings",
	"duckdb_columns()":                    "the engine's catalog or settings",
	"duckdb_logs()":                       "the engine's catalog or settings",
	"pragma_table_info('hr.payroll')":     "the engine's catalog or settings",
	"enable_logging()":                    "changes the engine",
	"force_checkpoint()":                  "changes the engine",
	"st_read('x')":                        "not a function that is known",
	"duckdb_tables":                       "belongs to the engine",
	"pg_catalog.pg_class":                 "belongs to the engine",
	"system.information_schema.columns":   "belongs to the engine",
	"sqlite_master":                       "belongs to the engine",
	"(DESCRIBE hr.payroll)":               "DESCRIBE",
	"(SUMMARIZE buyers)":                  "SUMMARIZE",
	"(SHOW ALL TABLES)":                   "DESCRIBE",
	"hr.payroll":                          "outside of allowed_databases",
	"hr.main.payroll":                     "outside of allowed_databases",
	"open_payroll":                        "by the view open_payroll",
	"payroll()":                           "by the macro payroll",
	"information_schema.columns":          "outside of allowed_databases",
	"information_schema.tables":           "outside of allowed_databases",
	"Information_Schema.SCHEMATA":         "outside of allowed_databases",
	"columns_of_all":                      "by the view columns_of_all",
	"generating":                          "by a generated column of the table generating: a query can't call getvariable()",
	"memory.main.generating":              "by a generated column",
	"over_generating":                     "by a generated column",
}

// tablePlaces are the places in which a query can name a table; $T stands for it.
var tablePlaces = []string{
	"SELECT * FROM $T",
	"FROM $T",
	"SELECT * FROM $T AS t",
	"SELECT * FROM buyers, $T AS t",
	"SELECT * FROM buyers JOIN $T AS t ON true",
	"SELECT * FROM buyers LEFT JOIN $T AS t ON true",
	"SELECT * FROM buyers POSITIONAL JOIN $T AS t",
	"SELECT * FROM buyers SEMI JOIN $T AS t ON true",
	"SELECT * FROM buyers, LATERAL (SELECT * FROM $T)",
	"SELECT * FROM (SELECT * FROM (FROM $T))",
	"SELECT (SELECT count(*) FROM $T)",
	"SELECT ARRAY(SELECT 1 FROM $T)",
	"SELECT EXISTS (FROM $T)",
	"SELECT 1 IN (SELECT 1 FROM $T)",
	"SELECT 1 = ANY (SELECT 1 FROM $T)",
	"SELECT id FROM buyers WHERE id = (SELECT count(*) FROM $T)",
	"SELECT count(*) FILTER (WHERE EXISTS (FROM $T)) FROM buyers",
	"SELECT id FROM buyers ORDER BY (SELECT count(*) FROM $T)",
	"SELECT id FROM buyers LIMIT (SELECT count(*) FROM $T)",
	"SELECT id FROM buyers GROUP BY id HAVING EXISTS (FROM $T)",
	"SELECT id FROM buyers QUALIFY EXISTS (FROM $T)",
	"SELECT CASE WHEN true THEN 1 ELSE (SELECT count(*) FROM $T) END",
	"SELECT [(SELECT count(*) FROM $T)], {'a': (SELECT count(*) FROM $T)}",
	"SELECT * REPLACE ((SELECT count(*) FROM $T) AS id) FROM buyers",
	"SELECT 1 UNION ALL SELECT 2 FROM $T",
	"SELECT 1 FROM $T EXCEPT SELECT 2",
	"WITH c AS (FROM $T) SELECT 1",
	"WITH c AS MATERIALIZED (FROM $T) SELECT * FROM c",
	"WITH RECURSIVE c AS (SELECT 1 AS n FROM $T UNION ALL SELECT n + 1 FROM c WHERE n < 2) SELECT * FROM c",
	"WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM c, $T AS t WHERE n < 2) SELECT * FROM c",
	"VALUES ((SELECT count(*) FROM $T))",
	"SELECT * FROM range((SELECT count(*) FROM $T))",
	"PIVOT (SELECT 1 AS a FROM $T) ON a IN (1) USING count(*)",
	"UNPIVOT (SELECT 1 AS a FROM $T) ON a INTO NAME n VALUE v",
	"SELECT * FROM $T AS t TABLESAMPLE 1 ROWS",
}

// hostileExpressions are what no query may compute, with a part of the reason.
var hostileExpressions = map[string]string{
	"current_setting('threads')":                          "current_setting",
	"Current_Setting('threads')":                          "current_setting",
	"system.main.current_setting('threads')":              "current_setting",
	"('threads').current_setting()":                       "current_setting",
	"setting('threads')":                                  "by the macro setting",
	"getvariable('hidden')":                               "getvariable",
	"enum_range(NULL::hr.mood)":                           "outside of allowed_databases",
	"enum_last(TRY_CAST(NULL AS hr.main.mood))":           "outside of allowed_databases",
	"enum_range(({'a': NULL}::STRUCT(a hr.mood[])).a[1])": "outside of allowed_databases",
	"getenv('HOME')":                                      "getenv",
	"nextval('sq')":                                       "nextval",
	"currval('sq')":                                       "currval",
	"error('x')":                                          "error()",
	"sleep_ms(1)":                                         "sleep_ms",
	"write_log('x')":                                      "write_log",
	"json_serialize_plan('SELECT 1')":                     "json_serialize_plan",
	"unknown_function(1)":                                 "not a function that is known",
	"(SELECT email FROM generating)":                      "by a generated column",
	"(SELECT count(*) FROM read_text('x'))":               "reads files",
	`(SELECT count(*) FROM "$DIR/hidden".csv)`:            "only Parquet and CSV",
	"(SELECT count(*) FROM information_schema.tables)":    "outside of allowed_databases",
}

// expressionPlaces are the places in which a query can compute; $E stands for the expression.
var expressionPlaces = []string{
	"SELECT $E",
	"VALUES ($E)",
	"SELECT id FROM buyers WHERE $E = '1'",
	"SELECT count(*) FROM buyers GROUP BY $E",
	"SELECT count(*) FROM buyers GROUP BY GROUPING SETS (($E), ())",
	"SELECT count(*) FROM buyers GROUP BY ALL HAVING $E = '1'",
	"SELECT id FROM buyers QUALIFY $E = '1'",
	"SELECT id FROM buyers ORDER BY $E",
	"SELECT id FROM buyers LIMIT ($E)::INT",
	"SELECT id FROM buyers LIMIT 1 OFFSET ($E)::INT",
	"SELECT DISTINCT ON ($E) id FROM buyers",
	"SELECT * FROM buyers v JOIN buyers w ON $E = '1'",
	"SELECT count(*) FILTER (WHERE $E = '1') FROM buyers",
	"SELECT string_agg(email, ',' ORDER BY $E) FROM buyers",
	"SELECT sum(id) OVER (PARTITION BY $E) FROM buyers",
	"SELECT sum(id) OVER (ORDER BY $E) FROM buyers",
	"SELECT sum(id) OVER (ORDER BY id ROWS BETWEEN ($E)::INT PRECEDING AND CURRENT ROW) FROM buyers",
	"SELECT lead(id, 1, ($E)::INT) OVER (ORDER BY id) FROM buyers",
	"SELECT sum(id) OVER w FROM buyers WINDOW w AS (PARTITION BY $E)",
	"SELECT CASE $E WHEN '1' THEN 1 END",
	"SELECT CASE WHEN true THEN 'x' ELSE $E END",
	"SELECT coalesce(NULL, $E), nullif($E, 'x')",
	"SELECT 'x' IN ('y', $E)",
	"SELECT 'x' BETWEEN 'a' AND $E",
	"SELECT 'x' LIKE $E",
	"SELECT [$E], {'a': $E}, MAP {'k': $E}, ($E, 1)",
	"SELECT list_transform([1], lambda x: $E)",
	"SELECT [$E FOR x IN [1]]",
	"SELECT [x FOR x IN [1] IF $E = '1']",
	"SELECT CAST($E AS VARCHAR), TRY_CAST($E AS INTEGER), TRY($E)",
	"SELECT ($E) COLLATE nocase",
	"SELECT (($E) || '').upper()",
	"SELECT ['a'][($E)::INT]",
	"SELECT -- comment\n /* $ */ $E",
	"SELECT * REPLACE ($E AS id) FROM buyers",
	"SELECT COLUMNS(c -> c = $E) FROM buyers",
	"SELECT unnest([$E])",
	"SELECT * FROM unnest([$E])",
	"SELECT * FROM (VALUES ($E)) t(x)",
	"SELECT 1 UNION SELECT ($E)::INT",
	"WITH c AS (SELECT $E) SELECT 1",
	"PIVOT buyers ON id IN (1) USING first($E)",
	"SELECT * FROM buyers, LATERAL (SELECT $E)",
	"SELECT interval ($E) day",
	"SELECT NOT $E = '1' AND ($E IS NULL OR $E IS DISTINCT FROM 'x')",
	"SELECT 'x' || $E",
}

// hostileScopes are uses of a CTE's name where the CTE is not in scope, so that the engine reads the file, with a part of the reason.
var hostileScopes = map[string]string{
	`WITH "hidden.csv" AS (FROM "hidden.csv") FROM "hidden.csv"`:                                                                        "can't read the file",
	`WITH a AS (FROM "hidden.csv"), "hidden.csv" AS (SELECT 1) FROM a`:                                                                  "can't read the file",
	`WITH RECURSIVE a AS (FROM "hidden.csv"), "hidden.csv" AS (SELECT 1) FROM a`:                                                        "can't read the file",
	`WITH RECURSIVE "hidden.csv" AS (FROM "hidden.csv") FROM "hidden.csv"`:                                                              "can't read the file",
	`WITH RECURSIVE "hidden.csv" AS (SELECT email FROM "hidden.csv" UNION SELECT email FROM "hidden.csv") FROM "hidden.csv"`:            "can't read the file",
	`SELECT * FROM (WITH "hidden.csv" AS (SELECT 1) FROM "hidden.csv"), "hidden.csv"`:                                                   "can't read the file",
	`SELECT (WITH "hidden.csv" AS (SELECT 1 AS n) SELECT n FROM "hidden.csv") FROM "hidden.csv"`:                                        "can't read the file",
	`(WITH "hidden.csv" AS (SELECT 'x' AS email) FROM "hidden.csv") UNION FROM "hidden.csv"`:                                            "can't read the file",
	`WITH a AS (WITH "hidden.csv" AS (SELECT 1) FROM "hidden.csv") SELECT * FROM a, "hidden.csv"`:                                       "can't read the file",
	`WITH "É.csv" AS (SELECT 'x' AS email) FROM "é.csv"`:                                                                                "can't read the file",
	`WITH "hidden.csv" AS (SELECT 1) FROM main."hidden.csv"`:                                                                            "only Parquet and CSV",
	`WITH csv AS (SELECT 1) FROM hidden.csv`:                                                                                            "does not exist",
	`WITH RECURSIVE "hidden.csv" AS (SELECT 1) FROM recurring."hidden.csv"`:                                                             "only Parquet and CSV",
	`SELECT * FROM buyers WHERE id IN (WITH "hidden.csv" AS (SELECT 1 AS n) SELECT n FROM "hidden.csv") AND EXISTS (FROM "hidden.csv")`: "can't read the file",
}

// attacks are the hostile texts, with the reason why each is refused: every form in every place, or where not all is wanted, every
// form in one place and every place with one form.
func attacks(folder string, all bool) map[string]string {
	found := maps.Clone(hostileScopes)
	combine := func(forms map[string]string, places []string, mark string) {
		for i, form := range slices.Sorted(maps.Keys(forms)) {
			for j, place := range places {
				if all || i == 0 || j == 0 {
					found[strings.ReplaceAll(strings.ReplaceAll(place, mark, form), "$DIR", folder)] = forms[form]
				}
			}
		}
	}
	combine(hostileRelations, tablePlaces, "$T")
	combine(hostileExpressions, expressionPlaces, "$E")
	return found
}

// The engine is not locked here: that a query is refused is the gate's doing alone, and so is the reason.
func TestAttacks(t *testing.T) {
	t.Parallel()
	folder, conn, scope := target(t)
	g, err := scope.gate(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	for query, reason := range attacks(folder, true) {
		clear(g.seen)
		problem, err := g.check(t.Context(), query)
		if err != nil || problem == nil {
			t.Errorf("%s\n\tgot past the gate: %v", query, err)
		} else if !strings.Contains(problem.Message, reason) {
			t.Errorf("%s\n\tgot:  %s\n\twant: %s", query, problem.Message, reason)
		}
	}
}

// A macro is no way round.
func TestAttacksByMacros(t *testing.T) {
	t.Parallel()
	folder, conn, scope := target(t)
	made := 0
	for query, reason := range attacks(folder, false) {
		if err := Script(t.Context(), conn, "CREATE OR REPLACE MACRO hr.attack() AS TABLE "+query); err != nil {
			continue // what the engine does not take for a macro
		}
		made++
		_, err := scope.Check(t.Context(), conn, "FROM hr.attack()")
		var problem *QueryError
		if !errors.As(err, &problem) || problem.Unwrap() != nil || !strings.Contains(problem.Message, reason) {
			t.Errorf("%s\n\tin a macro: %v\n\twant: %s", query, err, reason)
		}
	}
	if made < 100 {
		t.Errorf("%d macros", made)
	}
}

// The reason of each is the argument of the function, not the engine, which would let it pass.
func TestAttacksInDataFolders(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, text := range map[string]string{"x.csv": "email\nada@example.com\n", ".env": "API_KEY=SECRET\n", "x.json": `{"email": "SECRET"}`} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, conn := setup(t, Config{DataFolders: []string{folder}})
	script(t, conn, strings.ReplaceAll(`CREATE MACRO orders(name) AS TABLE FROM read_csv('$DIR/' || name || '.csv'); CREATE MACRO anything(name) AS TABLE FROM read_csv(name)`, "$DIR", folder))
	for query, reason := range map[string]string{
		"FROM read_csv('$DIR/x.csv', columns = {'email': 'INT'}, store_rejects = true)": "store_rejects: it writes temp tables",
		"FROM read_csv('$DIR/x.csv', STORE_REJECTS := true)":                            "store_rejects: it writes temp tables",
		"FROM read_csv('$DIR/x.csv', \"store_rejects\" => true)":                        "store_rejects: it writes temp tables",
		"FROM read_csv('$DIR/x.csv', rejects_table = 'desired')":                        "rejects_table: it writes temp tables",
		"FROM read_csv_auto('$DIR/x.csv', rejects_scan = 'zz')":                         "rejects_scan: it writes temp tables",
		"SELECT count(*) FROM (FROM read_csv('$DIR/x.csv', rejects_limit = 1))":         "rejects_limit: it writes temp tables",
		"FROM read_csv('$DIR/x.csv', buffer_size = 10000000000)":                        "buffer_size: it takes as much memory",
		"FROM read_parquet('$DIR/x.parquet', encryption_config = {footer_key: 'k'})":    "encryption_config: it uses keys",
		"FROM read_csv('$DIR/x.csv', no_such_argument = 1)":                             "not known to only read",
		"FROM read_csv('$DIR/.env', header = false)":                                    "other files than Parquet and CSV",
		"FROM read_csv(['$DIR/x.csv', '$DIR/.env'])":                                    "other files than Parquet and CSV",
		"FROM read_csv('$DIR/*')":                                                       "other files than Parquet and CSV",
		"FROM read_csv('$DIR/x.csv' || '/../.env')":                                     "other files than Parquet and CSV",
		"FROM read_csv('https://127.0.0.1:9/x.csv')":                                    "other files than Parquet and CSV",
		"FROM anything('$DIR/.env')":                                                    "by the macro anything",
		"FROM '$DIR/.env'":                                                              "only Parquet and CSV",
		`FROM "$DIR/x".json`:                                                            "only Parquet and CSV",
		`FROM "$DIR/x".csv`:                                                             "only Parquet and CSV",
		`FROM "$DIR".x.csv`:                                                             "only Parquet and CSV",
		"FROM read_json('$DIR/x.json')":                                                 "reads files",
	} {
		query = strings.ReplaceAll(query, "$DIR", folder)
		_, err := Check(t.Context(), conn, query)
		var problem *QueryError
		if !errors.As(err, &problem) || problem.Unwrap() != nil || !strings.Contains(problem.Message, reason) {
			t.Errorf("%s\n\tgot:  %v\n\twant: %s", query, err, reason)
		}
	}
	for _, query := range []string{
		"FROM '$DIR/x.csv'", "FROM read_csv('$DIR/x.csv', header = true, delim := ',')", "FROM read_csv(['$DIR/x.csv', '$DIR/*.csv'], union_by_name = true)", "FROM orders('x')",
	} {
		if _, err := Check(t.Context(), conn, strings.ReplaceAll(query, "$DIR", folder)); err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
}

// Defaults of a macro's parameters need no judging: the engine computes them when the macro is made, by whoever makes it, and takes no
// others than constants. A newer engine for which that is not so fails here.
func TestMacroDefaultsAreComputedWhenMade(t *testing.T) {
	t.Parallel()
	_, conn, scope := target(t)
	script(t, conn, `SET threads = 2;
CREATE MACRO made(a := current_setting('threads')) AS a;
CREATE MACRO made_table(a := getvariable('hidden')) AS TABLE SELECT a;
SET threads = 3; SET VARIABLE hidden = 'changed'`)
	for query, want := range map[string]string{"SELECT made()::VARCHAR": "2", "FROM made_table()": "SECRET of a variable"} {
		var got string
		if _, err := scope.Check(t.Context(), conn, query); err != nil {
			t.Errorf("%s: %v", query, err)
		}
		if err := conn.ScanRow(t.Context(), query, &got); err != nil || got != want {
			t.Errorf("%s computes its default when it is called: %s, %v", query, got, err)
		}
	}
	for _, expression := range []string{"random()", "nextval('sq')", "(SELECT email FROM hr.payroll)"} {
		if err := Script(t.Context(), conn, "CREATE MACRO bad(a := "+expression+") AS a"); err == nil {
			t.Errorf("a default can be %s", expression)
		}
	}
}
