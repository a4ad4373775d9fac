package object

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"rollcall/engine/kind"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// pageRows is how many rows of a query are held at a time.
const pageRows = 1000

// Query runs the row's query, and puts every row that has a usable key into rollcall_object_rows, its values as HubSpot stores them.
// Values that HubSpot would refuse are rejects, and the record's other values stay.
func (o *objects) Query(ctx context.Context, ks *kind.Sync) error {
	s := o.of(ks)
	if err := s.findType(ctx); err != nil {
		return err
	}
	if err := s.define(ctx); err != nil {
		return err
	}
	if err := s.checkKey(ctx); err != nil {
		return err
	}
	if s.Undoes != "" {
		return s.queryUndone(ctx)
	}
	key := kind.KeyOf(s.Spec)
	key.OrOnly = false
	return o.env.Queries.Run(ctx, ks, func(ctx context.Context, conn *warehouse.Conn, scope warehouse.Scope) error {
		columns, err := scope.CheckKey(ctx, conn, s.Spec.Query, key)
		if err != nil {
			return err
		}
		s.returned = columns
		if s.keyColumn, err = columns.KeyColumn(key); err != nil {
			return err
		}
		if err := s.mapColumnsAnew(ctx); err != nil {
			return err
		}
		s.Desired.Rows, err = scope.StageRows(ctx, conn, s.Spec.Query, key)
		return err
	}, s.take)
}

// take reads what the query returned. Where remembered definitions reject values, it does so once more with those that HubSpot has now.
func (s *objectSync) take(ctx context.Context, conn *warehouse.Conn) error {
	if err := s.takeRows(ctx, conn); err != nil {
		return err
	}
	refuted, err := s.refuted(ctx)
	if err != nil || !refuted {
		return err
	}
	if err := s.defineAnew(ctx); err != nil {
		return err
	}
	if err := s.mapColumns(ctx, s.returned, s.keyColumn); err != nil {
		return err
	}
	for _, query := range []warehouse.NamedQuery{queries.ForgetRows, queries.ForgetRejects} {
		if _, err := s.conn.Exec(ctx, query, warehouse.Args{"sync": s.Number}); err != nil {
			return err
		}
	}
	return s.takeRows(ctx, conn)
}

// takeRows reads what the query returned, page by page.
func (s *objectSync) takeRows(ctx context.Context, conn *warehouse.Conn) error {
	s.refusedValues, s.Desired.Blank = 0, 0
	for from := int64(0); from < s.Desired.Rows; from += pageRows {
		err := conn.ReadRows(ctx, queries.PageQueryRows, warehouse.Args{"from": from, "until": from + pageRows}, func(scan func(...any) error) error {
			var key warehouse.NullString
			values := make([]any, len(s.columns))
			into := []any{&key}
			for i := range values {
				into = append(into, &values[i])
			}
			if err := scan(into...); err != nil {
				return err
			}
			return s.takeRow(key.String, values)
		})
		if err != nil {
			return err
		}
	}
	if err := s.rows.Flush(); err != nil {
		return err
	}
	return s.rejects.Flush()
}

// keptOfReject is how many characters are kept of a key that can't be right.
const keptOfReject = 512

func (s *objectSync) takeRow(raw string, values []any) error {
	key, reject := s.Spec.Key(raw)
	switch {
	case reject != nil:
		return s.rejects.Add(s.Number, kind.Beginning(raw, keptOfReject), reject.Reason, reject.Detail)
	case key == "":
		s.Desired.Blank++
		return nil
	}
	stored, refused, why := map[string]string{}, []string{}, []string{}
	for i, d := range s.columns {
		text, reject := d.Stored(values[i])
		switch {
		case reject != nil:
			detail := reject.Detail
			if reject.Hint != "" {
				detail += "; " + reject.Hint
			}
			if err := s.rejects.Add(s.Number, key, string(reject.Reason), detail); err != nil {
				return err
			}
			refused, why = append(refused, d.Name), append(why, reject.Detail)
			s.refusedValues++
		case text != "" || s.Spec.IfNull == syncspec.ClearNull:
			stored[d.Name] = text
		}
	}
	text, err := document(stored)
	if err != nil {
		return err
	}
	names, err := json.Marshal(refused)
	if err != nil {
		return err
	}
	return s.rows.Add(s.Number, key, s.hash(text, why), string(text), string(names))
}

// hash is that of a record's values, of why others were refused, and of what the row says is to be done with them: where one of these changes, a
// record that was refused is tried again.
func (s *objectSync) hash(document []byte, why []string) string {
	rest := append(slices.Clone(why), s.objectType.ID, s.Spec.IDProperty, string(s.Spec.Mode))
	sum := sha256.Sum256(append(document, strings.Join(rest, ",")...))
	return hex.EncodeToString(sum[:16])
}
