package engine

import (
	"context"

	"rollcall/engine/kind"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
)

// rejectsDue says whether keys of the sync have become rejects, or are none any more. Undoing a run asks for no keys. The
// ledger has spans of rejects and not one set for each run, so that a run in which they are the same writes none.
func (x *execution) rejectsDue(ctx context.Context, s *kind.Sync, p *plan.Plan) (bool, error) {
	if p.Undoes != "" {
		return false, nil
	}
	if err := x.stageOpenRejects(ctx); err != nil {
		return false, err
	}
	var n int64
	err := x.conn.ReadRow(ctx, queries.CountRejectChanges, warehouse.Args{"sync": s.Spec.Name}, &n)
	return n > 0, err
}

// stageOpenRejects makes the temp table rollcall_open_rejects, once an execution and for all its syncs: one round trip to
// a remote database.
func (x *execution) stageOpenRejects(ctx context.Context) error {
	if x.rejectsStaged {
		return nil
	}
	syncs := []string{}
	for _, s := range x.syncs {
		syncs = append(syncs, s.Spec.Name)
	}
	_, err := x.conn.Exec(ctx, queries.StageOpenRejects, warehouse.Args{"syncs": syncs})
	x.rejectsStaged = err == nil
	return err
}
