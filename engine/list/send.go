package list

import (
	"context"
	"fmt"

	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
)

// changes are the changes of one membership write: record IDs.
type changes struct {
	add, remove []int64
	// ambiguous: a larger call with these changes ended without an answer, so they may have been applied.
	ambiguous bool
}

func (c changes) size() int { return len(c.add) + len(c.remove) }

// change is one membership change.
type change struct {
	action   string
	recordID int64
}

// delivery is a batch to be sent to HubSpot. It gathers the outcomes, one for each of the batch's changes. It uses no
// connection: a Call runs beside others.
type delivery struct {
	*listSync
	listID   string
	numbers  map[change]int64 // of the batch's changes, in the run
	outcomes []plan.Outcome   // one for each change, once the call has returned
}

// Batch reads the batch's changes and returns the membership write that carries them. From here on the list counts as
// touched, with changes that have no answer, until the call has given one to each: a later sync of this execution with
// the same list must not plan on what was read before.
func (l *lists) Batch(ctx context.Context, ks *kind.Sync, p *plan.Plan, batch int64) (kind.Call, error) {
	s := l.of(ks)
	c, numbers, err := s.readBatch(ctx, batch)
	if err != nil {
		return nil, err
	}
	l.touched[p.ListID] = true
	d := &delivery{listSync: s, listID: p.ListID, numbers: numbers}
	return func(ctx context.Context) ([]plan.Outcome, error) {
		err := d.sendBisecting(ctx, c)
		l.touched[p.ListID] = s.sent.unknown || err != nil
		return d.outcomes, err
	}, nil
}

// readBatch reads the batch's changes from the temp table plan, and their numbers in the run, by which the ledger knows
// them.
func (s *listSync) readBatch(ctx context.Context, batch int64) (c changes, numbers map[change]int64, err error) {
	numbers = map[change]int64{}
	err = s.conn.ReadRows(ctx, queries.ReadBatch, warehouse.Args{"batch": batch}, func(scan func(...any) error) error {
		var action string
		var n, id int64
		if err := scan(&n, &action, &id); err != nil {
			return err
		}
		numbers[change{action, id}] = n
		if action == plan.ActionAdd {
			c.add = append(c.add, id)
		} else {
			c.remove = append(c.remove, id)
		}
		return nil
	})
	return c, numbers, err
}

// PlanAgain looks up again the keys whose cached record HubSpot reported missing, and plans to add the records found. A
// contact that was merged or made anew since its key was cached has another record ID; without this it would be added
// one run later.
func (l *lists) PlanAgain(ctx context.Context, ks *kind.Sync, p *plan.Plan) (*plan.Plan, error) {
	s := l.of(ks)
	if s.sent.missing == 0 {
		return nil, nil
	}
	about := s.resolver.Subject(ks)
	about["run_id"], about["sync"] = s.RunID, s.Number
	if _, err := l.conn.Exec(ctx, queries.StageMissing, about); err != nil {
		return nil, err
	}
	if asked, err := l.resolver.AskAgain(ctx); err != nil || asked == 0 {
		return nil, err
	}
	// resolved and unmatched are made anew from the answers; the plan and current stay, and the query leaves out what is in
	// them.
	if _, err := l.resolver.Resolve(ctx, ks); err != nil {
		return nil, err
	}
	if err := s.excuseMissing(ctx); err != nil {
		return nil, err
	}
	n, err := l.conn.Exec(ctx, queries.PlanAgain, warehouse.Args{"after": p.Batches, "chunk": l.env.Limits.ChunkSize})
	if err != nil || n == 0 {
		return nil, err
	}
	if _, err := l.conn.Exec(ctx, queries.DropFirstPlan, warehouse.Args{"after": p.Batches}); err != nil {
		return nil, err
	}
	return p.Second(n, int64(l.env.Limits.ChunkSize)), nil
}

// excuseMissing writes the outcome for keys whose cached records were deleted: those without a record are rejects now. It
// comes before the second plan is made, so that the outcome of a key is in the ledger exactly once.
func (s *listSync) excuseMissing(ctx context.Context) error {
	return s.env.Ledger.Write(ctx, "excuse missing", nil, func(ctx context.Context) error {
		if _, err := s.conn.Exec(ctx, queries.ExcuseMissing, warehouse.Args{"run_id": s.RunID, "reason": "the cached record is gone; its key was looked up again", "now": s.env.Now()}); err != nil {
			return err
		}
		_, err := s.conn.Exec(ctx, queries.RejectAgain, warehouse.Args{
			"run_id": s.RunID, "sync": s.Spec.Name, "detail": "HubSpot has no record with this " + s.Spec.IDProperty + " any more",
		})
		return err
	})
}

// unanswered returns the state of changes without an answer: the given one, or unknown if they may have been applied. A
// change that may have been applied must never be called failed: the next run settles only unknown ones against the list.
func (c changes) unanswered(state string) string {
	if c.ambiguous {
		return plan.StateUnknown
	}
	return state
}

// outcome notes the outcome of one change.
func (d *delivery) outcome(action string, id int64, state, reason string) {
	d.outcomes = append(d.outcomes, plan.Outcome{N: d.numbers[change{action, id}], Action: action, RecordID: id, State: state, Reason: reason})
}

// markAll gives all the changes one outcome.
func (d *delivery) markAll(c changes, state, reason string) {
	d.sent.unknown = d.sent.unknown || state == plan.StateUnknown
	for _, id := range c.add {
		d.outcome(plan.ActionAdd, id, state, reason)
	}
	for _, id := range c.remove {
		d.outcome(plan.ActionRemove, id, state, reason)
	}
}

// account gives every change that was sent the state that the answer gives it. HubSpot names what it added, what it removed,
// and what it does not know; whoever it does not name was on the list already, or was not. After a call whose answer was lost, that
// call counts as the one that made the change: the list did not show it when it was read.
func (d *delivery) account(c changes, answer hubspot.MembershipChange) {
	missing := set(answer.Missing)
	outcomes := func(action string, sent []int64, did map[int64]bool) {
		for _, id := range sent {
			state, reason := plan.StateAlready, ""
			switch {
			case did[id]:
				state = plan.StateDone
			case missing[id]:
				state, reason = plan.StateMissing, "HubSpot has no such record"
				d.sent.missing++
			case c.ambiguous:
				state, reason = plan.StateDone, "the answer was lost; it held when it was sent again in a smaller call"
			case answer.MaybeApplied:
				state, reason = plan.StateDone, fmt.Sprintf("the answer was lost; it held when the call was repeated (attempt %d)", answer.Attempts)
			}
			d.outcome(action, id, state, reason)
		}
	}
	outcomes(plan.ActionAdd, c.add, set(answer.Added))
	d.sent.taken += c.size()
	outcomes(plan.ActionRemove, c.remove, set(answer.Removed))
}

// set returns the IDs of one answer, never more than one call has.
func set(ids []int64) map[int64]bool {
	m := make(map[int64]bool, len(ids))
	for _, id := range ids {
		m[id] = true
	}
	return m
}
