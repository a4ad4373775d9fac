package association

import (
	"context"
	"encoding/json"
	"time"

	"rollcall/engine/hint"
	"rollcall/engine/kind"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
)

// A pair whose changes HubSpot refused is not tried in every run: the ledger has with the reject when it is tried next. Where other changes of the
// pair are to be made than those that were refused, the hash is another one, and nothing waits.

// denial is a change that HubSpot refused.
type denial struct {
	N      int64  `json:"n"`
	Detail string `json:"detail"` // HubSpot's reason
}

// deny gives all changes of a pair that HubSpot refused their outcome. One that may have been applied by an earlier call is not known to be refused.
func (d *delivery) deny(p pair, state, reason string) {
	d.mark(p, state, reason)
	if state != plan.StateFailed {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range p.changes {
		d.denials = append(d.denials, denial{c.n, reason})
	}
}

// settleRefused counts the pairs that wait for their next try, and puts those that HubSpot refused, and that still differ, among the rejects. The plan is
// made.
func (s *linkSync) settleRefused(ctx context.Context) (h kind.Held, err error) {
	var next *time.Time
	if err := s.conn.ReadRow(ctx, queries.CountHeld, nil, &h.N, &next, &s.retried); err != nil {
		return h, err
	}
	if next != nil {
		h.Next = *next
	}
	if h.N+s.retried == 0 {
		return h, nil
	}
	return h, s.conn.ExecAll(ctx, queries.RejectRefused)
}

// warnHeld tells of pairs that wait in the plan's warning.
func warnHeld(h kind.Held, p *plan.Plan) {
	h.Warn(p, "changes of "+hint.Counted(h.N, "pair of records", "pairs of records"))
}

// recordRefused writes to the ledger which of the wave's changes HubSpot refused, and which it took that it had refused before.
func (s *linkSync) recordRefused(ctx context.Context) error {
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
	if err := s.exec(ctx, warehouse.Args{"denials": string(document)}, queries.StageTried); err != nil {
		return err
	}
	return s.env.Ledger.CountTries(ctx, s.Sync)
}
