package warehouse

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// definition is the text of a view or a macro that a query leads to, as one SELECT.
type definition struct {
	name string // what it is and its name, for a message
	text string
	// database is where a view stands, which is where its names without one are looked for; empty for a macro: they may be anywhere.
	database string
}

// readFolders asks the engine itself whether files may be read, rather than keep a second truth.
func (g *gate) readFolders(ctx context.Context) error {
	var folders duckdb.Composite[[]string]
	var temp string
	if err := g.conn.QueryRowContext(ctx, sqlFile("data_folders")).Scan(&folders, &temp); err != nil {
		return err
	}
	g.hasDataFolders = slices.ContainsFunc(folders.Get(), func(f string) bool {
		return strings.TrimRight(f, `/\`) != strings.TrimRight(temp, `/\`)
	})
	return nil
}

// judge judges all that a tree calls and reads, and returns the definitions that are still to be looked into. home is the database
// in which the text stands.
func (g *gate) judge(ctx context.Context, t *tree, home string) ([]definition, *problem, error) {
	if len(t.problems) > 0 {
		return nil, &t.problems[0], nil
	}
	var found []definition
	for _, f := range t.calls {
		macros := g.macros[f.name]
		if p := g.catalogue.judge(f, len(macros) > 0, g.hasDataFolders); p != nil {
			return nil, p, nil
		}
		found = g.add(found, macros...)
	}
	entries, err := g.entries(ctx, t.relations)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range t.relations {
		if p := r.judge(entries, g.hasDataFolders); p != nil {
			return nil, p, nil
		}
		if p := g.scope.judge(r, entries, home, g.current); p != nil {
			return nil, p, nil
		}
		for _, e := range entries {
			if !e.is(r) || e.internal || e.definition == "" {
				continue
			}
			text := viewQuery(e.definition)
			if text == "" {
				return nil, &problem{"the view " + e.name + " can't be looked into", "query the tables themselves", r.at}, nil
			}
			found = g.add(found, definition{"the view " + e.name, text, e.database})
		}
	}
	return found, nil, nil
}

// add adds what was not looked into yet.
func (g *gate) add(found []definition, more ...definition) []definition {
	for _, d := range more {
		if !g.seen[d] {
			g.seen[d] = true
			found = append(found, d)
		}
	}
	return found
}

// readMacros reads the macros that people have made, by name.
func (g *gate) readMacros(ctx context.Context) error {
	rows, err := g.conn.QueryContext(ctx, sqlFile("macros"))
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
		g.macros[name] = append(g.macros[name], definition{"the macro " + name, text, ""})
	}
	return rows.Err()
}

// hiding are the macros that bear the name of a function of the engine's. It calls its own functions by
// name where the text has an operator or a keyword, so that such a macro can be at work without being named.
func (g *gate) hiding() (found []definition) {
	for _, name := range slices.Sorted(maps.Keys(g.macros)) {
		if g.catalogue.isBuiltIn(name) {
			found = g.add(found, g.macros[name]...)
		}
	}
	return found
}

// entries finds the tables and views that bear one of the names read.
func (g *gate) entries(ctx context.Context, relations []relation) (found []entry, err error) {
	if len(relations) == 0 {
		return nil, nil
	}
	names := []string{}
	for _, r := range relations {
		names = append(names, strings.ToLower(r.name))
	}
	statement, args, err := bind("relations", map[string]any{"names": names})
	if err != nil {
		return nil, err
	}
	rows, err := g.conn.QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e entry
		if err := rows.Scan(&e.database, &e.schema, &e.name, &e.internal, &e.definition); err != nil {
			return nil, err
		}
		found = append(found, e)
	}
	return found, rows.Err()
}
