package cli_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/rogpeppe/go-internal/testscript"

	"rollcall/cmd/rollcall/cli"
	"rollcall/cmd/rollcall/clitest"
	"rollcall/migrations"
)

var update = flag.Bool("update", false, "write what the commands say into the scripts")

// TestScripts runs the pages of the manual: testdata/script. Besides testscript's own commands they have those below.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Values[worldKey{}] = &scriptWorld{}
			env.Setenv("USER", "ann")
			env.Setenv("LAYOUT", migrations.Layout)
			env.Setenv("ROLLCALL_THREADS", "1") // the scripts run side by side
			env.Setenv("ROLLCALL_RETRY_BASE_SECONDS", "0.001")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"sandbox":   scriptSandbox,
			"exits":     scriptExits,
			"interrupt": scriptInterrupt,
			"timeup":    scriptTimeUp,
			"database":  scriptDatabase,
			"objects":   scriptObjects,
			"session":   scriptSession,
			"variable":  scriptVariable,
		},
	})
}

// scriptExits runs a command that must end with an exit code: exits CODE COMMAND ARG...
func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARG...")
	}
	if got := exitCode(ts, ts.Exec(args[1], args[2:]...)); strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code %d, not %s", got, args[0])
	}
}

func exitCode(ts *testscript.TestScript, err error) int {
	var ended *exec.ExitError
	if err == nil {
		return 0
	}
	if !errors.As(err, &ended) {
		ts.Fatalf("%v", err)
	}
	return ended.ExitCode()
}

// scriptPatience is how long a command may take: far longer than anything here takes, short enough to see that something hangs.
const scriptPatience = 60 * time.Second

// scriptInterrupt runs a command, sends SIGINT after the nth call of an operation has reached the sandbox, and expects 130:
// interrupt OPERATION N COMMAND ARG...
func scriptInterrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: interrupt OPERATION N COMMAND ARG...")
	}
	scriptEnds(ts, args, nil, func(process *os.Process) error { return process.Signal(os.Interrupt) })
}

// scriptTimeUp is scriptInterrupt by the flag --timeout of the command, whose time is over after that call:
// timeup OPERATION N COMMAND ARG...
func scriptTimeUp(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: timeup OPERATION N COMMAND ARG...")
	}
	file := filepath.Join(ts.MkAbs(".tmp"), "time_up")
	defer func() { _ = os.Remove(file) }()
	scriptEnds(ts, args, []string{clitest.EnvTimeUp + "=" + file}, func(*os.Process) error { return os.WriteFile(file, nil, 0o600) })
}

// scriptEnds runs a command, calls end after the nth call of an operation, counted from the command's start, and expects 130.
func scriptEnds(ts *testscript.TestScript, args, env []string, end func(*os.Process) error) {
	box := sandboxOf(ts)
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	n += box.server.CountCalls(args[0])
	cmd := exec.Command(args[2], args[3:]...)
	cmd.Dir = ts.Getenv("WORK")
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "HUBSPOT_BASE_URL", "HUBSPOT_ACCESS_TOKEN", "ROLLCALL_MEMBERSHIP_CHUNK_SIZE"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	cmd.Env = append(cmd.Env, env...)
	cmd.Stdout, cmd.Stderr = ts.Stdout(), ts.Stderr()
	ts.Check(cmd.Start())
	defer func() { _ = cmd.Process.Kill() }() // it has ended, unless the script fails
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	patience := time.After(scriptPatience)
	for box.server.CountCalls(args[0]) < n {
		select {
		case <-patience:
			ts.Fatalf("no call %d of %s within %s", n, args[0], scriptPatience)
		case err := <-ended:
			ts.Fatalf("it ended before call %d of %s: %v", n, args[0], err)
		case <-time.After(5 * time.Millisecond):
		}
	}
	ts.Check(end(cmd.Process))
	select {
	case err := <-ended:
		if code := exitCode(ts, err); code != cli.ExitInterrupted {
			ts.Fatalf("exit code %d, not %d", code, cli.ExitInterrupted)
		}
	case <-patience:
		ts.Fatalf("still running %s after its end", scriptPatience)
	}
}

// scriptDatabase opens a DuckDB file as another tool would: database FILE SQL prints the rows, columns parted by blanks;
// database hold FILE keeps it open to the end of the script or until database release, database read FILE does so without writing it;
// database make FILE makes an empty one.
func scriptDatabase(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: database make|hold|read FILE | database release | database FILE SQL")
	}
	box := worldOf(ts)
	switch {
	case args[0] == "make" && len(args) == 2:
		ts.Check(openedBeside(ts, args[1]).Close())
	case (args[0] == "hold" || args[0] == "read") && len(args) == 2:
		mode := map[string]string{"hold": "", "read": "?access_mode=read_only"}[args[0]]
		db := openedBeside(ts, args[1]+mode)
		box.held = db
		ts.Defer(func() { _ = db.Close() })
	case args[0] == "release" && box.held != nil:
		ts.Check(box.held.Close())
	case len(args) == 2:
		db, err := sql.Open("duckdb", ts.MkAbs(args[0])+"?access_mode=read_only")
		ts.Check(err)
		defer db.Close()
		ts.Check(printRows(ts, db, args[1]))
	default:
		ts.Fatalf("database: unknown arguments %q", args)
	}
}

// openedBeside is a DuckDB file that another tool has open.
func openedBeside(ts *testscript.TestScript, file string) *sql.DB {
	db, err := sql.Open("duckdb", ts.MkAbs(file))
	ts.Check(err)
	ts.Check(db.Ping())
	return db
}

func printRows(ts *testscript.TestScript, db *sql.DB, query string) error {
	rows, err := db.Query(query)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	values, places := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		places[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return err
		}
		fmt.Fprintln(ts.Stdout(), strings.TrimSuffix(fmt.Sprintln(values...), "\n"))
	}
	return rows.Err()
}

// scriptObjects wants a text to be one JSON object a line, n of them, with the keys named: objects FILE N KEY...
func scriptObjects(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: objects FILE N KEY...")
	}
	text := ts.ReadFile(args[0])
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if text == "" {
		lines = nil
	}
	if strconv.Itoa(len(lines)) != args[1] {
		ts.Fatalf("%d lines, not %s", len(lines), args[1])
	}
	for i, line := range lines {
		var object map[string]any
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			ts.Fatalf("line %d: %v: %s", i+1, err, line)
		}
		for _, key := range args[2:] {
			if _, ok := object[key]; !ok {
				ts.Fatalf("line %d lacks %q: %s", i+1, key, line)
			}
		}
	}
}

// What differs from one session to the next.
var sessions = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`), "01a1f000-0000-7000-8000-000000000000"},
	{regexp.MustCompile(`20\d\d-\d\d-\d\d \d\d:\d\d:\d\d`), "2026-11-21 06:00:00"},
	{regexp.MustCompile(`(calls?, )[0-9.]+(ms|s)\)`), "${1}0ms)"},
	{regexp.MustCompile(` \d+\.\d\d  ( *01a1f000)`), " 0.00  $1"},
}

// scriptSession copies a session, with its run IDs, times and durations made equal: session FROM TO
func scriptSession(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: session FROM TO")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(sameSession(ts.ReadFile(args[0]))), 0o600))
}

// sameSession is the text of a session, with what differs from one to the next made equal.
func sameSession(text string) string {
	for _, s := range sessions {
		text = s.pattern.ReplaceAllString(text, s.instead)
	}
	return text
}

// scriptVariable sets a variable to a file's text: variable NAME FILE
func scriptVariable(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: variable NAME FILE")
	}
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile(args[1])))
}
