package object

import (
	"context"
	"fmt"

	"rollcall/engine/kind"
	"rollcall/engine/warehouse"
)

// Check looks at the object type, the id_property and the properties of the query's columns.
func (o *objects) Check(ctx context.Context, ks *kind.Sync) (c kind.Checked) {
	s := o.of(ks)
	found := func(err error) bool {
		if err != nil {
			c.Errors = append(c.Errors, err)
		}
		return err != nil
	}
	if found(s.findType(ctx)) {
		return c
	}
	found(s.checkKey(ctx))
	columns, err := warehouse.Check(ctx, o.conn, s.Spec.Query)
	if err != nil {
		return c // the check of the query tells it
	}
	if name, err := columns.KeyColumn(kind.KeyOf(s.Spec)); err == nil {
		if err := s.mapColumns(ctx, columns, name); err != nil {
			found(fmt.Errorf("query: %w", err))
		}
	}
	return c
}
