package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"rollcall/engine"
	"rollcall/engine/hubspot"
)

func newCheck(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "check [SYNC...]",
		Short: "Parse every row, bind its query, look at its list; change nothing",
		Long: `Parse every row, bind its query and look at its list. Nothing is changed, and no query is run.
Without names it checks all rows, disabled ones too.`,
		ValidArgsFunction: a.syncNames,
		RunE: func(cmd *cobra.Command, names []string) error {
			return a.withEngine(cmd.Context(), func(e *engine.Engine) error {
				all, err := e.Check(cmd.Context(), names)
				if err != nil && len(all) == 0 {
					return err
				}
				code := codeOfChecked(all)
				if err := a.showAllChecked(all); err != nil {
					return err
				}
				if err != nil {
					code = worse(code, a.explain(err))
				}
				return said(code)
			})
		},
	}
}

// codeOfChecked is the exit code that the findings come to.
func codeOfChecked(all []engine.Checked) int {
	code := exitDone
	for _, c := range all {
		for _, f := range c.Findings {
			if f.Invalid {
				code = worse(code, exitUsage)
			} else {
				code = worse(code, exitFailed)
			}
		}
	}
	return code
}

func (a *app) showAllChecked(all []engine.Checked) error {
	if a.json {
		return writeJSON(a.out, all...)
	}
	for _, c := range all {
		a.showChecked(c)
	}
	if len(all) > 0 && all[0].WriteScope != "" {
		fmt.Fprintf(a.out, "scope %s: %s\n", hubspot.ScopeListsWrite, all[0].WriteScope)
	}
	if len(all) == 0 {
		fmt.Fprintln(a.out, noSyncs)
	}
	return nil
}

func (a *app) showChecked(c engine.Checked) {
	state := "ok"
	if len(c.Findings) > 0 {
		state = plural(int64(len(c.Findings)), "problem", "problems")
	}
	if !c.Enabled {
		state += ", disabled"
	}
	list := ""
	switch {
	case c.ListID != "":
		list = fmt.Sprintf(", list %s %q", c.ListID, c.ListName)
	case c.ListName != "":
		list = fmt.Sprintf(", list %q will be made", c.ListName)
	}
	columns := ""
	if len(c.Columns) > 0 {
		columns = ", columns " + strings.Join(c.Columns, ", ")
	}
	fmt.Fprintf(a.out, "%s: %s%s%s\n", c.Sync, state, list, columns)
	for _, note := range c.Notes {
		fmt.Fprintf(a.out, "  note: %s\n", note)
	}
	for _, f := range c.Findings {
		tell(a.err, "  ", c.Sync+": "+f.Error, f.Hint)
	}
}
