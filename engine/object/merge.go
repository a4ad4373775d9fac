package object

import (
	"context"

	"rollcall/engine/warehouse"
)

// unreadKeys are keys that were not looked up, and must be before their records are written: those of records that were merged, of whose values nothing
// is known, and where values of others stay, those of all records that may differ.
func (s *objectSync) unreadKeys(ctx context.Context) (keys []string, err error) {
	if s.merges {
		if _, err := s.conn.Exec(ctx, queries.StageMerged, warehouse.Args{"object_type_id": s.objectType.ID}); err != nil {
			return nil, err
		}
		if keys, err = s.readKeys(ctx, queries.ReadMerged, nil); err != nil {
			return nil, err
		}
	}
	if s.keepsForeign() && len(keys) == 0 {
		return s.readKeys(ctx, queries.ReadUnread, nil)
	}
	return keys, nil
}

// forgetMerged writes to the ledger that nothing is known of records that were merged, for every sync, in the transaction of Intend.
func (s *objectSync) forgetMerged(ctx context.Context) error {
	if !s.merges {
		return nil
	}
	of := warehouse.Args{"object_type_id": s.objectType.ID}
	if _, err := s.conn.Exec(ctx, queries.ForgetMergedValues, of); err != nil {
		return err
	}
	_, err := s.conn.Exec(ctx, queries.ForgetMerged, of)
	return err
}
