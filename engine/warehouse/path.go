package warehouse

import (
	"context"
	"slices"
	"strings"
)

// place is a schema of a database.
type place struct{ database, schema string }

// defaultSchema is the one that "database.table" means.
const defaultSchema = "main"

// readHome asks which database and schema a name without one means.
func (g *gate) readHome(ctx context.Context) error {
	return g.conn.QueryRowContext(ctx, queries.Home.text).Scan(&g.home.database, &g.home.schema, &g.isHomeSet)
}

// path is where the engine looks for the names of a text that stands at home: among the temp tables, there, in the connection's own
// place, and among its own.
func (g *gate) path(home place) []place {
	path := []place{{"temp", defaultSchema}, home}
	if g.isHomeSet && home != g.home {
		path = append(path, g.home)
	}
	return append(path, place{"system", defaultSchema}, place{"system", "pg_catalog"})
}

// found reports whether the engine finds the entry by the name in the query.
func (e entry) found(r relation, path []place) bool {
	at := func(schema string) func(place) bool {
		return func(p place) bool { return sameName(p.database, e.database) && sameName(p.schema, schema) }
	}
	knows := slices.ContainsFunc(path, func(p place) bool { return sameName(p.database, e.database) })
	switch {
	case !sameName(e.name, r.name):
		return false
	case r.catalog != "":
		return sameName(e.database, r.catalog) && sameName(e.schema, r.schema)
	case r.schema == "":
		return slices.ContainsFunc(path, at(e.schema))
	case sameName(e.schema, r.schema) && knows:
		return true
	case sameName(e.database, r.schema) && knows:
		return slices.ContainsFunc(path, at(e.schema))
	}
	return sameName(e.database, r.schema) && sameName(e.schema, defaultSchema)
}

// advise adds to the problem the table that is likely meant: the closest of those that the query may read.
func (g *gate) advise(ctx context.Context, r relation, p *problem) (*problem, error) {
	if p.hint != "" {
		return p, nil
	}
	rows, err := g.conn.QueryContext(ctx, queries.Tables.text)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names := map[string]string{}
	for rows.Next() {
		var e entry
		if err := rows.Scan(&e.database, &e.schema, &e.name); err != nil {
			return nil, err
		}
		if len(g.scope.Databases) > 0 && !g.scope.holds(e) {
			continue
		}
		name := g.called(e)
		if had, ok := names[strings.ToLower(e.name)]; !ok || len(name) < len(had) || len(name) == len(had) && name < had {
			names[strings.ToLower(e.name)] = name
		}
	}
	if near := nearest(strings.ToLower(r.name), names, max(2, len(r.name)/3)); near != "" {
		p.hint = `did you mean "` + names[near] + `"?`
	}
	return p, rows.Err()
}

// called is the shortest name by which the query can read the entry.
func (g *gate) called(e entry) string {
	switch {
	case e.database != g.home.database:
		return e.database + "." + e.schema + "." + e.name
	case e.schema != g.home.schema:
		return e.schema + "." + e.name
	}
	return e.name
}
