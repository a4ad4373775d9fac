package warehouse

import (
	"path"
	"regexp"
	"strings"
)

// entry is a table or a view of the catalog.
type entry struct {
	database, schema, name string
	internal               bool
	definition             string // the statement that makes a view; "" for a table
}

// is says whether the name in the query can mean the entry. What is left out matches anything, and "a.b"
// can be a schema or a database: rather one view too many is looked into than one too few.
func (e entry) is(r relation) bool {
	same := strings.EqualFold
	return same(e.name, r.name) &&
		(r.schema == "" || same(e.schema, r.schema) || same(e.database, r.schema)) &&
		(r.catalog == "" || same(e.database, r.catalog))
}

// ownSchemas hold what an engine says about itself. information_schema is not among them: it lists
// tables and columns, which is how a person finds out what there is to query.
var ownSchemas = set("pg_catalog", "md_information_schema")

// judge says what is wrong with reading a relation, or nil. entries are those of its name.
func (r relation) judge(entries []entry, hasDataFolders bool) *problem {
	if ownSchemas[strings.ToLower(r.schema)] || ownSchemas[strings.ToLower(r.catalog)] ||
		strings.EqualFold(r.catalog, "system") || strings.EqualFold(r.schema, "system") {
		return &problem{"a query can't read " + r.String() + ": it belongs to the engine", "information_schema lists tables and columns", r.at}
	}
	found := false
	for _, e := range entries {
		if !e.is(r) {
			continue
		}
		found = true
		if e.internal && !strings.EqualFold(e.schema, "information_schema") {
			return &problem{"a query can't read " + r.String() + ": it belongs to the engine", "information_schema lists tables and columns", r.at}
		}
	}
	if found || !looksLikeFile(r.name) {
		return nil
	}
	if r.schema != "" || r.catalog != "" || strings.Contains(r.name, "://") || !isDataFile(r.name) {
		return &problem{"a query can't read " + r.String() + ": it is no table, and only Parquet and CSV files can be read",
			"load it into a table", r.at}
	}
	if !hasDataFolders {
		return &problem{"a query can't read the file " + r.name, "load the file into a table, or name its folder in data_folders", r.at}
	}
	return nil
}

// looksLikeFile says whether DuckDB could take the name for a file or an address where there is no table of that name.
func looksLikeFile(name string) bool { return strings.ContainsAny(name, `./\:*?[`) }

// isDataFile says whether the name ends as the files do that DuckDB reads by read_csv and read_parquet.
func isDataFile(name string) bool {
	name = strings.ToLower(name)
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst")
	switch path.Ext(name) {
	case ".csv", ".tsv", ".parquet":
		return true
	}
	return false
}

// viewHead is what stands before a view's query in the text that the engine itself writes of it: the first
// AS that is in no quotes ends it.
var viewHead = regexp.MustCompile(`^CREATE (?:OR REPLACE )?(?:TEMP(?:ORARY)? )?(?:RECURSIVE )?VIEW (?:IF NOT EXISTS )?(?:"[^"]*"|[^"])*?(?: AS )`)

// viewQuery is the query of a view, or "" where its text can't be told apart.
func viewQuery(definition string) string {
	head := viewHead.FindString(definition)
	if head == "" {
		return ""
	}
	return definition[len(head):]
}
