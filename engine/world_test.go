package engine_test

import (
	"context"
	"errors"
	"flag"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"rollcall/engine"
	"rollcall/engine/hubspot"
	"rollcall/engine/hubspot/sandbox"
	"rollcall/engine/warehouse"
	"rollcall/engine/warehouse/remotetest"
)

// long lets the proofs run in full: every fault on every call, hundreds of seeds. Without it they are samples of some seconds.
var (
	long   = flag.Bool("long", false, "run the proofs in full")
	sample = flag.Uint("sample", 0, "which sample of the proofs to run without -long; every number from 1 is another one, 0 a small one")
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

// sandboxWorld is newWorld with a sandbox of other options.
func sandboxWorld(t testing.TB, n int, options sandbox.Options, change ...func(*engine.Config)) *world {
	t.Helper()
	return builtWorld(t, n, options, func(h http.Handler) http.Handler { return h }, change...)
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
	w.t.Cleanup(func() {
		if w.config.Warehouse.Connect == nil {
			leaveUnmerged(e)
		}
		_ = e.Close()
	})
}

// leaveUnmerged makes the closing of an engine at the end of a test leave the write-ahead log as it is: merging it into the file takes
// longer than opening the file, and the file goes.
func leaveUnmerged(e *engine.Engine) {
	console, err := e.Console(context.Background(), "")
	if err != nil {
		return // the test has closed the engine, or left a database that can't be used
	}
	defer console.Close()
	_ = console.Run(context.Background(), "PRAGMA disable_checkpoint_on_shutdown", func(*engine.Result) error { return nil })
}

// reopen opens the engine anew with the world's configuration.
func (w *world) reopen() {
	w.t.Helper()
	if err := w.engine.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.open()
}

// chunks makes membership writes carry n changes at the most.
func chunks(n int) func(*engine.Config) { return func(c *engine.Config) { c.ChunkSize = n } }

// reads makes batch reads ask for n keys at the most.
func reads(n int) func(*engine.Config) { return func(c *engine.Config) { c.ReadSize = n } }

func atOnce(c *engine.Config) { c.VerifyWait = time.Millisecond }

// clockAhead makes the engine's clock run ahead of the sandbox's by what d points to.
func clockAhead(d *time.Duration) func(*engine.Config) {
	return func(c *engine.Config) { c.Now = func() time.Time { return time.Now().Add(*d) } }
}

// meanwhile does something between the reading of the lists and the first write of the next run.
func (w *world) meanwhile(do func()) {
	w.config.Events = on(func(p engine.Progress) {
		if p.Step == "current" && do != nil {
			do()
			do = nil
		}
	})
	w.reopen()
}

// on hands the events of one type to do.
func on[E engine.Event](do func(E)) func(engine.Event) {
	return func(event engine.Event) {
		if e, ok := event.(E); ok {
			do(e)
		}
	}
}

// over puts the control database onto a server, as a client of its own, which gives up soon.
func over(t testing.TB, client *remotetest.Client) func(*engine.Config) {
	folder := t.TempDir()
	return func(c *engine.Config) {
		c.Warehouse = warehouse.Config{
			Database: "md:" + remotetest.Database, Connect: client.Connect,
			Remote: warehouse.Limits{Statement: 2 * time.Second, Answer: 50 * time.Millisecond, Backoff: time.Millisecond},
		}
		c.JournalDir = folder
	}
}

// remoteWorld is newWorld with the control database on a server, and a sync of the first ten contacts.
func remoteWorld(t testing.TB, change ...func(*engine.Config)) (*world, *remotetest.Server, *remotetest.Client) {
	t.Helper()
	server := remotetest.New(t)
	client := server.Client(0)
	w := newWorld(t, 30, append([]func(*engine.Config){over(t, client)}, change...)...)
	w.people(numbers(1, 10)...)
	w.sync("vip", map[string]string{"list_id": "'101'"})
	return w, server, client
}

// keeping makes a world whose ledger is kept for some days, and a clock that advances by days.
func keeping(t *testing.T, days int) (w *world, later func(days int)) {
	t.Helper()
	passed := time.Duration(0)
	w = newWorld(t, 60, func(c *engine.Config) {
		c.Kept = time.Duration(days) * 24 * time.Hour
		c.Now = func() time.Time { return time.Now().Add(passed) }
	})
	w.sync("vip", map[string]string{"list_id": "101"})
	return w, func(days int) { passed += time.Duration(days) * 24 * time.Hour }
}

// image copies the control database as a kill at this moment would leave it.
func (w *world) image() string {
	w.t.Helper()
	from, to := w.config.Warehouse.Database, filepath.Join(w.t.TempDir(), "rollcall.duckdb")
	for _, ending := range []string{"", ".wal"} {
		data, err := os.ReadFile(from + ending)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.WriteFile(to+ending, data, 0o600)
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return to
}
