package engine

import (
	"context"
	"database/sql"
	"fmt"

	"rollcall/engine/warehouse"
)

// Desired counts what the row's query returned.
type Desired struct {
	Rows      int64 `json:"n_rows"`      // rows of the query
	Blank     int64 `json:"n_blank"`     // keys that were NULL or blank
	Duplicate int64 `json:"n_duplicate"` // keys that had come before
	Invalid   int64 `json:"n_invalid"`   // keys that can't be right, one each: see rejects
	Keys      int64 `json:"n_emails"`    // desired keys, one each
}

// stageDesired runs the row's query and makes the temp tables desired and rejects of its key column.
func (s *session) stageDesired(ctx context.Context) (Desired, error) {
	queryCtx, cancel := context.WithTimeout(ctx, s.engine.config.QueryTimeout)
	defer cancel()
	rows, err := warehouse.StageKeys(queryCtx, s.conn, s.spec.Query, s.spec.KeyColumn)
	if err != nil {
		return Desired{}, fmt.Errorf("query: %w", err)
	}
	d := Desired{Rows: rows}
	if err := s.normalise(ctx, &d); err != nil {
		return Desired{}, fmt.Errorf("stage desired: %w", err)
	}
	if err := execAll(ctx, s.conn, "22_stage_desired", "23_stage_rejects"); err != nil {
		return Desired{}, fmt.Errorf("stage desired: %w", err)
	}
	if err := readRow(ctx, s.conn, "24_count_desired", nil, &d.Keys, &d.Invalid); err != nil {
		return Desired{}, fmt.Errorf("stage desired: %w", err)
	}
	d.Duplicate = d.Rows - d.Blank - d.Keys - d.Invalid
	s.log.Info().Int64("rows", d.Rows).Int64("keys", d.Keys).Int64("blank", d.Blank).Int64("duplicate", d.Duplicate).Int64("invalid", d.Invalid).Msg("staged desired")
	return d, nil
}

// normalise makes the temp table keys of what the query returned, and counts the blanks.
func (s *session) normalise(ctx context.Context, d *Desired) error {
	if err := execAll(ctx, s.conn, "20_stage_keys"); err != nil {
		return err
	}
	load := newLoader(s.conn, "keys")
	err := readPages(ctx, s.conn, "21_page_query_keys", d.Rows, func(page []sql.NullString) error {
		for _, raw := range page {
			key, reject := s.spec.Key(raw.String)
			var err error
			switch {
			case reject != nil:
				err = load.add(raw.String, reject.Reason, reject.Detail)
			case key == "":
				d.Blank++
			default:
				err = load.add(key, nil, nil)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return load.flush()
}
