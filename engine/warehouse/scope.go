package warehouse

import (
	"slices"
	"strings"
)

// Scope bounds what an analyst's query may read. The zero value bounds nothing.
type Scope struct {
	// Databases are patterns, as [Match] takes them, of databases or of database.schema. What a query reads must match one of them, and so
	// must what its views and macros read. Files are bounded by the data folders alone.
	Databases []string
}

// holds reports whether the entry's database, or its schema, is in the scope.
func (s Scope) holds(e entry) bool {
	return slices.ContainsFunc(s.Databases, func(pattern string) bool {
		return Match(pattern, e.database) || strings.Contains(pattern, ".") && Match(pattern, e.database+"."+e.schema)
	})
}

// check returns the problem with a relation that is out of the scope, or nil. path is where the engine looks for it: a name without a database or schema
// means one of those databases.
func (s Scope) check(r relation, entries []entry, path []place) *problem {
	if len(s.Databases) == 0 {
		return nil
	}
	for _, e := range entries {
		if e.internal && e.found(r, path) {
			return &problem{
				"a query can't read " + r.String() + ": it names what is outside of allowed_databases",
				"name the tables themselves; rollcall sql lists them", r.at,
			}
		}
		near := slices.ContainsFunc(path, func(p place) bool { return strings.EqualFold(p.database, e.database) })
		bare := r.catalog == "" && r.schema == ""
		if !e.is(r) || e.internal || s.holds(e) || bare && !near {
			continue
		}
		return &problem{
			"a query can't read " + e.database + "." + e.schema + "." + e.name + ": it is outside of allowed_databases",
			"allowed_databases is " + strings.Join(s.Databases, ", ") + "; whoever runs rollcall sets it in rollcall.toml", r.at,
		}
	}
	return nil
}
