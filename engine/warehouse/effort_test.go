package warehouse

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// chain is a query in which each of n steps is made of the one before.
func chain(begin, step, end string, n int) string {
	var b strings.Builder
	b.WriteString(begin)
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, step, i-1, i)
	}
	fmt.Fprintf(&b, end, n)
	return b.String()
}

func around(before, core, after string, n int) string {
	return "SELECT " + strings.Repeat(before, n) + core + strings.Repeat(after, n) + " AS email"
}

// costly are queries that take the engine long to read or to bind, or memory that it does not count, and the error of each.
var costly = []struct{ query, message string }{
	{chain("SELECT 'x' AS a0", ", a%[1]d||a%[1]d AS a%[2]d", ", 'x' AS email, a%d", 18), "repeats its expressions"},
	{chain("SELECT 'x' AS a0", ", a%[1]d||A%[1]d AS a%[2]d", ", 'x' AS email WHERE a%d <> ''", 18), "repeats its expressions"},
	{chain("SELECT 'x' AS a0", ", alias.a%[1]d||a%[1]d AS a%[2]d", ", 'x' AS email, a%d", 18), "repeats its expressions"},
	{chain("SELECT 'x' AS a0", ", a%[1]d||'x' AS a%[2]d", ", 'x' AS email, a%d", 500), "repeats its expressions"},
	{"SELECT * FROM (" + chain("SELECT 'x' AS a0", ", a%[1]d||a%[1]d AS a%[2]d", ", 'x' AS email, a%d", 18) + ")", "repeats its expressions"},
	{chain("WITH c0 AS NOT MATERIALIZED (SELECT 'x' AS email)", ", c%[2]d AS NOT MATERIALIZED (SELECT a.email FROM c%[1]d a, c%[1]d b)", " SELECT email FROM c%d", 16), "WITH holds"},
	{chain("WITH c0 AS NOT/**/materialized (SELECT 'x' AS email)", ", c%[2]d AS not\nMaterialized (SELECT a.email FROM c%[1]d a, C%[1]d b)", " SELECT email FROM c%d", 16), "WITH holds"},
	{"SELECT 1" + strings.Repeat("+1", 900) + " AS email", "nests"},
	{"SELECT 'a'" + strings.Repeat("||'a'", 900) + " AS email", "nests"},
	{"SELECT '{}'::JSON" + strings.Repeat("->'a'", 900) + " AS email", "nests"},
	{"SELECT " + strings.Repeat("1"+strings.Repeat("+1", 200)+",", 100) + " 'x' AS email", "nests"},
	{around("[", "1", "]", 900), "nests"},
	{around("abs(", "1", ")", 900), "nests"},
	{around("nullif(", "'x'", ", 'y')", 18), "repeats its expressions"},
	{around("twice(", "'x'", ")", 18), "repeats its expressions"},
	{"SELECT now()" + strings.Repeat(" AT TIME ZONE 'UTC'", 900) + " AS email", "nests"},
	{"SELECT 'x' AS email " + strings.Repeat("/*", 60_000) + strings.Repeat("*/", 60_000), "comments"},
	{"SELECT levenshtein(repeat('a',250000),repeat('b',250000))::VARCHAR AS email", "levenshtein()"},
	{"SELECT damerau_levenshtein(a.email, b.email) AS email FROM crm.customers a, crm.customers b", "damerau_levenshtein()"},
	{"SELECT editdist3(left(email, 100), email) AS email FROM crm.customers", "editdist3()"},
	{"SELECT jaccard(left(email, -1), 'x') AS email FROM crm.customers", "jaccard()"},
	{"SELECT jaro_similarity(substr(email, 5), 'x') AS email FROM crm.customers", "jaro_similarity()"},
	{"SELECT jaro_winkler_similarity(left(email, 2000), 'x') AS email FROM crm.customers", "jaro_winkler_similarity()"},
	{"SELECT repeat('x', 3000000000) AS email", "repeat()"},
	{"SELECT ('x').repeat(3e9) AS email", "repeat()"},
	{"SELECT repeat('x', '3000000000') AS email", "repeat()"},
	{"SELECT repeat('x', n) AS email FROM (SELECT 3000000000 AS n)", "repeat()"},
	{"SELECT repeat('x', 50000 * 50000) AS email", "repeat()"},
	{"SELECT repeat('x', greatest(1, 3000000000)) AS email", "repeat()"},
	{"WITH a AS (SELECT repeat('x', 100000) AS x) SELECT repeat(x, 100000) AS email FROM a", "repeat()"},
	{"SELECT lpad('x', 2000000000, 'y') AS email", "lpad()"},
	{"SELECT rpad('x', n::INT, 'y') AS email FROM range(3) t(n)", "rpad()"},
	{"SELECT printf('%2000000000d', 1) AS email", "printf()"},
	{"SELECT printf('%-*d', 2000000000, 1) AS email", "printf()"},
	{"SELECT printf('%' || 2000000000 || 'd', 1) AS email", "printf()"},
	{"SELECT format('{:2000000000}', 1) AS email", "format()"},
	{"SELECT format('{:{}}', 1, 2000000000) AS email", "format()"},
	{"SELECT range(300000000)::VARCHAR AS email", "range()"},
	{"SELECT range(-300000000, 5)::VARCHAR AS email", "range()"},
	{"SELECT len(list_transform(range(100000000), x -> sqrt(x+1)))::VARCHAR AS email", "range()"},
	{"SELECT len(list_transform(range(10000), x -> range(10000)))::VARCHAR AS email", "range()"},
	{"SELECT generate_series(DATE '0001-01-01', DATE '9999-01-01', INTERVAL 1 SECOND)::VARCHAR AS email", "generate_series()"},
	{"SELECT list_resize([1], 300000000)::VARCHAR AS email", "list_resize()"},
	{"SELECT bitstring('1', 2000000000)::VARCHAR AS email", "bitstring()"},
	{"SELECT email FROM growing", "repeat()"},
	{"SELECT grown(3) AS email", "repeat()"},
}

// cheap are queries like them that analysts write.
var cheap = []string{
	chain("SELECT 'x' AS a0", ", a%[1]d||a%[1]d AS a%[2]d", ", a%d AS email", 6),
	chain("SELECT 'x' AS a0", ", a%[1]d||'x' AS a%[2]d", ", a%d AS email", 30),
	chain("WITH c0 AS (SELECT 'x' AS email)", ", c%[2]d AS MATERIALIZED (SELECT a.email FROM c%[1]d a, c%[1]d b)", " SELECT email FROM c%d", 8),
	chain("WITH c0 AS (SELECT 'x' AS email)", ", c%[2]d AS (SELECT a.email FROM c%[1]d a, c%[1]d b)", " SELECT email FROM c%d", 16),
	"SELECT 1" + strings.Repeat("+1", 150) + " AS email",
	"SELECT email FROM crm.customers WHERE false" + strings.Repeat(" OR email = 'x'", 900),
	"SELECT email FROM crm.customers WHERE email IN ('x'" + strings.Repeat(", 'x'", 20_000) + ")",
	"SELECT email" + strings.Repeat(", coalesce(nullif(trim(lower(email)), ''), 'none')", 300) + " FROM crm.customers",
	"SELECT email " + strings.Repeat("/* why */", 500) + " FROM crm.customers",
	"SELECT email FROM crm.customers WHERE levenshtein(left(lower(email), 100), 'ada@example.com') < 3",
	"SELECT a.email FROM crm.customers a, crm.customers b WHERE jaro_winkler_similarity(lower(left(a.email, 64)), upper(substr(b.email, 1, 64))) > 0.9",
	"SELECT lpad(email, 10, '0') || rpad(email, least(len(email)::INT, 20), '-') || repeat('x', 3) || repeat('*', least(len(email), 100)) AS email FROM crm.customers",
	"SELECT repeat(' ', 900) || email || repeat(' ', 900) || repeat('x', 900) || repeat('y', 900) AS email FROM crm.customers",
	"SELECT printf('%08.3f %-20s', 1.5, email) || format('{:>10} {}', 'x', 12345678) AS email FROM crm.customers",
	"SELECT unnest(range(100))::VARCHAR AS email",
	"SELECT len(range(20240101, 20240131))::VARCHAR AS email",
	"SELECT i::VARCHAR AS email FROM range(1000000) t(i) LIMIT 5",
	"SELECT d::VARCHAR AS email FROM generate_series(DATE '2020-01-01', DATE '2020-01-05', INTERVAL 1 DAY) t(d)",
	"SELECT c.email FROM crm.customers c, range(len(c.email)) t(i) LIMIT 5",
}

const growing = `
CREATE MACRO twice(x) AS x || x;
CREATE MACRO grown(n) AS repeat('x', n);
CREATE VIEW growing AS SELECT repeat('x', 3000000000) AS email;
`

func TestCheckRefusesWhatTakesTheEngineLong(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{MemoryLimit: "300MB"})
	script(t, conn, customers+growing)
	for _, test := range costly {
		name := test.query[:min(len(test.query), 200)]
		_, err := Check(t.Context(), conn, test.query)
		var problem *QueryError
		if !errors.As(err, &problem) || !strings.Contains(problem.Message, test.message) || problem.Hint == "" {
			t.Errorf("%s\n\tgot:  %v\n\twant: %s", name, err, test.message)
		}
	}
	for _, query := range cheap {
		if _, err := Check(t.Context(), conn, query); err != nil {
			t.Errorf("%.200s\n\trefused: %v", query, err)
		}
		if _, err := StageKeys(t.Context(), conn, query, emails); err != nil {
			t.Errorf("%.200s\n\tdoes not run: %v", query, err)
		}
	}
}

// Every macro of the engine's own whose text names an argument twice is known to do so.
func TestDoublingMacros(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	rows, err := conn.QueryContext(t.Context(), `SELECT DISTINCT function_name FROM (
SELECT function_name, macro_definition, unnest(parameters) AS p FROM duckdb_functions() WHERE function_type = 'macro' AND internal
) WHERE len(regexp_extract_all(macro_definition, '\b' || p || '\b')) > 1 ORDER BY ALL`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	catalogue := readCatalogue()
	var unknown []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		if _, allowed := catalogue.allowed[name]; allowed && doubling[name] == 0 {
			unknown = append(unknown, name)
		}
	}
	if slices.Sort(unknown); len(unknown) > 0 {
		t.Errorf("these name an argument more than once: %v", unknown)
	}
}
