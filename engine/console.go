package engine

import (
	"context"
	"fmt"

	"rollcall/engine/hint"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
)

// Console runs SQL on the control database, and on the sets of one sync if it was opened for one.
// It is what the command sql works with, and what each gets from Engine.Plan while a plan's sets are there. Close does
// nothing for the latter.
type Console struct {
	engine *Engine
	conn   *warehouse.Conn
	plan   *plan.Plan
	close  func() error
}

// Plan returns the plan whose sets are there, or nil.
func (c *Console) Plan() *plan.Plan { return c.plan }

// Close closes the connection, which drops the sets.
func (c *Console) Close() error {
	if c.close == nil {
		return nil
	}
	return c.close()
}

// Changes returns all changes of the plan. They are held in memory: a plan that is too large for it can be saved.
func (c *Console) Changes(ctx context.Context) ([]plan.Change, error) {
	return firstChanges(ctx, c.conn, c.plan, c.plan.Changes())
}

// Column is a column of a result: its name, and DuckDB's name of its type.
type Column struct{ Name, Type string }

// Result is what one statement returned, a row at a time.
type Result struct {
	Columns []Column
	// Writes says that the statement returns no rows of its own: the only row, if there is one, is the number of rows that it
	// changed.
	Writes bool
	rows   *warehouse.Rows
}

// Each calls do for every row, with a value for every column: nil for NULL, else what the driver makes of the type. The values
// are do's until it returns.
func (r *Result) Each(do func(values []any) error) error {
	values, places := make([]any, len(r.Columns)), make([]any, len(r.Columns))
	for i := range values {
		places[i] = &values[i]
	}
	for r.rows.Next() {
		if err := r.rows.Scan(places...); err != nil {
			return err
		}
		if err := do(values); err != nil {
			return err
		}
	}
	return warehouse.Explain(r.rows.Err())
}

// Run runs a script, statement by statement, and passes each result to show. An error names the statement; the statements before it
// are not rolled back.
func (c *Console) Run(ctx context.Context, script string, show func(*Result) error) error {
	statements, err := warehouse.Statements(ctx, c.conn, script)
	if err != nil {
		return err
	}
	return c.all(ctx, statements, show)
}

// Read is Run for a script that writes nothing: SELECT, in whichever form, and EXPLAIN. Any other statement is a hint.UsageError, before the
// first one runs. All of them see the database at one time.
func (c *Console) Read(ctx context.Context, script string, show func(*Result) error) error {
	statements, err := warehouse.Statements(ctx, c.conn, script)
	if err != nil {
		return err
	}
	for _, statement := range statements {
		if !warehouse.Reads(c.conn, statement.Text) {
			return hint.Usage("add --write", "line %d: a statement that is not a SELECT is run with --write only", statement.Line)
		}
	}
	return c.conn.ReadTransaction(ctx, func() error { return c.all(ctx, statements, show) })
}

// all runs the statements one after another, until one fails.
func (c *Console) all(ctx context.Context, statements []warehouse.Statement, show func(*Result) error) error {
	for i, statement := range statements {
		if err := c.one(ctx, statement.Text, show); err != nil {
			if len(statements) == 1 {
				return err
			}
			return fmt.Errorf("statement %d of %d, line %d: %w", i+1, len(statements), statement.Line, err)
		}
	}
	return nil
}

// one runs one statement and passes its result to show, while its rows are still being read.
func (c *Console) one(ctx context.Context, statement string, show func(*Result) error) error {
	// Asked before it runs: afterwards a table that it drops would not be there to bind it.
	writes := warehouse.Writes(c.conn, statement)
	rows, err := warehouse.Query(ctx, c.conn, statement)
	if err != nil {
		return err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	result := &Result{rows: rows, Writes: writes}
	for _, t := range types {
		result.Columns = append(result.Columns, Column{t.Name(), t.DatabaseTypeName()})
	}
	return show(result)
}
