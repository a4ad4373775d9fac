package warehouse

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/duckdb/duckdb-go/v2"
)

// The driver binds an argument whose name it does not know by its position, so no such argument may reach it.
func TestArgumentsAreTheParameters(t *testing.T) {
	t.Parallel()
	const statement = "-- $comment\nSELECT $a, '$text', \"$name\", /* $block\n */ $b_2, $a"
	for name, test := range map[string]struct {
		values map[string]any
		want   string // in the error; empty: none
	}{
		"exact":          {map[string]any{"a": 1, "b_2": 2}, ""},
		"misspelt":       {map[string]any{"a": 1, "b2": 2}, "no value for $b_2, the statement has no $b2"},
		"missing":        {map[string]any{"b_2": 2}, "no value for $a"},
		"one too many":   {map[string]any{"a": 1, "b_2": 2, "text": 3}, "the statement has no $text"},
		"in other cases": {map[string]any{"A": 1, "b_2": 2}, "no value for $a, the statement has no $A"},
	} {
		args, err := Args(statement, test.values)
		if test.want == "" && (err != nil || len(args) != len(test.values)) {
			t.Errorf("%s: %v, %v", name, args, err)
		}
		if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: error %v, want %q", name, err, test.want)
		}
	}
}

// The parameters that are found in a statement are those that DuckDB finds.
func TestParametersAreThoseOfTheDatabase(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	script(t, conn, "CREATE TEMP TABLE query_keys (key VARCHAR, too_long BIGINT);"+motherDuckCatalog)
	files, err := fs.Glob(sqlFiles, "sql/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		statement := sqlFile(strings.TrimSuffix(strings.TrimPrefix(file, "sql/"), ".sql"))
		if strings.Contains(statement, "system.main.query(") {
			continue // DuckDB can prepare it with a query alone
		}
		err := conn.Raw(func(raw any) error {
			prepared, err := raw.(*duckdb.Conn).Prepare(statement)
			if err != nil {
				return err
			}
			defer prepared.Close()
			names := parametersOf(statement)
			if prepared.NumInput() != len(names) {
				t.Errorf("%s: %d parameters, found %v", file, prepared.NumInput(), names)
			}
			for i, name := range names {
				if known, err := prepared.(*duckdb.Stmt).ParamName(i + 1); err != nil || known != name {
					t.Errorf("%s: parameter %d is %s (%v), found %s", file, i+1, known, err, name)
				}
			}
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}
