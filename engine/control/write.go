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

// Write applies edits to the control table, all of them or none. now is when they are made.
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

// rowParams are the columns of a row with their defaults filled in, as the statements name them.
func rowParams(r syncspec.Row) warehouse.Args {
	return warehouse.Args{
		"name": r.Name, "query": r.Query, "list_id": r.ListID, "list_name": r.ListName, "key_column": r.KeyColumn,
		"enabled":         or(r.Enabled, syncspec.DefaultEnabled),
		"id_property":     or(r.IDProperty, syncspec.DefaultIDProperty),
		"object_type":     or(r.ObjectType, syncspec.DefaultObjectType),
		"mode":            or(r.Mode, string(syncspec.DefaultMode)),
		"foreign_members": or(r.ForeignMembers, string(syncspec.DefaultForeignMembers)),
		"allow_empty":     or(r.AllowEmpty, false),
		"allow_takeover":  or(r.AllowTakeover, false),
		"min_rows":        r.MinRows,
		"max_removals":    r.MaxRemovals,
		"max_removal_pct": or(r.MaxRemovalPct, syncspec.DefaultMaxRemovalPct),
		"dry_run":         or(r.DryRun, false),
		"schedule":        r.Schedule, "description": r.Description, "owner": r.Owner,
	}
}
