package list

import (
	"context"
	"maps"

	"rollcall/engine/kind"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
)

// Intend brings rollcall.members in step with what was found on the list. What is cached of the list holds no longer from
// here on, until the run has seen its end. A list that is still to be made has no members.
//
// It runs in the transaction that records the plan, before anything is sent. Whatever kills the process afterwards, the
// next run finds the cache invalid and reads the list whole, and finds in the ledger which changes have no answer.
func (l *lists) Intend(ctx context.Context, ks *kind.Sync, p *plan.Plan) error {
	s := l.of(ks)
	s.writesMembers()
	if p.MakesList() {
		return nil
	}
	// $now is one moment for all statements, and the engine's own: each now() of a remote database may be another.
	named := warehouse.Args{"run_id": s.RunID, "sync": s.Spec.Name, "list_id": p.ListID, "now": l.env.Now()}
	if !p.Empty() || !s.atRest() {
		l.invalidated[p.ListID] = true
		if _, err := l.conn.Exec(ctx, queries.InvalidateList, warehouse.Args{"list_id": p.ListID}); err != nil {
			return err
		}
		if err := s.knowList(ctx); err != nil {
			return err
		}
	}
	// Desired members count as Rollcall's from here on, whoever put them there, so that they are removed when the query
	// drops them.
	if s.due.adoption {
		if _, err := l.conn.Exec(ctx, queries.AdoptForeign, named); err != nil {
			return err
		}
	}
	if !s.due.members {
		return nil // rollcall.members is what was found
	}
	// Who was not read may be on the list: only a whole reading tells who has left.
	if !s.inPart() {
		if _, err := l.conn.Exec(ctx, queries.DeleteMembers, warehouse.Args{"list_id": p.ListID}); err != nil {
			return err
		}
	}
	found := warehouse.Args{"own": p.Adopts()}
	maps.Copy(found, named)
	n, err := l.conn.Exec(ctx, queries.AdoptMembers, found)
	if err != nil || n == 0 {
		return err
	}
	return s.nameMembers(ctx)
}

// Record updates rollcall.members by the outcomes of a batch, in the transaction that records them, so that the two never
// differ. What outcomes of each kind need is one statement; those that would change nothing are not sent.
func (l *lists) Record(ctx context.Context, ks *kind.Sync, p *plan.Plan, outcomes []plan.Outcome) error {
	s := l.of(ks)
	s.writesMembers()
	had := kindsOf(outcomes)
	if had.joined {
		if _, err := l.conn.Exec(ctx, queries.JoinMembers, warehouse.Args{"run_id": s.RunID, "sync": s.Spec.Name, "list_id": p.ListID, "now": l.env.Now()}); err != nil {
			return err
		}
	}
	if had.left {
		if _, err := l.conn.Exec(ctx, queries.LeaveMembers, warehouse.Args{"list_id": p.ListID}); err != nil {
			return err
		}
	}
	if !had.missing {
		return nil
	}
	return l.resolver.EvictMissing(ctx)
}

// kindsOfOutcome says which kinds are among outcomes, by what they do to rollcall.members.
type kindsOfOutcome struct {
	joined  bool // additions that put their record on the list, or found it there
	left    bool // removals after which the record is not on the list, and additions that did not put it there
	missing bool // records that HubSpot does not know
}

// kindsOf sorts the outcomes of a batch. An addition that failed or is missing counts as left: Intend may have left its
// row for it; see DeleteMembers. A removal of a record that HubSpot does not know counts too, since the record can't be
// on the list. Unknown changes nothing.
func kindsOf(outcomes []plan.Outcome) (k kindsOfOutcome) {
	for _, o := range outcomes {
		took := o.State == plan.StateDone || o.State == plan.StateAlready
		k.missing = k.missing || o.State == plan.StateMissing
		k.joined = k.joined || o.Action == plan.ActionAdd && took
		k.left = k.left || o.Action == plan.ActionRemove && (took || o.State == plan.StateMissing) || o.Action == plan.ActionAdd && (o.State == plan.StateMissing || o.State == plan.StateFailed)
	}
	return k
}

// Final is how many members the list has after the changes, by HubSpot's answers; net is additions less removals that
// took effect. A list that was not read whole does not tell: -1.
func (l *lists) Final(_ *kind.Sync, p *plan.Plan, net int64) int64 {
	if p.InPart {
		return -1
	}
	return p.Current + net
}
