package cli

import (
	"github.com/spf13/cobra"
)

func newSettings(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "settings",
		Short: "Every setting: its value, where it came from, its variable",
		Long: `Every setting with its value, where it came from (flag, variable, place in rollcall.toml, default), and the
environment variable that sets it. Secrets are shown as ***.`,
		Example: `  rollcall settings
  rollcall settings --config ops.toml
  ROLLCALL_THREADS=2 rollcall settings`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			all := a.settings.List()
			if a.json {
				type setting struct {
					Name   string `json:"name"`
					Value  string `json:"value"`
					Origin string `json:"origin"`
					Env    string `json:"env"`
				}
				var rows []setting
				for _, s := range all {
					rows = append(rows, setting{s.Name, s.Value, s.Origin, s.Env})
				}
				return writeJSON(a.out, rows...)
			}
			g := newGrid("setting", "value", "from", "variable")
			for _, s := range all {
				g.add(s.Name, s.Value, s.Origin, s.Env)
			}
			g.fit(widthOf(a.out), "value", "variable")
			g.write(a.out, "")
			return nil
		},
	}
}
