package warehouse

import (
	"regexp"
	"slices"
	"strings"
)

// entry is a table or a view of the catalog.
type entry struct {
	database, schema, name string
	internal               bool
	isView                 bool
	definition             string // the statement that makes a view, or a table with generated columns; "" for another table
}

// String names the entry, for a message.
func (e entry) String() string {
	if e.isView {
		return "the view " + e.name
	}
	return "the table " + e.name
}

// texts are the query of a view, or the generated columns of a table; none where they can't be parsed.
func (e entry) texts() (found []definition) {
	if e.isView {
		if text := viewQuery(e.definition); text != "" {
			found = append(found, definition{name: e.String(), text: text})
		}
		return found
	}
	for _, text := range generated(e.definition) {
		found = append(found, definition{name: "a generated column of " + e.String(), text: "SELECT " + text})
	}
	return found
}

// is reports whether the name in the query can mean the entry. What is left out matches anything, and "a.b"
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

// check returns the problem with reading a relation, or nil. entries are those of its name, path is where the engine looks for them.
func (r relation) check(entries []entry, path []place, hasDataFolders bool) *problem {
	if ownSchemas[strings.ToLower(r.schema)] || ownSchemas[strings.ToLower(r.catalog)] ||
		strings.EqualFold(r.catalog, "system") || strings.EqualFold(r.schema, "system") {
		return &problem{"a query can't read " + r.String() + ": it belongs to the engine", "information_schema lists tables and columns", r.at}
	}
	for _, e := range entries {
		if e.is(r) && e.internal && !strings.EqualFold(e.schema, "information_schema") {
			return &problem{"a query can't read " + r.String() + ": it belongs to the engine", "information_schema lists tables and columns", r.at}
		}
	}
	if slices.ContainsFunc(entries, func(e entry) bool { return e.found(r, path) }) {
		return nil
	}
	switch {
	case !r.looksLikeFile():
		return &problem{"table with name " + r.String() + " does not exist", "", r.at}
	case r.schema != "" || r.catalog != "" || strings.Contains(r.name, "://") || !isDataFile(r.name):
		return &problem{"a query can't read " + r.String() + ": it is no table, and only Parquet and CSV files can be read",
			"load it into a table", r.at}
	case !hasDataFolders:
		return &problem{"a query can't read the file " + r.name, "load the file into a table, or name its folder in data_folders", r.at}
	}
	return nil
}

// looksLikeFile reports whether a part of the name is none that a person gives a table. It decides on the message alone.
func (r relation) looksLikeFile() bool {
	return strings.ContainsAny(r.catalog+r.schema+r.name, `./\:*?[`)
}

// viewHead is what stands before a view's query in the text that the engine itself writes of it: the first
// AS that is in no quotes ends it.
var viewHead = regexp.MustCompile(`^CREATE (?:OR REPLACE )?(?:TEMP(?:ORARY)? )?(?:RECURSIVE )?VIEW (?:IF NOT EXISTS )?(?:"[^"]*"|[^"])*?(?: AS )`)

// viewQuery is the query of a view, or "" where its text can't be parsed.
func viewQuery(definition string) string {
	head := viewHead.FindString(definition)
	if head == "" {
		return ""
	}
	return definition[len(head):]
}
