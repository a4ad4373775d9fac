package warehouse

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"
)

// NamedQuery is one of the program's own statements. Its name is what the trace, errors and MotherDuck's query history have of it.
type NamedQuery struct {
	name, text string
	parameters []string
	control    bool
}

// Name is the name that the statement's file gives it.
func (q NamedQuery) Name() string { return q.name }

// Text is the statement as its file has it, the comments that head it included.
func (q NamedQuery) Text() string { return q.text }

// Parameters are the names of its parameters, each once, in the order of their first use.
func (q NamedQuery) Parameters() []string { return slices.Clone(q.parameters) }

// Control says whether the statement reads or writes the control tables, so that it goes to a control database that is elsewhere.
func (q NamedQuery) Control() bool { return q.control }

// Args are the values of a statement's named parameters.
type Args map[string]any

// bind returns the values as named arguments; the error names every parameter without a value, and every value without a parameter.
func (q NamedQuery) bind(values Args) ([]any, error) {
	args, err := bindNamed(q.parameters, values)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", q.name, err)
	}
	return args, nil
}

// statements are this package's own.
type statements struct {
	// gate.sql
	Serialize, OptimizerOff, OptimizerOn, IsLocal, Macros, Relations, Types, Tables, Home, DataFolders NamedQuery
	// stage.sql
	BeginReadOnly, DropKeys, StageKeys, CountKeys, DropRows, StageRows, CountRows, Commit, Rollback NamedQuery
	// motherduck.sql
	CurrentDatabase, DatabaseType, DatabaseKind, Shares, Duckling NamedQuery
}

//go:embed sql/*.sql
var files embed.FS

var queries = MustLoad[statements](files)

// blockHead begins a statement in a file of queries; its name and the end of the line follow.
const blockHead = "-- name: "

// MustLoad reads the .sql files in the folder sql of files into a Q, a struct whose fields are NamedQuery. Each statement of a file begins with a
// line "-- name: " and the name of its field, and reaches to the next such line. A field without a statement, a statement without
// a field, a name that comes twice and text before a file's first name are mistakes in the program: MustLoad panics.
func MustLoad[Q any](files fs.FS) *Q {
	loaded := new(Q)
	into := reflect.ValueOf(loaded).Elem()
	seen := map[string]bool{}
	names, err := fs.Glob(files, "sql/*.sql")
	if err != nil {
		panic(err)
	}
	for _, file := range names {
		data, err := fs.ReadFile(files, file)
		if err != nil {
			panic(err)
		}
		for _, q := range parseQueries(path.Base(file), string(data)) {
			field := into.FieldByName(q.name)
			if !field.IsValid() || seen[q.name] {
				panic(fmt.Sprintf("%s: no field, or a second statement, for %s of %T", file, q.name, loaded))
			}
			seen[q.name] = true
			field.Set(reflect.ValueOf(q))
		}
	}
	for i := range into.NumField() {
		if name := into.Type().Field(i).Name; !seen[name] {
			panic(fmt.Sprintf("%T: no statement %s in %s", loaded, name, strings.Join(names, ", ")))
		}
	}
	return loaded
}

// All returns the statements of what MustLoad has loaded, in the order of its fields.
func All[Q any](loaded *Q) []NamedQuery {
	var all []NamedQuery
	from := reflect.ValueOf(loaded).Elem()
	for i := range from.NumField() {
		all = append(all, from.Field(i).Interface().(NamedQuery))
	}
	return all
}

// parseQueries cuts a file into its statements.
func parseQueries(file, text string) []NamedQuery {
	blocks := strings.Split("\n"+text, "\n"+blockHead)
	if len(blocks) == 1 || strings.TrimSpace(blocks[0]) != "" {
		panic(file + ": a file of queries begins with " + blockHead + "and a name")
	}
	var queries []NamedQuery
	for _, block := range blocks[1:] {
		name, _, _ := strings.Cut(block, "\n")
		statement := strings.TrimSpace(blockHead+block) + "\n"
		m := mentionsOf(statement)
		queries = append(queries, NamedQuery{name, statement, m.parameters, m.control})
	}
	return queries
}
