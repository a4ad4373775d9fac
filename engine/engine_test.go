package engine_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"rollcall/engine"
	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/engine/hubspot/sandbox"
	"rollcall/engine/warehouse"
)

// long lets the proofs run in full: every fault on every call, hundreds of seeds. Without it they are samples of some seconds.
var (
	long   = flag.Bool("long", false, "run the proofs in full")
	sample = flag.Uint("sample", 0, "which sample of the proofs to run without -long; every number is another one")
)

// world is a control database and a sandbox with contacts, and an engine between them.
type world struct {
	t       testing.TB
	sandbox *sandbox.Server
	engine  *engine.Engine
	config  engine.Config

	mu    sync.Mutex // hooks are looked at by the server's goroutines
	hooks []*hook
}

// newWorld makes one with n contacts and the sandbox's lists: 101 is an empty MANUAL one. change may alter the configuration.
func newWorld(t testing.TB, n int, change ...func(*engine.Config)) *world {
	t.Helper()
	return wrappedWorld(t, n, func(h http.Handler) http.Handler { return h }, change...)
}

// wrappedWorld is newWorld with something between the engine and the sandbox.
func wrappedWorld(t testing.TB, n int, wrap func(http.Handler) http.Handler, change ...func(*engine.Config)) *world {
	t.Helper()
	return builtWorld(t, n, sandbox.Options{}, wrap, change...)
}

// builtWorld is wrappedWorld with a sandbox of other options.
func builtWorld(t testing.TB, n int, options sandbox.Options, wrap func(http.Handler) http.Handler, change ...func(*engine.Config)) *world {
	t.Helper()
	box := sandbox.New(options)
	if err := box.Seed(n); err != nil {
		t.Fatal(err)
	}
	database := filepath.Join(t.TempDir(), "rollcall.duckdb")
	copyInitialised(t, database)
	w := newWorldOn(t, box, wrap, database, change...)
	if w.config.Warehouse.Database != database { // change named another one
		w.initialise()
	}
	return w
}

// initialise makes the control tables and the table that the tests' queries read.
func (w *world) initialise() {
	w.t.Helper()
	if _, err := w.engine.Init(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.exec("CREATE TABLE people (email VARCHAR, tier VARCHAR)")
}

var (
	initialisedOnce sync.Once
	initialised     []byte
)

// copyInitialised writes a database file that is initialised. The first call in a process makes one, the others copy it: the migrations take longer than most runs.
func copyInitialised(t testing.TB, database string) {
	t.Helper()
	initialisedOnce.Do(func() { initialised = makeInitialised(t) })
	if initialised == nil {
		t.Fatal("no initialised database to copy: the test that made it failed")
	}
	if err := os.WriteFile(database, initialised, 0o600); err != nil {
		t.Fatal(err)
	}
}

// makeInitialised returns the content of a database file that is initialised.
func makeInitialised(t testing.TB) []byte {
	t.Helper()
	database := filepath.Join(t.TempDir(), "rollcall.duckdb") // the name matters: the catalog has it
	w := newWorldOn(t, sandbox.New(sandbox.Options{}), func(h http.Handler) http.Handler { return h }, database)
	w.initialise()
	if err := w.engine.Close(); err != nil { // it writes the log into the file
		t.Fatal(err)
	}
	content, err := os.ReadFile(database)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// newWorldOn opens a control database and a sandbox as they are.
func newWorldOn(t testing.TB, box *sandbox.Server, wrap func(http.Handler) http.Handler, database string, change ...func(*engine.Config)) *world {
	t.Helper()
	w := &world{t: t, sandbox: box}
	server := httptest.NewServer(w.hooked(wrap(box)))
	t.Cleanup(server.Close)
	w.config = engine.Config{
		Warehouse: warehouse.Config{Database: database, Threads: 1},
		HubSpot:   hubspot.Config{BaseURL: server.URL, Token: "test", RetryBase: time.Millisecond, MaxRetries: 2},
		Version:   "test",
		Log:       zerolog.New(zerolog.NewTestWriter(t)),
	}
	for _, c := range change {
		c(&w.config)
	}
	w.open()
	return w
}

func (w *world) open() {
	w.t.Helper()
	e, err := engine.Open(w.t.Context(), w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	w.engine = e
	w.t.Cleanup(func() { _ = e.Close() })
}

// exec runs SQL on the console.
func (w *world) exec(script string) {
	w.t.Helper()
	w.rows(script)
}

// rows runs SQL and returns the result as text, a line a row, columns separated by a blank.
func (w *world) rows(script string) []string {
	w.t.Helper()
	console, err := w.engine.Console(w.t.Context(), "")
	if err != nil {
		w.t.Fatal(err)
	}
	defer console.Close()
	return consoleRows(w.t, console, script)
}

func consoleRows(t testing.TB, console *engine.Console, script string) (lines []string) {
	t.Helper()
	err := console.Run(context.Background(), script, func(result *engine.Result) error {
		return result.Each(func(values []any) error {
			var line []string
			for _, v := range values {
				line = append(line, fmt.Sprint(v))
			}
			lines = append(lines, strings.Join(line, " "))
			return nil
		})
	})
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return lines
}

// people replaces who is in the table that the test's queries read, by the numbers of the sandbox's contacts.
func (w *world) people(numbers ...int) {
	w.t.Helper()
	script := "DELETE FROM people;"
	if len(numbers) > 0 {
		var values []string
		for _, n := range numbers {
			values = append(values, fmt.Sprintf("('%s', 'vip')", address(n)))
		}
		script += "INSERT INTO people VALUES " + strings.Join(values, ", ")
	}
	w.exec(script)
}

// sync writes a row of the control table. It may take over a list that others filled, unless the test's columns say otherwise.
func (w *world) sync(name string, columns map[string]string) {
	w.t.Helper()
	names, values := []string{"name", "query"}, []string{quote(name), quote("SELECT email FROM people WHERE tier = 'vip'")}
	if _, ok := columns["allow_takeover"]; !ok {
		names, values = append(names, "allow_takeover"), append(values, "true")
	}
	for column, value := range columns {
		if column == "query" {
			values[1] = value
			continue
		}
		names, values = append(names, column), append(values, value)
	}
	w.exec("INSERT INTO rollcall.syncs (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(values, ", ") + ")")
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// run runs the named syncs and returns their runs.
func (w *world) run(names ...string) []engine.Run {
	w.t.Helper()
	return w.runWith(engine.RunOptions{}, names...)
}

func (w *world) runWith(o engine.RunOptions, names ...string) []engine.Run {
	w.t.Helper()
	runs, err := w.engine.Run(w.t.Context(), names, o)
	if err != nil {
		w.t.Fatalf("run %v: %v (hint: %s)", names, err, hint.Of(err))
	}
	return runs
}

// one runs one sync and wants that status of it.
func (w *world) one(name string, want engine.Status) engine.Run {
	w.t.Helper()
	runs := w.run(name)
	if len(runs) != 1 || runs[0].Status != want {
		w.t.Fatalf("run %s: %+v, want one run that is %s", name, runs, want)
	}
	return runs[0]
}

// members are the numbers of the sandbox's contacts on a list.
func (w *world) members(listID string) []int {
	w.t.Helper()
	ids, err := w.sandbox.Members(listID)
	if err != nil {
		w.t.Fatal(err)
	}
	numbers := make([]int, 0, len(ids))
	for _, id := range ids {
		n, err := strconv.Atoi(id)
		if err != nil {
			w.t.Fatal(err)
		}
		numbers = append(numbers, n-firstContact+1)
	}
	slices.Sort(numbers)
	return numbers
}

// wantMembers wants exactly these contacts on a list.
func (w *world) wantMembers(listID string, want ...int) {
	w.t.Helper()
	if got := w.members(listID); !slices.Equal(got, want) {
		w.t.Errorf("list %s holds %v, want %v", listID, got, want)
	}
}

// byHand puts contacts on a list, or takes them off it, as a person in HubSpot would.
func (w *world) byHand(listID string, add, remove []int) {
	w.t.Helper()
	if err := w.sandbox.AddMembers(listID, ids(add)...); err != nil {
		w.t.Fatal(err)
	}
	if err := w.sandbox.RemoveMembers(listID, ids(remove)...); err != nil {
		w.t.Fatal(err)
	}
}

// firstContact is the record ID of the sandbox's first contact.
const firstContact = 1_000_001

func ids(numbers []int) []string {
	texts := make([]string, 0, len(numbers))
	for _, n := range numbers {
		texts = append(texts, strconv.Itoa(firstContact+n-1))
	}
	return texts
}

func address(n int) string { return fmt.Sprintf("contact-%05d@example.com", n) }

func numbers(from, to int) (all []int) {
	for n := from; n <= to; n++ {
		all = append(all, n)
	}
	return all
}

func wantRows(t testing.TB, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got rows\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}
