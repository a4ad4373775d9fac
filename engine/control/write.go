package control

import (
	"context"
	"time"

	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// Edit is one change of the control table by files: what the row of that name becomes, nil to take it out.
type Edit struct {
	Name string
	Row  *syncspec.Row
}

// Write applies edits to the control table, all of them or none. now is when they are made: updated_at, and created_at of
// a new row. An edit to a name that several rows have changes each of them.
func Write(ctx context.Context, conn *warehouse.Conn, edits []Edit, now time.Time) error {
	return conn.Transaction(ctx, func() error {
		for _, edit := range edits {
			if edit.Row == nil {
				if _, err := conn.Exec(ctx, queries.DeleteSync, warehouse.Args{"name": edit.Name, "name_chars": readNameChars}); err != nil {
					return err
				}
				continue
			}
			p := rowParams(*edit.Row)
			p["now"] = now
			// UPDATE, and INSERT where it changed nothing, since an upsert needs a key that the table does not have.
			n, err := conn.Exec(ctx, queries.WriteSync, p)
			if err != nil {
				return err
			}
			if n > 0 {
				continue
			}
			if _, err := conn.Exec(ctx, queries.InsertSync, p); err != nil {
				return err
			}
		}
		return nil
	})
}

// rowParams returns the columns of a row, as the statements name them. What the row leaves to its default is NULL, so
// that it follows the default of a later version.
func rowParams(r syncspec.Row) warehouse.Args {
	return warehouse.Args{
		"name": r.Name, "kind": r.Kind, "query": r.Query, "list_id": r.ListID, "list_name": r.ListName,
		"enabled":    or(r.Enabled, syncspec.DefaultEnabled),
		"key_column": r.KeyColumn, "id_property": r.IDProperty, "object_type": r.ObjectType,
		"to_id_property": r.ToIDProperty, "to_object_type": r.ToObjectType, "event_name": r.EventName,
		"mode": r.Mode, "foreign_members": r.ForeignMembers, "foreign_values": r.ForeignValues, "on_leave": r.OnLeave, "if_null": r.IfNull,
		"allow_empty": r.AllowEmpty, "allow_takeover": r.AllowTakeover, "min_rows": r.MinRows,
		"max_changes": r.MaxChanges, "max_creates": r.MaxCreates, "max_removals": r.MaxRemovals, "max_removal_pct": r.MaxRemovalPct,
		"dry_run": r.DryRun, "schedule": r.Schedule, "description": r.Description, "owner": r.Owner,
	}
}
