package warehouse

import (
	"errors"
	"strings"
	"testing"
)

// motherDuckCatalog makes what Rollcall asks MotherDuck's catalog for, with the columns that it uses.
const motherDuckCatalog = `
	CREATE SCHEMA md_information_schema;
	CREATE TABLE md_information_schema.databases (name VARCHAR, type VARCHAR);
	CREATE TABLE md_information_schema.shared_with_me (url VARCHAR, "update" VARCHAR);
	CREATE TABLE md_information_schema.database_snapshots (database_name VARCHAR, created_ts TIMESTAMPTZ);
	CREATE MACRO main.md_all_databases() AS TABLE SELECT '' AS alias, '' AS fully_qualified_name, '' AS type, true AS is_attached;
	CREATE MACRO main.__md_duckling_id() AS TABLE SELECT ''`

// What can't hold the control tables is refused with a hint, as far as MotherDuck reports it.
func TestRefuseUnfit(t *testing.T) {
	t.Parallel()
	const kind = "CREATE MACRO control.main.md_all_databases() AS TABLE SELECT 'control' AS alias, true AS is_attached, 'motherduck"
	const duckling = "CREATE MACRO control.main.__md_duckling_id() AS TABLE SELECT 'someone."
	const databases = "ATTACH ':memory:' AS md_information_schema; CREATE TABLE md_information_schema.databases AS SELECT 'control' AS name, '"
	for _, test := range []struct{ statement, message, hint string }{
		{"SELECT 1", "", ""},
		{kind + "' AS type", "", ""},
		{databases + "DEFAULT' AS type", "", ""},
		{duckling + "rw'", "", ""},
		{kind + " ducklake' AS type", "control is a DuckLake database", "CREATE DATABASE"},
		{databases + "DUCKLAKE' AS type", "control is a DuckLake database", "CREATE DATABASE"},
		{kind + " share' AS type", "control is a share", "CREATE DATABASE"},
		{duckling + "rs.3'", "read-scaling token", "read/write token"},
	} {
		c, _ := server(t, test.statement)
		w, err := Open(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		err = w.RefuseUnfit(t.Context())
		var known *Error
		switch {
		case test.message == "" && err != nil:
			t.Errorf("%s: %v", test.statement, err)
		case test.message == "":
		case !errors.As(err, &known) || !strings.Contains(known.Error(), test.message) || !strings.Contains(known.Hint(), test.hint):
			t.Errorf("%s: %v", test.statement, err)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
}
