package cli

import (
	"cmp"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"rollcall/engine"
	"rollcall/syncspec"
)

func newStatus(a *app) *cobra.Command {
	var m monitor
	cmd := &cobra.Command{
		Use:   "status [SYNC...]",
		Short: "The state of every sync, and what to do",
		Long: `The state of every sync: its last run, and what to do. The same as the view rollcall.status.

For monitors, --exit-code ends with 1 when a sync's last run FAILED or was INTERRUPTED, 4 when it is BLOCKED and 3
when it is PARTIAL. --max-age does so too, and with 1 when a sync's last success began longer ago than that, or
there was none though it was due. Disabled syncs don't count.`,
		Example: `  rollcall status
  rollcall status vip
  rollcall status --json | jq 'select(.state != "SUCCEEDED")'
  rollcall status --max-age 26h`,
		ValidArgsFunction: a.syncNames,
		RunE: func(cmd *cobra.Command, names []string) error {
			if cmd.Flags().Changed("max-age") && m.maxAge <= 0 {
				return usage(fmt.Errorf("--max-age takes a duration above 0, such as 26h, not %s", m.maxAge))
			}
			return a.withReader(cmd.Context(), func(e *engine.Engine) error {
				all, err := e.Status(cmd.Context(), names)
				if err != nil && len(all) == 0 {
					return err
				}
				assessed, code := m.assess(all, time.Now())
				result := cmp.Or(a.showStatus(assessed, m.maxAge), exitWith(code))
				if !a.json {
					for _, note := range e.ShareNotes(cmd.Context()) {
						show(a.out, "note: %s\n", note)
					}
				}
				if err != nil {
					return exitWith(worse(codeOf(result), a.explain(err)))
				}
				return result
			})
		},
	}
	cmd.Flags().BoolVar(&m.exitCode, "exit-code", false, "end with 1, 4 or 3 when a sync is FAILED or INTERRUPTED, BLOCKED, or PARTIAL")
	cmd.Flags().DurationVar(&m.maxAge, "max-age", 0, "as --exit-code, and end with 1 when a sync's last success is older than this (26h)")
	return cmd
}

// showStatus prints the status of syncs.
func (a *app) showStatus(all []assessment, maxAge time.Duration) error {
	if a.json {
		return writeJSON(a.out, all...)
	}
	if len(all) == 0 {
		show(a.out, "%s\n", noSyncs)
		return nil
	}
	kinds := kindsOf(all, func(s assessment) string { return s.Kind })
	g := newGrid("sync", "state", "last run (utc)", kinds.target(), kinds.size(), "added", "updated", "removed", "unmatched", "invalid", "drift", "next run (utc)")
	g.alignRight(5, 6, 7, 8, 9, 10, 11)
	g.fit(widthOf(a.out), kinds.target(), "drift", "invalid", "unmatched", "removed", "updated", "added", kinds.size(), "next run (utc)")
	g.leave(kinds.unused()...)
	for _, s := range all {
		size := cmp.Or(s.Members, s.Records, s.Links)
		g.add(syncspec.ShowName(s.Sync), s.State, moment(s.LastRunAt), targetOf(s.SyncStatus), kinds.show(s.Kind, size), count(s.Added), count(s.Updated), count(s.Removed), count(s.Unmatched), count(s.Invalid), count(s.Drift), nextRun(s.SyncStatus))
	}
	g.link(kinds.target())
	g.write(a.out, "")
	for _, s := range all {
		if s.TooOld {
			show(a.out, "\n")
			printError(a.out, "", fmt.Sprintf("%s: no success within --max-age %s; last success: %s", syncspec.ShowName(s.Sync), maxAge, moment(s.LastSuccessAt)),
				"does what starts rollcall run still start it?")
		}
		if s.WhatToDo == nil && s.Warning == nil {
			continue
		}
		show(a.out, "\n%s: %s\n", syncspec.ShowName(s.Sync), cmp.Or(deref(s.Detail), map[string]string{"NEVER_RUN": "has never run"}[s.State], "is disabled"))
		if s.Warning != nil {
			show(a.out, "  warning: %s\n", *s.Warning)
		}
		if s.WhatToDo != nil {
			show(a.out, "  hint: %s\n", *s.WhatToDo)
		}
	}
	return nil
}

// targetOf describes what a sync keeps in step: a list, an object type, or both types of an association.
func targetOf(s engine.SyncStatus) string {
	if s.ToObjectType != nil {
		return deref(s.ObjectType) + "->" + *s.ToObjectType
	}
	return cmp.Or(deref(s.ObjectType), listWithName(s.ListID, s.ListName))
}

// listWithName formats a list for people: its ID, and its name if it is known.
func listWithName(id, name *string) string {
	if id == nil || name == nil || *name == "" {
		return deref(id)
	}
	return *id + " " + *name
}

// nextRun formats the time at which `rollcall run` runs a sync next.
func nextRun(s engine.SyncStatus) string {
	switch {
	case !s.Enabled:
		return "-"
	case s.HeldRunner:
		return "when named"
	case s.Due:
		return "due"
	}
	return moment(s.NextRunAt)
}
