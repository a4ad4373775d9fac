package engine

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"rollcall/engine/hubspot"
	"rollcall/syncspec"
)

// secondaryEmails is HubSpot's property for a contact's further addresses, separated by semicolons.
const secondaryEmails = "hs_additional_emails"

// Resolved counts the answers to the desired keys.
type Resolved struct {
	Keys      int64 // keys with a record
	Unmatched int64 // keys of which HubSpot said that there is no record
	Records   int64 // records behind the keys: two addresses of one contact are one
}

// resolve makes the temp table resolved, and adds the keys without a record to rejects. A key that got no answer ends the
// run: it must not look like somebody who left.
func (s *session) resolve(ctx context.Context, l list, d Desired) (Resolved, error) {
	if err := execAll(ctx, s.conn, "30_stage_resolved", "31_stage_unmatched"); err != nil {
		return Resolved{}, err
	}
	var err error
	if s.spec.IDProperty == syncspec.RecordIDProperty {
		err = execAll(ctx, s.conn, "32_resolve_record_ids")
	} else {
		err = s.askKeys(ctx, l.ObjectType, d)
	}
	if err != nil {
		return Resolved{}, fmt.Errorf("resolve: %w", err)
	}
	var r Resolved
	var unanswered, strays int64
	if err := readRow(ctx, s.conn, "34_account_resolved", nil, &r.Keys, &r.Unmatched, &unanswered, &strays); err != nil {
		return Resolved{}, err
	}
	if unanswered != 0 || strays != 0 {
		return Resolved{}, fmt.Errorf("resolve: of %d keys %d have no answer and %d too many", d.Keys, unanswered, strays)
	}
	if _, err := exec(ctx, s.conn, "35_reject_unmatched", params{"detail": "HubSpot has no record with this " + s.spec.IDProperty}); err != nil {
		return Resolved{}, err
	}
	if err := readRow(ctx, s.conn, "54_count_wanted", nil, &r.Records); err != nil {
		return Resolved{}, err
	}
	s.log.Info().Int64("resolved", r.Keys).Int64("unmatched", r.Unmatched).Int64("records", r.Records).Msg("resolved")
	return r, nil
}

// askKeys asks HubSpot for every desired key.
func (s *session) askKeys(ctx context.Context, objectType hubspot.ObjectType, d Desired) error {
	found, missing := newLoader(s.conn, "resolved"), newLoader(s.conn, "unmatched")
	var done int64
	err := readPages(ctx, s.conn, "33_page_desired", d.Keys, func(page []sql.NullString) error {
		for len(page) > 0 {
			size := min(s.engine.config.ReadSize, len(page))
			keys := make([]string, size)
			for i, key := range page[:size] {
				keys[i] = key.String
			}
			page = page[size:]
			answers, err := s.ask(ctx, objectType, keys)
			if err != nil {
				return err
			}
			for _, key := range keys {
				if id, ok := answers[key]; !ok {
					err = missing.add(key)
				} else {
					err = found.add(key, id)
				}
				if err != nil {
					return err
				}
			}
			done += int64(size)
			s.progress("resolve", done, d.Keys)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := found.flush(); err != nil {
		return err
	}
	return missing.flush()
}

// ask returns the record IDs of one batch of keys; a key that is not in the answer has no record. Keys that HubSpot passed
// over in silence are asked once more, and then are an error.
func (s *session) ask(ctx context.Context, objectType hubspot.ObjectType, keys []string) (map[string]int64, error) {
	answers := make(map[string]int64, len(keys))
	open := keys
	for range 2 {
		var err error
		open, err = s.askOnce(ctx, objectType, open, answers)
		if err != nil || len(open) == 0 {
			return answers, err
		}
	}
	return nil, refuse("run it again: no one was removed for want of an answer", "HubSpot said nothing about %d of %d keys", len(open), len(keys))
}

// askOnce asks for keys, puts the record IDs into answers, and returns the keys that the answer does not account for.
func (s *session) askOnce(ctx context.Context, objectType hubspot.ObjectType, keys []string, answers map[string]int64) (open []string, err error) {
	properties := []string{s.spec.IDProperty}
	if s.spec.IDProperty == syncspec.EmailProperty {
		properties = append(properties, secondaryEmails)
	}
	batch, err := s.client.BatchRead(ctx, path(objectType), s.spec.IDProperty, keys, properties)
	if err != nil {
		return nil, err
	}
	if len(batch.Problems) > 0 {
		p := batch.Problems[0]
		return nil, refuse("run it again: no one was removed for want of an answer", "HubSpot could not read some records: %s: %s", p.Category, p.Message)
	}
	found := s.index(batch.Records)
	absent := make(map[string]bool, len(batch.NotFound))
	for _, key := range batch.NotFound {
		absent[s.fold(key)] = true
	}
	for _, key := range keys {
		if id, ok := found[s.fold(key)]; ok {
			answers[key] = id
		} else if !absent[s.fold(key)] {
			open = append(open, key)
		}
	}
	return open, nil
}

// index maps every value of the ID property that the records bear to their IDs. HubSpot finds a contact by a secondary
// address without saying which address matched.
func (s *session) index(records []hubspot.Record) map[string]int64 {
	found := make(map[string]int64, len(records))
	for _, record := range records { // properties that were not asked for are not there
		for address := range strings.SplitSeq(record.Properties[secondaryEmails], ";") {
			found[s.fold(strings.TrimSpace(address))] = record.ID
		}
	}
	for _, record := range records {
		found[s.fold(record.Properties[s.spec.IDProperty])] = record.ID
	}
	delete(found, "")
	return found
}

// proveRecords asks about record IDs that nobody looked up, where nothing else shows that somebody would be left on the list:
// when members would go and none of the desired ones is there yet. Without a record for any of them the plan has none.
func (s *session) proveRecords(ctx context.Context, l list, p *Plan) error {
	if s.spec.IDProperty != syncspec.RecordIDProperty || s.spec.Mode != syncspec.Mirror || p.Remove == 0 || p.Add < p.Records {
		return nil
	}
	known := false
	err := readPages(ctx, s.conn, "33_page_desired", p.Keys, func(page []sql.NullString) error {
		for batch := range slices.Chunk(page, s.engine.config.ReadSize) {
			if known {
				return nil
			}
			keys := make([]string, len(batch))
			for i, key := range batch {
				keys[i] = key.String
			}
			answers, err := s.ask(ctx, l.ObjectType, keys)
			if err != nil {
				return err
			}
			known = len(answers) > 0
		}
		return nil
	})
	if !known {
		p.Records = 0
	}
	return err
}

// fold makes addresses equal that differ in case only; other properties are compared as they are.
func (s *session) fold(key string) string {
	if s.spec.IDProperty == syncspec.EmailProperty {
		return strings.ToLower(key)
	}
	return key
}
