package engine

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"rollcall/engine/hubspot"
	"rollcall/syncspec"
)

// doubt asks again about remembered answers that would have somebody removed who belongs on the list: those that additions rest on,
// since behind an ID that is on the list no more may be a contact that was merged into another one, who is on the list; and those
// that say of a key that nobody has it, where a foreign member who would go may have it by now.
func (s *session) doubt(ctx context.Context, p *Plan) (bool, error) {
	if p.Remove == 0 {
		return false, nil
	}
	var gone int64
	kind := params{"object_type_id": s.list.ObjectType.ID, "id_property": s.spec.IDProperty}
	if p.Mode == syncspec.Mirror && p.Foreign > 0 {
		if err := readRow(ctx, s.conn, "55_count_remembered_gone", kind, &gone); err != nil {
			return false, err
		}
	}
	if p.Add+gone == 0 {
		return false, nil
	}
	if err := execAll(ctx, s.conn, "55_stage_bearers"); err != nil {
		return false, err
	}
	switch { // either tells; fewer calls go the shorter way
	case gone > p.Foreign:
		if err := s.readBearers(ctx, p); err != nil {
			return false, fmt.Errorf("look at foreign members: %w", err)
		}
	case gone > 0:
		if err := execAll(ctx, s.conn, "55_suspect_all"); err != nil {
			return false, err
		}
	}
	kind["sync"] = int32(s.number)
	if _, err := exec(ctx, s.conn, "55_stage_doubts", kind); err != nil {
		return false, err
	}
	asked, err := s.askAgain(ctx)
	return asked > 0, err
}

// readBearers puts the keys that foreign members who would go have today into the temp table rollcall_bearers. A record that is gone
// has none.
func (s *session) readBearers(ctx context.Context, p *Plan) error {
	load := newLoader(s.conn, "rollcall_bearers")
	properties := bearing(s.spec.IDProperty)
	err := readPages(ctx, s.conn, "55_page_foreign", p.Add+p.Remove, func(page []sql.NullString) error {
		c := newCrew(s.engine.config.Concurrency)
		for batch := range slices.Chunk(page, s.engine.config.ReadSize) {
			c.add(func(ctx context.Context) func() error {
				ids := make([]string, len(batch))
				for i, id := range batch {
					ids[i] = id.String
				}
				read, err := s.client.BatchRead(ctx, path(s.list.ObjectType), syncspec.RecordIDProperty, ids, properties)
				return func() error {
					if err == nil && len(read.Records)+len(read.NotFound) < len(ids) {
						err = refuse("run it again: no one was removed for want of an answer", "HubSpot said nothing about some of %d records", len(ids))
					}
					if err != nil {
						return err
					}
					return s.bearers(load, read.Records)
				}
			})
		}
		return c.run(ctx)
	})
	if err != nil {
		return err
	}
	return load.flush()
}

// bearers puts the records' keys down.
func (s *session) bearers(load *loader, records []hubspot.Record) error {
	for key := range index(records, s.spec.IDProperty, folding(s.spec.IDProperty)) {
		if err := load.add(key); err != nil {
			return err
		}
	}
	return nil
}
