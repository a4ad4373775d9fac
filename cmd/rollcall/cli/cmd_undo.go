package cli

import (
	"context"

	"github.com/spf13/cobra"

	"rollcall/engine"
)

func newUndo(a *app) *cobra.Command {
	var verify bool
	cmd := &cobra.Command{
		Use:   "undo RUN_ID",
		Short: "Plan and apply the opposite of a run",
		Long: `Plan the opposite of what a run did, guard, apply, and record it all in the ledger, as a run of the same sync:
whom it added is removed, whom it removed is added. Members that a later run or a person has touched are kept out.
A beginning of the run's ID that is no other run's is enough.

The row still says what it said: the next run makes the same changes again. Fix the query first, or disable the
row; a disabled row's runs can be undone too.`,
		Example: `  rollcall history vip
  rollcall undo 01a1f000-0000-7000-8000-000000000000 --dry-run`,
		Args: oneArg("RUN_ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ignoreBrokenPipes()
			o := engine.RunOptions{DryRun: a.settings.DryRun, Verify: verify, Abort: a.abort}
			return a.withEngine(cmd.Context(), func(e *engine.Engine) error { return a.undo(cmd.Context(), e, args[0], o) })
		},
	}
	cmd.Flags().BoolVar(&verify, "verify", false, "read the list back after applying, and record what differs from the ledger as drift")
	cmd.Flags().Bool("dry-run", false, "plan and write the plan to the ledger, send nothing (env ROLLCALL_DRY_RUN)")
	cmd.Flags().Duration("wait", 0, "wait this long for another runner to end; 0 leaves at once (env ROLLCALL_WAIT)")
	cmd.Flags().Duration("timeout", 0, "stop after this long as Ctrl-C would; 0 for no limit (env ROLLCALL_TIMEOUT)")
	return cmd
}

// undo undoes a run; the printer of events prints the result.
func (a *app) undo(ctx context.Context, e *engine.Engine, runID string, o engine.RunOptions) error {
	ctx, cancel := a.withTimeout(ctx)
	defer cancel()
	run, err := e.Undo(ctx, runID, o)
	code := codeOfRun(run)
	switch {
	case err != nil:
		return err
	case code == ExitInterrupted && ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return exitWith(code)
}
