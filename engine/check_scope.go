package engine

import (
	"context"
	"slices"
	"strings"

	"rollcall/engine/control"
	"rollcall/engine/hubspot"
	"rollcall/syncspec"
)

// What is known of the scope that changes what a row is about.
const (
	scopeGranted  = "granted"
	scopeMissing  = "missing"
	scopeNotAsked = "not asked"
)

// writeScope is what a token needs for the changes of a row.
func writeScope(s syncspec.Spec) hubspot.WriteScope {
	switch s.Kind {
	case syncspec.Object:
		return hubspot.RecordsWriteScope(s.ObjectType)
	case syncspec.Association:
		return hubspot.LinksWriteScope(s.ObjectType, s.ToObjectType)
	}
	return hubspot.ListsWriteScope()
}

// checkScopes asks once which scopes the token has, and notes on every row whether they let a run change what the row is about; that they do not
// is a finding. HubSpot tells the scopes of OAuth tokens alone; of others they can't be asked without changing something. The rows tell already what
// is wrong with a token that can't be asked about.
func (e *Engine) checkScopes(ctx context.Context, every []control.Selection, all []Checked) error {
	client, err := e.hubspot()
	if err != nil || len(all) == 0 {
		return nil
	}
	granted, err := client.Scopes(ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for i, row := range every {
		if row.Flawed("kind", "object_type", "to_object_type") {
			continue
		}
		needed := writeScope(row.Draft)
		all[i].Scope, all[i].WriteScope = needed.Name, scopeGranted
		switch {
		case err != nil:
			all[i].WriteScope = scopeNotAsked
		case !needed.In(granted):
			all[i].WriteScope = scopeMissing
			if !all[i].asksFor(needed.Name) {
				all[i].Findings = append(all[i].Findings, Finding{Error: needed.Missing(), Hint: needed.Hint()})
			}
		}
	}
	return nil
}

// asksFor reports whether a finding names the scope already, because a call that only reads was refused for it.
func (c Checked) asksFor(scope string) bool {
	return slices.ContainsFunc(c.Findings, func(f Finding) bool { return strings.Contains(f.Hint, scope) })
}
