package cli

import (
	"cmp"
	"fmt"
	"io"
	"os/user"

	"github.com/spf13/cobra"

	"rollcall/cmd/rollcall/settings"
	"rollcall/engine"
	"rollcall/syncspec"
)

func newApprove(a *app) *cobra.Command {
	var by string
	cmd := &cobra.Command{
		Use:   "approve RUN_ID|SYNC",
		Short: "Let a blocked plan pass, once",
		Long: `Let the plan of a BLOCKED run pass, once, and show it. The run is named by its ID, by a beginning of it that is no
other run's, or by its sync: the one that was blocked last.

The next run of the sync applies its plan if all that it removes, and the list that it makes, are in the plan that was
approved; additions don't count. An approval ends when it is used, after approval_ttl (72h), when a run of the sync
succeeds, or when one is blocked that would remove others. A plan that was cut short continues under its approval.
Pending approvals: rollcall sql -c "FROM rollcall.pending_approvals". In SQL, approving is:
  INSERT INTO rollcall.approvals (run_id, approved_by) VALUES ('RUN_ID', 'who');`,
		Example: `  rollcall approve vip
  rollcall approve 01a1f000-0000-7000-8000-000000000000 --by 'the night shift'`,
		Args:              oneArg("RUN_ID or SYNC"),
		ValidArgsFunction: a.syncNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withEngine(cmd.Context(), func(e *engine.Engine) error {
				approval, err := e.Approve(cmd.Context(), args[0], cmp.Or(by, settings.Lookup(a.environ, "USER"), osUser(), "someone at the command line"))
				if err != nil {
					return err
				}
				if a.json {
					return writeJSON(a.out, approval)
				}
				showApproval(a.out, approval)
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&by, "by", "", "who approves (default: the user's name)")
	return cmd
}

// osUser is the name of the operating system's user, "" where it has none.
func osUser() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	return u.Username
}

// showApproval is the plan that was approved, for people.
func showApproval(w io.Writer, p engine.Approval) {
	target := cmp.Or(p.Target, p.Kind)
	switch {
	case p.MakesList != "":
		target = fmt.Sprintf("list %q, to be made", p.MakesList)
	case p.Kind == string(syncspec.List):
		target = "list " + p.ListID
	}
	show(w, "%s -> %s: run %s of %s\n", syncspec.ShowName(p.Sync), target, p.RunID, moment(&p.PlannedAt))
	switch syncspec.Kind(p.Kind) {
	case syncspec.Object:
		show(w, "  create: %s\n", thousands(p.Add))
		show(w, "  update: %s\n", thousands(p.Update))
		show(w, "  leave:  %s archived or cleared\n", thousands(p.Remove))
	case syncspec.Association:
		show(w, "  link:   %s\n", thousands(p.Add))
		show(w, "  unlink: %s of %s\n", thousands(p.Remove), plural(p.Current, "link", "links"))
	default:
		show(w, "  add:    %s\n", thousands(p.Add))
		show(w, "  remove: %s of %s\n", thousands(p.Remove), plural(p.Current, "member", "members"))
	}
	if len(p.Sample) > 0 {
		changesGrid(w, p.Sample).write(w, "    ")
	}
	if more := p.Remove - int64(len(p.Sample)); more > 0 {
		show(w, "    and %s more, in rollcall.changes\n", plural(more, "removal", "removals"))
	}
	show(w, "  %s\n", p.Error)
	show(w, "approved by %s: `rollcall %s` applies this plan, or less, until %s\n", p.By, p.Command(), moment(&p.ExpiresAt))
}
