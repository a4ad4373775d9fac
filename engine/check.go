package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"rollcall/engine/control"
	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/resolve"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// Checked is what a look at one row found, with nothing changed anywhere.
type Checked struct {
	Sync     string `json:"sync"`
	Enabled  bool   `json:"enabled"`
	ListID   string `json:"list_id,omitempty"` // empty where the list is still to be made, or was not found
	ListName string `json:"list_name,omitempty"`
	// Settings are the row's columns with the defaults of its kind filled in, as far as the row can be read.
	Settings syncspec.Settings `json:"settings"`
	Columns  []string          `json:"columns,omitempty"` // of the query
	// NotBound says which table of the query is not there, where there is no database that could have it; empty: the query was bound.
	NotBound string `json:"not_bound,omitempty"`
	// NotAsked says why HubSpot was not asked about the list and the id_property; empty: it was, or the row did not come so far.
	NotAsked string `json:"not_asked,omitempty"`
	// Scope is what a token needs for the row's changes.
	Scope string `json:"scope,omitempty"`
	// WriteScope says whether the token has it: granted, missing, or not asked, which HubSpot answers for OAuth tokens alone.
	WriteScope string `json:"write_scope,omitempty"`
	// Findings are what is wrong, all of it; none: the row is fit to run, as far as could be asked.
	Findings []Finding `json:"findings"`
	// Notes say what a run would find, though nothing is wrong with the row.
	Notes []string `json:"notes,omitempty"`
}

// Finding is one thing that is wrong with a row.
type Finding struct {
	Error string `json:"error"`
	Hint  string `json:"hint,omitempty"`
	// Invalid says that the row itself has to be mended, rather than HubSpot or the way to it.
	Invalid bool `json:"invalid,omitempty"`
}

// Check parses the rows that names and patterns ask for (all, disabled ones too, where there are none), binds their queries and looks at
// their lists. It changes nothing. Without a HubSpot token the lists are not looked at, and each row says so. A name that asks for no
// row does not stop the others, and is a hint.UsageError beside them. Rows may be given that replace those of their names in the table;
// without names it checks these.
func (e *Engine) Check(ctx context.Context, names []string, instead ...syncspec.Row) ([]Checked, error) {
	client, err := e.hubspot()
	if err != nil && !errors.Is(err, hubspot.ErrNoToken) {
		return nil, err
	}
	conn, err := e.connect(ctx)
	if err != nil {
		return nil, err
	}
	x := e.executionOn(conn, client, true)
	defer x.close()
	if err := e.checkMacros(ctx, conn); err != nil {
		return nil, err
	}
	every, refused, err := control.Select(ctx, conn, names, instead...)
	if err != nil {
		return nil, err
	}
	if err := x.makeKinds(ctx); err != nil {
		return nil, err
	}
	var all []Checked
	for _, row := range every {
		if ctx.Err() != nil {
			return all, context.Cause(ctx)
		}
		all = append(all, x.check(ctx, row))
	}
	e.noteShares(ctx, every, all)
	if err := checkClaims(ctx, conn, every, all); err != nil {
		return all, err
	}
	if err := e.checkScopes(ctx, every, all); err != nil {
		return all, err
	}
	return all, refused.Err()
}

// checkClaims notes, on rows that are fit to run, that the list that was found for one is claimed by others too. It needs
// the lists of all rows, so it comes after each was looked at on its own.
func checkClaims(ctx context.Context, conn *warehouse.Conn, every []control.Selection, all []Checked) error {
	var claims []control.Claim
	for i, row := range every {
		if c := all[i]; row.Err == nil && row.Enabled && c.ListID != "" {
			claims = append(claims, control.Claim{List: c.ListID, Spec: row.Spec, Created: row.Created})
		}
	}
	refused, err := control.Clashes(ctx, conn, claims)
	for i := range all {
		all[i].found(refused[all[i].Sync])
	}
	return err
}

// readable are the row's settings, without those that are flawed: a value that is not what the column takes may be anything, also an address.
func readable(row control.Selection) syncspec.Settings {
	return slices.DeleteFunc(row.Draft.Settings(), func(s syncspec.Setting) bool { return row.Flawed(s.Column) })
}

// check looks at one row: at the row itself, its query and its list, each as far as the row says enough about it. Flaws
// of other columns do not stop it, so that all that is wrong is told at once.
func (x *execution) check(ctx context.Context, row control.Selection) Checked {
	c := Checked{Sync: row.Name, Enabled: row.Enabled, Settings: readable(row), Findings: []Finding{}}
	c.found(row.Err)
	var columns warehouse.Columns
	if !row.Flawed("query") {
		var err error
		columns, err = x.checkQuery(ctx, row)
		for _, column := range columns {
			c.Columns = append(c.Columns, column.Name)
		}
		// The rows come from files, and the database that has the tables is elsewhere.
		if x.engine.config.WithoutData && warehouse.IsMissingTable(err) {
			c.NotBound = hint.OneLine(err)
		} else {
			c.found(err)
		}
	}
	if row.Flawed("kind", "list_id", "list_name", "object_type", "id_property", "to_object_type") {
		return c
	}
	if err := x.engine.config.Bounds.Refuse(row.Draft); err != nil {
		c.found(err)
		return c
	}
	if x.client == nil {
		c.ListID, c.ListName, c.NotAsked = row.Draft.ListID, row.Draft.ListName, hubspot.ErrNoToken.Error()
		return c
	}
	sync := x.join(row.Draft)
	sync.Columns = columns
	x.checkTarget(ctx, sync, &c)
	return c
}

// found takes what is wrong with the row apart, into one finding for each problem; nil is nothing.
func (c *Checked) found(err error) {
	var problems syncspec.Problems
	switch {
	case errors.As(err, &problems):
		for _, p := range problems {
			c.Findings = append(c.Findings, Finding{Error: hint.OneLine(p), Hint: p.Hint, Invalid: true})
		}
	case err != nil:
		c.Findings = append(c.Findings, Finding{Error: hint.OneLine(err), Hint: hint.Of(err), Invalid: invalid(err)})
	}
}

// invalid reports whether err means that the row itself has to be mended. Exit code 2 and Run.Invalid rest on it.
func invalid(err error) bool {
	var problems syncspec.Problems
	var query *warehouse.QueryError
	var property *resolve.PropertyError
	return errors.As(err, &problems) || errors.As(err, &query) || errors.As(err, &property)
}

// checkQuery binds the row's query, without running it, and returns its columns. Its key column is checked too, unless the
// row does not tell which it is, or the query has two, as one of an association has.
func (x *execution) checkQuery(ctx context.Context, row control.Selection) (columns warehouse.Columns, err error) {
	scope := x.engine.config.Bounds.Scope()
	ctx, cancel := x.engine.bounded(ctx)
	defer cancel()
	// Binding can run code of the query: DuckDB folds constants when it plans.
	err = x.watched(ctx, row.Name, func() (err error) {
		x.engine.config.Failpoint("before query")
		if row.Flawed("kind", "key_column", "id_property") || row.Draft.Kind == syncspec.Association {
			columns, err = scope.Check(ctx, x.conn, row.Draft.Query)
		} else {
			columns, err = scope.CheckKey(ctx, x.conn, row.Draft.Query, kind.KeyOf(row.Draft))
		}
		return err
	})
	if err != nil {
		return columns, fmt.Errorf("query: %w", err)
	}
	return columns, nil
}

// checkTarget lets the sync's kind look at what the row is about, and notes what it found. A kind that can't look leaves
// the row as it is.
func (x *execution) checkTarget(ctx context.Context, s *kind.Sync, c *Checked) {
	checker, ok := x.kindOf(s).(kind.Checker)
	if !ok {
		return
	}
	looked := checker.Check(ctx, s)
	for _, err := range looked.Errors {
		c.found(err)
	}
	c.ListID, c.ListName, c.Notes = looked.ListID, looked.ListName, looked.Notes
}
