package warehouse

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/duckdb/duckdb-go/v2"
)

// Statements and fields match one to one, or the program does not start.
func TestMustLoad(t *testing.T) {
	t.Parallel()
	type two struct{ First, Second NamedQuery }
	for name, test := range map[string]struct{ text, panics string }{
		"one each":             {"-- name: First\nSELECT $a;\n\n-- name: Second\n-- Says two.\nSELECT 2;\n", ""},
		"no field":             {"-- name: First\nSELECT 1;\n-- name: Second\nSELECT 2;\n-- name: Third\nSELECT 3;\n", "Third"},
		"no statement":         {"-- name: First\nSELECT 1;\n", "Second"},
		"twice":                {"-- name: First\nSELECT 1;\n-- name: Second\nSELECT 2;\n-- name: First\nSELECT 3;\n", "First"},
		"text before a name":   {"SELECT 0;\n-- name: First\nSELECT 1;\n-- name: Second\nSELECT 2;\n", "numbers.sql"},
		"a file without one":   {"", "numbers.sql"},
		"a misspelt beginning": {"--name: First\nSELECT 1;\n-- name: Second\nSELECT 2;\n", "numbers.sql"},
	} {
		loaded, said := tryLoad[two](fstest.MapFS{"sql/numbers.sql": {Data: []byte(test.text)}})
		if test.panics == "" {
			if said != "" || loaded.First.Name() != "First" || loaded.First.Text() != "-- name: First\nSELECT $a;\n" || loaded.Second.Text() != "-- name: Second\n-- Says two.\nSELECT 2;\n" {
				t.Errorf("%s: %+v, panic %q", name, loaded, said)
			}
		} else if !strings.Contains(said, test.panics) {
			t.Errorf("%s: panic %q, want %q in it", name, said, test.panics)
		}
	}
}

// A statement is on the control tables if it names one of them outside of what it only says.
func TestMentionsOfControlTables(t *testing.T) {
	t.Parallel()
	for statement, want := range map[string]bool{
		"SELECT * FROM rollcall.runs":                                true,
		"SELECT * FROM ops.rollcall.runs WHERE a = 'it''s'":          true,
		"-- rollcall.runs\nSELECT 1":                                 false,
		"SELECT 'rollcall.runs', \"rollcall.runs\" /* rollcall.a */": false,
		"SELECT '-- ' FROM rollcall.runs":                            true,
		"SELECT \"/*\" FROM rollcall.runs -- '":                      true,
		"SELECT /* it's */ a FROM rollcall.runs":                     true,
		"CREATE TEMP TABLE rollcall_keys AS SELECT 1":                false,
		"SELECT 1 FROM not_rollcall.runs":                            false,
		"SELECT $rollcall.runs":                                      false,
		"SELECT 'rollcall' AS rollcall":                              false,
	} {
		if got := mentionsOf(statement).control; got != want {
			t.Errorf("%s: %t, want %t", statement, got, want)
		}
	}
}

// What every command does before anything else, to the statements of one package.
func BenchmarkMustLoad(b *testing.B) {
	for b.Loop() {
		MustLoad[statements](files)
	}
}

// tryLoad is MustLoad, and the words that it panics with.
func tryLoad[Q any](files fstest.MapFS) (loaded *Q, said string) {
	defer func() {
		if r := recover(); r != nil {
			said = fmt.Sprint(r)
		}
	}()
	return MustLoad[Q](files), ""
}

// The parameters that are found in a statement are those that DuckDB finds, and every statement of this package is one that it takes.
func TestQueriesPrepare(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	script(t, conn, "CREATE TEMP TABLE query_keys (key VARCHAR, too_long BIGINT); CREATE TEMP TABLE query_rows (key VARCHAR);"+motherDuckCatalog)
	for _, q := range All(queries) {
		if !strings.HasPrefix(q.text, "-- name: "+q.name+"\n-- ") {
			t.Errorf("%s: no line says what it is for", q.name)
		}
		if strings.Contains(q.text, "system.main.query(") {
			continue // DuckDB can prepare it with a query alone; the tests of staging run it
		}
		err := conn.Raw(func(raw any) error {
			prepared, err := raw.(*duckdb.Conn).Prepare(q.text)
			if err != nil {
				return err
			}
			defer prepared.Close()
			if prepared.NumInput() != len(q.parameters) {
				t.Errorf("%s: %d parameters, found %v", q.name, prepared.NumInput(), q.parameters)
			}
			for i, name := range q.parameters {
				if known, err := prepared.(*duckdb.Stmt).ParamName(i + 1); err != nil || known != name {
					t.Errorf("%s: parameter %d is %s, found %s, %v", q.name, i+1, known, name, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", q.name, err)
		}
	}
}
