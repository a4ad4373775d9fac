package list

import (
	"context"

	"rollcall/engine/kind"
	"rollcall/engine/warehouse"
)

// Query runs the row's query and puts its key column, normalised, into the temp table rollcall_keys. What a run did says
// who goes where one is undone, not the query. The query runs on a connection of its own, where no set exists yet that it
// could take for a table of its owner's.
func (l *lists) Query(ctx context.Context, ks *kind.Sync) error {
	s := l.of(ks)
	if s.Undoes != "" {
		return nil
	}
	var staged warehouse.Staged
	return l.env.Queries.Run(ctx, ks, func(ctx context.Context, conn *warehouse.Conn, scope warehouse.Scope) (err error) {
		staged, err = scope.StageKeys(ctx, conn, s.Spec.Query, kind.KeyOf(s.Spec))
		return err
	}, func(ctx context.Context, conn *warehouse.Conn) error {
		// A page at a time goes from the query's connection to the kind's: a temp table is seen on its own connection
		// alone.
		s.Desired.Rows = staged.Rows
		return s.normalise(ctx, conn, staged)
	})
}

// normalise puts the staged keys into rollcall_keys as they are looked up, and those that can't be used with the reason.
// conn is the query's connection. It is done in Go and not in SQL, so that a key is normalised by the same code here, in
// the cache and in HubSpot's answers.
func (s *listSync) normalise(ctx context.Context, conn *warehouse.Conn, staged warehouse.Staged) error {
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

// take loads one key: as it is looked up, or with the reason why it can't be used. A key that is blank is counted and not
// loaded. Duplicates are left to StageDesired.
func (s *listSync) take(load *warehouse.Loader, raw rawKey) error {
	if raw.tooLong.Valid {
		reject := s.Spec.TooLong(raw.tooLong.Int64)
		return load.Add(s.Number, raw.text.String, reject.Reason, reject.Detail)
	}
	key, reject := s.Spec.Key(raw.text.String)
	switch {
	case reject != nil:
		return load.Add(s.Number, kind.Beginning(raw.text.String, keptOfReject), reject.Reason, reject.Detail)
	case key == "":
		s.Desired.Blank++
		return nil
	}
	return load.Add(s.Number, key, nil, nil)
}
