package engine

import (
	"context"
	"slices"

	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// confirmRecordsExist reads the desired record IDs until one has a record. It does so only where members would be removed and none of
// the desired records is on the list yet. If none exists it sets p.Records to 0.
func (s *session) confirmRecordsExist(ctx context.Context, p *plan.Plan) error {
	if s.undoes != "" || s.spec.IDProperty != syncspec.RecordIDProperty || s.spec.Mode != syncspec.Mirror || p.Remove == 0 || p.Add < p.Records {
		return nil
	}
	known := false
	err := s.conn.ReadPages(ctx, queries.PageDesired, warehouse.Extent{Rows: p.Keys, Longest: longestRecordID}, func(page []warehouse.NullString) error {
		for batch := range slices.Chunk(page, s.engine.config.ReadSize) {
			if known {
				return nil
			}
			keys := make([]string, len(batch))
			for i, key := range batch {
				keys[i] = key.String
			}
			read, err := s.client.BatchRead(ctx, s.list.ObjectType.Path(), s.spec.IDProperty, keys, []string{s.spec.IDProperty})
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

// longestRecordID is how many bytes a record ID has at the most, which is a positive 64-bit number.
const longestRecordID = 19
