package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"rollcall/engine"
	"rollcall/syncspec"
)

func newHistory(a *app) *cobra.Command {
	var most int
	cmd := &cobra.Command{
		Use:   "history [SYNC...]",
		Short: "The latest runs, newest first",
		Long:  "The latest runs, newest first. The same as the view rollcall.history. A name may be a pattern: 'mail_*'.",
		Example: `  rollcall history
  rollcall history vip --limit 3
  rollcall history --json | jq .error`,
		ValidArgsFunction: a.syncNames,
		RunE: func(cmd *cobra.Command, names []string) error {
			if most < 1 {
				return usage(fmt.Errorf("--limit takes a number from 1 up, not %d", most))
			}
			return a.withReader(cmd.Context(), func(e *engine.Engine) error {
				all, err := e.History(cmd.Context(), names, most)
				if err != nil {
					return err
				}
				if a.json {
					return writeJSON(a.out, all...)
				}
				if len(all) == 0 && len(names) > 0 {
					show(a.out, "no run of these syncs is in the ledger\n")
					return nil
				}
				if len(all) == 0 {
					show(a.out, "nothing has run yet\n")
					return nil
				}
				kinds := kindsOf(all, func(p engine.RunSummary) string { return p.Kind })
				g := newGrid("run at (utc)", "sync", "status", "list", "added", "updated", "removed", kinds.size(), "calls", "seconds", "run id", "detail")
				g.alignRight(5, 6, 7, 8, 9, 10)
				g.fit(widthOf(a.out), "detail", "seconds", "calls", "list", kinds.size(), "removed", "updated", "added", "run id")
				g.leave(kinds.unused()...)
				if !slices.Contains(kinds, syncspec.List) {
					g.leave("list")
				}
				for _, p := range all {
					detail := deref(p.Detail)
					if p.Error != nil {
						detail = *p.Error
					}
					if p.Warning != nil {
						detail += "; warning: " + *p.Warning
					}
					seconds := "-"
					if p.Seconds != nil {
						seconds = fmt.Sprintf("%.2f", *p.Seconds)
					}
					g.add(moment(&p.RunAt), syncspec.ShowName(p.Sync), p.Status, listWithName(p.ListID, p.ListName), count(p.Added), count(p.Updated), count(p.Removed), kinds.show(p.Kind, p.Final), count(p.APICalls), seconds, shortID(p.RunID, g.width), shorten(detail, 80))
				}
				g.link("list")
				g.write(a.out, "")
				return nil
			})
		},
	}
	cmd.Flags().IntVarP(&most, "limit", "n", 20, "how many runs at the most")
	return cmd
}

// shortID is the beginning of a run's ID, which every command takes for the whole, where the width is bounded: the time and the counter of
// a UUID of version 7, which no two runs of one runner share.
func shortID(id string, width int) string {
	if width == 0 || len(id) <= 18 {
		return id
	}
	return id[:18]
}

// shorten cuts a text to at most most characters.
func shorten(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:most-1]) + "…"
}
