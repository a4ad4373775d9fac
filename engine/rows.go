package engine

import (
	"context"

	"rollcall/engine/control"
	"rollcall/syncspec"
)

// Rows reads the control table, by name: the rows as analysts wrote them, valid or not.
func (e *Engine) Rows(ctx context.Context) ([]syncspec.Row, error) {
	conn, err := e.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return control.Rows(ctx, conn)
}

// WriteRows applies edits to the control table, all of them or none. It needs no lease: a run reads the rows once, at its
// beginning.
func (e *Engine) WriteRows(ctx context.Context, edits []control.Edit) error {
	conn, err := e.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return control.Write(ctx, conn, edits, e.now())
}
