package warehouse

import (
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Args returns the values as named arguments of a statement of our own, in the order of its parameters. The names must be exactly the
// parameters of the statement, else the error names those that are missing and those that it does not have: the driver binds
// an argument of an unknown name by its position. The parameters of a statement are found once.
func Args(statement string, values map[string]any) ([]any, error) {
	names := parametersOf(statement)
	args := make([]any, 0, len(names))
	var wrong []string
	for _, name := range names {
		value, ok := values[name]
		if !ok {
			wrong = append(wrong, "no value for $"+name)
			continue
		}
		args = append(args, sql.Named(name, value))
	}
	if len(args) < len(values) {
		for name := range values {
			if !slices.Contains(names, name) {
				wrong = append(wrong, "the statement has no $"+name)
			}
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return nil, fmt.Errorf("parameters: %s", strings.Join(wrong, ", "))
	}
	return args, nil
}

// bind returns the statement in the file of that name and its arguments; the values are exactly its parameters.
func bind(file string, values map[string]any) (statement string, args []any, err error) {
	statement = sqlFile(file)
	if args, err = Args(statement, values); err != nil {
		return "", nil, fmt.Errorf("%s: %w", file, err)
	}
	return statement, args, nil
}

// parameters are those of the statements that were run, by their text.
var parameters sync.Map

// parametersOf are the names of the statement's parameters, each once, in the order of their first use.
func parametersOf(statement string) []string {
	if known, ok := parameters.Load(statement); ok {
		return known.([]string)
	}
	var names []string
	for _, match := range lexeme.FindAllStringSubmatch(statement, -1) {
		if name := match[1]; name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	parameters.Store(statement, names)
	return names
}

// lexeme is a parameter, or what a $ in it is none: a comment, a literal, a quoted name.
var lexeme = regexp.MustCompile(`--[^\n]*|(?s:/\*.*?\*/)|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([A-Za-z_0-9]+)`)
