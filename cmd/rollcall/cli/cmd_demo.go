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

// step is a title and the commands of a step, with their expected exit codes.
type step struct {
	title    string
	commands []command
}

type command struct {
	args []string
	code int
}

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
	for i, s := range d.steps() {
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
	run := func(args ...string) command { return command{args: args} }
	file := func(name string) string { return filepath.Join(d.dir, name) }
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
			run("sql", "--write", "-f", file(specs.BrokenLoad)), {[]string{"run", "newsletter", "vip_customers"}, ExitBlocked}, run("status")}},
		{"The ledger is tables: whatever you want to know is a SELECT.", []command{
			run("history", "vip_customers"),
			run("sql", "-c", "SELECT sync, action, cause, state, count(*) AS changes FROM rollcall.changes GROUP BY ALL ORDER BY ALL"),
			run("sql", "-c", "SELECT reason, key, detail FROM rollcall.rejects WHERE sync = 'vip_customers' GROUP BY ALL ORDER BY ALL")}},
	}
}

// unpack writes the sample files, in place of those of an earlier demo.
func (d *demo) unpack() error {
	for _, old := range []string{d.database(), d.database() + ".wal", d.state(), filepath.Join(d.dir, "specs")} {
		if err := os.RemoveAll(old); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Join(d.dir, "specs"), 0o755); err != nil {
		return err
	}
	return fs.WalkDir(specs.Files(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(specs.Files(), path)
		if err != nil {
			return err
		}
		folder := d.dir
		if strings.HasSuffix(path, ".toml") {
			folder = filepath.Join(d.dir, "specs")
		}
		return os.WriteFile(filepath.Join(folder, filepath.Base(path)), data, 0o644)
	})
}

// rollcall shows a command and runs it in this process, with the demo's database and HubSpot.
func (d *demo) rollcall(ctx context.Context, c command) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	d.say("\n$ rollcall %s\n", shellWords(c.args))
	inner := &app{in: strings.NewReader(""), out: d.app.out, err: d.app.out, abort: d.app.abort, hooks: d.app.hooks, environ: []string{
		"ROLLCALL_DATABASE=" + d.database(), "HUBSPOT_BASE_URL=" + d.url, "HUBSPOT_ACCESS_TOKEN=demo", "ROLLCALL_LOG_LEVEL=error",
		"USER=" + settings.Lookup(d.app.environ, "USER"),
	}}
	root := newRoot(inner)
	root.SetArgs(c.args)
	root.SetOut(inner.out)
	root.SetErr(inner.err)
	code := inner.exit(root.ExecuteContext(ctx))
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
