// Package control holds the control table: the rows of rollcall.syncs, as analysts write them. In: a connection, names and patterns, rows
// that replace those of the table, a clock, and the bounds of what rows may ask for. Out: the rows that were selected, each a Selection with
// its spec or what is wrong with it; what of the names was refused; and when a row is due. It reads of the ledger only the outcome of each
// sync's last run and which sync had which list, and writes no table but rollcall.syncs.
//
// It may import syncspec, the warehouse, hubspot for what its object types are called, and hint.
//
// Which file to open:
//
//	control.go, write.go   rows out of the table and into it, and what is wrong with one on its own
//	select.go              which rows names and patterns ask for
//	name.go, clash.go      rows that can't be used together: of one name, or with one list
//	known_list.go          which list a name means, of those that the ledger knows
//	bounds.go              what the settings let rows ask for
//	due.go                 when a row is due, by its schedule and its last run
package control

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// statements are the SQL of this package, file by file of sql/, each in the order of its noun's life.
type statements struct {
	// control.sql
	ReadSyncs, InsertSync, WriteSync, DeleteSync warehouse.NamedQuery
	// last_run.sql
	ReadLastRuns, ReadApproved warehouse.NamedQuery
	// clash.sql
	ReadKnownLists, ReadTenures, ReadLastQueries warehouse.NamedQuery
}

//go:embed sql/*.sql
var files embed.FS

var queries = warehouse.MustLoad[statements](files)

// Selection is a row that was asked for, with its spec or what is wrong with it. A row that can't run is a Selection too:
// its run says why.
type Selection struct {
	Name    string
	Query   string // for the ledger: as written, or the beginning of one that is too long
	Enabled bool
	Named   bool // somebody asked for it by its name or a pattern

	Schedule  string    // as written, for the ledger
	Created   time.Time // when the row was made; zero: not known
	RowSHA256 string    // tells whether the row was changed; "": it can't be told
	RowJSON   string    // the row without its query, for the ledger; "": it can't be told

	Spec   syncspec.Spec // as long as the row has no flaws
	Undoes string        // the ID of the run to undo, in place of making the list equal to the query; "": none
	Draft  syncspec.Spec // the row as far as it can be read; equal to Spec where the row has no flaws
	Err    error         // why it can't run: syncspec.Problems, its flaws and clashes with other rows; nil: it can

	flaws syncspec.Problems // what is wrong with the row on its own
}

// Read parses one row. What is wrong with it is in the Selection's Err.
func Read(row syncspec.Row) Selection {
	s := Selection{
		Name: value(row.Name), Query: queryForLedger(row.Query), Enabled: or(row.Enabled, syncspec.DefaultEnabled), Schedule: value(row.Schedule),
		RowSHA256: hashOfRow(row), RowJSON: rowWithoutQuery(row), Created: or(row.CreatedAt, time.Time{}),
	}
	s.Draft, s.Err = syncspec.Parse(row)
	if !errors.As(s.Err, &s.flaws) {
		s.Spec = s.Draft
	}
	return s
}

// Flawed reports whether one of the columns is among what is wrong with the row on its own.
func (s Selection) Flawed(columns ...string) bool {
	return slices.ContainsFunc(s.flaws, func(p syncspec.Problem) bool { return slices.Contains(columns, p.Column) })
}

// QuerySHA256 returns the SHA-256 of the row's query in hexadecimal, as the ledger has it. It tells whether a query that
// held the runner was changed.
func (s Selection) QuerySHA256() string {
	sum := sha256.Sum256([]byte(s.Query))
	return hex.EncodeToString(sum[:])
}

// Undoing returns the selection that undoes a run of the row in place of running its query: on the target that the run was about, a list's ID or the
// name of an object type, even where the row names another one by now (of an association it is the row's), and whether the row is enabled or not.
func (s Selection) Undoing(runID, target string) Selection {
	switch s.Spec.Kind {
	case syncspec.List:
		s.Spec.ListID, s.Spec.ListName = target, ""
	case syncspec.Object:
		s.Spec.ObjectType = target
	}
	// The run keeps no query: it did not run one.
	s.Query, s.RowJSON, s.Enabled, s.Undoes = "", "", true, runID
	return s
}

// refuse adds a problem to those for which the row can't run.
func (s *Selection) refuse(p syncspec.Problem) {
	var problems syncspec.Problems
	_ = errors.As(s.Err, &problems)
	s.Err = append(slices.Clip(problems), p)
}

// How many characters of a row's texts are read: one more than Parse takes, so that it sees what is too long. A text of
// any length can stand in the table, and must not fill the memory.
const (
	readNameChars  = syncspec.MaxNameChars + 1
	readQueryChars = syncspec.MaxQueryBytes + 1
	readTextChars  = syncspec.MaxTextChars + 1
)

// Rows reads the control table, by name, whatever the rows hold. A text that is longer than its limit is cut behind it.
func Rows(ctx context.Context, conn *warehouse.Conn) ([]syncspec.Row, error) {
	var rows []syncspec.Row
	cut := warehouse.Args{"name_chars": readNameChars, "query_chars": readQueryChars, "text_chars": readTextChars}
	err := conn.ReadRows(ctx, queries.ReadSyncs, cut, func(scan func(...any) error) error {
		var r syncspec.Row
		err := scan(&r.Name, &r.Kind, &r.Query, &r.ListID, &r.Enabled, &r.ListName, &r.KeyColumn,
			&r.IDProperty, &r.ObjectType, &r.ToIDProperty, &r.ToObjectType, &r.EventName,
			&r.Mode, &r.ForeignMembers, &r.ForeignValues, &r.OnLeave, &r.IfNull,
			&r.AllowEmpty, &r.AllowTakeover, &r.MinRows, &r.MaxChanges, &r.MaxCreates, &r.MaxRemovals, &r.MaxRemovalPct, &r.DryRun, &r.Schedule, &r.Description, &r.Owner, &r.CreatedAt)
		rows = append(rows, r)
		return err
	})
	return rows, err
}

// Find reads the row of a name; found is false where there is none.
func Find(ctx context.Context, conn *warehouse.Conn, name string) (row syncspec.Row, found bool, err error) {
	rows, err := Rows(ctx, conn)
	i := slices.IndexFunc(rows, func(row syncspec.Row) bool { return value(row.Name) == name })
	if i < 0 {
		return syncspec.Row{}, false, err
	}
	return rows[i], true, err
}

// keptOfLongQuery is how many characters the ledger keeps of a query that is too long to run.
const keptOfLongQuery = 1000

// queryForLedger returns the query as written, or the beginning of one that is longer than any that runs.
func queryForLedger(query *string) string {
	text := value(query)
	if len(text) <= syncspec.MaxQueryBytes {
		return text
	}
	return string([]rune(text)[:keptOfLongQuery]) + "…"
}

// hashOfRow returns what tells whether a row was changed: in anything but the columns that are for people. A row that
// failed is tried at once when it was changed. "" where nothing can be told.
func hashOfRow(row syncspec.Row) string {
	row.Description, row.Owner, row.CreatedAt = nil, nil, nil
	text, err := json.Marshal(row)
	if err != nil {
		return "" // a number that JSON does not have: nothing is known of the row
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// rowWithoutQuery returns what the ledger keeps of a row beside its query, as JSON; "" where it can't.
func rowWithoutQuery(row syncspec.Row) string {
	row.Query = nil
	text, err := row.JSON()
	if err != nil {
		return "" // as in hashOfRow
	}
	return text
}

// value returns the text, "" for NULL.
func value(s *string) string { return or(s, "") }

// or returns the value, or the fallback for NULL.
func or[T any](v *T, fallback T) T {
	if v == nil {
		return fallback
	}
	return *v
}
