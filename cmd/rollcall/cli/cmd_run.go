package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"rollcall/engine"
)

func newRun(a *app) *cobra.Command {
	var full, verify, failed, retryRejects bool
	cmd := &cobra.Command{
		Use:   "run [SYNC...]",
		Short: "Plan, guard, apply, record",
		Long: `Make every list equal to its query: plan, guard, apply, and record it all in the ledger.

Without names it runs every sync that is enabled and due. A sync that is named runs even when it is not due, but
not when it is disabled. A name may be a pattern ('mail_*'); one that fits no enabled sync makes the exit code 2, and
the others run. A scheduled sync that FAILED pauses for 5 minutes, doubling up to an hour, or until its
next date if that comes first; --failed takes it at once. A sync that fails does not stop the others. Ctrl-C finishes the batch in flight and
records it; a second one stops at once.`,
		Example: `  rollcall run
  rollcall run vip --dry-run
  rollcall run --verify
  rollcall run --failed
  rollcall run people --retry-rejects
  rollcall run --json | jq .status`,
		ValidArgsFunction: a.syncNames,
		RunE: func(cmd *cobra.Command, names []string) error {
			ignoreBrokenPipes()
			o := engine.RunOptions{DryRun: a.settings.DryRun, Verify: verify, Full: full, Failed: failed, RetryRejects: retryRejects, Abort: a.abort}
			return a.withEngine(cmd.Context(), func(e *engine.Engine) error { return a.run(cmd.Context(), e, names, o) })
		},
	}
	cmd.Flags().BoolVar(&full, "full", false, "ask for every key and read every list page by page, whatever is cached")
	cmd.Flags().BoolVar(&failed, "failed", false, "run the syncs whose last run FAILED, due or not, and no others")
	cmd.Flags().BoolVar(&retryRejects, "retry-rejects", false, "try again now what HubSpot refused, did not keep or had no record for")
	cmd.Flags().BoolVar(&verify, "verify", false, "read the list back after applying, and record what differs from the ledger as drift")
	cmd.Flags().Bool("dry-run", false, "plan and write the plan to the ledger, send nothing (env ROLLCALL_DRY_RUN)")
	cmd.Flags().Duration("wait", 0, "wait this long for another runner to end; 0 leaves at once (env ROLLCALL_WAIT)")
	cmd.Flags().Duration("timeout", 0, "stop after this long as Ctrl-C would; 0 for no limit (env ROLLCALL_TIMEOUT)")
	return cmd
}

// timeUp is why a run ends whose time is over. For its exit code it is an interruption.
type timeUp struct{ limit time.Duration }

func (e *timeUp) Error() string {
	return fmt.Sprintf("the run's time (--timeout %s) was over", e.limit)
}
func (e *timeUp) Unwrap() error { return errInterrupted }

// Hint returns what to do.
func (e *timeUp) Hint() string {
	return "run it again: the next run continues from what the list shows; if that is not enough, give it more time, or run fewer syncs at once"
}

// withTimeout bounds a run by the setting timeout, if there is one.
func (a *app) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	if a.settings.Timeout == 0 {
		return ctx, func() {}
	}
	return a.hooks.withTimeout(ctx, a.settings.Timeout, &timeUp{a.settings.Timeout})
}

// run runs the syncs; the printer of events prints the result of each.
func (a *app) run(ctx context.Context, e *engine.Engine, names []string, o engine.RunOptions) error {
	ctx, cancel := a.withTimeout(ctx)
	defer cancel()
	runs, err := e.Run(ctx, names, o)
	code := ExitDone
	for _, run := range runs {
		code = worse(code, codeOfRun(run))
	}
	switch {
	case err != nil && code != ExitDone:
		// Both count: the sync's error was printed, this one not yet.
		return exitWith(worse(code, a.explain(err)))
	case err != nil:
		return err
	case code == ExitInterrupted && ctx.Err() != nil:
		return context.Cause(ctx) // a signal or the time limit, which the syncs' own errors may not name
	case len(runs) == 0:
		return a.nothingRan(ctx, e, o)
	}
	return exitWith(code)
}
