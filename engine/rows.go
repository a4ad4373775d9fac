package engine

import (
	"context"

	"rollcall/engine/control"
	"rollcall/syncspec"
)

// Rows reads the control table, by name.
func (e *Engine) Rows(ctx context.Context) ([]syncspec.Row, error) {
	conn, err := e.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return control.Rows(ctx, conn)
}

// WriteRows applies edits to the control table, all of them or none.
func (e *Engine) WriteRows(ctx context.Context, edits []control.Edit) error {
	conn, err := e.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return control.Write(ctx, conn, edits, e.now())
}
