package object

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
)

// batchSize is how many records one write carries.
const batchSize = hubspot.MaxBatchWrite

// change is one change of a batch.
type change struct {
	n        int64
	recordID int64 // 0: the record is to be created
	key      string
	values   map[string][2]*string // property: before, after
}

// properties are the values that are sent: "" clears a property.
func (c change) properties() map[string]string {
	sent := make(map[string]string, len(c.values))
	for name, pair := range c.values {
		sent[name] = ""
		if pair[1] != nil {
			sent[name] = *pair[1]
		}
	}
	return sent
}

// delivery is a batch to be sent to HubSpot. A batch holds one action.
type delivery struct {
	*objectSync
	action   string
	outcomes []plan.Outcome
	answers  []answer
	denials  []denial
}

// Batch reads the batch's changes and returns the write that carries them.
func (o *objects) Batch(ctx context.Context, ks *kind.Sync, _ *plan.Plan, batch int64) (kind.Call, error) {
	s := o.of(ks)
	s.answers, s.denials = nil, nil // those of the wave before are in the ledger
	d := &delivery{objectSync: s}
	var changes []change
	err := s.conn.ReadRows(ctx, queries.ReadBatch, warehouse.Args{"batch": batch}, func(scan func(...any) error) error {
		var c change
		var values string
		if err := scan(&c.n, &d.action, &c.recordID, &c.key, &values); err != nil {
			return err
		}
		changes = append(changes, c)
		return json.Unmarshal([]byte(values), &changes[len(changes)-1].values)
	})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) ([]plan.Outcome, error) {
		err := d.send(ctx, changes)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.answers, s.denials = append(s.answers, d.answers...), append(s.denials, d.denials...)
		return d.outcomes, err
	}, nil
}

// part is a part of a batch that goes with a call of its own.
type part struct {
	changes []change
	// ambiguous: this call, or a larger one with these changes, ended without an answer, so they may have been applied.
	ambiguous bool
}

// unanswered is the state of the part's changes when nothing more is sent of them: the given one, or unknown where they may have been applied. A
// change that may have been applied must never be called failed or planned: the next run reconciles unknown ones alone.
func (p part) unanswered(state string) string {
	if p.ambiguous {
		return plan.StateUnknown
	}
	return state
}

// send sends the changes. When HubSpot refuses them all, each half is sent on its own, until each refused change is on its own. Every change
// gets exactly one outcome, also when an error ends it.
func (d *delivery) send(ctx context.Context, changes []change) error {
	for open := []part{{changes: changes}}; len(open) > 0; {
		if err := context.Cause(ctx); err != nil {
			return d.abandon(open, err)
		}
		next := open[0]
		open = open[1:]
		written, err := d.write(ctx, next.changes)
		next.ambiguous = next.ambiguous || errors.Is(err, hubspot.ErrAmbiguous)
		switch {
		case err == nil:
			d.account(ctx, next.changes, written)
		case hubspot.IsSplittable(err) && len(next.changes) == 1 && next.ambiguous:
			d.markAll(next.changes, plan.StateUnknown, err.Error())
		case hubspot.IsSplittable(err) && len(next.changes) == 1:
			d.Log.Warn().Err(err).Msg("a change was refused")
			d.deny(next.changes[0], err.Error())
		case hubspot.IsSplittable(err) && d.refuse():
			half := len(next.changes) / 2
			open = append(open, part{next.changes[:half], next.ambiguous}, part{next.changes[half:], next.ambiguous})
		case ctx.Err() != nil && errors.Is(err, ctx.Err()):
			d.markAll(next.changes, next.unanswered(plan.StatePlanned), "not sent: "+err.Error())
			return d.abandon(open, err)
		default:
			d.markAll(next.changes, next.unanswered(plan.StateFailed), err.Error())
			return d.abandon(open, err)
		}
	}
	return nil
}

// refuse counts a call that HubSpot refused as a whole, and reports whether its halves are to be sent.
func (d *delivery) refuse() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refused++
	return d.refused <= kind.MaxRefusals
}

// write makes the call.
func (d *delivery) write(ctx context.Context, changes []change) (hubspot.BatchWrite, error) {
	if d.action == plan.ActionCreate {
		records := make([]map[string]string, len(changes))
		for i, c := range changes {
			records[i] = c.properties()
		}
		return d.Writer.BatchCreate(ctx, d.objectType.Path(), records)
	}
	if d.action == plan.ActionArchive {
		ids := make([]int64, len(changes))
		for i, c := range changes {
			ids[i] = c.recordID
		}
		return d.Writer.BatchArchive(ctx, d.objectType.Path(), ids)
	}
	records := make([]hubspot.Record, len(changes))
	for i, c := range changes {
		records[i] = hubspot.Record{ID: c.recordID, Properties: c.properties()}
	}
	return d.Writer.BatchUpdate(ctx, d.objectType.Path(), records)
}

// account gives every change the state that the answer gives it. What the answer does not mention is looked up once.
func (d *delivery) account(ctx context.Context, changes []change, written hubspot.BatchWrite) {
	var silent []change
	for i, c := range changes {
		o := written.Outcomes[i]
		switch o.Status {
		case hubspot.WriteCreated, hubspot.WriteUpdated, hubspot.WriteArchived:
			d.done(c, o.RecordID, o.Properties, "")
		case hubspot.WriteUnmentioned:
			silent = append(silent, c)
		default:
			reason := "HubSpot refused it"
			if o.Problem != nil {
				reason = fmt.Sprintf("HubSpot refused it: %s: %s", o.Problem.Category, o.Problem.Message)
			}
			d.deny(c, reason)
		}
	}
	if len(silent) > 0 {
		d.lookUpSilent(ctx, silent)
	}
}

// lookUpSilent reads the records that the answer to a write does not mention.
func (d *delivery) lookUpSilent(ctx context.Context, changes []change) {
	keys := make([]string, len(changes))
	for i, c := range changes {
		keys[i] = c.key
	}
	read, err := d.Writer.BatchRead(ctx, d.objectType.Path(), d.Spec.IDProperty, keys, d.readProperties())
	if err != nil {
		d.markAll(changes, plan.StateUnknown, "the answer does not mention it, and it could not be read: "+err.Error())
		return
	}
	records := recordsByKey(read.Records, d.Spec.IDProperty)
	for _, c := range changes {
		record, found := records[hubspot.NormalizeKey(d.Spec.IDProperty, c.key)]
		if found && d.shows(record, c) {
			d.done(c, record.ID, record.Properties, "the answer does not mention it; HubSpot shows the change")
			continue
		}
		d.deny(c, "the answer does not mention it, and HubSpot does not show the change")
	}
}

// shows reports whether the record has the values of the change.
func (d *delivery) shows(record hubspot.Record, c change) bool {
	for name, sent := range c.properties() {
		if name != d.Spec.IDProperty && d.canonical(name, record.Properties[name]) != sent {
			return false
		}
	}
	return true
}

// done notes a change that HubSpot confirmed, with the values that it stored: where the answer has no value of a property, the one that was sent.
func (d *delivery) done(c change, recordID int64, answered map[string]string, reason string) {
	d.outcome(c, recordID, plan.StateDone, reason)
	for name, sent := range c.properties() {
		if name == d.Spec.IDProperty {
			continue
		}
		a := answer{N: c.n, RecordID: recordID, Property: name}
		value := sent
		if text, told := answered[name]; told {
			value = d.canonical(name, text)
		}
		if value != "" {
			a.Value = &value
		}
		if value != sent {
			a.Asked = &sent
		}
		d.answers = append(d.answers, a)
	}
}

// outcome notes the outcome of one change.
func (d *delivery) outcome(c change, recordID int64, state, reason string) {
	d.outcomes = append(d.outcomes, plan.Outcome{N: c.n, Action: d.action, RecordID: recordID, State: state, Reason: reason})
}

// markAll gives all the changes one outcome.
func (d *delivery) markAll(changes []change, state, reason string) {
	for _, c := range changes {
		d.outcome(c, c.recordID, state, reason)
	}
}

// abandon notes the outcomes of the changes that are still open when sending ends early, and returns err.
func (d *delivery) abandon(open []part, err error) error {
	for _, p := range open {
		d.markAll(p.changes, p.unanswered(plan.StatePlanned), "not sent: "+err.Error())
	}
	return err
}
