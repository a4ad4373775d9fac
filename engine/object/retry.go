package object

import (
	"context"
	"encoding/json"
	"time"

	"rollcall/engine/kind"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// Records that HubSpot refused to create, to change or to archive, and keys that have no record where none may be created, are not tried in every run: the ledger has with the
// reject when it is tried next. Where the query has other values, the hash of the values is another one, and nothing waits.

// denial is a change that HubSpot refused.
type denial struct {
	N      int64  `json:"n"`
	Detail string `json:"detail"` // HubSpot's reason
}

// deny notes a change that HubSpot refused.
func (d *delivery) deny(c change, reason string) {
	d.outcome(c, c.recordID, plan.StateFailed, reason)
	d.denials = append(d.denials, denial{c.n, reason})
}

// leaving stands in place of the hash of a record's values with a record that leaves: where the row asks for something else to be done with it, or has
// another object type, a record that was refused is tried again. "": such records stay as they are.
func (s *objectSync) leaving() string {
	if s.Spec.OnLeave == syncspec.KeepLeft {
		return ""
	}
	return "left: " + string(s.Spec.OnLeave) + " " + s.objectType.ID
}

// stageRetries makes the temp table of the keys that wait for their next try, and of those whose time has come.
func (o *objects) stageRetries(ctx context.Context) error {
	_, err := o.conn.Exec(ctx, queries.StageRetries, warehouse.Args{"until": o.env.RetryUntil(), "full": o.env.Full})
	return err
}

// held is what is not tried, because HubSpot refused it lately: N keys.
type held struct {
	kind.Held
	Records int64 // of the query's keys
}

// countHeld counts what waits for its next try, and drops from the rejects what HubSpot shows as it should be by now. The plan is staged.
func (s *objectSync) countHeld(ctx context.Context) (h held, err error) {
	if _, err := s.conn.Exec(ctx, queries.DropSettled, warehouse.Args{"sync": s.Number}); err != nil {
		return h, err
	}
	var next *time.Time
	err = s.conn.ReadRow(ctx, queries.CountHeld, warehouse.Args{"sync": s.Number}, &h.N, &h.Records, &next, &s.retried)
	if next != nil {
		h.Next = *next
	}
	return h, err
}

// triedUnmatched reports whether keys were looked up that may have no record, and must have one.
func (s *objectSync) triedUnmatched() bool { return s.asked > 0 && s.Spec.Mode == syncspec.Update }

// triedValues reports whether values were held against definitions that were read in this execution, and rejected.
func (s *objectSync) triedValues() bool { return s.objectType.fresh && s.refusedValues > 0 }

// countTried writes to the ledger what Stage has tried, in the transaction of Intend, whose rejects are written already.
func (s *objectSync) countTried(ctx context.Context) error {
	if !s.triedUnmatched() && !s.triedValues() {
		return nil
	}
	return s.countTries(ctx, warehouse.Args{"unmatched": s.triedUnmatched(), "values": s.triedValues(), "denials": "[]"})
}

// recordRefused writes to the ledger which of the wave's changes HubSpot refused, and which it took that it had refused before.
func (s *objectSync) recordRefused(ctx context.Context) error {
	if s.retried > 0 {
		if err := s.env.Ledger.EndRefused(ctx, s.Sync); err != nil {
			return err
		}
	}
	if len(s.denials) == 0 {
		return nil
	}
	document, err := json.Marshal(s.denials)
	if err != nil {
		return err
	}
	if err := s.countTries(ctx, warehouse.Args{"unmatched": false, "values": false, "denials": string(document)}); err != nil {
		return err
	}
	return s.forgetDefinitions(ctx)
}

// countTries notes one more try of rejects; what says of which.
func (s *objectSync) countTries(ctx context.Context, what warehouse.Args) error {
	what["sync"], what["leaving"] = s.Number, warehouse.NullText(s.leaving())
	if _, err := s.conn.Exec(ctx, queries.StageTried, what); err != nil {
		return err
	}
	return s.env.Ledger.CountTries(ctx, s.Sync)
}
