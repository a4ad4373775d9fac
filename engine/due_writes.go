package engine

import (
	"context"

	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
)

// dueWrites are the tables of the ledger that a sync's plan changes, beside the run's own row and changes. What does not change is not written:
// on a remote database every statement takes a round trip.
type dueWrites struct {
	rejects  bool // keys have become rejects, or are none any more
	adoption bool // foreign members are desired now, or members have other keys
	members  bool // the list was read, and has others than rollcall.members
}

// findDueWrites fills in the session's due, once its plan is staged.
func (s *session) findDueWrites(ctx context.Context, p *plan.Plan) error {
	s.due = dueWrites{}
	if p.Undoes == "" {
		if err := s.stageOpenRejects(ctx); err != nil {
			return err
		}
		n, err := s.count(ctx, queries.CountRejectChanges, warehouse.Args{"sync": s.spec.Name})
		if err != nil {
			return err
		}
		s.due.rejects = n > 0
	}
	if p.Adopts() {
		if err := s.copyMembers(ctx); err != nil {
			return err
		}
		n, err := s.count(ctx, queries.CountAdoptable, warehouse.Args{"list_id": s.list.ID})
		if err != nil {
			return err
		}
		s.due.adoption = n > 0
	}
	if s.fromCache {
		return nil
	}
	n, err := s.countStrangers(ctx)
	s.due.members = n > 0
	return err
}

// nothingDue says whether a run with the plan has nothing to send, and nothing to write but its own row.
func (s *session) nothingDue(run *Run, p *plan.Plan) bool {
	return p.Empty() && s.due == dueWrites{} && s.atRest() && run.ApprovedRun == "" && (run.Drift == nil || *run.Drift == 0)
}

// countStrangers counts the records that are on the list and not in rollcall.members, or the other way round.
func (s *session) countStrangers(ctx context.Context) (int64, error) {
	if err := s.copyMembers(ctx); err != nil {
		return 0, err
	}
	return s.count(ctx, queries.CountStrangers, warehouse.Args{"list_id": s.list.ID})
}

// stageOpenRejects makes the temp table rollcall_open_rejects, once a round.
func (r *round) stageOpenRejects(ctx context.Context) error {
	if r.rejectsStaged {
		return nil
	}
	syncs := []string{}
	for _, s := range r.sessions {
		syncs = append(syncs, s.spec.Name)
	}
	_, err := r.conn.Exec(ctx, queries.StageOpenRejects, warehouse.Args{"syncs": syncs})
	r.rejectsStaged = err == nil
	return err
}

// count reads one number.
func (r *round) count(ctx context.Context, q warehouse.NamedQuery, args warehouse.Args) (n int64, err error) {
	err = r.conn.ReadRow(ctx, q, args, &n)
	return n, err
}
