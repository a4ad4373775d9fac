package engine_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// ours is what each package of this module may import of it, tests apart. What is not named may import nothing of ours.
var ours = map[string][]string{
	"cmd/rollcall":                       {"cmd/rollcall/cli"},
	"cmd/rollcall/cli":                   {"cmd/rollcall/settings", "engine", "engine/control", "engine/discover", "engine/doctor", "engine/hint", "engine/hubspot", "engine/hubspot/sandbox", "engine/plan", "engine/warehouse", "escape", "migrations", "specs", "syncspec"},
	"cmd/rollcall/clitest":               {"cmd/rollcall/cli"},
	"cmd/rollcall/settings":              {"engine/hubspot", "engine/warehouse"},
	"engine":                             {"engine/association", "engine/control", "engine/discover", "engine/doctor", "engine/hint", "engine/hubspot", "engine/hubspot/property", "engine/kind", "engine/ledger", "engine/list", "engine/object", "engine/plan", "engine/pool", "engine/resolve", "engine/warehouse", "escape", "migrations", "syncspec"},
	"engine/association":                 {"engine/hint", "engine/hubspot", "engine/kind", "engine/plan", "engine/pool", "engine/resolve", "engine/warehouse", "syncspec"},
	"engine/control":                     {"engine/hint", "engine/hubspot", "engine/warehouse", "syncspec"},
	"engine/discover":                    {"engine/hubspot", "engine/hubspot/property"},
	"engine/doctor":                      {"engine/hint", "engine/hubspot", "engine/warehouse", "migrations", "syncspec"},
	"engine/hint":                        {"engine/hubspot", "engine/warehouse", "escape"},
	"engine/hubspot":                     {"engine/hubspot/property", "escape"},
	"engine/hubspot/property":            {},
	"engine/hubspot/sandbox":             {},
	"engine/hubspot/sandbox/openapitest": {},
	"engine/kind":                        {"engine/hubspot", "engine/plan", "engine/warehouse", "syncspec"},
	"engine/ledger":                      {"engine/hint", "engine/hubspot", "engine/kind", "engine/plan", "engine/warehouse"},
	"engine/list":                        {"engine/control", "engine/hint", "engine/hubspot", "engine/kind", "engine/plan", "engine/pool", "engine/resolve", "engine/warehouse", "syncspec"},
	"engine/object":                      {"engine/hint", "engine/hubspot", "engine/hubspot/property", "engine/kind", "engine/plan", "engine/pool", "engine/resolve", "engine/warehouse", "syncspec"},
	"engine/plan":                        {"engine/hint", "syncspec"},
	"engine/pool":                        {},
	"engine/resolve":                     {"engine/hint", "engine/hubspot", "engine/kind", "engine/plan", "engine/pool", "engine/warehouse", "syncspec"},
	"engine/warehouse":                   {},
	"engine/warehouse/querytest":         {"engine/warehouse", "migrations"},
	"engine/warehouse/remotetest":        {},
	"escape":                             {},
	"migrations":                         {},
	"specs":                              {},
	"syncspec":                           {},
}

// reserved are packages from elsewhere that only some of ours may import, tests apart.
var reserved = map[string][]string{
	"database/sql":                   {"engine/warehouse"},
	"database/sql/driver":            {"engine/warehouse", "engine/warehouse/remotetest"},
	"github.com/duckdb/duckdb-go/v2": {"engine/warehouse", "engine/warehouse/querytest", "engine/warehouse/remotetest", "migrations", "cmd/rollcall/cli"}, // there for the types of values that it prints
	"net/http":                       {"engine/hubspot", "engine/hubspot/sandbox", "engine/hubspot/sandbox/openapitest"},
}

// The arrows run one way: cmd/rollcall -> cli -> settings, engine -> {syncspec, migrations, engine/hubspot, engine/warehouse}, and end there.
func TestImports(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for file, imports := range goFiles(t) {
		pkg := path.Dir(file)
		allowed, known := ours[pkg]
		if !known {
			t.Errorf("%s: package %s is not in this test's list", file, pkg)
			continue
		}
		seen[pkg] = true
		for _, imported := range imports {
			if own, ok := strings.CutPrefix(imported, "rollcall/"); ok && !slices.Contains(allowed, own) {
				t.Errorf("%s imports %s, which %s must not", file, imported, pkg)
			}
			if users, ok := reserved[imported]; ok && !slices.Contains(users, pkg) {
				t.Errorf("%s imports %s, which is for %s alone", file, imported, strings.Join(users, ", "))
			}
		}
	}
	for pkg := range ours {
		if !seen[pkg] {
			t.Errorf("no package %s", pkg)
		}
	}
}

// goFiles maps the module's Go files, tests apart, to their imports.
func goFiles(t *testing.T) map[string][]string {
	t.Helper()
	root := os.DirFS("..")
	files := map[string][]string{}
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata"):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", name), nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		files[name] = []string{}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			files[name] = append(files[name], imported)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
