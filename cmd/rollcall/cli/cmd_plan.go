package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"rollcall/engine"
	"rollcall/engine/plan"
	"rollcall/syncspec"
)

func newPlan(a *app) *cobra.Command {
	var o planOptions
	var exitCode bool
	var override specsOverride
	cmd := &cobra.Command{
		Use:   "plan [SYNC...]",
		Short: "Show what a run would change, and why",
		Long: `Stage the sets, diff them, and show the plan. HubSpot is only read, and nothing is written to the ledger.
Without names it plans every sync that is enabled, whether due or not. A sync that is named is planned even when
it is disabled. A name may be a pattern: 'mail_*'. With --specs DIR it plans the rows of DIR's files as if they were
in the table.`,
		Example: `  rollcall plan vip
  rollcall plan vip --save plan.duckdb    # then: duckdb plan.duckdb -c "FROM plan"
  rollcall plan --specs specs vip         # as if the file specs/vip.toml were its row
  rollcall plan vip --all
  rollcall plan --exit-code               # 5 when there are changes, 4 when a guard would block them`,
		ValidArgsFunction: a.syncNames,
		RunE: func(cmd *cobra.Command, names []string) error {
			if o.save != "" && len(names) != 1 {
				return usage(errors.New("--save takes the plan of one sync: name it"))
			}
			if err := override.read(a); err != nil {
				return err
			}
			return a.withReader(cmd.Context(), func(e *engine.Engine) error {
				code, err := a.plan(cmd.Context(), e, names, o, &override)
				if err != nil && code == ExitDone {
					return err
				}
				if !exitCode && (code == ExitChanges || code == ExitBlocked) {
					code = ExitDone
				}
				if err != nil {
					return exitWith(worse(code, a.explain(err)))
				}
				return exitWith(code)
			})
		},
	}
	override.flag(cmd)
	cmd.Flags().StringVar(&o.save, "save", "", "write the sets and the plan into this new DuckDB file")
	cmd.Flags().BoolVar(&o.all, "all", false, "show every change, not the first few of each action")
	cmd.Flags().BoolVar(&exitCode, "exit-code", false, "end with 5 when there are changes, 4 when a guard would block them")
	return cmd
}

// planOptions are the options of plan beside the syncs to plan.
type planOptions struct {
	save string // the file that the sets are saved in; "" is none
	all  bool   // every change is shown
}

// plan prints the plans and returns the exit code.
func (a *app) plan(ctx context.Context, e *engine.Engine, names []string, o planOptions, override *specsOverride) (code int, err error) {
	n := 0
	err = override.plan(ctx, e, names, func(p engine.Preview, console *engine.Console) error {
		code = worse(code, codeOfPreview(p))
		if n++; n > 1 && o.save != "" {
			return usage(errors.New("--save takes the plan of one sync: name it"))
		}
		if o.save != "" && console != nil {
			if err := console.Save(ctx, o.save); err != nil {
				return err
			}
		}
		if o.all && console != nil {
			if p.Plan.Sample, err = console.Changes(ctx); err != nil {
				return err
			}
		}
		if a.json {
			return writeJSON(a.out, p)
		}
		if p.Plan == nil {
			line := "no plan"
			if why := a.shortError(p.Error); why != "" {
				line += ": " + why
			}
			show(a.out, "%s: %s\n", syncspec.ShowName(p.Sync), line)
			a.printSyncError(zerolog.ErrorLevel, p.Sync, "", p.Error, p.Hint)
			return nil
		}
		showPlan(a.out, p.Plan)
		if p.Disabled {
			show(a.out, "  disabled: no run takes it until its row says enabled = true\n")
		}
		if o.save != "" {
			show(a.out, "  saved to %s: tables desired, resolved, current, applied, plan, rejected, about\n", o.save)
		}
		return nil
	})
	if err == nil && n == 0 && !a.json {
		show(a.out, "no sync is enabled\n")
	}
	return code, err
}

func codeOfPreview(p engine.Preview) int {
	switch {
	case p.Plan == nil && p.Invalid:
		return ExitUsage
	case p.Plan == nil:
		return ExitFailed
	case len(p.Plan.Violations) > 0:
		return ExitBlocked
	case !p.Plan.Empty():
		return ExitChanges
	}
	return ExitDone
}

// showPlan is a plan for people.
func showPlan(w io.Writer, p *plan.Plan) {
	if p.ObjectType != "" {
		showRecords(w, p)
		return
	}
	if p.Association != "" {
		showLinks(w, p)
		return
	}
	if p.ListID == "" {
		show(w, "%s -> list %q, to be made (%s)\n", p.Sync, p.ListName, p.Mode)
	} else {
		show(w, "%s -> list %s %q (%s)\n", p.Sync, linkedList(w, p.ListID), p.ListName, p.Mode)
	}
	show(w, "  query:  %s, %s%s\n", plural(p.Rows, "row", "rows"), plural(p.Keys, "key", "keys"), droppedRows(p))
	show(w, "  found:  %s with a record%s, %s without\n", thousands(p.Resolved), sharedRecords(p), thousands(p.Unmatched))
	show(w, "  list:   %s now, %s after\n", plural(p.Current, "member", "members"), thousands(p.Current+p.Add-p.Remove))
	switch {
	case p.Add+p.Remove > 0:
		show(w, "  add:    %s%s\n", thousands(p.Add), causes("entered", p.Entered, "restored", p.Restored))
		show(w, "  remove: %s%s\n", thousands(p.Remove), causes("left", p.Left, "foreign", p.Foreign))
		showSample(w, p)
	default:
		show(w, "  nothing to change\n")
	}
	if p.Cost.Calls > 0 {
		show(w, "  cost:   %s\n", price(p.Cost))
	}
	if p.Follows != "" {
		show(w, "  note:   %s\n", p.Follows)
	}
	showVerdict(w, p)
}

// showVerdict shows the violations of a plan.
func showVerdict(w io.Writer, p *plan.Plan) {
	if p.Warning != "" {
		show(w, "  warning: %s\n", p.Warning)
	}
	for _, v := range p.Violations {
		show(w, "  guard:  %s: %s; a run would be blocked\n", v.Guard, v.Message)
	}
}

// sharedRecords returns the number of records for the summary, if several keys belong to one record; else "".
func sharedRecords(p *plan.Plan) string {
	if p.Records == p.Resolved {
		return ""
	}
	return fmt.Sprintf(" (of %s, as some have several keys)", plural(p.Records, "record", "records"))
}

// price describes what applying a plan costs, and how many calls the account has left today if HubSpot reports it.
func price(c plan.Cost) string {
	took := "less than a second"
	if c.Seconds >= 1 {
		took = "about " + time.Duration(c.Seconds*float64(time.Second)).Round(time.Second).String()
	}
	line := plural(c.Calls, "call", "calls") + ", " + took
	if c.DailyLeft != nil {
		line += fmt.Sprintf("; %s left today", plural(*c.DailyLeft, "call is", "calls are"))
	}
	return line
}

// droppedRows returns the numbers of rows without a usable key, for the summary.
func droppedRows(p *plan.Plan) string {
	line := ""
	for _, d := range []struct {
		n    int64
		what string
	}{{p.Blank, "blank"}, {p.Duplicate, "duplicate"}, {p.Invalid, "invalid"}} {
		if d.n > 0 {
			line += fmt.Sprintf(", %s %s", thousands(d.n), d.what)
		}
	}
	return line
}

func causes(first string, n int64, second string, m int64) string {
	switch {
	case n > 0 && m > 0:
		return fmt.Sprintf(" (%s %s, %s %s)", thousands(n), first, thousands(m), second)
	case n > 0:
		return " (" + first + ")"
	case m > 0:
		return " (" + second + ")"
	}
	return ""
}
