package cli

import (
	"github.com/spf13/cobra"
)

// newRoot lists every command once.
func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "rollcall",
		Short: "SQL decides who is on the list",
		Long: `Rollcall keeps HubSpot lists equal to SQL queries over DuckDB or MotherDuck.

Analysts write rows into the table rollcall.syncs: a name, a query, a list. ` + "`rollcall run`" + ` makes
each list equal to its query by the smallest change, and keeps a ledger of all it did beside the data.

No account yet? Try it all in a minute:  rollcall demo`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return a.load(cmd)
		},
	}
	root.SetHelpTemplate(root.HelpTemplate() + "\n" + exitCodes + "\n")
	root.SetFlagErrorFunc(explainFlag)
	flags := root.PersistentFlags()
	flags.String("config", "", "settings file (env ROLLCALL_CONFIG; default rollcall.toml, if it is there)")
	flags.String("database", "", "control database: a DuckDB file, or md:NAME for MotherDuck (env ROLLCALL_DATABASE; default control.duckdb)")
	flags.String("hubspot-url", "", "HubSpot's API, or a sandbox (env HUBSPOT_BASE_URL; default the public API)")
	flags.String("log-level", "", "trace, debug, info, warn or error (env ROLLCALL_LOG_LEVEL)")
	flags.String("log-format", "", "auto, console or json (env ROLLCALL_LOG_FORMAT)")
	flags.BoolVar(&a.json, "json", false, "stdout is one JSON object a line")

	root.AddGroup(
		&cobra.Group{ID: "sync", Title: "Keep lists:"},
		&cobra.Group{ID: "look", Title: "Look at what is and was:"},
		&cobra.Group{ID: "make", Title: "Set up and try out:"},
	)
	for group, commands := range map[string][]*cobra.Command{
		"sync": {newCheck(a), newPlan(a), newRun(a), newUndo(a), newApprove(a)},
		"look": {newStatus(a), newHistory(a), newSQL(a), newDiscover(a), newDoctor(a)},
		"make": {newInit(a), newSpecs(a), newSandbox(a), newDemo(a), newSettings(a), newVersion(a)},
	} {
		for _, command := range commands {
			command.GroupID = group
			root.AddCommand(command)
		}
	}
	return root
}
