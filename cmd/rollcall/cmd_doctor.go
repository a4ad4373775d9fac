package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"rollcall/engine"
	"rollcall/engine/warehouse"
)

func newDoctor(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "What is wrong here: database, lease, token, scopes, quota, clock",
		Long: `Look at all that Rollcall depends on, one line each: ok, warning, failed or not asked, with what to do next.
Nothing is changed. It ends with 1 when something failed. See rollcall check for what is wrong with rows.`,
		Example: `  rollcall doctor
  rollcall doctor --json | jq 'select(.state != "ok")'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config := a.config()
			config.Warehouse.Access = warehouse.ReadOnly
			code := exitDone
			err := engine.Examine(cmd.Context(), config, func(d engine.Diagnosis) {
				a.showDiagnosis(d)
				if d.State == engine.DiagnosisFailed {
					code = exitFailed
				}
			})
			if err != nil {
				return err
			}
			return said(code)
		},
	}
}

// showDiagnosis tells one finding.
func (a *app) showDiagnosis(d engine.Diagnosis) {
	if a.json {
		_ = writeJSON(a.out, d) // the output keeps the error
		return
	}
	show(a.out, "%s: %s\n", fmt.Sprintf("%-9s %s", d.State, d.Subject), d.Found)
	if d.Hint != "" {
		show(a.out, "          hint: %s\n", d.Hint)
	}
}
