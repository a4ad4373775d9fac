package warehouse

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// definition is the text of a view, a macro or a generated column that a query leads to, as one SELECT.
type definition struct {
	name string // what it is and its name, for a message
	text string
	// home is where its names are looked for: a view's own schema, and for a macro the home of the text that calls it.
	home place
}

// readFolders asks the engine itself whether files may be read, rather than keep a second truth.
func (g *gate) readFolders(ctx context.Context) error {
	var folders duckdb.Composite[[]string]
	var temp string
	if err := g.conn.QueryRowContext(ctx, queries.DataFolders.text).Scan(&folders, &temp); err != nil {
		return err
	}
	g.hasDataFolders = slices.ContainsFunc(folders.Get(), func(f string) bool {
		return strings.TrimRight(f, `/\`) != strings.TrimRight(temp, `/\`)
	})
	return nil
}

// checkTree checks all functions and relations of a tree, and returns the definitions that are still to be checked. home is where the text
// stands.
func (g *gate) checkTree(ctx context.Context, t *tree, home place) ([]definition, *problem, error) {
	if len(t.problems) > 0 {
		return nil, &t.problems[0], nil
	}
	if p := t.checkEffort(func(name string) bool { return len(g.macros[name]) > 0 }); p != nil {
		return nil, p, nil
	}
	if p := t.checkSizes(); p != nil {
		return nil, p, nil
	}
	found := g.hiding(home)
	for _, f := range t.calls {
		macros := g.macros[f.name]
		if p := g.catalogue.check(f, len(macros) > 0, g.hasDataFolders); p != nil {
			return nil, p, nil
		}
		found = g.add(found, home, macros...)
	}
	entries, err := g.entries(ctx, queries.Relations, t.relations)
	if err != nil {
		return nil, nil, err
	}
	path := g.path(home)
	if p, err := g.checkTypes(ctx, t.types, path); p != nil || err != nil {
		return nil, p, err
	}
	for _, r := range t.relations {
		if p := r.check(entries, path, g.hasDataFolders); p != nil {
			p, err := g.advise(ctx, r, p)
			return nil, p, err
		}
		if p := g.scope.check(r, entries, path); p != nil {
			return nil, p, nil
		}
		for _, e := range entries {
			if !e.is(r) || e.internal || e.definition == "" {
				continue
			}
			texts := e.texts()
			if len(texts) == 0 {
				return nil, &problem{e.String() + " can't be looked into", "query tables alone", r.at}, nil
			}
			found = g.add(found, place{e.database, e.schema}, texts...)
		}
	}
	return found, nil, nil
}

// checkTypes says of a type that it is out of the scope, or nil: an enum's values are data.
func (g *gate) checkTypes(ctx context.Context, types []relation, path []place) (*problem, error) {
	entries, err := g.entries(ctx, queries.Types, types)
	if err != nil {
		return nil, err
	}
	for _, r := range types {
		if p := g.scope.check(r, entries, path); p != nil {
			return p, nil
		}
	}
	return nil, nil
}

// add adds what was not looked into yet from that home.
func (g *gate) add(found []definition, home place, more ...definition) []definition {
	for _, d := range more {
		d.home = home
		if !g.seen[d] {
			g.seen[d] = true
			found = append(found, d)
		}
	}
	return found
}

// readMacros reads the macros that people have made, by name.
func (g *gate) readMacros(ctx context.Context) error {
	rows, err := g.conn.QueryContext(ctx, queries.Macros.text)
	if err != nil {
		return err
	}
	defer rows.Close()
	g.macros = map[string][]definition{}
	for rows.Next() {
		var name, text string
		var isTable bool
		if err := rows.Scan(&name, &isTable, &text); err != nil {
			return err
		}
		if !isTable {
			text = "SELECT " + text
		}
		g.macros[name] = append(g.macros[name], definition{name: "the macro " + name, text: text})
	}
	return rows.Err()
}

// hiding are the macros that have the name of a function of the engine's. It calls its own functions by
// name where the text has an operator or a keyword, so that such a macro can be at work without being named.
func (g *gate) hiding(home place) (found []definition) {
	for _, name := range slices.Sorted(maps.Keys(g.macros)) {
		if g.catalogue.isBuiltIn(name) {
			found = g.add(found, home, g.macros[name]...)
		}
	}
	return found
}

// entries finds by a statement the tables and views, or the types, that have one of the names.
func (g *gate) entries(ctx context.Context, q NamedQuery, relations []relation) (found []entry, err error) {
	if len(relations) == 0 {
		return nil, nil
	}
	names := []string{}
	for _, r := range relations {
		names = append(names, strings.ToLower(r.name))
	}
	args, err := q.bind(Args{"names": names})
	if err != nil {
		return nil, err
	}
	rows, err := g.conn.QueryContext(ctx, q.text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e entry
		if err := rows.Scan(&e.database, &e.schema, &e.name, &e.internal, &e.isView, &e.definition); err != nil {
			return nil, err
		}
		found = append(found, e)
	}
	return found, rows.Err()
}
