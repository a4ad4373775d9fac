package engine

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/duckdb/duckdb-go/v2"

	"rollcall/engine/warehouse"
)

// scripts are files of sql/ with more than one statement.
var scripts = []string{"85_make_saved_plan", "48_drop_sets"}

// sqlNames lists the files of sql/, without their ending.
func sqlNames(t *testing.T) []string {
	t.Helper()
	files, err := fs.Glob(statements, "sql/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for i, file := range files {
		files[i] = strings.TrimSuffix(filepath.Base(file), ".sql")
	}
	return files
}

// Every file is named by the code, and every name in the code is a file.
func TestSQLFilesAreUsed(t *testing.T) {
	t.Parallel()
	shape := regexp.MustCompile(`^\d\d_[a-z_]+$`)
	used := map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if value, err := strconv.Unquote(lit.Value); err == nil && shape.MatchString(value) {
					used[value] = true
				}
			}
			return true
		})
	}
	names := sqlNames(t)
	for _, name := range names {
		if !shape.MatchString(name) {
			t.Errorf("%s: a file is called NN_verb_noun", name)
		}
		if !used[name] {
			t.Errorf("%s.sql is not used", name)
		}
	}
	for name := range used {
		if !slices.Contains(names, name) {
			t.Errorf("there is no %s.sql", name)
		}
	}
}

var parameter = regexp.MustCompile(`\$([a-z_0-9]+)`)

// A file says in three lines what it is for, what it reads or makes, and what it is given.
func TestSQLFilesHaveAHeader(t *testing.T) {
	t.Parallel()
	for _, name := range sqlNames(t) {
		lines := strings.SplitN(text(name), "\n", 4)
		if len(lines) < 4 || !strings.HasPrefix(lines[0], "-- ") || strings.HasPrefix(lines[3], "--") ||
			!regexp.MustCompile(`^-- (Reads|Writes|Makes|Drops) .*\.$`).MatchString(lines[1]) ||
			!regexp.MustCompile(`^-- Parameters: .*\.$`).MatchString(lines[2]) {
			t.Errorf("%s: want three lines: what for; Reads, Writes, Makes or Drops what; Parameters", name)
			continue
		}
		used := parameter.FindAllString(lines[3], -1)
		if (len(used) == 0) != (lines[2] == "-- Parameters: none.") {
			t.Errorf("%s: header says %q, the statement has %v", name, lines[2], used)
		}
		if strings.Contains(lines[2], "the columns of a row") || strings.Contains(lines[2], "the counts") {
			continue
		}
		for _, p := range used {
			if !strings.Contains(lines[2], p) {
				t.Errorf("%s: the header does not name %s", name, p)
			}
		}
		for _, p := range parameter.FindAllString(lines[2], -1) {
			if !slices.Contains(used, p) {
				t.Errorf("%s: the header names %s, which the statement does not have", name, p)
			}
		}
	}
}

// Every file is one statement that the engine takes on a migrated database with the sets staged.
func TestSQLFilesPrepare(t *testing.T) {
	t.Parallel()
	_, conn := shared(t)
	for _, make := range []string{
		"CREATE TEMP TABLE query_keys (key VARCHAR, too_long BIGINT)", text("03_stage_round"), text("13_stage_journal"), text("19_stage_pending_unknown"), text("20_stage_keys"), text("30_stage_answers"), text("40_stage_pages"), text("40_stage_newcomers"),
		"CREATE TEMP TABLE rollcall_questions (object_type_id VARCHAR, id_property VARCHAR, key VARCHAR, sync INTEGER)",
		"CREATE TEMP TABLE desired (key VARCHAR)", "CREATE TEMP TABLE rejected (key VARCHAR, reason VARCHAR, detail VARCHAR)",
		"CREATE TEMP TABLE resolved (key VARCHAR, record_id BIGINT, remembered BOOLEAN)", "CREATE TEMP TABLE unmatched (key VARCHAR)",
		"CREATE TEMP TABLE current (record_id BIGINT)", strings.ReplaceAll(text("44_stage_reconciled"), "$list_id", "'101'"), "CREATE TEMP TABLE applied (record_id BIGINT, key VARCHAR)",
		"CREATE TEMP TABLE differing (action VARCHAR, record_id BIGINT)", "CREATE TEMP TABLE plan (batch BIGINT, action VARCHAR, record_id BIGINT, key VARCHAR, cause VARCHAR)", "CREATE TEMP TABLE rollcall_kept (run_id VARCHAR, whole BOOLEAN)", "CREATE TEMP TABLE rollcall_difference (record_id BIGINT, key VARCHAR, kind VARCHAR, cause VARCHAR, is_drift BOOLEAN)", text("72_stage_outcomes"), text("82_stage_calls"), text("55_stage_records"), "CREATE TEMP TABLE rollcall_suspects (record_id BIGINT)",
		text("99_stage_probe"), "CREATE TABLE rollcall.doctor_probe (id BIGINT, owner VARCHAR, told_at TIMESTAMPTZ)", "CREATE TEMP TABLE rollcall_probe_copy (id BIGINT)",
		"CREATE TABLE about (sync VARCHAR, list_id VARCHAR, list_name VARCHAR, plan_hash VARCHAR, planned_at TIMESTAMPTZ, n_to_add BIGINT, n_to_remove BIGINT)",
	} {
		must(t, conn, make)
	}
	for _, name := range sqlNames(t) {
		if slices.Contains(scripts, name) {
			continue
		}
		err := conn.Raw(func(raw any) error {
			statement, err := raw.(*duckdb.Conn).Prepare(text(name)) // which takes one statement and does not run it
			if err != nil {
				return err
			}
			defer statement.Close()
			exact := params{}
			for i := range statement.NumInput() {
				parameter, err := statement.(*duckdb.Stmt).ParamName(i + 1)
				if err != nil {
					return err
				}
				exact[parameter] = nil
			}
			_, err = warehouse.Args(text(name), exact)
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A statement with a misspelt parameter is not run: the driver would bind the argument by its position.
func TestSQLParametersAreExact(t *testing.T) {
	t.Parallel()
	_, conn := shared(t)
	for range 20 { // the order was that of a map
		_, err := exec(t.Context(), conn, "05_take_lease", params{"owner": "us:1", "tll_ms": 60_000, "force": true})
		if err == nil || !strings.Contains(err.Error(), "05_take_lease: parameters: no value for $skew_ms, no value for $taking, no value for $ttl_ms, the statement has no $tll_ms") {
			t.Fatalf("error %v", err)
		}
	}
	var owner warehouse.NullString
	if err := conn.QueryRowContext(t.Context(), "SELECT owner FROM rollcall.lease").Scan(&owner); err != nil || owner.Valid {
		t.Errorf("the lease is held by %v, %v", owner, err)
	}
}

// A script is several statements, and runs as a whole on an empty database.
func TestSQLScriptsRun(t *testing.T) {
	t.Parallel()
	for _, name := range scripts {
		conn, err := warehouse.OpenFile(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		if _, err := conn.ExecContext(t.Context(), text(name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var tables int
		if err := conn.QueryRowContext(t.Context(), "SELECT count(*) FROM duckdb_tables()").Scan(&tables); err != nil || tables < 2 && name != "48_drop_sets" {
			t.Errorf("%s: made %d tables, %v", name, tables, err)
		}
	}
}
