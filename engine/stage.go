package engine

import (
	"context"
	"database/sql"
	"fmt"
)

// Desired counts what the row's query returned.
type Desired struct {
	Rows      int64 `json:"n_rows"`      // rows of the query
	Blank     int64 `json:"n_blank"`     // keys that were NULL or blank
	Duplicate int64 `json:"n_duplicate"` // keys that had come before
	Invalid   int64 `json:"n_invalid"`   // keys that can't be right, one each: see rejects
	Keys      int64 `json:"n_emails"`    // desired keys, one each
}

// stage runs the row's query and puts its key column, normalised, into the temp table rollcall_keys.
func (s *session) stage(ctx context.Context) error {
	if err := s.engine.config.Bounds.refuse(s.spec); err != nil {
		return err
	}
	if s.undoes != "" {
		return nil // what a run did says who goes, not the query
	}
	queryCtx, cancel := context.WithTimeout(ctx, s.engine.config.QueryTimeout)
	defer cancel()
	done := trace(ctx, "query of "+s.spec.Name)
	rows, err := s.engine.config.Bounds.scope().StageKeys(queryCtx, s.conn, s.spec.Query, s.spec.KeyColumn)
	done()
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	s.desired.Rows = rows
	load := newLoader(s.conn, "rollcall_keys")
	err = readPages(ctx, s.conn, "21_page_query_keys", rows, func(page []sql.NullString) error {
		for _, raw := range page {
			key, reject := s.spec.Key(raw.String)
			var err error
			switch {
			case reject != nil:
				err = load.add(int32(s.number), raw.String, reject.Reason, reject.Detail)
			case key == "":
				s.desired.Blank++
			default:
				err = load.add(int32(s.number), key, nil, nil)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = load.flush()
	}
	if err != nil {
		return fmt.Errorf("stage desired: %w", err)
	}
	return nil
}

// progress tells how far a step has come.
func (s *session) progress(step string, done, total int64) {
	s.engine.config.Progress(Progress{Sync: s.spec.Name, Step: step, Done: done, Total: total})
}
