package association

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rollcall/engine/kind"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// pageRows is how many rows of a query are held at a time.
const pageRows = 1000

// Query runs the row's query, and puts every row with usable keys into rollcall_link_rows. What a run did says what is linked where one is undone,
// not the query.
func (a *associations) Query(ctx context.Context, ks *kind.Sync) error {
	s := a.of(ks)
	if s.Undoes != "" {
		return nil
	}
	key := warehouse.Key{Column: syncspec.FromKeyColumn, Longest: s.Spec.LongestKey()}
	return a.env.Queries.Run(ctx, ks, func(ctx context.Context, conn *warehouse.Conn, scope warehouse.Scope) error {
		columns, err := scope.Check(ctx, conn, s.Spec.Query)
		if err != nil {
			return err
		}
		if s.labelled, err = checkColumns(columns); err != nil {
			return err
		}
		s.Desired.Rows, err = scope.StageRows(ctx, conn, s.Spec.Query, key)
		return err
	}, s.take)
}

// checkColumns checks that a query returns from_key, to_key, perhaps label, and nothing else: a column that is misspelt would otherwise be left out
// unnoticed. labelled says whether there is a label. The error is a warehouse.QueryError.
func checkColumns(columns warehouse.Columns) (labelled bool, err error) {
	for _, name := range columns.Names() {
		if !slices.ContainsFunc([]string{syncspec.FromKeyColumn, syncspec.ToKeyColumn, syncspec.LabelColumn}, func(known string) bool { return strings.EqualFold(name, known) }) {
			return false, &warehouse.QueryError{
				Message: fmt.Sprintf("the query of an association returns from_key, to_key and label, and not %s", name),
				Hint:    fmt.Sprintf("leave the column %s out, or rename it with AS to the one that is meant", name),
			}
		}
	}
	for _, name := range []string{syncspec.FromKeyColumn, syncspec.ToKeyColumn, syncspec.LabelColumn} {
		there := slices.ContainsFunc(columns.Names(), func(column string) bool { return strings.EqualFold(column, name) })
		if !there && name == syncspec.LabelColumn {
			return false, nil
		}
		if !there {
			return false, &warehouse.QueryError{
				Message: fmt.Sprintf("the query returns no column %s; it returns %s", name, strings.Join(columns.Names(), ", ")),
				Hint:    fmt.Sprintf("give the column with the keys of that side this name with AS %s", name),
			}
		}
		if _, err := columns.KeyColumn(warehouse.Key{Column: name}); err != nil {
			return false, err
		}
	}
	return true, nil
}

// take reads what the query returned, page by page.
func (s *linkSync) take(ctx context.Context, conn *warehouse.Conn) error {
	page := queries.PageLinks
	if s.labelled {
		page = queries.PageLabelledLinks
	}
	for from := int64(0); from < s.Desired.Rows; from += pageRows {
		err := conn.ReadRows(ctx, page, warehouse.Args{"from": from, "until": from + pageRows}, func(scan func(...any) error) error {
			var from, to, label warehouse.NullString
			if err := scan(&from, &to, &label); err != nil {
				return err
			}
			return s.takeRow(from.String, to.String, label.String)
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

// takeRow takes one row, with its keys as they are looked up. A row with a blank key is counted and left out.
func (s *linkSync) takeRow(rawFrom, rawTo, label string) error {
	from, refusedFrom := s.Spec.Key(rawFrom)
	to, refusedTo := s.side(1).Spec.Key(rawTo)
	for _, side := range []struct {
		column  string
		refused *syncspec.Reject
	}{{syncspec.FromKeyColumn, refusedFrom}, {syncspec.ToKeyColumn, refusedTo}} {
		if side.refused != nil {
			return s.rejects.Add(s.Number, kind.Beginning(rawFrom, keptOfReject)+" → "+kind.Beginning(rawTo, keptOfReject), side.refused.Reason, side.column+": "+side.refused.Detail)
		}
	}
	if from == "" || to == "" {
		s.Desired.Blank++
		return nil
	}
	return s.rows.Add(s.Number, from, to, strings.TrimSpace(label))
}

// keptOfReject is how many characters are kept of a key that can't be right.
const keptOfReject = 256
