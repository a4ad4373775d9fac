package engine

import (
	"context"

	"rollcall/engine/warehouse"
	"rollcall/migrations"
)

// Init makes or upgrades the control tables and returns which migrations it applied: none when they were at the newest
// version. A database that can't hold them is refused. Each migration is a transaction, so that one that was cut short is
// applied by the next Init.
func (e *Engine) Init(ctx context.Context) ([]migrations.Migration, error) {
	if err := e.warehouse.RefuseUnfit(ctx); err != nil {
		return nil, err
	}
	conn, err := e.warehouse.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := e.checkMacros(ctx, conn); err != nil {
		return nil, err
	}
	if e.warehouse.Local() {
		return migrations.Up(ctx, conn)
	}
	scratch, err := warehouse.OpenFile(ctx, "")
	if err != nil {
		return nil, err
	}
	defer scratch.Close()
	counted := &countedConn{Conn: conn, scratch: scratch, events: e.config.Events}
	if err := counted.count(ctx); err != nil {
		return nil, err
	}
	return migrations.Up(ctx, counted)
}

// countedConn runs scripts one statement at a time and tells how many of them are done: on a remote database each takes a
// while, and together they take half a minute. It is the connection that migrations.Up gets.
type countedConn struct {
	*warehouse.Conn
	scratch     *warehouse.Conn // a database in memory, which takes scripts apart
	events      func(Event)
	done, total int64
}

// count counts the statements of the migrations that are still to be applied.
func (c *countedConn) count(ctx context.Context) error {
	pending, err := migrations.Pending(ctx, c.Conn)
	if err != nil {
		return err
	}
	for _, m := range pending {
		statements, err := warehouse.Statements(ctx, c.scratch, m.Script())
		if err != nil {
			return err
		}
		c.total += int64(len(statements))
	}
	return nil
}

// ExecContext runs a text of statements and returns how many rows the last one changed. One with parameters is a single statement, and
// not counted.
func (c *countedConn) ExecContext(ctx context.Context, text string, args ...any) (changed int64, err error) {
	if len(args) > 0 {
		return c.Conn.ExecContext(ctx, text, args...)
	}
	statements, err := warehouse.Statements(ctx, c.scratch, text)
	if err != nil {
		return 0, err
	}
	for _, s := range statements {
		if changed, err = c.Conn.ExecContext(ctx, s.Text); err != nil {
			return changed, err
		}
		c.done = min(c.done+1, c.total) // a migration that met another migrator is tried again
		c.events(Progress{Step: "init", Done: c.done, Total: c.total})
	}
	return changed, nil
}
