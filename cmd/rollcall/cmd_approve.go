package main

import (
	"cmp"
	"fmt"

	"github.com/spf13/cobra"

	"rollcall/engine"
)

func newApprove(a *app) *cobra.Command {
	var by string
	cmd := &cobra.Command{
		Use:   "approve RUN_ID",
		Short: "Let a blocked plan pass, once",
		Long: `Let the plan of a BLOCKED run pass, once. The next run of the sync applies it if it comes to exactly the same
plan; a plan that has changed since needs a new yes. In SQL, the same is:
  INSERT INTO rollcall.approvals (run_id, approved_by) VALUES ('RUN_ID', 'who');`,
		Args: takes("RUN_ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withEngine(cmd.Context(), func(e *engine.Engine) error {
				who := cmp.Or(by, lookup(a.environ, "USER"), "someone at the command line")
				approval, err := e.Approve(cmd.Context(), args[0], who)
				if err != nil {
					return err
				}
				if a.json {
					return writeJSON(a.out, map[string]string{"run_id": args[0], "sync": approval.Sync, "approved_by": who})
				}
				command := "run " + approval.Sync
				if approval.Undoes != "" {
					command = "undo " + approval.Undoes
				}
				_, err = fmt.Fprintf(a.out, "approved: `rollcall %s` applies this plan, if it is still the same\n", command)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&by, "by", "", "who says yes (default: the user's name)")
	return cmd
}
