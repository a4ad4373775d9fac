package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"rollcall/engine/hint"
	"rollcall/engine/warehouse"
)

// savedTable is a set that a saved plan holds: the statement that measures it, the one that reads a page of it, and its number of columns.
type savedTable struct {
	name          string
	measure, page warehouse.NamedQuery
	columns       int
}

// savedTables returns the sets of a saved plan, in the order in which they are copied.
func savedTables() []savedTable {
	return []savedTable{
		{"desired", queries.MeasureDesired, queries.PageDesired, 1},
		{"resolved", queries.MeasureResolved, queries.PageResolved, 2},
		{"current", queries.MeasureCurrent, queries.PageCurrent, 1},
		{"applied", queries.MeasureApplied, queries.PageApplied, 2},
		{"plan", queries.MeasurePlan, queries.PagePlan, 6},
		{"rejected", queries.MeasureRejected, queries.PageRejected, 3},
	}
}

// Save writes the sets and the plan into a new DuckDB file, which any tool can open: the tables desired, resolved, current,
// applied, plan and rejected, and about with one row. The file is there whole or not at all, and readable by its owner alone,
// since it holds addresses.
func (c *Console) Save(ctx context.Context, file string) error {
	if _, err := os.Stat(file); err == nil {
		return hint.Usage("choose another file, or remove it first", "%s exists already", file)
	}
	// In a folder of its own beside the file: the rename stays within one file system, and nobody else can open what is
	// not whole.
	folder, err := os.MkdirTemp(filepath.Dir(file), ".rollcall-*")
	if err != nil {
		return fmt.Errorf("save plan: %w", err)
	}
	defer os.RemoveAll(folder)
	whole := filepath.Join(folder, "plan.duckdb")
	if err := c.saveInto(ctx, whole); err != nil {
		return fmt.Errorf("save plan: %w", err)
	}
	if err := os.Chmod(whole, 0o600); err != nil {
		return fmt.Errorf("save plan: %w", err)
	}
	return os.Rename(whole, file)
}

// saveInto copies the sets into a database of their own: the engine that holds them is locked and can't attach another
// file. So the rows go through this process.
func (c *Console) saveInto(ctx context.Context, file string) (err error) {
	conn, err := warehouse.OpenFile(ctx, file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := conn.ExecAll(ctx, queries.MakeSavedPlan); err != nil {
		return err
	}
	p := c.plan
	if _, err := conn.Exec(ctx, queries.SaveAbout, warehouse.Args{
		"sync": p.Sync, "list_id": warehouse.NullText(p.ListID), "list_name": warehouse.NullText(p.ListName), "plan_hash": p.Hash,
		"planned_at": c.engine.now(), "n_to_add": p.Add, "n_to_remove": p.Remove,
	}); err != nil {
		return err
	}
	for _, table := range savedTables() {
		if err := c.copyTable(ctx, conn, table); err != nil {
			return fmt.Errorf("%s: %w", table.name, err)
		}
	}
	return nil
}

// copyTable appends the rows of one set, a page at a time, since the driver holds a whole result in memory.
func (c *Console) copyTable(ctx context.Context, into *warehouse.Conn, table savedTable) error {
	var of warehouse.Extent
	if err := c.conn.ReadRow(ctx, table.measure, nil, &of.Rows, &of.Longest); err != nil {
		return err
	}
	load := into.TableLoader(table.name)
	err := of.Pages(func(from, until int64) error {
		return c.conn.ReadRows(ctx, table.page, warehouse.Args{"from": from, "until": until}, func(scan func(...any) error) error {
			values, places := make([]any, table.columns), make([]any, table.columns)
			for i := range values {
				places[i] = &values[i]
			}
			if err := scan(places...); err != nil {
				return err
			}
			return load.Add(values...)
		})
	})
	if err != nil {
		return err
	}
	return load.Flush()
}
