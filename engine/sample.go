package engine

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
)

// firstChanges reads the first changes of the temp table plan, limit of each action at the most. They are held in memory.
func firstChanges(ctx context.Context, conn *warehouse.Conn, p *plan.Plan, limit int64) ([]plan.Change, error) {
	query := queries.SamplePlan
	if p.ObjectType != "" || p.Association != "" {
		query = queries.SampleValues
	}
	return readChanges(ctx, conn, query, warehouse.Args{"limit": limit})
}

// readChanges reads changes by a query that returns action, record_id, key, cause and values: JSON {property: [before, after]}.
func readChanges(ctx context.Context, conn *warehouse.Conn, query warehouse.NamedQuery, args warehouse.Args) ([]plan.Change, error) {
	changes := []plan.Change{} // in JSON none are [], not null
	err := conn.ReadRows(ctx, query, args, func(scan func(...any) error) error {
		var c plan.Change
		var text string
		if err := scan(&c.Action, &c.RecordID, &c.Key, &c.Cause, &text); err != nil {
			return err
		}
		var values map[string][2]*string
		if err := json.Unmarshal([]byte(text), &values); err != nil {
			return err
		}
		for _, property := range slices.Sorted(maps.Keys(values)) {
			c.Values = append(c.Values, plan.Value{Property: property, Before: values[property][0], After: values[property][1]})
		}
		changes = append(changes, c)
		return nil
	})
	return changes, err
}
