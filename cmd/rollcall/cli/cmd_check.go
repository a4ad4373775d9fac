package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"rollcall/engine"
	"rollcall/syncspec"
)

func newCheck(a *app) *cobra.Command {
	var override specsOverride
	cmd := &cobra.Command{
		Use:   "check [SYNC...]",
		Short: "Parse every row, bind its query, look at its list, properties or labels; change nothing",
		Long: `Parse every row, bind its query and look at its list, its properties or its labels. Nothing is changed, and no
query is run but those of associations, which name the labels. Without names it checks all rows, disabled ones too. All problems
are printed on stdout. Without a HubSpot token HubSpot is not asked: check says so, and that alone is exit code 0.

With --specs DIR it checks the rows of DIR's files as if they were in the table, as a pull request needs it; the table's
other rows stay beside them. Where no database is named and the default one is not there, it continues without: queries are
parsed and held against the gate, and a query whose tables are not there is "not bound", which is no problem.`,
		Example: `  rollcall check
  rollcall check vip 'mail_*'
  rollcall check --specs specs
  rollcall check --json | jq 'select(.findings != [])'`,
		ValidArgsFunction: a.syncNames,
		RunE: func(cmd *cobra.Command, names []string) error {
			if err := override.read(a); err != nil {
				return err
			}
			return a.withReader(cmd.Context(), func(e *engine.Engine) error {
				all, err := override.check(cmd.Context(), e, names)
				if err != nil && len(all) == 0 {
					return err
				}
				result := a.showChecks(all)
				if err != nil {
					return exitWith(worse(codeOf(result), a.explain(err)))
				}
				return result
			})
		},
	}
	override.flag(cmd)
	return cmd
}

// showChecks prints the findings of each row and the number of rows without any, and of a row on its own what its columns come to. Its error
// is the exit code.
func (a *app) showChecks(all []engine.Checked) error {
	code := ExitDone
	for _, c := range all {
		code = worse(code, codeOfCheck(c))
	}
	if a.json {
		if err := writeJSON(a.out, all...); err != nil {
			return err
		}
		return exitWith(code)
	}
	if len(all) == 0 {
		show(a.out, "%s\n", noSyncs)
		return nil
	}
	ok := 0
	for _, c := range all {
		a.showChecked(c)
		if len(all) == 1 {
			show(a.out, "  row: %s\n", c.Settings.String())
		}
		if len(c.Findings) == 0 {
			ok++
		}
	}
	a.showNotAsked(all)
	show(a.out, "%s: %d ok, %d with problems\n", plural(int64(len(all)), "row", "rows"), ok, len(all)-ok)
	return exitWith(code)
}

func codeOfCheck(c engine.Checked) int {
	code := ExitDone
	for _, f := range c.Findings {
		if f.Invalid {
			code = worse(code, ExitUsage)
		} else {
			code = worse(code, ExitFailed)
		}
	}
	return code
}

// showNotAsked prints which checks were skipped for want of a token, and whether the token has the scopes that changes take.
func (a *app) showNotAsked(all []engine.Checked) {
	shown := map[string]bool{}
	for _, c := range all {
		if c.Scope != "" && !shown[c.Scope] {
			show(a.out, "scope %s: %s\n", c.Scope, c.WriteScope)
			shown[c.Scope] = true
		}
	}
	unbound := 0
	for _, c := range all {
		if c.NotBound != "" {
			unbound++
		}
	}
	if unbound > 0 {
		show(a.out, "not bound (no database): %s, parsed and held against the gate\n", plural(int64(unbound), "query", "queries"))
	}
	for _, c := range all {
		if c.NotAsked != "" {
			show(a.out, "not asked (%s): whether lists, properties and labels are there and fit, and the scopes of the token\n", c.NotAsked)
			return
		}
	}
}

func (a *app) showChecked(c engine.Checked) {
	state := "ok"
	if len(c.Findings) > 0 {
		state = plural(int64(len(c.Findings)), "problem", "problems")
	}
	if c.NotBound != "" {
		state += ", not bound"
	}
	if !c.Enabled {
		state += ", disabled"
	}
	columns := ""
	if len(c.Columns) > 0 {
		columns = ", columns " + strings.Join(c.Columns, ", ")
	}
	show(a.out, "%s: %s%s%s\n", syncspec.ShowName(c.Sync), state, listOf(c), columns)
	if c.NotBound != "" {
		show(a.out, "  note: not bound: %s\n", c.NotBound)
	}
	for _, note := range c.Notes {
		show(a.out, "  note: %s\n", note)
	}
	for _, f := range c.Findings {
		printError(a.out, "  ", syncspec.ShowName(c.Sync)+": "+f.Error, f.Hint)
	}
}

// listOf describes the row's list for its line: ID and name as far as they are known.
func listOf(c engine.Checked) string {
	switch {
	case c.ListID+c.ListName == "":
		return ""
	case c.NotAsked != "" && c.ListID != "":
		return fmt.Sprintf(", list %s not asked", c.ListID)
	case c.NotAsked != "":
		return fmt.Sprintf(", list %q not asked", c.ListName)
	case c.ListID != "":
		return fmt.Sprintf(", list %s %q", c.ListID, c.ListName)
	}
	return fmt.Sprintf(", list %q will be made", c.ListName)
}
