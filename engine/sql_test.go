package engine

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rollcall/engine/warehouse"
	"rollcall/engine/warehouse/querytest"
)

// scripts are more than one statement.
var scripts = []warehouse.NamedQuery{queries.MakeSavedPlan, queries.DropSets}

func isScript(q warehouse.NamedQuery) bool {
	return slices.ContainsFunc(scripts, func(s warehouse.NamedQuery) bool { return s.Name() == q.Name() })
}

// Every statement beside a package is used by its code. That every name in the code has a statement is seen when the program starts.
func TestQueriesAreUsed(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../*/sql/*.sql")
	inner, err2 := filepath.Glob("../*/*/sql/*.sql")
	if files = append(files, inner...); err != nil || err2 != nil || len(files) < 10 {
		t.Fatalf("%d files, %v, %v", len(files), err, err2)
	}
	for _, file := range files {
		code := codeOf(t, filepath.Dir(filepath.Dir(file)))
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range regexp.MustCompile(`(?m)^-- name: (\w+)\n(.*)$`).FindAllStringSubmatch(string(text), -1) {
			if !regexp.MustCompile(`\bqueries\.` + match[1] + `\b`).MatchString(code) {
				t.Errorf("%s: %s is not used", file, match[1])
			}
			if !strings.HasPrefix(match[2], "-- ") {
				t.Errorf("%s: %s: no line says what it is for", file, match[1])
			}
		}
	}
}

// codeOf is the code of a package, tests apart.
func codeOf(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(data)
	}
	return code.String()
}

// Every query is one statement that the engine takes on a migrated database with the sets staged.
func TestQueriesPrepare(t *testing.T) {
	t.Parallel()
	querytest.PrepareStaged(t, slices.DeleteFunc(warehouse.All(queries), isScript),
		"CREATE TEMP TABLE rollcall_open_rejects (sync VARCHAR, key VARCHAR, reason VARCHAR)",
		"CREATE TABLE about (sync VARCHAR, list_id VARCHAR, list_name VARCHAR, plan_hash VARCHAR, planned_at TIMESTAMPTZ, n_to_add BIGINT, n_to_remove BIGINT)",
	)
}

// A script is several statements, and runs as a whole on an empty database.
func TestSQLScriptsRun(t *testing.T) {
	t.Parallel()
	for _, q := range scripts {
		conn := querytest.Empty(t)
		if _, err := conn.ExecContext(t.Context(), q.Text()); err != nil {
			t.Errorf("%s: %v", q.Name(), err)
		}
		var tables int
		if err := conn.QueryRowContext(t.Context(), "SELECT count(*) FROM duckdb_tables()").Scan(&tables); err != nil || tables < 2 && q.Name() != queries.DropSets.Name() {
			t.Errorf("%s: made %d tables, %v", q.Name(), tables, err)
		}
	}
}
