package object

import (
	"context"

	"rollcall/engine/hint"
	"rollcall/engine/kind"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// Stage makes the sync's temp tables, and determines the outcome of its changes whose answer was lost. What was looked up is looked up again where an
// earlier sync of the execution has changed records of the type since.
func (o *objects) Stage(ctx context.Context, ks *kind.Sync) error {
	s := o.of(ks)
	if wrote := s.objectType.wrote; wrote != 0 && wrote != s.Number && s.asked > 0 {
		if _, err := s.conn.Exec(ctx, queries.ForgetFound, warehouse.Args{"sync": s.Number}); err != nil {
			return err
		}
		if err := s.lookUp(ctx); err != nil {
			return err
		}
	}
	if err := s.stageWanted(ctx); err != nil {
		return err
	}
	if err := s.readUnanswered(ctx); err != nil {
		return err
	}
	noRecord := ""
	if s.Spec.Mode == syncspec.Update {
		noRecord = "HubSpot has no record with this " + s.Spec.IDProperty
	}
	for _, step := range []struct {
		query warehouse.NamedQuery
		args  warehouse.Args
	}{
		{queries.StageLeft, warehouse.Args{"sync": s.Number, "id_property": s.Spec.IDProperty, "undoes": warehouse.NullText(s.Undoes)}},
		{queries.StageDesired, nil},
		{queries.StageResolved, nil},
		{queries.StageUnmatched, nil},
		{queries.StageRejected, warehouse.Args{"sync": s.Number, "object_type_id": s.objectType.ID, "no_record": warehouse.NullText(noRecord)}},
		{queries.StageApplied, warehouse.Args{"sync": s.Number}},
		{queries.StageCurrent, warehouse.Args{"sync": s.Number, "properties": s.names()}},
		{queries.StageReconciled, warehouse.Args{"sync": s.Number, "name": s.Spec.Name, "target": s.target()}},
	} {
		if _, err := s.conn.Exec(ctx, step.query, step.args); err != nil {
			return err
		}
	}
	return nil
}

// Plan compares the values of the records that may differ, and holds the plan against the guards.
func (o *objects) Plan(ctx context.Context, ks *kind.Sync) (*plan.Plan, error) {
	s := o.of(ks)
	p := &plan.Plan{Sync: s.Spec.Name, ObjectType: s.target(), Mode: s.Spec.Mode, Wave: int64(s.env.Limits.Concurrency)}
	var differing int64
	if err := s.conn.ReadRow(ctx, queries.CountStaged, nil, &s.Desired.Keys, &s.Desired.Invalid, &p.Resolved, &p.Unmatched, &p.Records, &s.due, &differing, &s.gone, &p.Kept); err != nil {
		return nil, err
	}
	if s.Spec.Mode != syncspec.Update {
		p.Unmatched = 0 // they are created
	}
	if s.Undoes != "" {
		return s.planUndo(ctx, p)
	}
	s.Desired.Duplicate = s.Desired.Rows - s.Desired.Blank - s.Desired.Keys - s.Desired.Invalid
	p.Desired, p.Current = s.Desired, p.Records
	if differing > 0 {
		if _, err := s.conn.Exec(ctx, queries.AddCurrent, warehouse.Args{"object_type_id": s.objectType.ID, "properties": s.names()}); err != nil {
			return nil, err
		}
	}
	if err := s.followClaims(ctx); err != nil {
		return nil, err
	}
	if _, err := s.conn.Exec(ctx, queries.StageDiffering, warehouse.Args{"sync": s.Number, "object_type_id": s.objectType.ID, "keep": s.keepsForeign()}); err != nil {
		return nil, err
	}
	if err := s.planLeaving(ctx, p); err != nil {
		return nil, err
	}
	held, err := s.countHeld(ctx)
	if err != nil {
		return nil, err
	}
	p.Unchanged = p.Records - p.Update - held.Records
	held.Warn(p, hint.Counted(held.N, "record", "records"))
	s.warnOfOwners(p)
	return p, s.claim(ctx, p)
}

// countLosses counts the values of others that the plan replaces, and those that would become empty, for the guards.
func (s *objectSync) countLosses(ctx context.Context, p *plan.Plan) error {
	p.Overwrites, p.Clears = 0, nil
	if p.Update+p.Remove == 0 {
		return nil
	}
	if err := s.conn.ReadRow(ctx, queries.CountOverwrites, warehouse.Args{"object_type_id": s.objectType.ID}, &p.Overwrites); err != nil {
		return err
	}
	err := s.conn.ReadRows(ctx, queries.CountClears, nil, func(scan func(...any) error) error {
		var c plan.Clear
		err := scan(&c.Property, &c.Nulls, &c.Values, &c.KeptValues)
		p.Clears = append(p.Clears, c)
		return err
	})
	if err != nil {
		return err
	}
	for i := range p.Clears {
		c := &p.Clears[i]
		if err := s.conn.ReadRow(ctx, queries.CountValues, warehouse.Args{"property": c.Property, "object_type_id": s.objectType.ID}, &c.Of, &c.KeptOf); err != nil {
			return err
		}
	}
	return nil
}

// Final is how many records there are that the query asks for; undoing a run asks for none.
func (o *objects) Final(s *kind.Sync, p *plan.Plan, net int64) int64 {
	if s.Undoes != "" {
		return -1
	}
	return p.Records + net
}
