package engine

import (
	"context"
	"errors"
	"fmt"

	"rollcall/engine/control"
	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// Checked is what a look at one row found, with nothing changed anywhere.
type Checked struct {
	Sync     string   `json:"sync"`
	Enabled  bool     `json:"enabled"`
	ListID   string   `json:"list_id,omitempty"` // empty where the list is still to be made, or was not found
	ListName string   `json:"list_name,omitempty"`
	Columns  []string `json:"columns,omitempty"` // of the query
	// NotBound says which table of the query is not there, where there is no database that could have it; empty: the query was bound.
	NotBound string `json:"not_bound,omitempty"`
	// NotAsked says why HubSpot was not asked about the list and the id_property; empty: it was, or the row did not come so far.
	NotAsked string `json:"not_asked,omitempty"`
	// WriteScope says whether the token may change lists: granted, missing, or not asked, which HubSpot answers for OAuth tokens alone.
	WriteScope string `json:"write_scope,omitempty"`
	// Findings are what is wrong, all of it; none: the row is fit to run, as far as could be asked.
	Findings []Finding `json:"findings"`
	// Notes say what a run is going to come upon, though nothing is wrong with the row.
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
	r := e.roundOn(conn, client, true)
	defer r.close()
	if err := e.checkMacros(ctx, conn); err != nil {
		return nil, err
	}
	every, refused, err := control.Select(ctx, conn, names, instead...)
	if err != nil {
		return nil, err
	}
	if err := r.loadCachedLists(ctx); err != nil {
		return nil, fmt.Errorf("load cache: %w", err)
	}
	var all []Checked
	for _, row := range every {
		if ctx.Err() != nil {
			return all, context.Cause(ctx)
		}
		all = append(all, r.check(ctx, row))
	}
	e.noteShares(ctx, every, all)
	if err := checkClaims(ctx, conn, every, all); err != nil {
		return all, err
	}
	if err := e.checkScopes(ctx, all); err != nil {
		return all, err
	}
	return all, refused.Err()
}

// checkClaims notes, on rows that are fit to run, that the list that was found for one is claimed by others too.
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

// What is known of the scope that changes lists.
const (
	scopeGranted  = "granted"
	scopeMissing  = "missing"
	scopeNotAsked = "not asked"
)

// checkScopes asks whether the token may change lists, and notes it on every row; that it may not is a finding. The rows tell already
// what is wrong with a token that can't be asked about.
func (e *Engine) checkScopes(ctx context.Context, all []Checked) error {
	client, err := e.hubspot()
	if err != nil || len(all) == 0 {
		return nil
	}
	state := scopeNotAsked
	scopes, err := client.Scopes(ctx)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err == nil && hubspot.CanWriteLists(scopes):
		state = scopeGranted
	case err == nil:
		state = scopeMissing
	}
	for i := range all {
		all[i].WriteScope = state
		if state == scopeMissing {
			all[i].Findings = append(all[i].Findings, Finding{
				Error: "the app lacks the scope " + hubspot.ScopeListsWrite + ", without which no list can be changed",
				Hint:  "give the app the scope " + hubspot.ScopeListsWrite + ", and install it again",
			})
		}
	}
	return nil
}

// check looks at one row: at the row itself, its query and its list, each as far as the row says enough about it.
func (r *round) check(ctx context.Context, row control.Selection) Checked {
	c := Checked{Sync: row.Name, Enabled: row.Enabled, Findings: []Finding{}}
	c.found(row.Err)
	if !row.Flawed("query") {
		err := r.checkQuery(ctx, row, &c)
		if r.engine.config.WithoutData && warehouse.IsMissingTable(err) {
			c.NotBound = hint.OneLine(err)
		} else {
			c.found(err)
		}
	}
	if row.Flawed("list_id", "list_name", "object_type", "id_property") {
		return c
	}
	if err := r.engine.config.Bounds.Refuse(row.Draft); err != nil {
		c.found(err)
		return c
	}
	if r.client == nil {
		c.ListID, c.ListName, c.NotAsked = row.Draft.ListID, row.Draft.ListName, hubspot.ErrNoToken.Error()
		return c
	}
	r.join(row.Draft).checkList(ctx, &c)
	return c
}

// found takes what is wrong with the row apart; nil is nothing.
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

// invalid reports whether err means that the row itself has to be mended.
func invalid(err error) bool {
	var problems syncspec.Problems
	var query *warehouse.QueryError
	var property *PropertyError
	return errors.As(err, &problems) || errors.As(err, &query) || errors.As(err, &property)
}

// checkQuery binds the row's query and notes its columns.
func (r *round) checkQuery(ctx context.Context, row control.Selection, c *Checked) error {
	scope := r.engine.config.Bounds.Scope()
	var columns warehouse.Columns
	ctx, cancel := r.engine.bounded(ctx)
	defer cancel()
	err := r.watched(ctx, row.Name, func() (err error) {
		r.engine.config.Failpoint("before query")
		if row.Flawed("key_column", "id_property") {
			columns, err = scope.Check(ctx, r.conn, row.Draft.Query)
		} else {
			columns, err = scope.CheckKey(ctx, r.conn, row.Draft.Query, keyOf(row.Draft))
		}
		return err
	})
	for _, column := range columns {
		c.Columns = append(c.Columns, column.Name)
	}
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	return nil
}

// checkList looks at the session's list and its id_property.
func (s *session) checkList(ctx context.Context, c *Checked) {
	l, err := s.findList(ctx)
	c.found(err)
	c.ListID, c.ListName = l.ID, l.Name
	if l.ObjectType.ID != "" {
		c.found(checkProperty(ctx, s.client, l.ObjectType, s.spec.IDProperty))
	}
	if err == nil && l.ID == "" && s.gone != "" {
		c.Notes = append(c.Notes, fmt.Sprintf("list %s %q is gone from HubSpot, where it can be restored for 90 days: making a new one is BLOCKED (guard list_gone) until it is approved", s.gone, l.Name))
	}
	if err == nil && l.ID != "" && !s.engine.config.WithoutData {
		c.Notes, err = s.noteTakeover(ctx, l)
		c.found(err)
	}
}

// noteTakeover says that a run on the list would take it over, as far as that can be told without its members and the query's keys.
func (s *session) noteTakeover(ctx context.Context, l list) ([]string, error) {
	before, err := s.readEarlierRuns(ctx, l.ID)
	if err != nil || !plan.TakesOver(s.limits(), before) || l.size != nil && *l.size == 0 {
		return nil, err
	}
	members := "its members"
	if l.size != nil {
		members = "its " + hint.Counted(*l.size, "member", "members")
	}
	until := "until it is approved, unless the row sets allow_takeover"
	if s.engine.config.Ceilings.ForbidTakeover {
		until = "until it is approved"
	}
	return []string{fmt.Sprintf("no run of Rollcall has ended on list %s yet: removing any of %s is BLOCKED (guard takeover) %s; see who would go: rollcall plan %s",
		l.ID, members, until, s.spec.Name)}, nil
}
