package engine

import (
	"context"
	"strings"

	"rollcall/engine/warehouse"
)

// refuseShadows refuses a database in which a person's macro hides a function of DuckDB's: Rollcall's own statements would call it. It
// looks once; the engine takes some milliseconds to list its functions. At the desk the macro can be dropped all the same.
func (e *Engine) refuseShadows(ctx context.Context, conn *warehouse.Conn) error {
	if e.unshadowed {
		return nil
	}
	var names []string
	err := readRows(ctx, conn, "00_find_shadows", nil, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	})
	if err != nil {
		return err
	}
	if len(names) > 0 {
		return refuse("give them other names, or put them into a schema of their own: rollcall sql -c 'DROP MACRO "+names[0]+"', or DROP MACRO TABLE",
			"macros in %s hide functions of DuckDB that Rollcall may call: %s", e.Database(), strings.Join(names, ", "))
	}
	e.unshadowed = true
	return nil
}
