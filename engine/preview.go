package engine

import (
	"context"
	"errors"
	"fmt"

	"rollcall/engine/control"
	"rollcall/engine/hint"
	"rollcall/engine/kind"
	"rollcall/engine/plan"
	"rollcall/syncspec"
)

// Preview is the plan of one sync, or why there is none.
type Preview struct {
	Sync     string     `json:"sync"`
	Plan     *plan.Plan `json:"plan,omitempty"`
	Disabled bool       `json:"disabled,omitempty"` // no run takes it
	APICalls int64      `json:"api_calls"`          // calls that making the plan took
	Error    string     `json:"error,omitempty"`
	Hint     string     `json:"hint,omitempty"`
	// Invalid says that the row itself has to be mended.
	Invalid bool `json:"invalid,omitempty"`
}

// Plan makes the plans of the syncs that names and patterns ask for, disabled ones too; all enabled ones where there are none. Whether
// they are due makes no difference. A name that asks for no row does not stop the others, and is a hint.UsageError in the end. It reads
// HubSpot and writes nothing, neither there nor to the ledger. each gets every plan; while it runs, and is given a console,
// the sets are there to be queried and saved. Rows may be given that replace those of their names in the table; without names it plans
// these, as far as they are enabled.
func (e *Engine) Plan(ctx context.Context, names []string, each func(Preview, *Console) error, instead ...syncspec.Row) error {
	conn, err := e.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := e.checkMacros(ctx, conn); err != nil {
		return err
	}
	rows, refused, err := control.Select(ctx, conn, names, instead...)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		rows, _ = control.Enabled(rows, nil)
	}
	if len(rows) == 0 {
		return refused.Err()
	}
	x, err := e.newExecution(ctx, false)
	if err != nil {
		return err
	}
	x.env.Preview, x.env.Unsent = true, true
	defer x.close()
	syncs := make([]*kind.Sync, len(rows))
	for i, row := range rows {
		// A row that is invalid has no sync, and is told in its place among the others.
		if row.Err == nil {
			syncs[i] = x.join(row.Spec)
			syncs[i].Created, syncs[i].Disabled = row.Created, !row.Enabled
		}
	}
	if err := x.prepare(ctx); err != nil {
		return err
	}
	for i, row := range rows {
		if err := x.preview(ctx, row, syncs[i], each); err != nil {
			return err
		}
	}
	return refused.Err()
}

// preview makes the plan of one row, and passes it to each with a console over its sets; s is nil where the row is
// invalid. A sync that fails is a preview with an error; the error returned is that of each, or the end of ctx.
func (x *execution) preview(ctx context.Context, row control.Selection, s *kind.Sync, each func(Preview, *Console) error) error {
	if s == nil {
		return each(failedPreview(row, 0, row.Err), nil)
	}
	plan, err := x.plan(ctx, s, nil)
	calls, _ := s.Calls.Counts()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return each(failedPreview(row, calls, err), nil)
	}
	return each(Preview{Sync: row.Name, Plan: plan, Disabled: !row.Enabled, APICalls: calls}, &Console{engine: x.engine, conn: x.conn, plan: plan})
}

// failedPreview returns the preview of a row without a plan.
func failedPreview(row control.Selection, calls int64, err error) Preview {
	return Preview{Sync: row.Name, Disabled: !row.Enabled, APICalls: calls, Error: hint.OneLine(err), Hint: hint.Of(err), Invalid: invalid(err)}
}

// Console opens the control database to SQL. With a sync's name the sets of its plan, desired, resolved, current, applied, plan
// and rejected, are tables there. The caller closes it.
func (e *Engine) Console(ctx context.Context, sync string) (*Console, error) {
	conn, err := e.connect(ctx)
	if err != nil {
		return nil, err
	}
	if sync == "" {
		return &Console{engine: e, conn: conn, close: conn.Close}, nil
	}
	defer conn.Close()
	rows, refused, err := control.Select(ctx, conn, []string{sync})
	if err == nil {
		err = refused.Err()
	}
	if err != nil {
		return nil, err
	}
	if rows[0].Err != nil {
		return nil, fmt.Errorf("%s: %w", sync, rows[0].Err)
	}
	x, err := e.newExecution(ctx, false)
	if err != nil {
		return nil, err
	}
	x.env.Preview, x.env.Unsent = true, true
	s := x.join(rows[0].Spec)
	if err := x.prepare(ctx); err != nil {
		return nil, errors.Join(err, x.close())
	}
	// The sets stay on the execution's connection, which the console closes.
	plan, err := x.plan(ctx, s, nil)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", sync, err), x.close())
	}
	return &Console{engine: e, conn: x.conn, plan: plan, close: x.close}, nil
}
