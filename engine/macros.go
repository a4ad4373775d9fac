package engine

import (
	"context"
	"strings"

	"rollcall/engine/hint"
	"rollcall/engine/warehouse"
)

// checkMacros refuses a database in which a user's macro hides a function of DuckDB: DuckDB resolves an unqualified name
// to a macro of the current database before its own function, so Rollcall's own statements would call the macro. It
// checks once for each Engine, since DuckDB takes some milliseconds to list its functions. The console does not check:
// the macro is dropped there.
func (e *Engine) checkMacros(ctx context.Context, conn *warehouse.Conn) error {
	if e.macrosChecked {
		return nil
	}
	var names []string
	err := conn.ReadRows(ctx, queries.FindHidingMacros, nil, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	})
	if err != nil {
		return err
	}
	if len(names) > 0 {
		return hint.New("give them other names, or put them into a schema of their own: rollcall sql -c 'DROP MACRO "+names[0]+"', or DROP MACRO TABLE",
			"macros in %s hide functions of DuckDB that Rollcall may call: %s", e.Database(), strings.Join(names, ", "))
	}
	e.macrosChecked = true
	return nil
}
