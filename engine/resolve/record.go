package resolve

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/pool"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// StageRecords makes the temp table rollcall_records, without records, for one sync's plan.
func (r *Resolver) StageRecords(ctx context.Context) error {
	return r.env.Conn.ExecAll(ctx, queries.StageRecords)
}

// CountUnread counts the temp table rollcall_unread, which the kind fills.
func (r *Resolver) CountUnread(ctx context.Context) (n int64, err error) {
	err = r.env.Conn.ReadRow(ctx, queries.CountUnread, nil, &n)
	return n, err
}

// ReadUnread reads the first n records of the temp table rollcall_unread, stores their keys as answers, and reports
// whether one of them contradicts the answer about a desired key: then the sync's keys have to be resolved anew. A read
// that fails is an error: what was not read may not be removed.
func (r *Resolver) ReadUnread(ctx context.Context, s *kind.Sync, n int64) (changed bool, err error) {
	size := int64(r.env.Limits.ReadSize)
	if err := r.env.Guards.CheckQuota((n + size - 1) / size); err != nil {
		return false, err
	}
	load := r.env.Conn.Loader("rollcall_records")
	err = r.env.Conn.ReadPages(ctx, queries.PageUnread, warehouse.Extent{Rows: n, Longest: LongestRecordID}, func(page []warehouse.NullString) error {
		page = page[:min(int64(len(page)), n)]
		n -= int64(len(page))
		// Page by page, so that of many records those of one page are in memory.
		workers := pool.New(r.env.Limits.Concurrency)
		for batch := range slices.Chunk(page, r.env.Limits.ReadSize) {
			ids := make([]string, len(batch))
			for i, id := range batch {
				ids[i] = id.String
			}
			workers.Add(r.readRecords(s, load, ids))
		}
		return workers.Run(ctx)
	})
	if err != nil {
		return false, err
	}
	if err := load.Flush(); err != nil {
		return false, err
	}
	return r.learnKeys(ctx, s)
}

// readRecords returns the task that reads records and stores their keys. A record that was deleted has none; one that the answer does not
// mention is an error.
func (r *Resolver) readRecords(s *kind.Sync, load *warehouse.Loader, ids []string) pool.Task {
	return func(ctx context.Context) func() error {
		read, err := s.Client.BatchRead(ctx, r.Type(s).Path(), syncspec.RecordIDProperty, ids, append(hubspot.KeyProperties(s.Spec.IDProperty), hubspot.PropertyMergedIDs))
		return func() error {
			if err != nil {
				return err
			}
			silent := map[string]bool{}
			for _, id := range ids {
				silent[id] = true
			}
			for _, id := range read.NotFound {
				delete(silent, id)
			}
			for _, record := range read.Records {
				delete(silent, strconv.FormatInt(record.ID, 10))
				if err := putRecord(load, record, s.Spec.IDProperty); err != nil {
					return err
				}
			}
			if len(silent) > 0 {
				return hint.New("run it again: no one was removed for want of an answer", "HubSpot said nothing about %d of %d records", len(silent), len(ids))
			}
			// Noted as read, so that it is not asked for again.
			for _, id := range read.NotFound {
				number, err := strconv.ParseInt(id, 10, 64)
				if err == nil {
					err = load.Add(number, nil, nil, nil)
				}
				if err != nil {
					return err
				}
			}
			return nil
		}
	}
}

// putRecord stores a record once, and once more for every key that it has and every record that was merged into it
// (HubSpot's property hs_merged_object_ids).
func putRecord(load *warehouse.Loader, record hubspot.Record, idProperty string) error {
	if err := load.Add(record.ID, nil, nil, nil); err != nil {
		return err
	}
	for _, id := range record.MergedIDs() {
		if err := load.Add(record.ID, nil, nil, id); err != nil {
			return err
		}
	}
	primary := hubspot.NormalizeKey(idProperty, strings.TrimSpace(record.Properties[idProperty]))
	for key := range hubspot.RecordsByKey([]hubspot.Record{record}, idProperty) {
		if err := load.Add(record.ID, key, key == primary, nil); err != nil {
			return err
		}
	}
	return nil
}

// learnKeys replaces cached answers by the keys of the records that were read, and reports whether the record of a
// desired key changes. What HubSpot was asked in this execution about a key itself counts more, and stays.
func (r *Resolver) learnKeys(ctx context.Context, s *kind.Sync) (changed bool, err error) {
	if err := r.answers.Flush(); err != nil {
		return false, err
	}
	var contradicted int64
	if err := r.env.Conn.ReadRow(ctx, queries.CountContradicted, r.Subject(s), &contradicted); err != nil {
		return false, err
	}
	for _, name := range []warehouse.NamedQuery{queries.DeleteContradicted, queries.StoreKeys} {
		if _, err := r.env.Conn.Exec(ctx, name, r.Subject(s)); err != nil {
			return false, err
		}
	}
	r.unsaved = true
	return contradicted > 0, nil
}

// LongestRecordID is how many bytes a record ID has at the most, which is a positive 64-bit number.
const LongestRecordID = 19
