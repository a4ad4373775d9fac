package warehouse

import (
	"embed"
	"fmt"
)

//go:embed sql/*.sql
var sqlFiles embed.FS

// sqlFile is the statement in the file of that name.
func sqlFile(name string) string {
	text, err := sqlFiles.ReadFile("sql/" + name + ".sql")
	if err != nil {
		panic(fmt.Sprintf("warehouse: no sql file %s", name)) // a name in this package's code; a test calls each
	}
	return string(text)
}
