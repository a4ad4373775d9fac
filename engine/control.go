package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"

	"rollcall/engine/hint"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// job is a row that was asked for, with its spec or what is wrong with it.
type job struct {
	name    string
	query   string // for the ledger: as written, or the beginning of one that is too long
	enabled bool
	named   bool // somebody asked for it by its name or a pattern

	schedule  string    // as written, for the ledger
	created   time.Time // when the row was made; zero: not known
	rowSHA256 string    // tells whether the row was changed
	rowJSON   string    // the row without its query, for the ledger; "": it can't be told

	spec   syncspec.Spec
	undoes string            // the run to undo, in place of making the list equal to the query; "": none
	draft  syncspec.Spec     // the row as far as it can be read; equal to spec where the row has no flaws
	flaws  syncspec.Problems // what is wrong with the row on its own
	err    error             // why it can't run: syncspec.Problems, its flaws and clashes with other rows
}

// refuse adds a problem to those for which the job can't run.
func (j *job) refuse(p syncspec.Problem) {
	var problems syncspec.Problems
	_ = errors.As(j.err, &problems)
	j.err = append(slices.Clip(problems), p)
}

// flawed says whether one of the columns is among the row's flaws.
func (j *job) flawed(columns ...string) bool {
	return slices.ContainsFunc(j.flaws, func(p syncspec.Problem) bool { return slices.Contains(columns, p.Column) })
}

// querySHA256 is the SHA-256 of the job's query, as the ledger has it.
func (j job) querySHA256() string {
	sum := sha256.Sum256([]byte(j.query))
	return hex.EncodeToString(sum[:])
}

// Rows reads the control table, by name.
func (e *Engine) Rows(ctx context.Context) ([]syncspec.Row, error) {
	conn, err := e.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return readSyncs(ctx, conn)
}

// How many characters of a row's texts are read: one more than Parse takes, so that it sees what is too long.
const (
	readNameChars  = syncspec.MaxNameChars + 1
	readQueryChars = syncspec.MaxQueryBytes + 1
	readTextChars  = syncspec.MaxTextChars + 1
)

func readSyncs(ctx context.Context, conn *warehouse.Conn) ([]syncspec.Row, error) {
	var rows []syncspec.Row
	cut := warehouse.Args{"name_chars": readNameChars, "query_chars": readQueryChars, "text_chars": readTextChars}
	err := conn.ReadRows(ctx, queries.ReadSyncs, cut, func(scan func(...any) error) error {
		var r syncspec.Row
		err := scan(&r.Name, &r.Query, &r.ListID, &r.Enabled, &r.ListName, &r.KeyColumn, &r.IDProperty, &r.ObjectType, &r.Mode, &r.ForeignMembers,
			&r.AllowEmpty, &r.AllowTakeover, &r.MinRows, &r.MaxRemovals, &r.MaxRemovalPct, &r.DryRun, &r.Schedule, &r.Description, &r.Owner, &r.CreatedAt)
		rows = append(rows, r)
		return err
	})
	return rows, err
}

// findSync reads the row of a name; found is false where there is none.
func findSync(ctx context.Context, conn *warehouse.Conn, name string) (row syncspec.Row, found bool, err error) {
	rows, err := readSyncs(ctx, conn)
	i := slices.IndexFunc(rows, func(row syncspec.Row) bool { return value(row.Name) == name })
	if i < 0 {
		return syncspec.Row{}, false, err
	}
	return rows[i], true, err
}

// parseRows parses every row, and finds the rows that can't share a list. refused are the names of which a row does not run because
// another one has it.
func parseRows(ctx context.Context, conn *warehouse.Conn, rows []syncspec.Row) (all []job, refused map[string]*hint.Error, err error) {
	for _, row := range rows {
		j := readJob(row)
		if !j.flawed("name") && j.draft.Name != j.name { // the ledger and its views know it as it is written
			j.refuse(syncspec.Problem{Column: "name", Message: fmt.Sprintf("%q has blanks around it", j.name), Hint: "UPDATE rollcall.syncs SET name = trim(name)"})
		}
		all = append(all, j)
	}
	if all, refused, err = oneOfEachName(ctx, conn, all); err != nil {
		return nil, nil, err
	}
	return all, refused, refuseClashes(ctx, conn, all)
}

// readJob parses one row.
func readJob(row syncspec.Row) job {
	j := job{name: value(row.Name), query: queryForLedger(row.Query), enabled: row.Enabled == nil || *row.Enabled, schedule: value(row.Schedule), rowSHA256: hashOfRow(row), rowJSON: rowWithoutQuery(row)}
	if row.CreatedAt != nil {
		j.created = *row.CreatedAt
	}
	j.draft, j.err = syncspec.Parse(row)
	if !errors.As(j.err, &j.flaws) {
		j.spec = j.draft
	}
	return j
}

// keptOfLongQuery is how many characters the ledger keeps of a query that is too long to run.
const keptOfLongQuery = 1000

// queryForLedger is the query as written, or the beginning of one that is longer than any that runs.
func queryForLedger(query *string) string {
	text := value(query)
	if len(text) <= syncspec.MaxQueryBytes {
		return text
	}
	return string([]rune(text)[:keptOfLongQuery]) + "…"
}

// noSuchSync names the row that was likeliest meant.
func noSuchSync(name string, all []job) *hint.Error {
	advice := "see what there is: rollcall status"
	best := 4 // further off is no likeness
	for _, j := range all {
		if d := levenshtein.ComputeDistance(strings.ToLower(name), strings.ToLower(j.name)); d < best {
			best, advice = d, fmt.Sprintf("did you mean %s?", syncspec.ShowName(j.name))
		}
	}
	if strings.ContainsAny(name, "*?[") {
		return hint.New("see what there is: rollcall status", "no sync matches %q", name)
	}
	return hint.New(advice, "no sync is named %q", name)
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
