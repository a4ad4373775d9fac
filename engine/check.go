package engine

import (
	"context"
	"fmt"

	"rollcall/engine/hubspot"
	"rollcall/syncspec"
)

// Checked is what a look at one row found, with nothing changed anywhere.
type Checked struct {
	Sync     string   `json:"sync"`
	Enabled  bool     `json:"enabled"`
	ListID   string   `json:"list_id,omitempty"` // empty where the list is still to be made, or was not found
	ListName string   `json:"list_name,omitempty"`
	Columns  []string `json:"columns,omitempty"` // of the query
	// WriteScope says whether the token may change lists: granted, missing, or not asked, which HubSpot answers for OAuth tokens alone.
	WriteScope string `json:"write_scope,omitempty"`
	// Findings are what is wrong; none: the row is fit to run.
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
// their lists. It changes nothing. A name that asks for no row does not stop the others, and is a UsageError beside them.
func (e *Engine) Check(ctx context.Context, names []string) ([]Checked, error) {
	conn, err := e.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := e.refuseShadows(ctx, conn); err != nil {
		return nil, err
	}
	every, refused, err := choose(ctx, conn, names)
	if err != nil {
		return nil, err
	}
	var all []Checked
	for _, j := range every {
		if ctx.Err() != nil {
			return all, context.Cause(ctx)
		}
		all = append(all, e.check(ctx, j))
	}
	if err := e.checkScopes(ctx, all); err != nil {
		return all, err
	}
	return all, usageOf(refused)
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

func (e *Engine) check(ctx context.Context, j job) Checked {
	c := Checked{Sync: j.name, Enabled: j.enabled, Findings: []Finding{}}
	found := func(err error) {
		if err != nil {
			c.Findings = append(c.Findings, Finding{Error: oneLine(err), Hint: HintOf(err), Invalid: invalid(err)})
		}
	}
	if j.err != nil {
		if problems, ok := j.err.(syncspec.Problems); ok {
			for _, p := range problems {
				c.Findings = append(c.Findings, Finding{Error: oneLine(p), Hint: p.Hint, Invalid: true})
			}
			return c
		}
		found(j.err)
		return c
	}
	if err := e.config.Bounds.refuse(j.spec); err != nil {
		found(err)
		return c
	}
	r, err := e.newRound(ctx, true)
	if err != nil {
		found(err)
		return c
	}
	defer r.close()
	s := r.join(j.spec)
	columns, err := e.config.Bounds.scope().CheckKey(ctx, s.conn, j.spec.Query, j.spec.KeyColumn)
	if err != nil {
		found(fmt.Errorf("query: %w", err))
	}
	for _, column := range columns {
		c.Columns = append(c.Columns, column.Name)
	}
	l, err := s.findList(ctx)
	found(err)
	c.ListID, c.ListName = l.ID, l.Name
	if l.ObjectType.ID != "" {
		found(checkProperty(ctx, s.client, l.ObjectType, s.spec.IDProperty))
	}
	if err == nil && l.ID == "" && s.gone != "" {
		c.Notes = append(c.Notes, fmt.Sprintf("list %s %q is gone from HubSpot, where it can be restored for 90 days: making a new one is BLOCKED (guard list_gone) until it is approved", s.gone, l.Name))
	}
	if err == nil && l.ID != "" {
		c.Notes, err = s.noteTakeover(ctx, l)
		found(err)
	}
	return c
}

// noteTakeover says that a run on the list would take it over, as far as that can be told without its members and the query's keys.
func (s *session) noteTakeover(ctx context.Context, l list) ([]string, error) {
	before, err := s.readPast(ctx, l.ID)
	if err != nil || !takesOver(s.spec, before) || l.size != nil && *l.size == 0 {
		return nil, err
	}
	members := "its members"
	if l.size != nil {
		members = "its " + counted(*l.size, "member", "members")
	}
	return []string{fmt.Sprintf("no run of Rollcall has ended on list %s yet: removing any of %s is BLOCKED (guard takeover) until it is approved, unless the row sets allow_takeover; "+
		"see who would go: rollcall plan %s", l.ID, members, s.spec.Name)}, nil
}
