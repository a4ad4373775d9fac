package engine

import (
	"context"
	"errors"
	"fmt"

	"rollcall/engine/hubspot"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
)

// changes are the changes of one membership write.
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

// application is a plan on its way to HubSpot.
type application struct {
	*session
	ledger *ledger
	run    *Run
	plan   *plan.Plan

	taken    int  // changes that HubSpot accounted for
	refusals int  // calls that it refused while a batch was halved
	probed   bool // single changes were tried, to see whether it refuses any
	unknown  bool // a change has no answer
	missing  int  // records to add that it did not know
	sent     int64
	load     *warehouse.Loader
	numbers  map[change]int64 // of the batch's changes, in the run
	outcomes []outcome        // of the batch, as in load; for the journal
}

// apply sends the plan batch by batch; plan and run are in the ledger already. No call is begun when ctx has ended; the one in flight
// lingers as the session's writer does. An error ends it; what was sent until then is in the ledger.
func (s *session) apply(ctx context.Context, led *ledger, run *Run, p *plan.Plan) error {
	a := &application{session: s, ledger: led, run: run, plan: p}
	if err := a.batches(ctx, 1); err != nil {
		return err
	}
	last := p.Batches
	if err := a.lookAgain(ctx); err != nil {
		return err
	}
	return a.batches(ctx, last+1)
}

// batches sends the plan's batches from the given one on, which the ledger has as sent already.
func (a *application) batches(ctx context.Context, from int64) error {
	for batch := from; batch <= a.plan.Batches; batch++ {
		if err := context.Cause(ctx); err != nil {
			if batch == from {
				err = errors.Join(err, a.ledger.markUnsent(ctx, a.conn, a.run, batch))
			}
			return err
		}
		if batch > from {
			if err := a.ledger.markSent(ctx, a.conn, a.run, batch); err != nil {
				return fmt.Errorf("mark sent: %w", err)
			}
		}
		sent, err := a.send(ctx, batch)
		if err != nil {
			return fmt.Errorf("batch %d of %d: %w", batch, a.plan.Batches, err)
		}
		a.sent += int64(sent)
		a.engine.config.Events(Sent{Sync: a.spec.Name, ListID: a.plan.ListID, Done: a.sent, Total: a.plan.Add + a.plan.Remove})
	}
	return nil
}

// lookAgain looks up again the keys whose cached record HubSpot reported missing, and puts the records found into one more
// batch.
func (a *application) lookAgain(ctx context.Context) error {
	if a.missing == 0 {
		return nil
	}
	if _, err := a.conn.Exec(ctx, queries.StageMissing, warehouse.Args{
		"run_id": a.run.RunID, "object_type_id": a.list.ObjectType.ID, "id_property": a.spec.IDProperty, "sync": int32(a.number),
	}); err != nil {
		return err
	}
	if asked, err := a.askAgain(ctx); err != nil || asked == 0 {
		return err
	}
	if _, err := a.resolve(ctx); err != nil {
		return err
	}
	if err := a.ledger.excuseMissing(ctx, a.conn, a.run, "HubSpot has no record with this "+a.spec.IDProperty+" any more"); err != nil {
		return err
	}
	last := a.plan.Batches
	n, err := a.conn.Exec(ctx, queries.PlanAgain, warehouse.Args{"after": last, "chunk": a.engine.config.ChunkSize})
	if err != nil || n == 0 {
		return err
	}
	a.plan.Add += n
	a.plan.Entered += n
	if err := a.conn.ReadRow(ctx, queries.LastBatch, nil, &a.plan.Batches); err != nil {
		return err
	}
	return a.ledger.recordMore(ctx, a.conn, a.run, a.plan, last)
}

// send sends one batch, which the ledger has as sent, and writes the outcomes after it, also when the call fails.
func (a *application) send(ctx context.Context, batch int64) (int, error) {
	keep := context.WithoutCancel(ctx)
	c, err := a.read(keep, batch)
	if err == nil {
		err = a.conn.ExecAll(keep, queries.StageOutcomes)
	}
	if err != nil {
		return 0, errors.Join(err, a.ledger.markUnsent(ctx, a.conn, a.run, batch))
	}
	a.load, a.outcomes = a.conn.Loader("outcomes"), nil
	a.touched[a.plan.ListID] = true
	callErr := a.sendBisecting(ctx, c)
	err = a.load.Flush()
	if err == nil {
		err = a.ledger.recordOutcomes(keep, a.session, a.run, a.plan, kindsOf(a.outcomes))
	}
	if err != nil {
		return 0, errors.Join(callErr, a.journalize(batch, err))
	}
	a.touched[a.plan.ListID] = a.unknown || callErr != nil
	return c.size(), callErr
}

// kindsOfOutcome says which kinds are among outcomes.
type kindsOfOutcome struct {
	joined  bool // additions that put their record on the list, or found it there
	left    bool // removals after which the record is not on the list, and additions that did not put it there
	missing bool // records that HubSpot does not know
}

func kindsOf(outcomes []outcome) (k kindsOfOutcome) {
	for _, o := range outcomes {
		took := o.State == plan.StateDone || o.State == plan.StateAlready
		k.missing = k.missing || o.State == plan.StateMissing
		k.joined = k.joined || o.Action == "add" && took
		k.left = k.left || o.Action == "remove" && (took || o.State == plan.StateMissing) || o.Action == "add" && (o.State == plan.StateMissing || o.State == plan.StateFailed)
	}
	return k
}

// journalize writes the batch's outcomes to the journal when the ledger can't be written.
func (a *application) journalize(batch int64, cause error) error {
	var unwritten *LedgerError
	if errors.As(cause, &unwritten) {
		cause = unwritten.Err
	}
	e := &JournalError{Path: a.engine.journal.path, Err: fmt.Errorf("record outcomes: %w", cause)}
	a.engine.config.Failpoint("before keep journal")
	defer a.engine.config.Failpoint("after keep journal")
	if err := a.engine.journal.keep(entry{RunID: a.run.RunID, ListID: a.plan.ListID, Batch: batch, Outcomes: a.outcomes}); err != nil {
		e.Path, e.Err = "", errors.Join(e.Err, err)
	}
	a.log.Error().Err(e).Str("journal", e.Path).Int("changes", len(a.outcomes)).Msg("the ledger can't be written")
	return e
}

// outcome stores the outcome of one change; a nil reason is none.
func (a *application) outcome(action string, id int64, state string, reason any) error {
	said, _ := reason.(string)
	n, ok := a.numbers[change{action, id}]
	if !ok {
		return fmt.Errorf("outcome of %s %d, which is not in the batch", action, id)
	}
	a.outcomes = append(a.outcomes, outcome{n, action, id, state, said})
	return a.load.Add(n, action, id, state, reason)
}

// read fetches the batch's changes from the temp table plan, and their numbers.
func (a *application) read(ctx context.Context, batch int64) (c changes, err error) {
	a.numbers = map[change]int64{}
	err = a.conn.ReadRows(ctx, queries.ReadBatch, warehouse.Args{"batch": batch}, func(scan func(...any) error) error {
		var action string
		var n, id int64
		if err := scan(&n, &action, &id); err != nil {
			return err
		}
		a.numbers[change{action, id}] = n
		if action == "add" {
			c.add = append(c.add, id)
		} else {
			c.remove = append(c.remove, id)
		}
		return nil
	})
	return c, err
}

// unanswered returns the state of changes without an answer: the given one, or unknown if they may have been applied.
func (c changes) unanswered(state string) string {
	if c.ambiguous {
		return plan.StateUnknown
	}
	return state
}

// markAll gives all the changes one outcome.
func (a *application) markAll(c changes, state, reason string) error {
	a.unknown = a.unknown || state == plan.StateUnknown
	for _, id := range c.add {
		if err := a.outcome("add", id, state, reason); err != nil {
			return err
		}
	}
	for _, id := range c.remove {
		if err := a.outcome("remove", id, state, reason); err != nil {
			return err
		}
	}
	return nil
}

// account gives every change that was sent the state that the answer gives it. HubSpot names what it added, what it removed,
// and what it does not know; whoever it does not name was on the list already, or was not. After a call whose answer was lost, that
// call counts as the one that made the change: the list did not show it when it was read.
func (a *application) account(c changes, answer hubspot.MembershipChange) error {
	missing := set(answer.Missing)
	outcomes := func(action string, sent []int64, did map[int64]bool) error {
		for _, id := range sent {
			state, reason := plan.StateAlready, any(nil)
			switch {
			case did[id]:
				state = plan.StateDone
			case missing[id]:
				state, reason = plan.StateMissing, "HubSpot has no such record"
				a.missing++
			case c.ambiguous:
				state, reason = plan.StateDone, "the answer was lost; it held when it was sent again in a smaller call"
			case answer.MaybeApplied:
				state, reason = plan.StateDone, fmt.Sprintf("the answer was lost; it held when the call was repeated (attempt %d)", answer.Attempts)
			}
			if err := a.outcome(action, id, state, reason); err != nil {
				return err
			}
		}
		return nil
	}
	if err := outcomes("add", c.add, set(answer.Added)); err != nil {
		return err
	}
	a.taken += c.size()
	return outcomes("remove", c.remove, set(answer.Removed))
}

// set is the IDs of one answer, never more than one call has.
func set(ids []int64) map[int64]bool {
	m := make(map[int64]bool, len(ids))
	for _, id := range ids {
		m[id] = true
	}
	return m
}
