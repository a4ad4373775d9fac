package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"rollcall/engine"
)

func newSQL(a *app) *cobra.Command {
	var command, file, sync, format string
	var defuse, write bool
	cmd := &cobra.Command{
		Use:   "sql [-c SQL | -f FILE]",
		Short: "SQL over the control database, with the staged sets of a sync",
		Long: `Run SQL over the control database: the one statement of -c, the statements of -f, or those on stdin.

With --sync NAME the sets of NAME are staged first (HubSpot is only read), so that desired, resolved, current,
applied, plan and rejected are tables to query. The engine is locked as for a run: no files, no network, no settings.

Only SELECT, in whichever form, and EXPLAIN are run, and the database is opened read-only. With --write any statement is run.`,
		Example: `  rollcall sql -c "FROM rollcall.status"
  rollcall sql --sync vip -c "SELECT cause, count(*) FROM plan GROUP BY cause"
  rollcall sql --sync vip -c "FROM desired ANTI JOIN resolved USING (key)" --format csv
  rollcall sql --write -c "UPDATE rollcall.syncs SET enabled = false WHERE name = 'vip'"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if a.json {
				format = "json"
			}
			show, err := a.resultPrinter(format, defuse)
			if err != nil {
				return err
			}
			script, err := a.script(command, file, cmd.Flags().Changed("command"))
			if err != nil {
				return err
			}
			if write {
				return a.withEngine(cmd.Context(), func(e *engine.Engine) error {
					return withConsole(cmd.Context(), e, sync, func(d *engine.Console) error { return d.Run(cmd.Context(), script, show) })
				})
			}
			return a.withReader(cmd.Context(), func(e *engine.Engine) error {
				return withConsole(cmd.Context(), e, sync, func(d *engine.Console) error { return d.Read(cmd.Context(), script, show) })
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&command, "command", "c", "", "the SQL to run")
	flags.StringVarP(&file, "file", "f", "", "the file whose SQL to run, statement by statement; - is stdin")
	flags.StringVar(&sync, "sync", "", "stage the sets of this sync first")
	flags.BoolVar(&write, "write", false, "run statements that write, too")
	flags.StringVar(&format, "format", "table", "table, csv or json (one object a line)")
	flags.BoolVar(&defuse, "defuse-formulas", false, "with --format csv: put ' before texts that a spreadsheet would run as formulas")
	_ = cmd.RegisterFlagCompletionFunc("sync", a.syncNames) // the flag is there
	return cmd
}

// script is the SQL to run, from -c, -f or stdin.
func (a *app) script(command, file string, given bool) (string, error) {
	switch {
	case given && file != "":
		return "", usage(errors.New("-c and -f exclude each other"))
	case given:
		return command, nil
	case file != "" && file != "-":
		data, err := os.ReadFile(file)
		if err != nil {
			return "", usage(err)
		}
		return string(data), nil
	case file == "" && isTerminal(a.in):
		return "", usage(errors.New("say what to run: -c SQL, -f FILE, or SQL on stdin"))
	}
	data, err := io.ReadAll(a.in)
	if err != nil {
		return "", fmt.Errorf("read stdin: %w", err)
	}
	return string(data), nil
}

// withConsole opens a console, calls do with it, and closes it.
func withConsole(ctx context.Context, e *engine.Engine, sync string, do func(*engine.Console) error) (err error) {
	console, err := e.Console(ctx, sync)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, console.Close()) }()
	return do(console)
}
