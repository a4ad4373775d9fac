package cli_test

import (
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"rollcall/cmd/rollcall/cli"
	"rollcall/engine"
	"rollcall/engine/discover"
	"rollcall/engine/doctor"
	"rollcall/engine/plan"
)

// jsonFields are the fields of an object as the README lists them: true for those that are always there.
type jsonFields map[string]bool

// The objects within others, by the field that they are in, as the README's table names them.
var innerObjects = map[string]string{
	"plan":       "`plan`, `run`, `undo`: `plan`",
	"cost":       "`plan`: `cost`",
	"sample":     "`plan`: each of `sample`",
	"violations": "`plan`: each of `violations`",
	"clears":     "`plan`: each of `clears`",
	"findings":   "`check`: each of `findings`",
	"columns":    "`specs`: each of `columns`",
	"options":    "`discover properties`: each of `options`",
	"next":       "`run`: `next`",
	"not_well":   "`run`: each of `not_well`",
}

// The rows of the table whose fields depend on no types of this program but on what commands write.
var writtenObjects = []string{"`specs push`, `specs pull`, `specs diff`", "`specs`: each of `columns`", "`init`", "`settings`", "`sandbox`", "`version`", "an error, on stderr"}

// TestReadmeListsJSONFields holds the README's table of JSON fields against the types that are written.
func TestReadmeListsJSONFields(t *testing.T) {
	t.Parallel()
	s := newShell(t, 1)
	s.rollcall("init")
	listed := readmeFields(t, s.database())
	for object, written := range map[string]any{
		"`status`":                                 cli.Assessment{},
		"`history`":                                engine.RunSummary{},
		"`run`, `undo`":                            engine.Run{},
		"`run`, where no sync ran":                 cli.Idle{},
		"`run`: `next`":                            cli.IdleNext{},
		"`run`: each of `not_well`":                cli.IdleNotWell{},
		"`plan`":                                   engine.Preview{},
		"`plan`, `run`, `undo`: `plan`":            plan.Plan{},
		"`plan`: `cost`":                           plan.Cost{},
		"`plan`: each of `sample`":                 plan.Change{},
		"`plan`: each of `values`":                 plan.Value{},
		"`plan`: each of `violations`":             plan.Violation{},
		"`plan`: each of `clears`":                 plan.Clear{},
		"`check`":                                  engine.Checked{},
		"`check`: each of `findings`":              engine.Finding{},
		"`doctor`":                                 doctor.Diagnosis{},
		"`discover`":                               discover.ObjectType{},
		"`discover properties`":                    discover.Property{},
		"`discover properties`: each of `options`": discover.Option{},
		"`discover labels`":                        discover.Label{},
		"`discover lists`":                         discover.List{},
		"`approve`":                                engine.Approval{},
		"`specs init`":                             cli.FirstSpec{},
	} {
		fields := jsonFields{}
		fields.add(reflect.TypeOf(written))
		if diff := cmp.Diff(listed[object], fields); diff != "" {
			t.Errorf("%s (-README +written; true: always there):\n%s", object, diff)
		}
		delete(listed, object)
	}
	for object := range listed {
		if !slices.Contains(writtenObjects, object) {
			t.Errorf("the README lists the fields of %s, which nothing is held against", object)
		}
	}
}

// add adds the fields of a type.
func (f jsonFields) add(of reflect.Type) {
	for i := range of.NumField() {
		field := of.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous && name == "":
			f.add(field.Type)
		case name != "" && name != "-":
			f[name] = options != "omitempty"
		}
	}
}

// TestReadmeNamesEveryCommandWithJSON wants a row of the table of JSON fields for each command.
func TestReadmeNamesEveryCommandWithJSON(t *testing.T) {
	t.Parallel()
	table := jsonTable(t)
	root := cli.Commands()
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		name := strings.TrimPrefix(cmd.CommandPath(), "rollcall ")
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
		if cmd.HasSubCommands() || slices.Contains([]string{"demo", "sql"}, name) {
			return
		}
		for object := range table {
			if before, _, inner := strings.Cut(object, ":"); !inner && strings.Contains(before, "`"+name+"`") {
				return
			}
		}
		t.Errorf("the README does not say what rollcall %s --json writes", name)
	}
	walk(root)
}

// TestJSONIsAsTheReadmeLists runs commands with --json: what they write has the fields that the README lists for them, and no others.
func TestJSONIsAsTheReadmeLists(t *testing.T) {
	t.Parallel()
	s := newConnectedShell(t, 20)
	s.rollcall("init", "--database", filepath.Join(s.dir, "other.duckdb"))
	s.rollcall("init")
	listed := readmeFields(t, s.database())
	holds := func(object string, code int, args ...string) {
		t.Helper()
		text, stderr := s.exits(code, append(args, "--json")...)
		if strings.HasPrefix(object, "an error") {
			text = stderr
		}
		if strings.TrimSpace(text) == "" {
			t.Errorf("%v wrote nothing", args)
		}
		for line := range strings.Lines(text) {
			var value any
			if err := json.Unmarshal([]byte(line), &value); err != nil {
				t.Fatalf("%v: %v: %s", args, err, line)
			}
			listed.hold(t, strings.Join(args, " "), object, value)
		}
	}
	s.rollcall("sql", "--write", "-c", `CREATE TABLE people AS SELECT printf('contact-%05d@example.com', i) AS email FROM range(1, 13) AS t (i);
		INSERT INTO rollcall.syncs (name, query, list_id, schedule) VALUES ('vip', 'SELECT email FROM people', '101', '0 0 29 2 *')`)
	holds("`run`, where no sync ran", cli.ExitDone, "run")
	holds("`check`", cli.ExitDone, "check")
	holds("`plan`", cli.ExitDone, "plan")
	holds("`run`, `undo`", cli.ExitDone, "run", "vip")
	s.rollcall("sql", "--write", "-c", "DELETE FROM people")
	holds("`plan`", cli.ExitDone, "plan")
	holds("`run`, `undo`", cli.ExitBlocked, "run", "vip")
	holds("`run`, where no sync ran", cli.ExitDone, "run")
	holds("`approve`", cli.ExitDone, "approve", "vip")
	holds("`run`, `undo`", cli.ExitDone, "run")
	holds("`run`, `undo`", cli.ExitDone, "undo", strings.TrimSpace(s.rollcall("sql", "--format", "json", "-c", "SELECT max(run_id) AS id FROM rollcall.runs")[7:43]))
	holds("`status`", cli.ExitDone, "status")
	holds("`history`", cli.ExitDone, "history")
	holds("`specs push`, `specs pull`, `specs diff`", cli.ExitDone, "specs", "pull", "rows")
	s.rollcall("sql", "--write", "-c", "UPDATE rollcall.syncs SET list_id = '999', query = 'SELECT nothing FROM people'")
	holds("`specs push`, `specs pull`, `specs diff`", cli.ExitDone, "specs", "diff", "rows")
	holds("`check`", cli.ExitFailed, "check")
	holds("`plan`", cli.ExitUsage, "plan")
	holds("`specs push`, `specs pull`, `specs diff`", cli.ExitDone, "specs", "push", "rows")
	holds("`init`", cli.ExitDone, "init")
	holds("`settings`", cli.ExitDone, "settings")
	holds("`version`", cli.ExitDone, "version")
	holds("`doctor`", cli.ExitDone, "doctor")
	holds("`discover`", cli.ExitDone, "discover")
	holds("`discover properties`", cli.ExitDone, "discover", "properties", "contacts")
	holds("`discover labels`", cli.ExitDone, "discover", "labels", "contacts", "companies")
	holds("`discover lists`", cli.ExitDone, "discover", "lists")
	holds("an error, on stderr", cli.ExitUsage, "run", "nobody")
}

// fieldLists are the README's lists of fields, by object.
type fieldLists map[string]jsonFields

// hold holds an object against its list, and the objects in it against theirs.
func (l fieldLists) hold(t *testing.T, command, object string, value any) {
	t.Helper()
	switch value := value.(type) {
	case []any:
		for _, one := range value {
			l.hold(t, command, object, one)
		}
	case map[string]any:
		for name, always := range l[object] {
			if _, there := value[name]; always && !there {
				t.Errorf("rollcall %s --json: %s has no %s", command, object, name)
			}
		}
		for name, inner := range value {
			if _, listed := l[object][name]; !listed {
				t.Errorf("rollcall %s --json: %s has %s, which the README does not list", command, object, name)
			}
			if innerObject, ok := innerObjects[name]; ok {
				l.hold(t, command, innerObject, inner)
			}
		}
	}
}

var (
	inBrackets = regexp.MustCompile(`\([^()]*\)`)
	ofAView    = regexp.MustCompile("those of the view `([a-z_]+)`")
	oneField   = regexp.MustCompile("(\\[?)`([a-z0-9_]+)`")
)

// readmeFields are the README's lists of JSON fields; file is a control database, from which the columns of views are read.
func readmeFields(t *testing.T, file string) fieldLists {
	t.Helper()
	lists := fieldLists{}
	for object, cell := range jsonTable(t) {
		lists[object] = jsonFields{}
		if m := ofAView.FindStringSubmatch(cell); m != nil {
			for _, column := range columnsOf(t, file, m[1]) {
				lists[object][column] = true
			}
		}
		for _, m := range oneField.FindAllStringSubmatch(ofAView.ReplaceAllString(inBrackets.ReplaceAllString(cell, ""), ""), -1) {
			lists[object][m[2]] = m[1] == ""
		}
	}
	return lists
}

// jsonTable is the README's table of JSON fields, cell by cell.
func jsonTable(t *testing.T) map[string]string {
	t.Helper()
	data, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(data), "\n## JSON output\n")
	section, _, _ = strings.Cut(section, "\n## ")
	table := map[string]string{}
	for line := range strings.Lines(section) {
		cells := strings.Split(strings.Trim(line, "| \n"), " | ")
		if len(cells) == 2 && !strings.HasPrefix(cells[0], "command") {
			table[cells[0]] = cells[1]
		}
	}
	if len(table) < 20 {
		t.Fatalf("the README's table of JSON fields has %d rows", len(table))
	}
	return table
}

func columnsOf(t *testing.T, file, view string) []string {
	t.Helper()
	db, err := sql.Open("duckdb", file+"?access_mode=read_only")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT column_name FROM duckdb_columns() WHERE schema_name = 'rollcall' AND table_name = ?", view)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		all = append(all, name)
	}
	if err := rows.Err(); err != nil || len(all) == 0 {
		t.Fatalf("no columns of the view %s: %v", view, err)
	}
	return all
}
