package main

import (
	"cmp"

	"github.com/spf13/cobra"

	"rollcall/engine"
	"rollcall/syncspec"
)

func newStatus(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "status [SYNC...]",
		Short: "How every sync stands, and what to do",
		Long:  "How every sync stands: its last run, and what to do. The same as the view rollcall.status.",
		Example: `  rollcall status
  rollcall status vip
  rollcall status --json | jq 'select(.state != "SUCCEEDED")'`,
		ValidArgsFunction: a.syncNames,
		RunE: func(cmd *cobra.Command, names []string) error {
			return a.withReader(cmd.Context(), func(e *engine.Engine) error {
				all, err := e.Status(cmd.Context(), names)
				if err != nil && len(all) == 0 {
					return err
				}
				return cmp.Or(a.showStatus(all), err)
			})
		},
	}
}

// showStatus tells how syncs stand.
func (a *app) showStatus(all []engine.Standing) error {
	if a.json {
		return writeJSON(a.out, all...)
	}
	if len(all) == 0 {
		show(a.out, "%s\n", noSyncs)
		return nil
	}
	g := newGrid("sync", "state", "last run (utc)", "list", "members", "added", "removed", "unmatched", "invalid", "drift", "next run (utc)")
	g.right(5, 6, 7, 8, 9, 10)
	for _, s := range all {
		g.add(syncspec.ShowName(s.Sync), s.State, moment(s.LastRunAt), words(s.ListID), count(s.Members), count(s.Added), count(s.Removed), count(s.Unmatched), count(s.Invalid), count(s.Drift), nextRun(s))
	}
	g.write(a.out, "")
	for _, s := range all {
		if s.WhatToDo == nil && s.Warning == nil {
			continue
		}
		show(a.out, "\n%s: %s\n", syncspec.ShowName(s.Sync), cmp.Or(words(s.Detail), map[string]string{"NEVER_RUN": "has never run"}[s.State], "is disabled"))
		if s.Warning != nil {
			show(a.out, "  warning: %s\n", *s.Warning)
		}
		if s.WhatToDo != nil {
			show(a.out, "  hint: %s\n", *s.WhatToDo)
		}
	}
	return nil
}

// nextRun is when `rollcall run` takes a sync next.
func nextRun(s engine.Standing) string {
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
