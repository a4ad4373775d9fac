package association

import (
	"context"
	"errors"
	"fmt"

	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
)

// change is one change of a pair.
type change struct {
	n      int64
	action string
}

// pair is a pair of records with all the changes of it that a batch carries.
type pair struct {
	hubspot.Association
	changes []change
}

// part is what one call carries.
type part struct {
	pairs []pair
	// ambiguous: a larger call with these pairs ended without an answer, so that it may have been applied.
	ambiguous bool
}

// delivery is a batch on its way to HubSpot.
type delivery struct {
	*linkSync
	call     string // create, default, labels or archive
	outcomes []plan.Outcome
}

// Batch reads the batch's changes and returns the call that carries them.
func (a *associations) Batch(ctx context.Context, ks *kind.Sync, _ *plan.Plan, batch int64) (kind.Call, error) {
	s := a.of(ks)
	d := &delivery{linkSync: s}
	var pairs []pair
	err := s.conn.ReadRows(ctx, queries.ReadBatch, warehouse.Args{"batch": batch}, func(scan func(...any) error) error {
		var c change
		var from, to int64
		var types string
		if err := scan(&c.n, &c.action, &from, &to, &d.call, &types); err != nil {
			return err
		}
		if last := len(pairs) - 1; last >= 0 && pairs[last].From == from && pairs[last].To == to {
			pairs[last].changes = append(pairs[last].changes, c)
			return nil
		}
		p := pair{Association: hubspot.Association{From: from, To: to}, changes: []change{c}}
		if d.call == "create" || d.call == "labels" {
			var err error
			if p.Types, err = typesNamed(types); err != nil {
				return err
			}
		}
		pairs = append(pairs, p)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) ([]plan.Outcome, error) {
		err := d.send(ctx, pairs)
		return d.outcomes, err
	}, nil
}

// send sends the pairs. When HubSpot refuses them all, each half is sent on its own, until each refused pair is on its own. Every change gets exactly
// one outcome, also when an error ends it.
func (d *delivery) send(ctx context.Context, pairs []pair) error {
	for open := []part{{pairs: pairs}}; len(open) > 0; {
		if err := context.Cause(ctx); err != nil {
			return d.abandon(open, err)
		}
		next := open[0]
		open = open[1:]
		answer, err := d.write(ctx, next.pairs)
		next.ambiguous = next.ambiguous || errors.Is(err, hubspot.ErrAmbiguous)
		switch {
		case err == nil:
			d.account(ctx, next, answer)
		case hubspot.IsSplittable(err) && len(next.pairs) == 1:
			d.Log.Warn().Err(err).Msg("a change was refused")
			d.markAll(next, next.unanswered(plan.StateFailed), err.Error())
		case hubspot.IsSplittable(err) && d.refuse():
			half := len(next.pairs) / 2
			open = append(open, part{next.pairs[:half], next.ambiguous}, part{next.pairs[half:], next.ambiguous})
		case ctx.Err() != nil && errors.Is(err, ctx.Err()):
			d.markAll(next, next.unanswered(plan.StatePlanned), "not sent: "+err.Error())
			return d.abandon(open, err)
		default:
			d.markAll(next, next.unanswered(plan.StateFailed), err.Error())
			return d.abandon(open, err)
		}
	}
	return nil
}

// unanswered is the state of changes whose call failed: the given one, or unknown where they may have been applied.
func (p part) unanswered(state string) string {
	if p.ambiguous {
		return plan.StateUnknown
	}
	return state
}

// refuse counts a call that HubSpot refused as a whole, and reports whether its halves are to be sent.
func (d *delivery) refuse() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refused++
	return d.refused <= kind.MaxRefusals
}

// write makes the call.
func (d *delivery) write(ctx context.Context, pairs []pair) (hubspot.AssociationChange, error) {
	links := make([]hubspot.Association, len(pairs))
	for i, p := range pairs {
		links[i] = p.Association
	}
	from, to := d.from.Path(), d.to.Path()
	switch d.call {
	case "create":
		return d.Writer.CreateAssociations(ctx, from, to, links)
	case "default":
		return d.Writer.CreateDefaultAssociations(ctx, from, to, links)
	case "labels":
		return d.Writer.ArchiveAssociationLabels(ctx, from, to, links)
	}
	return d.Writer.ArchiveAssociations(ctx, from, to, links)
}

// account gives every change the state that the answer gives its pair. What the answer does not mention is read once.
func (d *delivery) account(ctx context.Context, sent part, answer hubspot.AssociationChange) {
	var silent []pair
	for i, p := range sent.pairs {
		switch o := answer.Outcomes[i]; o.State {
		case hubspot.AssociationDone:
			d.mark(p, plan.StateDone, "")
		case hubspot.AssociationFailed:
			d.mark(p, sent.unanswered(plan.StateFailed), fmt.Sprintf("HubSpot refused it: %s: %s", o.Category, o.Message))
		default:
			silent = append(silent, p)
		}
	}
	if len(silent) > 0 {
		d.readSilent(ctx, silent)
	}
}

// readSilent reads the pairs that the answer to a write does not mention.
func (d *delivery) readSilent(ctx context.Context, pairs []pair) {
	var ids []int64
	asked := map[int64]bool{}
	for _, p := range pairs {
		if !asked[p.From] {
			asked[p.From] = true
			ids = append(ids, p.From)
		}
	}
	live := map[[2]int64]map[string]bool{}
	for len(ids) > 0 {
		n := min(len(ids), hubspot.MaxAssociationRead)
		records, err := d.Writer.ReadAssociations(ctx, d.from.Path(), d.to.Path(), ids[:n])
		if err != nil {
			d.markAll(part{pairs: pairs}, plan.StateUnknown, "the answer does not mention it, and it could not be read: "+err.Error())
			return
		}
		for _, record := range records {
			for _, link := range record.Links {
				types := map[string]bool{}
				for _, l := range link.Labels {
					types[typeName(l)] = true
				}
				live[[2]int64{record.ID, link.ID}] = types
			}
		}
		ids = ids[n:]
	}
	for _, p := range pairs {
		if d.shows(p, live[[2]int64{p.From, p.To}]) {
			d.mark(p, plan.StateDone, "the answer does not mention it; HubSpot shows the change")
			continue
		}
		d.mark(p, plan.StateFailed, "the answer does not mention it, and HubSpot does not show the change")
	}
}

// shows reports whether a pair that has the given types is as the call was to leave it.
func (d *delivery) shows(p pair, live map[string]bool) bool {
	switch d.call {
	case "archive":
		return live == nil
	case "default":
		return live != nil
	}
	for _, t := range p.Types {
		if live[spelledOut(t)] != (d.call == "create") {
			return false
		}
	}
	return true
}

// mark gives all changes of a pair one outcome.
func (d *delivery) mark(p pair, state, reason string) {
	for _, c := range p.changes {
		d.outcomes = append(d.outcomes, plan.Outcome{N: c.n, Action: c.action, RecordID: p.From, State: state, Reason: reason})
	}
}

// markAll gives all changes of the pairs one outcome.
func (d *delivery) markAll(sent part, state, reason string) {
	for _, p := range sent.pairs {
		d.mark(p, state, reason)
	}
}

// abandon notes the outcomes of the changes that are still open when sending ends early, and returns err.
func (d *delivery) abandon(open []part, err error) error {
	for _, p := range open {
		d.markAll(p, p.unanswered(plan.StatePlanned), "not sent: "+err.Error())
	}
	return err
}
