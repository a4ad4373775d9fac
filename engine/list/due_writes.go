package list

import (
	"context"

	"rollcall/engine/kind"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
)

// due are the writes to rollcall.members that a plan needs besides its changes. What does not change is not written: on a remote database every
// statement takes a round trip.
type due struct {
	adoption bool // foreign members are desired now, or members have other keys
	members  bool // the list was read, and has others than rollcall.members
}

// Unwritten reports whether Intend would write something for a plan without changes: rollcall.members differs from the
// list, or the list changed while it was read. It only reads, from temp tables where it can: the runs in which nothing
// changes are the most, and each statement on a remote database is a round trip.
func (l *lists) Unwritten(ctx context.Context, ks *kind.Sync, p *plan.Plan) (bool, error) {
	s := l.of(ks)
	s.due = due{}
	if p.Adopts() {
		if err := s.copyMembers(ctx); err != nil {
			return false, err
		}
		n, err := s.count(ctx, queries.CountAdoptable)
		if err != nil {
			return false, err
		}
		s.due.adoption = n > 0
	}
	if !s.fromCache {
		n, err := s.countDifferences(ctx)
		if err != nil {
			return false, err
		}
		s.due.members = n > 0
	}
	return s.due != due{} || !s.atRest(), nil
}

// countDifferences counts the records that are on the list and not in rollcall.members, or the other way round.
func (s *listSync) countDifferences(ctx context.Context) (int64, error) {
	if err := s.copyMembers(ctx); err != nil {
		return 0, err
	}
	return s.count(ctx, queries.CountDifferences)
}

// count reads one number about the sync's list; q has the parameter $list_id.
func (s *listSync) count(ctx context.Context, q warehouse.NamedQuery) (n int64, err error) {
	err = s.conn.ReadRow(ctx, q, warehouse.Args{"list_id": s.list.ID}, &n)
	return n, err
}
