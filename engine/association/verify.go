package association

import (
	"context"
	"maps"
	"strings"

	"rollcall/engine/hint"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
)

// verifyLabels reads the labels from HubSpot where the plan links by labels that are only cached: one that was deleted since would be refused for every
// pair, and one that was renamed is not what the query asks for. Where a label means something else now, the sets are staged anew, and changed says so. An
// undo leaves out the types that are gone.
func (s *linkSync) verifyLabels(ctx context.Context) (changed bool, err error) {
	var labelled int64
	if err := s.conn.ReadRow(ctx, queries.CountLabelled, nil, &labelled); err != nil || labelled == 0 || s.verified {
		return false, err
	}
	all := s.labelsHere()
	if !all.fresh {
		if err := s.askLabels(ctx, all); err != nil {
			return false, err
		}
	}
	s.verified = true
	if s.Undoes != "" {
		s.present = warehouse.NullString{Valid: true}
		for _, one := range all.known {
			s.present.String += "," + one.Type
		}
		return true, nil
	}
	before := maps.Clone(s.meanings)
	for text := range before {
		found, why := all.find(text)
		s.meanings[text] = meaning{found, why}
	}
	if maps.Equal(before, s.meanings) {
		return false, nil
	}
	if err := s.exec(ctx, nil, queries.ForgetTypes); err != nil {
		return false, err
	}
	if err := s.putMeanings(); err != nil {
		return false, err
	}
	if err := s.stageDesired(ctx); err != nil {
		return false, err
	}
	return true, s.exec(ctx, nil, queries.StageKnown, queries.StageLive)
}

// warnGone tells of links that an undo can't make again, in the plan's warning.
func (s *linkSync) warnGone(ctx context.Context, p *plan.Plan) error {
	if !s.present.Valid {
		return nil
	}
	var n int64
	var types string
	if err := s.conn.ReadRow(ctx, queries.CountGone, nil, &n, &types); err != nil || n == 0 {
		return err
	}
	p.Warning = strings.TrimPrefix(p.Warning+"; ", "; ") + hint.Counted(n, "link", "links") + " can't be made again: HubSpot does not have these labels any more: " + types
	return nil
}
