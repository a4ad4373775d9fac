package warehouse

import (
	"slices"
	"testing"
)

// TestEveryFunctionIsJudged holds the lists against the engine that is linked in: a newer one
// that brings a function must not have it called before somebody has looked at it.
func TestEveryFunctionIsJudged(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	lists := readCatalogue()
	rows, err := conn.QueryContext(t.Context(), `SELECT DISTINCT lower(function_name), function_type IN ('table', 'table_macro')
FROM duckdb_functions() WHERE internal AND function_type <> 'pragma'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	known := map[string]bool{"unnest": true, "unlist": true} // the binder's own, in no catalog
	for rows.Next() {
		var name string
		var isTable bool
		if err := rows.Scan(&name, &isTable); err != nil {
			t.Fatal(err)
		}
		known[name] = true
		places := []map[string]string{lists.allowed, lists.denied}
		if isTable {
			places = []map[string]string{lists.allowedTables, lists.deniedTables, lists.files}
		}
		n := 0
		for _, list := range places {
			if _, ok := list[name]; ok {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s (in FROM: %v) is on %d lists", name, isTable, n)
		}
	}
	for _, list := range []map[string]string{lists.allowed, lists.allowedTables, lists.denied, lists.deniedTables, lists.files} {
		for name := range list {
			if !known[name] {
				t.Errorf("the engine has no function %s", name)
			}
		}
	}
	for _, list := range []map[string]string{lists.denied, lists.deniedTables} {
		for name, reason := range list {
			if reason == "" {
				t.Errorf("%s is denied for no reason", name)
			}
		}
	}
}

// TestEveryFileArgumentIsJudged holds the list of named arguments against the engine that is linked in.
func TestEveryFileArgumentIsJudged(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	lists := readCatalogue()
	rows, err := conn.QueryContext(t.Context(), `SELECT DISTINCT lower(function_name), unnest(parameters) FROM duckdb_functions() WHERE internal AND function_type = 'table'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	known := map[string]bool{"col0": true} // the files
	for rows.Next() {
		var function, name string
		if err := rows.Scan(&function, &name); err != nil {
			t.Fatal(err)
		}
		if _, ok := lists.files[function]; !ok {
			continue
		}
		if _, ok := lists.fileArguments[name]; !ok && !known[name] {
			t.Errorf("the argument %s of %s is on no list", name, function)
		}
		known[name] = true
	}
	for name := range lists.fileArguments {
		if !known[name] {
			t.Errorf("no function that reads files has an argument %s", name)
		}
	}
}

// TestNoAllowedFunctionHasSideEffects asks the engine which of its functions are not a matter of their arguments alone.
func TestNoAllowedFunctionHasSideEffects(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	rows, err := conn.QueryContext(t.Context(), `SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE internal AND has_side_effects`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	random := []string{"random", "uuid", "uuidv4", "uuidv7", "gen_random_uuid"}
	lists := readCatalogue()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		if _, ok := lists.allowed[name]; ok && !slices.Contains(random, name) {
			t.Errorf("%s is allowed", name)
		}
	}
}
