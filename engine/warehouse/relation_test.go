package warehouse

import "testing"

// TestRelationCheck does not ask the local engine, which refuses files by itself: MotherDuck's need not.
func TestRelationCheck(t *testing.T) {
	t.Parallel()
	entries := []entry{
		{database: "crm", schema: "main", name: "customers"},
		{database: "crm", schema: "main", name: "odd.name"},
		{database: "other", schema: "main", name: "elsewhere.csv"},
		{database: "crm", schema: "hidden", name: "https://example.com/b.csv"},
		{database: "crm", schema: "main", name: "É.csv"},
		{database: "crm", schema: "main", name: "a.csv"},
		{database: "system", schema: "main", name: "duckdb_views", internal: true},
		{database: "system", schema: "information_schema", name: "tables", internal: true},
		{database: "crm", schema: "main", name: "tables"},
	}
	for _, test := range []struct {
		relation       relation
		hasDataFolders bool
		ok             bool
	}{
		{relation{name: "customers"}, false, true},
		{relation{name: "CUSTOMERS", schema: "Main", catalog: "CRM"}, false, true},
		{relation{name: "customers", schema: "crm"}, false, true},
		{relation{name: "customers", schema: "other"}, false, false},
		{relation{name: "nothing"}, true, false},
		{relation{name: "csv", schema: "/etc/x"}, true, false},
		{relation{name: "csv", schema: "x"}, true, false},
		{relation{name: "json", schema: "dir", catalog: "data"}, true, false},
		{relation{name: "parquet", schema: "s3://bucket/x"}, true, false},
		{relation{name: "csv", schema: "https://example.com/b"}, true, false},
		{relation{name: "x.csv", schema: "/data", catalog: "crm"}, true, false},
		{relation{name: "elsewhere.csv"}, false, false},
		{relation{name: "elsewhere.csv", schema: "other"}, false, true},
		{relation{name: "é.csv"}, false, false},
		{relation{name: "odd.name"}, false, true},
		{relation{name: "ODD.NAME", schema: "crm"}, false, true},
		{relation{name: "odd.name", schema: "other"}, false, false},
		{relation{name: "a.csv", catalog: "crm", schema: "main"}, false, true},
		{relation{name: "b.csv"}, false, false},
		{relation{name: "b.csv"}, true, true},
		{relation{name: "dir/b.PARQUET"}, true, true},
		{relation{name: "b.csv.gz"}, true, true},
		{relation{name: "b.csv", schema: "main"}, true, false},
		{relation{name: "b.json"}, true, false},
		{relation{name: "b.db"}, true, false},
		{relation{name: "/etc/passwd"}, true, false},
		{relation{name: "https://example.com/b.csv"}, true, false},
		{relation{name: "s3://bucket/b.csv"}, true, false},
		{relation{name: "md:crm"}, false, false},
		{relation{name: "sqlite:x"}, true, false},
		{relation{name: "*"}, true, false},
		{relation{name: "duckdb_views"}, false, false},
		{relation{name: "DuckDB_Views", schema: "main"}, false, false},
		{relation{name: "x", schema: "pg_catalog"}, false, false},
		{relation{name: "databases", schema: "MD_INFORMATION_SCHEMA"}, false, false},
		{relation{name: "databases", catalog: "md_information_schema", schema: "main"}, false, false},
		{relation{name: "tables"}, false, true},
		{relation{name: "tables", schema: "information_schema"}, false, true},
	} {
		path := []place{{"temp", "main"}, {"crm", "main"}, {"system", "main"}, {"system", "pg_catalog"}}
		p := test.relation.check(entries, path, test.hasDataFolders)
		if (p == nil) != test.ok {
			t.Errorf("%s, data folders %v: %v", test.relation, test.hasDataFolders, p)
		}
	}
}

func TestViewQueryEndsTheHeadAtTheFirstASOutOfQuotes(t *testing.T) {
	t.Parallel()
	for definition, want := range map[string]string{
		`CREATE VIEW v AS SELECT 1;`:                             `SELECT 1;`,
		`CREATE TEMP VIEW v (a, "b AS c") AS SELECT 1 AS x;`:     `SELECT 1 AS x;`,
		`CREATE VIEW "v"" AS SELECT 1 --" AS FROM read_text('')`: `FROM read_text('')`,
		`CREATE VIEW "a AS b"."c AS d" AS SELECT 2`:              `SELECT 2`,
		`CREATE VIEW v AS`:                                       ``,
		`CREATE TABLE t AS SELECT 1`:                             ``,
		``:                                                       ``,
	} {
		if got := viewQuery(definition); got != want {
			t.Errorf("%s\n\tgot %s", definition, got)
		}
	}
}
