package engine

import (
	"context"
	"fmt"

	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// Plan is what a sync would change, and why: plain data. The changes themselves are the temp table plan.
type Plan struct {
	Sync      string        `json:"sync"`
	ListID    string        `json:"list_id,omitempty"` // empty where the list is still to be made
	ListName  string        `json:"list_name,omitempty"`
	Mode      syncspec.Mode `json:"mode"`
	Desired   `json:",inline"`
	Resolved  int64  `json:"n_resolved"`
	Unmatched int64  `json:"n_unmatched"`
	Records   int64  `json:"n_records"` // records behind the resolved keys
	Current   int64  `json:"n_current_before"`
	Add       int64  `json:"n_to_add"`
	Remove    int64  `json:"n_to_remove"`
	Entered   int64  `json:"n_entered"`              // to add: newly desired
	Restored  int64  `json:"n_restored"`             // to add: somebody took them out in HubSpot
	Left      int64  `json:"n_left"`                 // to remove: no longer desired
	Foreign   int64  `json:"n_foreign"`              // to remove: somebody else put them there
	Undone    int64  `json:"n_undone,omitempty"`     // to add or remove: the opposite of what a run did
	LeftAlone int64  `json:"n_left_alone,omitempty"` // neither added nor removed, because they joined the list while it was read
	InPart    bool   `json:"in_part,omitempty"`      // the list was not read whole, which a plan that only adds does not need
	Batches   int64  `json:"n_batches"`              // membership writes that it takes
	Hash      string `json:"plan_hash"`
	Cost      Cost   `json:"cost"`
	// Sample holds the first few changes of each action.
	Sample []Change `json:"sample"`
	// Gone is the list that the row named until now, and HubSpot does not know any more.
	Gone string `json:"gone_list_id,omitempty"`
	// Follows says that the list bears another name by now than the row gives it.
	Follows string `json:"follows,omitempty"`
	// Undoes is the run whose opposite it is; empty: it comes from the query.
	Undoes string `json:"undoes,omitempty"`
	// Violations are the guards that the plan breaks.
	Violations []Violation `json:"violations,omitempty"`
	// Warning says what should be looked at though no guard speaks; empty: nothing.
	Warning string `json:"warning,omitempty"`

	unread int64 // records that would go, and that may belong on the list by what HubSpot knows of them today
}

// Change is one line of a plan.
type Change struct {
	Action   string `json:"action"` // add or remove
	RecordID int64  `json:"record_id"`
	Key      string `json:"key,omitempty"`
	Cause    string `json:"cause"` // entered, restored, left, foreign, undone or undone_foreign
}

// Empty says whether there is nothing to do.
func (p *Plan) Empty() bool { return p.Add+p.Remove == 0 && !p.makesList() }

// makesList says whether applying the plan begins with making the list.
func (p *Plan) makesList() bool { return p.ListID == "" }

// compare makes the temp table plan.
func (s *session) compare(ctx context.Context, p *Plan) error {
	if s.undoes != "" {
		_, err := s.conn.Exec(ctx, queries.PlanUndo, warehouse.Args{"undoes": s.undoes, "list_id": s.list.ID, "chunk": s.engine.config.ChunkSize, "sync": int32(s.number)})
		return err
	}
	differ := map[syncspec.Mode]warehouse.NamedQuery{
		syncspec.Mirror: queries.DifferMirror, syncspec.Add: queries.DifferAdd, syncspec.Remove: queries.DifferRemove,
	}[s.spec.Mode]
	if _, err := s.conn.Exec(ctx, differ, nil); err != nil {
		return err
	}
	leftAlone, err := s.conn.Exec(ctx, queries.LeaveNewcomers, warehouse.Args{"sync": int32(s.number)})
	if err != nil {
		return err
	}
	p.LeftAlone = leftAlone
	_, err = s.conn.Exec(ctx, queries.Plan, warehouse.Args{
		"keep_foreign": s.spec.Mode == syncspec.Mirror && s.spec.ForeignMembers == syncspec.KeepForeign, "chunk": s.engine.config.ChunkSize,
	})
	return err
}

// adopts says whether desired members that were on the list already count as Rollcall's: not where the query names who is to go.
func (p *Plan) adopts() bool { return p.Mode != syncspec.Remove }

// target is the list's ID, or its name while it has none.
func (p *Plan) target() string {
	if p.ListID == "" {
		return "name:" + p.ListName
	}
	return p.ListID
}

// sampled is how many changes of each action a plan shows.
const sampled = 5

// diff makes the temp table plan of the sets, and holds it against the guards.
func (s *session) diff(ctx context.Context, r Resolved) (*Plan, error) {
	p := &Plan{
		Sync: s.spec.Name, ListID: s.list.ID, ListName: s.list.Name, Mode: s.spec.Mode, Undoes: s.undoes,
		Desired: s.desired, Resolved: r.Keys, Unmatched: r.Unmatched, Records: r.Records, Current: s.members, InPart: s.inPart(),
	}
	p.Gone, p.Follows = s.gone, s.follows()
	if err := s.compare(ctx, p); err != nil {
		return nil, fmt.Errorf("diff: %w", err)
	}
	if err := s.conn.ReadRow(ctx, queries.CountPlan, nil, &p.Add, &p.Remove, &p.Entered, &p.Restored, &p.Left, &p.Foreign, &p.Undone, &p.Batches); err != nil {
		return nil, fmt.Errorf("diff: %w", err)
	}
	if err := s.conn.ReadRow(ctx, queries.HashPlan, warehouse.Args{"sync": p.Sync, "list": p.target()}, &p.Hash); err != nil {
		return nil, fmt.Errorf("diff: %w", err)
	}
	if err := s.confirmRecordsExist(ctx, p); err != nil {
		return nil, fmt.Errorf("diff: %w", err)
	}
	p.Cost = s.cost(p)
	if err := s.judge(ctx, p); err != nil {
		return nil, fmt.Errorf("guard: %w", err)
	}
	s.log.Info().Int64("add", p.Add).Int64("remove", p.Remove).Str("plan_hash", p.Hash).Int64("calls", p.Cost.Calls).Float64("seconds", p.Cost.Seconds).Msg("planned")
	return p, nil
}

// firstChanges reads the first changes of the temp table plan, most of them of each action.
func firstChanges(ctx context.Context, conn *warehouse.Conn, limit int64) ([]Change, error) {
	changes := []Change{} // in JSON none are [], not null
	err := conn.ReadRows(ctx, queries.SamplePlan, warehouse.Args{"limit": limit}, func(scan func(...any) error) error {
		var c Change
		err := scan(&c.Action, &c.RecordID, &c.Key, &c.Cause)
		changes = append(changes, c)
		return err
	})
	return changes, err
}
