package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"rollcall/cmd/rollcall/settings"
	"rollcall/engine/hubspot/sandbox"
	"rollcall/specs"
)

// demoContacts is how many contacts the demo's HubSpot has: those that the sample warehouse is about.
const demoContacts = 1000

func newDemo(a *app) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "All of it in one minute, without any account",
		Long: `Make a small warehouse in a local DuckDB file, start a sandbox in place of HubSpot, write sync rows, plan and run
them, run again, change some data, let a load fail, and look at the ledger. Every step is a command of rollcall
itself, shown before it runs. The files stay, to continue with.`,
		Example: `  rollcall demo
  rollcall demo --dir /tmp/demo`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d := &demo{app: a, dir: dir, box: sandbox.New(sandbox.Options{})}
			return d.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "rollcall-demo", "folder for its files; what an earlier demo left there is replaced")
	return cmd
}

// demo runs the program's own commands against files and a sandbox of its own.
type demo struct {
	app *app
	dir string
	box *sandbox.Server
	url string
}

func (d *demo) database() string { return filepath.Join(d.dir, "demo.duckdb") }
func (d *demo) state() string    { return filepath.Join(d.dir, "sandbox.json") }

// file is the path of one of the sample files.
func (d *demo) file(name string) string { return filepath.Join(d.dir, name) }

// step is a title and the commands of a step, with their expected exit codes.
type step struct {
	title    string
	commands []command
}

// command is a command with its arguments. undo names a sync whose last run is to be undone: its ID is the last argument.
type command struct {
	args []string
	code int
	undo string
}

func runs(args ...string) command { return command{args: args} }

// run starts the sandbox, runs the steps, and saves the sandbox's state.
func (d *demo) run(ctx context.Context) error {
	if err := d.unpack(); err != nil {
		return err
	}
	if err := d.box.Seed(demoContacts); err != nil {
		return err
	}
	serving, stop := context.WithCancel(ctx)
	defer stop()
	ready, done := make(chan string, 1), make(chan error, 1)
	go func() { done <- d.box.Serve(serving, "127.0.0.1:0", func(url string) { ready <- url }) }()
	select {
	case d.url = <-ready:
	case err := <-done:
		return err
	}
	for i, s := range append(d.steps(), d.recordSteps()...) {
		d.say("\n%d. %s\n", i+1, s.title)
		for _, c := range s.commands {
			if err := d.rollcall(ctx, c); err != nil {
				return err
			}
		}
	}
	stop()
	if err := errors.Join(<-done, d.box.Save(d.state())); err != nil {
		return err
	}
	d.next()
	return nil
}

// steps are the demo, in order.
func (d *demo) steps() []step {
	run, file := runs, d.file
	return []step{
		{"A DuckDB file with the control tables, and a small warehouse: 1,000 customers, flaws included.", []command{
			run("init"), run("sql", "--write", "-f", file(specs.Warehouse)),
			run("sql", "-c", "SELECT plan, count(*) AS customers FROM customers GROUP BY plan ORDER BY plan")}},
		{"Five rows in rollcall.syncs: a query and a list each.", []command{
			run("specs", "push", file("specs")),
			run("sql", "-c", "SELECT name, mode, coalesce(list_id, list_name) AS list, object_type FROM rollcall.syncs ORDER BY name")}},
		{"What would change in HubSpot, and why? Nothing is sent.", []command{run("plan", "vip_customers")}},
		{"Run them all.", []command{run("run")}},
		{"Run again: nothing has changed, so nothing is done.", []command{run("run")}},
		{"A day later some customers have come, gone, or moved. Only the difference is sent.", []command{
			run("sql", "--write", "-f", file(specs.NextDay)), run("plan", "vip_customers"), run("run")}},
		{"The night's load fails and leaves the table empty. The query still runs, and finds nobody: the guards keep the lists as they are, and a row that only adds warns.", []command{
			run("sql", "--write", "-f", file(specs.BrokenLoad)), {args: []string{"run", "newsletter", "vip_customers"}, code: ExitBlocked}, run("status")}},
		{"The ledger is tables: whatever you want to know is a SELECT.", []command{
			run("history", "vip_customers"),
			run("sql", "-c", "SELECT sync, action, cause, state, count(*) AS changes FROM rollcall.changes GROUP BY ALL ORDER BY ALL"),
			run("sql", "-c", "SELECT reason, key, detail FROM rollcall.rejects WHERE sync = 'vip_customers' GROUP BY ALL ORDER BY ALL")}},
	}
}

// recordSteps are the second act: records, their values and their links.
func (d *demo) recordSteps() []step {
	run := runs
	return []step{
		{"Records and links are kept in step the same way: every column of the query is a property, every row of the other a link.", []command{
			run("sql", "--write", "-f", d.file(specs.RecordsLoad)), run("specs", "push", d.file(specs.Records)), run("plan", "accounts", "people", "works_at")}},
		{"Run them: three contacts are created before they are linked. The second run sends nothing.", []command{
			run("run", "accounts", "people", "works_at"), run("run", "accounts", "people", "works_at")}},
		{"A day later only the values and links that differ are sent.", []command{
			run("sql", "--write", "-f", d.file(specs.RecordsDay)), run("run", "accounts", "people", "works_at"),
			run("sql", "-c", "SELECT property, before, after, count(*) AS records FROM rollcall.change_values WHERE run_id = (SELECT max(run_id) FROM rollcall.runs WHERE sync = 'people') GROUP BY ALL ORDER BY ALL")}},
		{"The next load loses the companies' IDs, and the join finds none: the guards hold what it would clear and unlink.", []command{
			run("sql", "--write", "-f", d.file(specs.BrokenJoin)), {args: []string{"run", "people", "works_at"}, code: ExitBlocked}}},
		{"The day's changes of people are undone, as far as nobody has touched them since. To archive the contact that the run created takes a yes.", []command{
			{args: []string{"undo"}, undo: "people", code: ExitBlocked}, run("approve", "people"), {args: []string{"undo"}, undo: "people"}}},
	}
}

// unpack writes the sample files, in place of those of an earlier demo.
func (d *demo) unpack() error {
	for _, old := range []string{d.database(), d.database() + ".wal", d.state(), d.file("specs"), d.file(specs.Records)} {
		if err := os.RemoveAll(old); err != nil {
			return err
		}
	}
	for _, folder := range []string{"specs", specs.Records} {
		if err := os.MkdirAll(d.file(folder), 0o755); err != nil {
			return err
		}
	}
	return fs.WalkDir(specs.Files(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(specs.Files(), path)
		if err != nil {
			return err
		}
		if filepath.Dir(path) == "." && strings.HasSuffix(path, ".toml") {
			path = filepath.Join("specs", path)
		}
		return os.WriteFile(d.file(path), data, 0o644)
	})
}

// rollcall shows a command and runs it in this process, with the demo's database and HubSpot.
func (d *demo) rollcall(ctx context.Context, c command) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if c.undo != "" {
		var found strings.Builder
		d.execute(ctx, &output{to: &found}, "sql", "--format", "csv", "-c", "SELECT max(run_id) AS run_id FROM rollcall.runs WHERE status = 'SUCCEEDED' AND sync = '"+c.undo+"'")
		c.args = append(c.args, strings.TrimSpace(strings.TrimPrefix(found.String(), "run_id")))
	}
	d.say("\n$ rollcall %s\n", shellWords(c.args))
	code := d.execute(ctx, d.app.out, c.args...)
	if code == ExitInterrupted {
		return errInterrupted
	}
	if code != c.code {
		return fmt.Errorf("rollcall %s ended with exit code %d, not %d", shellWords(c.args), code, c.code)
	}
	if code != ExitDone {
		d.say("(exit code %d)\n", code)
	}
	return nil
}

// execute runs a command, prints to out, and returns its exit code.
func (d *demo) execute(ctx context.Context, out *output, args ...string) int {
	inner := &app{in: strings.NewReader(""), out: out, err: out, abort: d.app.abort, hooks: d.app.hooks, environ: []string{
		"ROLLCALL_DATABASE=" + d.database(), "HUBSPOT_BASE_URL=" + d.url, "HUBSPOT_ACCESS_TOKEN=demo", "ROLLCALL_LOG_LEVEL=error",
		"USER=" + settings.Lookup(d.app.environ, "USER"),
	}}
	root := newRoot(inner)
	root.SetArgs(args)
	root.SetOut(inner.out)
	root.SetErr(inner.err)
	return inner.exit(root.ExecuteContext(ctx))
}

// next prints how to continue with the files.
func (d *demo) next() {
	program := "rollcall"
	if strings.Contains(os.Args[0], "go-build") {
		program = "go run ./cmd/rollcall"
	}
	d.say(`
Three commands to try next, on the files in %s:

  %s status --database %s
  %s sql --database %s -c "SELECT * FROM rollcall.changes WHERE cause = 'left' LIMIT 5"
  %s sandbox --state %s

The third serves this HubSpot again. With it in another terminal, plan and run against it:

  HUBSPOT_ACCESS_TOKEN=any HUBSPOT_BASE_URL=http://127.0.0.1:8787 %s plan --database %s
`, d.dir, program, d.database(), program, d.database(), program, d.state(), program, d.database())
}

func (d *demo) say(format string, args ...any) { show(d.app.out, format, args...) }

// shellWords formats arguments as one would type them.
func shellWords(args []string) string {
	shown := make([]string, len(args))
	for i, arg := range args {
		shown[i] = shellWord(arg)
	}
	return strings.Join(shown, " ")
}

func shellWord(word string) string {
	if strings.ContainsAny(word, " '*()") {
		return `"` + word + `"`
	}
	return word
}
