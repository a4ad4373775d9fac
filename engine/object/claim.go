package object

import (
	"context"

	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
)

// The plans of an execution that sends nothing are those that a run of the same syncs would make. In a run an earlier sync has written by the time
// that the next one is planned; here it claims what it would write, and the next one takes that for what HubSpot has and for the earlier one's own.

// followed says whether an earlier sync of the execution claims values of records of the sync's type.
func (s *objectSync) followed() bool { return s.claimed[s.objectType.ID] }

// findClaimed lets keys lead to the records that earlier syncs would have created.
func (s *objectSync) findClaimed(ctx context.Context) error {
	if !s.followed() {
		return nil
	}
	_, err := s.conn.Exec(ctx, queries.FindClaimed, warehouse.Args{"sync": s.Number, "object_type_id": s.objectType.ID, "id_property": s.Spec.IDProperty})
	return err
}

// ownClaimed lets what earlier syncs would have written belong to them.
func (s *objectSync) ownClaimed(ctx context.Context) error {
	if !s.followed() {
		return nil
	}
	of := warehouse.Args{"object_type_id": s.objectType.ID}
	if _, err := s.conn.Exec(ctx, queries.DropClaimed, of); err != nil {
		return err
	}
	of["name"], of["properties"] = s.Spec.Name, s.writable()
	_, err := s.conn.Exec(ctx, queries.OwnClaimed, of)
	return err
}

// followClaims lets the values that are compared be those that earlier syncs would have written.
func (s *objectSync) followClaims(ctx context.Context) error {
	if !s.followed() {
		return nil
	}
	_, err := s.conn.Exec(ctx, queries.FollowClaims, warehouse.Args{"object_type_id": s.objectType.ID})
	return err
}

// claim notes what a run would write by the plan: nothing where a guard blocks it, or where its row is dry or disabled.
func (s *objectSync) claim(ctx context.Context, p *plan.Plan) error {
	if !s.env.Unsent || len(s.syncs) == 1 { // there is no later sync
		return nil
	}
	if passes, err := s.env.Guards.MayPass(ctx, s.Sync, p); err != nil {
		return err
	} else if passes && p.Unread == 0 && !s.Spec.DryRun && !s.Disabled && !p.Empty() {
		of := warehouse.Args{"object_type_id": s.objectType.ID}
		if _, err := s.conn.Exec(ctx, queries.ForgetClaims, of); err != nil {
			return err
		}
		of["sync"], of["name"], of["id_property"] = s.Number, s.Spec.Name, s.Spec.IDProperty
		if _, err := s.conn.Exec(ctx, queries.Claim, of); err != nil {
			return err
		}
		s.claimed[s.objectType.ID] = true
	}
	if !s.followed() {
		return nil
	}
	_, err := s.conn.Exec(ctx, queries.HideClaimed, nil)
	return err
}
