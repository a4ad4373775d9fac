package list

import (
	"context"
	"fmt"

	"rollcall/engine/hint"
	"rollcall/engine/kind"
	"rollcall/engine/resolve"
)

// Check looks at the sync's list and its id_property, for the command check: it reads from HubSpot and from the ledger,
// and writes nothing. Errors are what stops a run; notes are what a run would find. One does not hide another,
// so it continues after an error where it can.
func (l *lists) Check(ctx context.Context, ks *kind.Sync) (c kind.Checked) {
	s := l.of(ks)
	found := func(err error) {
		if err != nil {
			c.Errors = append(c.Errors, err)
		}
	}
	// Load, which reads them in a run, is not called for a check.
	if !l.loaded { // of several rows the first reads them
		found(l.loadCachedLists(ctx))
	}
	list, err := s.findList(ctx)
	found(err)
	c.ListID, c.ListName = list.ID, list.Name
	if list.ObjectType.ID != "" {
		found(resolve.CheckProperty(ctx, s.Client, list.ObjectType, s.Spec.IDProperty))
	}
	if err == nil && list.ID == "" && s.gone != "" {
		c.Notes = append(c.Notes, fmt.Sprintf("list %s %q is gone from HubSpot, where it can be restored for 90 days: making a new one is BLOCKED (guard list_gone) until it is approved", s.gone, list.Name))
	}
	if err == nil && list.ID != "" && !l.env.Limits.WithoutData {
		note, err := s.noteTakeover(ctx, list)
		found(err)
		if note != "" {
			c.Notes = append(c.Notes, note)
		}
	}
	return c
}

// noteTakeover says that a run on the list would take it over, as far as that can be told without its members and the query's keys; "": it
// would not.
func (s *listSync) noteTakeover(ctx context.Context, l list) (string, error) {
	takesOver, err := s.env.Guards.TakesOver(ctx, s.Sync, l.ID)
	if err != nil || !takesOver || l.size != nil && *l.size == 0 {
		return "", err
	}
	members := "its members"
	if l.size != nil {
		members = "its " + hint.Counted(*l.size, "member", "members")
	}
	until := "until it is approved, unless the row sets allow_takeover"
	if s.env.Limits.ForbidTakeover {
		until = "until it is approved"
	}
	return fmt.Sprintf("no run of Rollcall has ended on list %s yet: removing any of %s is BLOCKED (guard takeover) %s; see who would go: rollcall plan %s",
		l.ID, members, until, s.Spec.Name), nil
}
