package specs_test

import (
	"database/sql"
	"io/fs"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/google/go-cmp/cmp"

	"rollcall/specs"
	"rollcall/syncspec"
)

var tomlFiles = []string{specs.Churned, specs.KeyAccounts, specs.Newsletter, specs.TrialExpired, specs.VIPCustomers}

// keys are the distinct, usable and the unusable keys of each sync's query after
// each SQL file.
type keys struct{ Usable, Rejected int }

func TestSamplesOverTheWarehouse(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })

	steps := []struct {
		file string
		want map[string]keys
	}{
		{specs.Warehouse, map[string]keys{
			"vip_customers": {123, 3},
			"newsletter":    {749, 3},
			"churned":       {50, 0},
			"trial_expired": {125, 0},
			"key_accounts":  {2, 0},
		}},
		{specs.NextDay, map[string]keys{
			"vip_customers": {129, 3},
			"newsletter":    {753, 3},
			"churned":       {57, 0},
			"trial_expired": {125, 0},
			"key_accounts":  {2, 0},
		}},
		{specs.BrokenLoad, map[string]keys{
			"vip_customers": {}, "newsletter": {}, "churned": {}, "trial_expired": {},
			"key_accounts": {2, 0},
		}},
	}
	for _, step := range steps {
		if _, err := db.ExecContext(t.Context(), string(read(t, step.file))); err != nil {
			t.Fatalf("%s: %v", step.file, err)
		}
		got := map[string]keys{}
		for _, file := range tomlFiles {
			spec := parse(t, file)
			got[spec.Name] = count(t, db, spec)
		}
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("after %s:\n%s", step.file, diff)
		}
	}
}

func TestEveryFileIsNamed(t *testing.T) {
	t.Parallel()
	got, err := fs.Glob(specs.Files(), "*.toml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tomlFiles, got); diff != "" {
		t.Error(diff)
	}
	got, err = fs.Glob(specs.Files(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{specs.BrokenLoad, specs.NextDay, specs.Warehouse}, got); diff != "" {
		t.Error(diff)
	}
	got, err = fs.Glob(specs.Files(), specs.Records+"/*")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{specs.Accounts, specs.BrokenJoin, specs.RecordsLoad, specs.RecordsDay, specs.People, specs.WorksAt}, got); diff != "" {
		t.Error(diff)
	}
}

// The queries of records run over the tables, and return so many rows after each file.
func TestRecordsOverTheWarehouse(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for _, step := range []struct {
		file string
		want map[string]int
	}{
		{specs.Warehouse, nil},
		{specs.RecordsLoad, map[string]int{specs.Accounts: 3, specs.People: 303, specs.WorksAt: 202}},
		{specs.RecordsDay, map[string]int{specs.Accounts: 3, specs.People: 304, specs.WorksAt: 203}},
		{specs.BrokenJoin, map[string]int{specs.Accounts: 3, specs.People: 304, specs.WorksAt: 0}},
	} {
		if _, err := db.ExecContext(t.Context(), string(read(t, step.file))); err != nil {
			t.Fatalf("%s: %v", step.file, err)
		}
		for file, want := range step.want {
			var rows int
			if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM ("+parse(t, file).Query+")").Scan(&rows); err != nil || rows != want {
				t.Errorf("%s after %s: %d rows, %v; want %d", file, step.file, rows, err, want)
			}
		}
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := fs.ReadFile(specs.Files(), file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func parse(t *testing.T, file string) syncspec.Spec {
	t.Helper()
	_, spec, err := syncspec.ParseTOML(file, read(t, file))
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// count runs the spec's query and looks at its key column.
func count(t *testing.T, db *sql.DB, spec syncspec.Spec) keys {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `SELECT "`+spec.KeyColumn+`"::VARCHAR FROM (`+spec.Query+`)`)
	if err != nil {
		t.Fatalf("%s: %v", spec.Name, err)
	}
	defer func() { _ = rows.Close() }()
	var n keys
	seen := map[string]bool{}
	for rows.Next() {
		var raw sql.NullString
		if err := rows.Scan(&raw); err != nil {
			t.Fatal(err)
		}
		key, reject := spec.Key(raw.String)
		switch {
		case reject != nil:
			n.Rejected++
		case key != "" && !seen[key]:
			seen[key] = true
			n.Usable++
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return n
}
