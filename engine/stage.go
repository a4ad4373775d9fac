package engine

import (
	"context"
	"errors"
	"fmt"

	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// stage runs the row's query and puts its key column, normalised, into the temp table rollcall_keys. The query has a connection of its
// own: it sees no temp table of the round's, and whatever it could leave behind ends with it.
func (s *session) stage(ctx context.Context) (err error) {
	if err := s.engine.config.Bounds.Refuse(s.spec); err != nil {
		return err
	}
	if s.undoes != "" {
		return nil // what a run did says who goes, not the query
	}
	conn, err := s.engine.warehouse.Conn(ctx)
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	staged, err := s.stageQuery(ctx, conn)
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	s.desired.Rows = staged.Rows
	if err := s.watched(ctx, s.spec.Name, func() error { return s.normalise(ctx, conn, staged) }); err != nil {
		return fmt.Errorf("stage desired: %w", err)
	}
	return nil
}

// keyOf is what the row says about its query's key column.
func keyOf(spec syncspec.Spec) warehouse.Key {
	return warehouse.Key{Column: spec.KeyColumn, OrOnly: !spec.NamesKeyColumn(), Longest: spec.LongestKey()}
}

// stageQuery runs the query within its time.
func (s *session) stageQuery(ctx context.Context, conn *warehouse.Conn) (staged warehouse.Staged, err error) {
	defer warehouse.Trace(ctx, "query of "+s.spec.Name)()
	ctx, cancel := s.engine.bounded(ctx)
	defer cancel()
	err = s.watched(ctx, s.spec.Name, func() error {
		s.engine.config.Failpoint("before query")
		staged, err = s.engine.config.Bounds.Scope().StageKeys(ctx, conn, s.spec.Query, keyOf(s.spec))
		return err
	})
	return staged, err
}

// normalise puts the staged keys into rollcall_keys as they are looked up, and those that can't be used with the reason.
func (s *session) normalise(ctx context.Context, conn *warehouse.Conn, staged warehouse.Staged) error {
	load := s.conn.Loader("rollcall_keys")
	err := warehouse.Extent(staged).Pages(func(from, until int64) error {
		page := make([]rawKey, 0, until-from)
		err := conn.ReadRows(ctx, queries.PageQueryKeys, warehouse.Args{"from": from, "until": until}, func(scan func(...any) error) error {
			var raw rawKey
			err := scan(&raw.text, &raw.tooLong)
			page = append(page, raw)
			return err
		})
		if err != nil {
			return err
		}
		for _, raw := range page {
			if err := s.take(load, raw); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return load.Flush()
}

// rawKey is a key as the query returned it; of a text that is too long for a key the beginning, and how many characters it has.
type rawKey struct {
	text    warehouse.NullString
	tooLong warehouse.NullInt64
}

// keptOfReject is how many characters are kept of a key that can't be right: all of an address or record ID.
const keptOfReject = 512

// beginning returns at most n characters of a text.
func beginning(text string, n int) string {
	at := 0
	for i := range text {
		if at == n {
			return text[:i]
		}
		at++
	}
	return text
}

func (s *session) take(load *warehouse.Loader, raw rawKey) error {
	if raw.tooLong.Valid {
		reject := s.spec.TooLong(raw.tooLong.Int64)
		return load.Add(int32(s.number), raw.text.String, reject.Reason, reject.Detail)
	}
	key, reject := s.spec.Key(raw.text.String)
	switch {
	case reject != nil:
		return load.Add(int32(s.number), beginning(raw.text.String, keptOfReject), reject.Reason, reject.Detail)
	case key == "":
		s.desired.Blank++
		return nil
	}
	return load.Add(int32(s.number), key, nil, nil)
}

// progress tells how far a step has come.
func (s *session) progress(step string, done, total int64) {
	s.engine.config.Events(Progress{Sync: s.spec.Name, Step: step, Done: done, Total: total})
}
