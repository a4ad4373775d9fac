package association

import (
	"context"
	"fmt"

	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/resolve"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// Check looks at both object types, both id properties, the query's columns and the labels that it returns. For these it runs the query.
func (a *associations) Check(ctx context.Context, ks *kind.Sync) (c kind.Checked) {
	s := a.of(ks)
	found := func(err error) bool {
		if err != nil {
			c.Errors = append(c.Errors, err)
		}
		return err != nil
	}
	if found(s.findTypes(ctx)) {
		return c
	}
	for which, t := range []hubspot.ObjectType{s.from, s.to} {
		if err := resolve.CheckProperty(ctx, s.Client, t, s.side(which).Spec.IDProperty); err != nil {
			found(fmt.Errorf("%s: %w", []string{syncspec.FromKeyColumn, syncspec.ToKeyColumn}[which], err))
		}
	}
	if ks.Columns == nil {
		return c // the check of the query tells it
	}
	var err error
	if s.labelled, err = checkColumns(ks.Columns); err != nil {
		found(fmt.Errorf("query: %w", err))
		return c
	}
	if !s.labelled || a.env.Limits.WithoutData || found(a.Query(ctx, ks)) || found(s.checkLabels(ctx, &c)) {
		return c
	}
	return c
}

// checkLabels notes the labels that the query returns and HubSpot does not have, each with those that it has. A label may be an address where columns
// were mixed up, and what check says is not kept private.
func (s *linkSync) checkLabels(ctx context.Context, c *kind.Checked) error {
	if err := s.findLabels(ctx); err != nil {
		return err
	}
	return s.conn.ReadRows(ctx, queries.ReadUnknownLabels, warehouse.Args{"sync": s.Number}, func(scan func(...any) error) error {
		var why string
		err := scan(&why)
		c.Notes = append(c.Notes, "its links are rejected (unknown_label): "+hubspot.WithoutAddresses(why))
		return err
	})
}
