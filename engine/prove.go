package engine

import (
	"context"
	"slices"

	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// proveRecords asks about record IDs that nobody looked up, where nothing else shows that somebody would be left on the list:
// when members would go and none of the desired ones is there yet. Without a record for any of them the plan has none.
func (s *session) proveRecords(ctx context.Context, p *Plan) error {
	if s.undoes != "" || s.spec.IDProperty != syncspec.RecordIDProperty || s.spec.Mode != syncspec.Mirror || p.Remove == 0 || p.Add < p.Records {
		return nil
	}
	known := false
	err := readPages(ctx, s.conn, "87_page_desired", extent{p.Keys, longestRecordID}, func(page []warehouse.NullString) error {
		for batch := range slices.Chunk(page, s.engine.config.ReadSize) {
			if known {
				return nil
			}
			keys := make([]string, len(batch))
			for i, key := range batch {
				keys[i] = key.String
			}
			read, err := s.client.BatchRead(ctx, path(s.list.ObjectType), s.spec.IDProperty, keys, []string{s.spec.IDProperty})
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
