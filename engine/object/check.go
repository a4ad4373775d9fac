package object

import (
	"context"
	"fmt"

	"rollcall/engine/kind"
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
	if found(s.findTypeAnew(ctx)) || found(s.defineAnew(ctx)) {
		return c
	}
	found(s.checkKey(ctx))
	// The check of the query says what is wrong with it.
	if name, err := ks.Columns.KeyColumn(kind.KeyOf(s.Spec)); err == nil {
		if err := s.mapColumns(ctx, ks.Columns, name); err != nil {
			found(fmt.Errorf("query: %w", err))
		}
	}
	return c
}
