package object

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

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
		err := d.parts().Send(ctx, changes)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.answers, s.denials = append(s.answers, d.answers...), append(s.denials, d.denials...)
		if err != nil {
			s.failed[s.objectType.ID] = true
		}
		return d.outcomes, err
	}, nil
}

// parts sends the changes of a batch.
func (d *delivery) parts() kind.Parts[change] {
	return kind.Parts[change]{
		Refusals: &d.refused,
		Write: func(ctx context.Context, p kind.Part[change]) (func(), error) {
			written, err := d.write(ctx, p.Items)
			return func() { d.account(ctx, p.Items, written) }, err
		},
		Refused: func(p kind.Part[change], err error) {
			if p.Ambiguous {
				d.markAll(p.Items, plan.StateUnknown, err.Error())
				return
			}
			d.Log.Warn().Err(err).Msg("a change was refused")
			d.deny(p.Items[0], err.Error())
		},
		Mark: func(p kind.Part[change], state, reason string) { d.markAll(p.Items, state, reason) },
	}
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

// lookUpSilent reads the records that the answer to a write does not mention: by their keys, and those that leave, whose keys may be other records', by
// their IDs.
func (d *delivery) lookUpSilent(ctx context.Context, changes []change) {
	idProperty, key := d.Spec.IDProperty, func(c change) string { return c.key }
	if d.action == plan.ActionClear {
		idProperty, key = hubspot.PropertyRecordID, func(c change) string { return strconv.FormatInt(c.recordID, 10) }
	}
	keys := make([]string, len(changes))
	for i, c := range changes {
		keys[i] = key(c)
	}
	read, err := d.Writer.BatchRead(ctx, d.objectType.Path(), idProperty, keys, d.readProperties())
	if err != nil {
		d.markAll(changes, plan.StateUnknown, "the answer does not mention it, and it could not be read: "+err.Error())
		return
	}
	records := recordsByKey(read.Records, idProperty)
	for _, c := range changes {
		record, found := records[hubspot.NormalizeKey(idProperty, key(c))]
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
		a := answer{n: c.n, recordID: recordID, property: name}
		value := sent
		if text, told := answered[name]; told {
			value = d.canonical(name, text)
		}
		if value != "" {
			a.value = &value
		}
		if value != sent {
			a.asked = &sent
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
