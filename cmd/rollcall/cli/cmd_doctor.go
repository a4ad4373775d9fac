package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"rollcall/engine"
	"rollcall/engine/doctor"
	"rollcall/engine/warehouse"
)

func newDoctor(a *app) *cobra.Command {
	var live bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "What is wrong here: database, lease, token, scopes, quota, clock",
		Long: `Look at all that Rollcall depends on, one line each: ok, warning, failed or not asked, with what to do next.
Nothing is changed. It ends with 1 when something failed. See rollcall check for what is wrong with rows.

With --live it asks the control database and HubSpot what documents don't tell, and says of each answer whether it is
as expected, or different and what Rollcall does about it, with the setting that it proposes. It makes a table and a
HubSpot list of its own, adds to the list contacts that runs have found and IDs that no record has, and deletes both.
What a killed one left is deleted by the next. The output holds no secrets and addresses: send --json along with a bug report.`,
		Example: `  rollcall doctor
  rollcall doctor --live --json > live.json
  rollcall doctor --json | jq 'select(.state != "ok")'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config := a.config()
			config.Warehouse.Access = warehouse.ReadOnly
			examine := engine.Examine
			if live {
				config.Warehouse.Access = warehouse.ReadWrite
				examine = engine.ExamineLive
			}
			code := ExitDone
			err := examine(cmd.Context(), config, func(d doctor.Diagnosis) {
				a.showDiagnosis(d)
				if d.State == doctor.Failed {
					code = ExitFailed
				}
			})
			if err != nil {
				return err
			}
			return exitWith(code)
		},
	}
	cmd.Flags().BoolVar(&live, "live", false, "ask what documents don't tell, with a table and a HubSpot list that are deleted after it")
	return cmd
}

// showDiagnosis prints one finding.
func (a *app) showDiagnosis(d doctor.Diagnosis) {
	if a.json {
		_ = writeJSON(a.out, d) // the output keeps the error
		return
	}
	show(a.out, "%s: %s\n", fmt.Sprintf("%-9s %s", d.State, d.Subject), d.Found)
	if d.Hint != "" {
		show(a.out, "          hint: %s\n", d.Hint)
	}
}
