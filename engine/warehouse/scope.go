package warehouse

import (
	"context"
	"slices"
	"strings"
)

// Scope bounds what an analyst's query may read. The zero value bounds nothing.
type Scope struct {
	// Databases are patterns, as [Match] takes them, of databases or of database.schema. What a query reads must match one of them, and so
	// must what its views and macros read. Files are bounded by the data folders alone.
	Databases []string
}

// holds says whether the entry's database, or its schema, is in the scope.
func (s Scope) holds(e entry) bool {
	return slices.ContainsFunc(s.Databases, func(pattern string) bool {
		return Match(pattern, e.database) || strings.Contains(pattern, ".") && Match(pattern, e.database+"."+e.schema)
	})
}

// judge says that a relation is out of the scope, or nil. A name without a database or schema means one in the text's own database
// or in the current one; home is empty where that is not known, and then any.
func (s Scope) judge(r relation, entries []entry, home, current string) *problem {
	if len(s.Databases) == 0 {
		return nil
	}
	for _, e := range entries {
		if !e.is(r) || e.internal || s.holds(e) {
			continue
		}
		bare := r.catalog == "" && r.schema == ""
		near := home == "" || strings.EqualFold(e.database, home) || strings.EqualFold(e.database, current) || strings.EqualFold(e.database, "temp")
		if bare && !near {
			continue // it can't mean this one
		}
		return &problem{
			"a query can't read " + e.database + "." + e.schema + "." + e.name + ": it is outside of allowed_databases",
			"allowed_databases is " + strings.Join(s.Databases, ", ") + "; whoever runs rollcall sets it in rollcall.toml", r.at,
		}
	}
	return nil
}

// readCurrent asks which database a name without one means.
func (g *gate) readCurrent(ctx context.Context) error {
	return g.conn.QueryRowContext(ctx, sqlFile("current")).Scan(&g.current)
}
