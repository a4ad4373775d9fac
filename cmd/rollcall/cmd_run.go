package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"rollcall/engine"
)

func newRun(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run [SYNC...]",
		Short: "Plan, guard, apply, record",
		Long: `Make every list equal to its query: plan, guard, apply, and record it all in the ledger.

Without names it runs every sync that is enabled and due. A sync that is named runs even when it is not due, but
not when it is disabled. A sync that fails does not stop the others. Ctrl-C finishes the batch in flight and
records it; a second one stops at once.`,
		Example: `  rollcall run
  rollcall run vip --dry-run
  rollcall run --json | jq .status`,
		ValidArgsFunction: a.syncNames,
		RunE: func(cmd *cobra.Command, names []string) error {
			return a.withEngine(cmd.Context(), func(e *engine.Engine) error { return a.run(cmd.Context(), e, names) })
		},
	}
	cmd.Flags().Bool("dry-run", false, "plan and write the plan to the ledger, send nothing (env ROLLCALL_DRY_RUN)")
	cmd.Flags().Duration("timeout", 0, "stop after this long as Ctrl-C would; 0 for no limit (env ROLLCALL_TIMEOUT)")
	return cmd
}

// run runs the syncs and tells what became of each as soon as it has ended.
func (a *app) run(ctx context.Context, e *engine.Engine, names []string) error {
	if a.settings.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, a.settings.Timeout, fmt.Errorf("the time limit of %s is up: %w", a.settings.Timeout, errInterrupted))
		defer cancel()
	}
	code := exitDone
	runs, err := e.Run(ctx, names, engine.RunOptions{DryRun: a.settings.DryRun, Abort: a.abort, Finished: func(run engine.Run) {
		code = worse(code, codeOfRun(run))
		a.showRun(run)
	}})
	switch {
	case err != nil && code != exitDone:
		// Both count: the sync's trouble was told, this one is yet to be.
		tell(a.err, "", err.Error(), engine.HintOf(err))
		return said(worse(code, codeOf(err)))
	case err != nil:
		return err
	case ctx.Err() != nil:
		return context.Cause(ctx) // a signal or the time limit, which the syncs' own errors may not name
	case len(runs) == 0 && !a.json:
		fmt.Fprintln(a.out, "no sync is due")
	}
	return said(code)
}

// showRun tells what became of one sync.
func (a *app) showRun(run engine.Run) {
	if a.json {
		_ = writeJSON(a.out, run) // there is no other way to say that stdout is gone
		return
	}
	list := ""
	if run.ListID != "" {
		list = "list " + run.ListID + ", "
	}
	line := run.Detail
	if line != "" {
		line += " "
	}
	fmt.Fprintf(a.out, "%-11s %s: %s(%s%s, %s)\n", run.Status, run.Sync, line, list,
		plural(run.APICalls, "call", "calls"), run.FinishedAt.Sub(run.RunAt).Round(time.Millisecond))
	if run.Error != "" {
		tell(a.err, "  ", run.Sync+": "+run.Error, run.Hint) // stderr may be read without stdout
	} else if run.Hint != "" {
		fmt.Fprintf(a.err, "  hint: %s\n", run.Hint)
	}
}
