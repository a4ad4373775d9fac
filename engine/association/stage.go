package association

import (
	"context"
	"fmt"

	"rollcall/engine/kind"
	"rollcall/engine/warehouse"
)

// Stage makes the sync's temp tables, and finds out what became of its changes whose answer was lost. It writes temp tables alone, so that a preview
// stages the same as a run.
func (a *associations) Stage(ctx context.Context, ks *kind.Sync) error {
	s := a.of(ks)
	s.compared = false
	if err := s.reread(ctx); err != nil {
		return err
	}
	if err := s.stageDesired(ctx); err != nil {
		return err
	}
	return s.exec(ctx, nil, queries.StageReconciled, queries.StageKnown, queries.StageLive)
}

// stageDesired makes the sets of what the query asks for.
func (s *linkSync) stageDesired(ctx context.Context) error {
	absent := func(side *kind.Sync, objectType string) string {
		return "HubSpot has no record of " + objectType + " with this " + side.Spec.IDProperty
	}
	return s.exec(ctx, warehouse.Args{
		"from_absent": absent(s.side(0), s.from.Name), "to_absent": absent(s.side(1), s.to.Name), "same_type": s.sameType(),
	}, queries.StageDesired, queries.StageWanted, queries.StageRejected, queries.StageResolved, queries.StageUnmatched, queries.StageElements)
}

// countStaged fills in what the query came to.
func (s *linkSync) countStaged(ctx context.Context) (c counts, err error) {
	d := &s.Desired
	var unanswered int64
	if err := s.conn.ReadRow(ctx, queries.CountStaged, warehouse.Args{"sync": s.Number}, &d.Keys, &c.resolved, &c.unmatched, &c.pairs, &d.Invalid, &unanswered); err != nil {
		return c, err
	}
	if unanswered != 0 { // it must not look like a link that has left the query
		return c, fmt.Errorf("resolve: of %d links %d have no answer", d.Keys, unanswered)
	}
	d.Duplicate = d.Rows - d.Blank - d.Keys - d.Invalid
	s.Log.Info().Int64("rows", d.Rows).Int64("links", d.Keys).Int64("blank", d.Blank).Int64("duplicate", d.Duplicate).Int64("invalid", d.Invalid).Msg("staged desired")
	return c, nil
}

// counts are of the desired links.
type counts struct {
	resolved  int64 // HubSpot has both records
	unmatched int64 // it lacks one
	pairs     int64 // pairs of records that are to be linked
}
