package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"rollcall/cmd/rollcall/settings"
	"rollcall/engine"
	"rollcall/engine/control"
	"rollcall/engine/hint"
	"rollcall/syncspec"
)

func newSpecs(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "specs",
		Short: "Keep sync rows as TOML files: push, pull, diff, init",
		Long: `Keep the rows of rollcall.syncs as TOML files, one a sync, named after it: DIR/vip.toml is the sync vip.
A file's keys are the row's columns. What is in the table and not in DIR (or the other way round) stays, unless --prune.`,
		Example: `  rollcall specs pull specs
  rollcall specs diff specs
  rollcall specs push specs
  rollcall specs init --query people.sql --object-type contacts`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				hint := "see rollcall specs --help"
				if near := settings.Nearest(args[0], []string{"push", "pull", "diff", "init"}, 2); near != "" {
					hint = "did you mean " + near + "? " + hint
				}
				return usage(&specsError{fmt.Sprintf("rollcall specs takes push, pull, diff or init, not %q", args[0]), hint})
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(newSpecsPush(a), newSpecsPull(a), newSpecsDiff(a), newSpecsInit(a))
	return cmd
}

// specsFlags are the flags of the commands that compare a folder with the table.
type specsFlags struct{ prune, force, dryRun, exitCode bool }

func newSpecsPush(a *app) *cobra.Command {
	var flags specsFlags
	cmd := &cobra.Command{
		Use:   "push DIR",
		Short: "Write the files into the table; all of them or, if one is wrong, none",
		Long: `Write the files into the table; all of them or, if one is wrong, none.
With --prune, rows that have no file are taken out of the table. Where DIR has no spec, or more than half of the rows would go,
nothing is done unless --force.`,
		Example: `  rollcall specs push specs
  rollcall specs push specs --prune --dry-run`,
		Args: oneArg("DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			files, err := readSpecs(args[0])
			if err != nil {
				return err
			}
			return a.withSpecs(cmd.Context(), files, func(e *engine.Engine, d difference) error {
				return a.push(cmd.Context(), e, d, args[0], flags)
			})
		},
	}
	cmd.Flags().BoolVar(&flags.prune, "prune", false, "take rows that have no file out of the table")
	cmd.Flags().BoolVar(&flags.force, "force", false, "prune also where DIR has no spec, or more than half of the rows would go")
	cmd.Flags().BoolVar(&flags.dryRun, "dry-run", false, "say what would be done, and do nothing")
	return cmd
}

func newSpecsPull(a *app) *cobra.Command {
	var flags specsFlags
	cmd := &cobra.Command{
		Use:   "pull DIR",
		Short: "Write the table into files; a file that means the same stays as it is",
		Long: `Write the table into files; a file that means the same stays as it is.
With --prune, files that have no row are removed. Where the table has no row, or more than half of the files would go, nothing is
done unless --force.`,
		Example: `  rollcall specs pull specs
  rollcall specs pull specs --prune --dry-run`,
		Args: oneArg("DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			files, err := readSpecs(args[0])
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			return a.withSpecs(cmd.Context(), files, func(_ *engine.Engine, d difference) error { return a.pull(d, args[0], flags) })
		},
	}
	cmd.Flags().BoolVar(&flags.prune, "prune", false, "remove files that have no row in the table")
	cmd.Flags().BoolVar(&flags.force, "force", false, "prune also where the table has no row, or more than half of the files would go")
	cmd.Flags().BoolVar(&flags.dryRun, "dry-run", false, "say what would be done, and do nothing")
	return cmd
}

func newSpecsDiff(a *app) *cobra.Command {
	var flags specsFlags
	cmd := &cobra.Command{
		Use:   "diff DIR",
		Short: "Show what push would change, column by column",
		Example: `  rollcall specs diff specs
  rollcall specs diff specs --exit-code    # 5 when push would change the table`,
		Args: oneArg("DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			files, err := readSpecs(args[0])
			if err != nil {
				return err
			}
			return a.withSpecs(cmd.Context(), files, func(_ *engine.Engine, d difference) error { return a.diff(d, flags) })
		},
	}
	cmd.Flags().BoolVar(&flags.prune, "prune", false, "as for push --prune: rows that have no file would be taken out of the table")
	cmd.Flags().BoolVar(&flags.exitCode, "exit-code", false, "end with 5 when push would change the table")
	return cmd
}

// withSpecs compares files with the table.
func (a *app) withSpecs(ctx context.Context, files map[string]specFile, do func(*engine.Engine, difference) error) error {
	return a.withEngine(ctx, func(e *engine.Engine) error {
		rows, err := e.Rows(ctx)
		if err != nil {
			return err
		}
		return do(e, compare(files, rows))
	})
}

// explainSkipped prints an error for each row that was skipped. Its error ends the command with the exit code of wrong usage.
func (a *app) explainSkipped(rows difference) error {
	code := ExitDone
	for _, c := range rows {
		message := syncspec.ShowName(c.name) + " is left out: " + c.wrong.Error()
		code = a.explain(usage(&specsError{message, hint.Of(c.wrong)}))
	}
	return exitWith(code)
}

// push writes the files of dir into the table and prints what it changed, or would change.
func (a *app) push(ctx context.Context, e *engine.Engine, d difference, dir string, flags specsFlags) error {
	gone := d.pick(func(c comparison) bool { return c.file == nil && flags.prune })
	if !flags.force {
		rows := d.pick(func(c comparison) bool { return c.row != nil })
		if err := refusePrune(len(gone), len(rows), len(d.pick(comparison.hasFile)), "rows", dir+" has no spec"); err != nil {
			return err
		}
	}
	left := d.pick(comparison.isLocked)
	todo := d.pick(func(c comparison) bool {
		return !c.locked && (c.hasFile() && !c.same() || c.file == nil && flags.prune)
	})
	if !flags.dryRun {
		var edits []control.Edit
		for _, c := range todo {
			edits = append(edits, c.edit())
		}
		if err := e.WriteRows(ctx, edits); err != nil {
			return err
		}
	}
	if err := a.showSpecs(todo, flags.outcome(comparison.pushed), "the table"); err != nil {
		return err
	}
	return a.explainSkipped(left)
}

// pull writes the rows of the table into files of dir and prints what it changed, or would change.
func (a *app) pull(d difference, dir string, flags specsFlags) error {
	gone := d.pick(func(c comparison) bool { return c.row == nil && flags.prune })
	if !flags.force {
		rows := d.pick(func(c comparison) bool { return c.row != nil })
		if err := refusePrune(len(gone), len(d.pick(comparison.hasFile)), len(rows), "files", "the table has no row"); err != nil {
			return err
		}
	}
	left := d.pick(comparison.isWrong)
	todo := d.pick(func(c comparison) bool {
		return c.row != nil && !c.isWrong() && !c.same() || c.row == nil && flags.prune
	})
	if !flags.dryRun {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		for _, c := range todo {
			if err := c.pull(dir); err != nil {
				return err
			}
		}
	}
	if err := a.showSpecs(todo, flags.outcome(comparison.pulled), dir); err != nil {
		return err
	}
	return a.explainSkipped(left)
}

// diff prints how the files differ from the table.
func (a *app) diff(d difference, flags specsFlags) error {
	differing := d.pick(func(c comparison) bool { return !c.locked && !c.same() })
	if err := a.showSpecs(differing, comparison.differs, "the table"); err != nil {
		return err
	}
	todo := differing.pick(func(c comparison) bool { return c.hasFile() || flags.prune })
	if err := a.explainSkipped(d.pick(comparison.isLocked)); err != nil {
		return err
	}
	if flags.exitCode && len(todo) > 0 {
		return exitWith(ExitChanges)
	}
	return nil
}

// outcome returns the function that describes what was done with a sync; in a dry run, what would be.
func (f specsFlags) outcome(did func(comparison) string) func(comparison) string {
	if !f.dryRun {
		return did
	}
	return func(c comparison) string { return "would be " + did(c) }
}
