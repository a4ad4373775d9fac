package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"rollcall/engine/warehouse"
)

// savedTable is a set that a saved plan holds: the statement that measures it, the one that reads a page of it, and its number of columns.
type savedTable struct {
	name, measure, page string
	columns             int
}

func savedTables() []savedTable {
	return []savedTable{
		{"desired", "87_measure_desired", "87_page_desired", 1},
		{"resolved", "87_measure_resolved", "87_page_resolved", 2},
		{"current", "88_measure_current", "88_page_current", 1},
		{"applied", "89_measure_applied", "89_page_applied", 2},
		{"plan", "89_measure_plan", "89_page_plan", 5},
		{"rejected", "89_measure_rejected", "89_page_rejected", 3},
	}
}

// Save writes the sets and the plan into a new DuckDB file, which any tool can open: the tables desired, resolved, current,
// applied, plan and rejected, and about with one row. The file is there whole or not at all, and readable by its owner alone,
// since it holds addresses.
func (c *Console) Save(ctx context.Context, file string) error {
	if _, err := os.Stat(file); err == nil {
		return &UsageError{refuse("choose another file, or remove it first", "%s exists already", file)}
	}
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

// saveInto copies the sets into a database of their own: the engine that holds them is locked and can't attach another file.
func (c *Console) saveInto(ctx context.Context, file string) (err error) {
	conn, err := warehouse.OpenFile(ctx, file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := execAll(ctx, conn, "85_make_saved_plan"); err != nil {
		return err
	}
	p := c.plan
	if _, err := exec(ctx, conn, "86_save_about", params{
		"sync": p.Sync, "list_id": nullString(p.ListID), "list_name": nullString(p.ListName), "plan_hash": p.Hash,
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

// copyTable appends the rows of one set, a page at a time.
func (c *Console) copyTable(ctx context.Context, into *warehouse.Conn, table savedTable) error {
	var of extent
	if err := readRow(ctx, c.conn, table.measure, nil, &of.rows, &of.longest); err != nil {
		return err
	}
	load := into.TableLoader(table.name)
	err := of.turnPages(func(from, until int64) error {
		return readRows(ctx, c.conn, table.page, params{"from": from, "until": until}, func(scan func(...any) error) error {
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
