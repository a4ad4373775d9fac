// Package engine keeps HubSpot equal to SQL queries. It is the order of the steps that all kinds of sync share:
//
//	syncs --read--> row --parse--> spec --stage--> desired ┐
//	                 HubSpot / cache --stage--> current ---┴--EXCEPT--> plan --guard--> send --> outcomes --record--> ledger
//
// Each step takes the previous noun and returns the next one; nothing goes back. [Engine.Plan] and [Engine.Run] share every step up
// to the guard (execution.plan); runner.syncOne is the whole way of one sync. What the sets mean, how they differ and which call carries a batch is up to the
// kind of the sync, behind the socket in package kind: lists are package list, objects package object. The sets are temp tables of the one connection that an
// execution holds.
//
// In: the control database and HubSpot, by [Config]. Out: rows of the ledger and changes in HubSpot. It may import all packages below it, and
// nothing imports it but the command.
//
// What always holds:
//
//   - Only what is known is removed: a key without an answer, or a list that was not read whole, ends the run.
//   - A plan that breaks a guard is kept in the ledger and not sent.
//   - A change is in the ledger before it is sent, and its outcome after; every ID of an answer is accounted for.
//   - Every write to the ledger proves, in its own transaction, that the lease is still held.
//   - A sync that fails does not stop the others.
//
// Which file to open:
//
//	engine.go, run_names.go                                    the settings, opening, and the names that callers use
//	run.go, sync_runs.go, sync_run.go                          a run: from the lease to its end; all its syncs; one of them
//	execution.go, guard.go, quota.go, cost.go                  what a run, a plan and a check share, up to the guard
//	send.go, linger.go, conclude.go                            sending batches, interruption, and how a run ended
//	watchdog.go                                                a query that the database engine does not stop
//	preview.go, console.go, save.go                            plans that are looked at and not sent, and SQL over their sets
//	approve.go, undo.go, check.go, status.go, rows.go, init.go the other commands
package engine

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"time"

	"github.com/rs/zerolog"

	"rollcall/engine/control"
	"rollcall/engine/hubspot"
	"rollcall/engine/ledger"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
	"rollcall/migrations"
)

// Config says where the control database and HubSpot are, and how to treat them. Zero values mean the defaults.
// The command fills it in from flags, environment and rollcall.toml, and has checked the ranges.
type Config struct {
	Warehouse warehouse.Config
	HubSpot   hubspot.Config

	// How HubSpot and the database are used.
	ReadSize     int           // keys that one batch read asks for, 1 to 100; default 100
	ChunkSize    int           // changes that one membership write carries; default 10,000
	PageSize     int           // members that one page of a list is asked for, 1 to 250; default 250
	ReadForward  bool          // lists are read from their start alone, not from both ends
	QueryTimeout time.Duration // how long an analyst's query may take; default 10 minutes
	LeaseTTL     time.Duration // how long a silent runner keeps the lease; default 2 minutes
	CallsKept    time.Duration // how long rollcall.calls are kept; default 30 days
	Kept         time.Duration // how long runs, changes, rejects and drift are kept; default for ever
	ApprovalTTL  time.Duration // how long an approval counts; default 72 hours

	// How long what is known of HubSpot is relied on, and how many calls may be made.
	FoundTTL      time.Duration // how long the record ID of a key is cached; default 24 hours
	MissingTTL    time.Duration // how long it is cached that a key has no record; default 1 hour
	VerifyWait    time.Duration // how long to wait before a list is read again, because it changed meanwhile or, read back, differs; default 3 seconds
	FullReadEvery time.Duration // how long a list may go without being read page by page; default 24 hours
	MaxDailyShare float64       // percent of the account's calls a day that may be used up when Rollcall calls; default 80
	Concurrency   int           // calls to HubSpot at a time; default 16

	// How a run ends that is interrupted, or whose query does not end.
	Grace    time.Duration // how long a write that is in flight may take when a run is interrupted; default 10 seconds
	Patience time.Duration // how long the database engine may continue with a query whose time is over; default 10 seconds

	Wait time.Duration // how long to wait for another runner, or another process that has the file; default not at all

	Bounds   control.Bounds // what rows may ask for; default anything
	Ceilings plan.Ceilings  // what the guards of rows may allow; default anything

	Drivers []NamedDriver // the kinds of sync, in the order in which they load and send; default all that there are

	WithoutData bool // the database was made to check rows alone: tables that a query reads may be elsewhere

	JournalDir string // where a journal is kept while the ledger can't be written; default beside the database's file, or the user's folder

	// Who runs, and who is told what.
	Version string           // this program's version, for the ledger
	Runner  string           // who runs, for the lease and the ledger; default host:process
	Now     func() time.Time // default time.Now
	Log     zerolog.Logger   // the zero value is silent; statements are traced to the log of the context (zerolog.Ctx)
	Events  func(Event)      // told what a run does, one event at a time; may be nil
	// Unresponsive is told that the engine continued for longer, when all that is known is written down. It ends the process, and does not
	// return. nil: such a query is waited for.
	Unresponsive func(*UnresponsiveError)
	Failpoint    func(string) // called with the name of every boundary between two steps of a run, where tests stop the process; may be nil
}

// Engine is an open control database and the way to HubSpot. One goroutine uses it at a time.
// The command opens one per process: a local file can be open in one process only.
type Engine struct {
	config    Config
	warehouse *warehouse.Warehouse
	journal   ledger.Journal
	client    *hubspot.Client
	exclusive bool // no other process can have the control database open: it is a local file, which is locked

	macrosChecked bool // no macro was found that hides a function
}

// withDefaults returns the settings with the defaults of what is not set. No other code checks for zero values. Kept,
// Wait, Bounds and Ceilings need none: their zero values mean for ever, not at all and anything.
func (c Config) withDefaults() Config {
	c.ReadSize = cmp.Or(c.ReadSize, 100)
	c.ChunkSize = cmp.Or(c.ChunkSize, 10_000)
	c.PageSize = cmp.Or(c.PageSize, hubspot.MaxMembershipPage)
	c.QueryTimeout = cmp.Or(c.QueryTimeout, 10*time.Minute)
	c.LeaseTTL = cmp.Or(c.LeaseTTL, 2*time.Minute)
	c.CallsKept = cmp.Or(c.CallsKept, 30*24*time.Hour)
	c.ApprovalTTL = cmp.Or(c.ApprovalTTL, 72*time.Hour)
	c.FoundTTL = cmp.Or(c.FoundTTL, 24*time.Hour)
	c.MissingTTL = cmp.Or(c.MissingTTL, time.Hour)
	c.VerifyWait = cmp.Or(c.VerifyWait, 3*time.Second)
	c.FullReadEvery = cmp.Or(c.FullReadEvery, 24*time.Hour)
	c.MaxDailyShare = cmp.Or(c.MaxDailyShare, 80)
	c.Concurrency = cmp.Or(c.Concurrency, 16)
	c.Grace = cmp.Or(c.Grace, 10*time.Second)
	c.Patience = cmp.Or(c.Patience, 10*time.Second)
	if c.Runner == "" {
		host, _ := os.Hostname() // without a name the process ID has to do
		c.Runner = fmt.Sprintf("%s:%d", host, os.Getpid())
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Events == nil {
		c.Events = func(Event) {}
	}
	if c.Drivers == nil {
		c.Drivers = drivers()
	}
	if c.Failpoint == nil {
		c.Failpoint = func(string) {}
	}
	return c
}

// Open opens the control database, and makes a local file that is not there unless Config.Warehouse forbids it. HubSpot
// is not called, and its token not needed, until a step needs them. While another process has the file it waits for
// Config.Wait, and then returns an error for which warehouse.IsInUse holds.
func Open(ctx context.Context, c Config) (*Engine, error) {
	c = c.withDefaults()
	var w *warehouse.Warehouse
	defer c.step("", "open")()
	err := c.waitWhile(ctx, warehouse.IsInUse, func() (err error) {
		w, err = warehouse.Open(ctx, c.Warehouse)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &Engine{config: c, warehouse: w, exclusive: w.Local(), journal: ledger.NewJournal(c.JournalDir, w.Path(), w.Name())}, nil
}

// Close closes the control database, and every connection to it.
func (e *Engine) Close() error { return e.warehouse.Close() }

// Repair makes anew what is missing of the control tables, and returns it in words. What can't be made anew is a [*migrations.DamageError].
func (e *Engine) Repair(ctx context.Context) (repaired []string, err error) {
	conn, err := e.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	// In memory: what the migrations make is compared with what is there.
	scratch, err := warehouse.OpenFile(ctx, "")
	if err != nil {
		return nil, err
	}
	defer scratch.Close()
	return migrations.Repair(ctx, conn, scratch)
}

// Database returns the control database's name in SQL.
func (e *Engine) Database() string { return e.warehouse.Name() }

// connect hands out a connection to a control database whose tables are at this program's version; the caller closes it.
// Older or newer tables are an error that says what to do: a statement must not meet columns that it does not know.
func (e *Engine) connect(ctx context.Context) (*warehouse.Conn, error) {
	conn, err := e.warehouse.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if err := migrations.Check(ctx, conn); err != nil {
		conn.Close()
		return nil, fmt.Errorf("%s: %w", e.config.Warehouse.Database, err)
	}
	return conn, nil
}

// hubspot returns the client, made at its first use: commands that only read the ledger need no token. The error is
// hubspot.ErrNoToken where there is none, or says what is wrong with the address.
func (e *Engine) hubspot() (*hubspot.Client, error) {
	if e.client == nil {
		client, err := hubspot.New(e.config.HubSpot)
		if err != nil {
			return nil, err
		}
		e.client = client
	}
	return e.client, nil
}

// now returns the clock's time to the microsecond, which is what a TIMESTAMPTZ holds: a time that is compared with what
// the ledger gives back has to be equal to it.
func (e *Engine) now() time.Time { return e.config.Now().UTC().Truncate(time.Microsecond) }
