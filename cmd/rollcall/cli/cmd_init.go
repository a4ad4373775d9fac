package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"rollcall/engine"
	"rollcall/engine/warehouse"
)

func newInit(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "Make, upgrade or repair the control tables",
		Long: `Make or upgrade the control tables: the schema rollcall in the control database. Tables, columns and views that
are missing are made anew, where nothing that somebody wrote is lost by that.
It may be run as often as you like, by several at once; what is there stays.

On MotherDuck the database must be there (CREATE DATABASE ops). Only the account that owns it can write rows and
approvals; others get shares, which can be read alone. Two set-ups work: one shared account, or a service account
for which CI runs "rollcall specs push" and "rollcall approve". The README says more (On MotherDuck).`,
		Example: `  rollcall init
  rollcall init --database md:ops`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), warehouse.Create, func(e *engine.Engine) error {
				applied, err := e.Init(cmd.Context())
				if err != nil {
					return err
				}
				var repaired []string
				if len(applied) == 0 || applied[0].Version > 1 { // else all the tables are new
					if repaired, err = e.Repair(cmd.Context()); err != nil {
						return err
					}
				}
				if a.json {
					names := []string{}
					for _, m := range applied {
						names = append(names, m.Name)
					}
					return writeJSON(a.out, map[string]any{"database": a.settings.Database, "applied": names, "repaired": append([]string{}, repaired...)})
				}
				if len(repaired) > 0 {
					show(a.out, "%s: made anew: %s\n", a.settings.Database, strings.Join(repaired, ", "))
				}
				if len(applied) == 0 && len(repaired) > 0 {
					return nil
				}
				if len(applied) == 0 {
					show(a.out, "%s: the control tables are there, at the newest version\n", a.settings.Database)
					return nil
				}
				show(a.out, `%s: the control tables are ready
next, in any SQL client:
  INSERT INTO rollcall.syncs (name, query, list_id) VALUES ('vip', 'SELECT email FROM customers WHERE vip', '12345');
then:
  rollcall plan vip%s
`, a.settings.Database, a.databaseFlag())
				return nil
			})
		},
	}
}

// databaseFlag returns the flag --database for the next command if this one was given it, else "".
func (a *app) databaseFlag() string {
	for _, s := range a.settings.List() {
		if s.Name == "database" && s.Origin == "--database" {
			return " --database " + shellWord(a.settings.Database)
		}
	}
	return ""
}
