package list

import (
	"context"
	"slices"

	"rollcall/engine/plan"
	"rollcall/engine/resolve"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// confirmRecordsExist reads the desired record IDs until one has a record. It does so only where members would be removed
// and none of the desired records is on the list yet. If none exists it sets p.Records to 0, which the guard allow_empty
// stops.
//
// Record IDs need no look-up to be resolved, so nothing else would notice a query that returns the IDs of something else,
// such as of another object type or account: the plan would remove every member, and each addition would turn out to be
// missing. One call is enough as a rule.
func (s *listSync) confirmRecordsExist(ctx context.Context, p *plan.Plan) error {
	if s.Undoes != "" || s.Spec.IDProperty != syncspec.RecordIDProperty || s.Spec.Mode != syncspec.Mirror || p.Remove == 0 || p.Add < p.Records {
		return nil
	}
	known := false
	err := s.conn.ReadPages(ctx, queries.PageKeys, warehouse.Extent{Rows: p.Keys, Longest: resolve.LongestRecordID}, func(page []warehouse.NullString) error {
		for batch := range slices.Chunk(page, s.env.Limits.ReadSize) {
			if known {
				return nil
			}
			keys := make([]string, len(batch))
			for i, key := range batch {
				keys[i] = key.String
			}
			read, err := s.Client.BatchRead(ctx, s.list.ObjectType.Path(), s.Spec.IDProperty, keys, []string{s.Spec.IDProperty})
			if err != nil {
				return err
			}
			known = len(read.Records) > 0
		}
		return nil
	})
	if !known {
		p.Records = 0
	}
	return err
}
