package association

import (
	"context"
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

// delivery is a batch on its way to HubSpot.
type delivery struct {
	*linkSync
	call     string // create, default, labels or archive
	outcomes []plan.Outcome
}

// Batch reads the batch's changes and returns the call that carries them.
func (a *associations) Batch(ctx context.Context, ks *kind.Sync, _ *plan.Plan, batch int64) (kind.Call, error) {
	s := a.of(ks)
	s.denials = nil // those of the wave before are in the ledger
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
		err := d.parts().Send(ctx, pairs)
		return d.outcomes, err
	}, nil
}

// parts sends the pairs of a batch.
func (d *delivery) parts() kind.Parts[pair] {
	return kind.Parts[pair]{
		Refusals: &d.refused,
		Write: func(ctx context.Context, p kind.Part[pair]) (func(), error) {
			answer, err := d.write(ctx, p.Items)
			return func() { d.account(ctx, p, answer) }, err
		},
		Refused: func(p kind.Part[pair], err error) {
			d.Log.Warn().Err(err).Msg("a change was refused")
			d.deny(p.Items[0], p.Unanswered(plan.StateFailed), err.Error())
		},
		Mark: func(p kind.Part[pair], state, reason string) { d.markAll(p.Items, state, reason) },
	}
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
func (d *delivery) account(ctx context.Context, sent kind.Part[pair], answer hubspot.AssociationChange) {
	var silent []pair
	for i, p := range sent.Items {
		switch o := answer.Outcomes[i]; o.State {
		case hubspot.AssociationDone:
			d.mark(p, plan.StateDone, "")
		case hubspot.AssociationFailed:
			d.deny(p, sent.Unanswered(plan.StateFailed), fmt.Sprintf("HubSpot refused it: %s: %s", o.Category, o.Message))
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
			d.markAll(pairs, plan.StateUnknown, "the answer does not mention it, and it could not be read: "+err.Error())
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
		d.deny(p, plan.StateFailed, "the answer does not mention it, and HubSpot does not show the change")
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
func (d *delivery) markAll(pairs []pair, state, reason string) {
	for _, p := range pairs {
		d.mark(p, state, reason)
	}
}
