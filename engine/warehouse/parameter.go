package warehouse

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// bindNamed returns the values as named arguments, in the order of the parameters. The names must be exactly the parameters, else the
// error names those that are missing and those that the statement does not have: the driver binds an argument of an unknown
// name by its position (duckdb-go v2.10505.0, Stmt.bind).
func bindNamed(parameters []string, values Args) ([]any, error) {
	args := make([]any, 0, len(parameters))
	var wrong []string
	for _, name := range parameters {
		value, ok := values[name]
		if !ok {
			wrong = append(wrong, "no value for $"+name)
			continue
		}
		args = append(args, sql.Named(name, value))
	}
	if len(args) < len(values) {
		for name := range values {
			if !slices.Contains(parameters, name) {
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
