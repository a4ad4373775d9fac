package list

import (
	"context"

	"rollcall/engine/plan"
)

// namePlan gives the changes that the query does not name the keys that are known of their records: a plan is for people
// to look at, and a removal has no key, since its key is not in the query's answer. For a plan that is only looked at, or
// that stays blocked, HubSpot is asked for those that would go and that nothing names, so far as mostNamed allows; a read
// that fails leaves them without.
func (s *listSync) namePlan(ctx context.Context, p *plan.Plan) error {
	nameless, err := s.nameKnown(ctx)
	if err != nil || nameless == 0 || p.Remove == 0 || s.nRead >= mostNamed {
		return err
	}
	passes, err := s.env.Guards.MayPass(ctx, s.Sync, p)
	if err != nil || passes && !s.env.Preview {
		return err
	}
	if err := s.conn.ExecAll(ctx, queries.StageNameless); err != nil {
		return err
	}
	n, err := s.resolver.CountUnread(ctx)
	if err != nil || n == 0 {
		return err
	}
	if _, err := s.readUnread(ctx, min(n, mostNamed-s.nRead)); err != nil {
		// A name is not worth a run: only the end of ctx is an error.
		s.Log.Warn().Err(err).Msg("the records that would go could not be read for their names")
		return context.Cause(ctx)
	}
	_, err = s.nameKnown(ctx)
	return err
}

// nameKnown names changes by what is known without a call, and returns how many of the plan's remain without a key.
func (s *listSync) nameKnown(ctx context.Context) (nameless int64, err error) {
	if err := s.conn.ReadRow(ctx, queries.CountNameless, nil, &nameless); err != nil || nameless == 0 {
		return 0, err
	}
	named := s.resolver.Subject(s.Sync)
	named["list_id"] = s.list.ID
	n, err := s.conn.Exec(ctx, queries.NamePlan, named)
	return nameless - n, err
}
