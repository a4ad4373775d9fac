package engine

import (
	"context"
	"errors"
	"fmt"

	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/engine/hubspot/property"
	"rollcall/engine/object"
	"rollcall/engine/resolve"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// Draft is a first row for a query.
type Draft struct {
	Row   syncspec.Row // without a name, and disabled
	Notes []string     // what is to be looked at before it is enabled, a sentence each
}

// DraftObject makes a row of kind object from a query by binding it, which runs nothing, through the same gate as the queries of rows. HubSpot is asked for
// the type's properties; where it can't be asked, a note says so. The error is that of the query, or says that no column identifies a record, or that
// HubSpot has no such type; these are of type hint.UsageError.
func (e *Engine) DraftObject(ctx context.Context, query, objectType string) (Draft, error) {
	conn, err := e.connect(ctx)
	if err != nil {
		return Draft{}, err
	}
	defer conn.Close()
	columns, err := e.describe(ctx, conn, query)
	switch {
	case invalid(err):
		return Draft{}, hint.Usage(hint.Of(err), "query: %w", err)
	case err != nil:
		return Draft{}, fmt.Errorf("query: %w", err)
	}
	t, all, unasked := e.propertiesOf(ctx, objectType)
	var unknown *hint.UsageError
	if errors.As(unasked, &unknown) || ctx.Err() != nil {
		return Draft{}, unasked
	}
	if unasked != nil {
		t = hubspot.ObjectType{Name: objectType}
		if objectType == "contacts" {
			t.ID = hubspot.ContactsID
		}
	}
	drafted, err := object.Draft(t, all, columns)
	if err != nil {
		return Draft{}, err
	}
	kind, enabled := string(syncspec.Object), false
	d := Draft{Row: syncspec.Row{Kind: &kind, Query: &query, Enabled: &enabled, ObjectType: &objectType, IDProperty: &drafted.IDProperty}, Notes: drafted.Notes}
	if drafted.KeyColumn != "" {
		d.Row.KeyColumn = &drafted.KeyColumn
	}
	if unasked != nil {
		d.Notes = append(d.Notes, "HubSpot could not be asked which columns are properties: "+unasked.Error())
	}
	return d, nil
}

// describe binds a query within the time that queries may take, and returns its columns.
func (e *Engine) describe(ctx context.Context, conn *warehouse.Conn, query string) (columns warehouse.Columns, err error) {
	ctx, cancel := e.bounded(ctx)
	defer cancel()
	x := e.executionOn(conn, nil, false)
	err = x.watched(ctx, "", func() (err error) {
		columns, err = e.config.Bounds.Scope().Check(ctx, conn, query)
		return err
	})
	return columns, err
}

// propertiesOf asks HubSpot for an object type and the definitions of its properties. A type that HubSpot does not have is an error of the row.
func (e *Engine) propertiesOf(ctx context.Context, objectType string) (t hubspot.ObjectType, all []property.Definition, err error) {
	client, err := e.hubspot()
	if err != nil {
		return t, nil, err
	}
	t, err = client.ObjectType(ctx, objectType)
	switch {
	case errors.Is(err, hubspot.ErrUnknownObjectType):
		err = resolve.UnknownType(syncspec.Spec{ObjectType: objectType}, err)
		return t, nil, hint.Usage(hint.Of(err), "%w", err)
	case err != nil:
		return t, nil, err
	}
	all, err = client.Properties(ctx, t.Path())
	return t, all, err
}
