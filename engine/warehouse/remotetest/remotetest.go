// Package remotetest is a database that is reached over a network, for tests: a local DuckDB behind a driver that behaves as MotherDuck
// does. Statements take their time, now and then one never comes back and ignores interruption, a connection fails before or after
// a COMMIT, another client's write conflicts, and a client's clock differs from the others'.
//
// Sources: MotherDuck documents that temp tables are local ("Temporary tables") and that one account's connections share one database
// process ("Read scaling"); the texts of conflicts and of connection errors are those in Estuary's connector for MotherDuck
// (github.com/estuary/connectors, materialize-motherduck/driver_unit_test.go).
package remotetest

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// Database is the name of the database that a Server holds; a client opens it as "md:" + Database.
const Database = "control"

// Server holds one database. Every Client of it is another process for the database.
type Server struct {
	base *duckdb.Connector

	mu      sync.Mutex
	latency time.Duration // of statements on the control tables and their COMMITs
	others  time.Duration // of analysts' queries and their COMMITs
	count   Count
	names   map[string]int
	faults  []*Fault
	clients []*Client
}

// New makes a server with an empty database. It ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	return Serve(t, ":memory:")
}

// Serve makes a server of a DuckDB file. It ends with the test.
func Serve(t testing.TB, file string) *Server {
	t.Helper()
	base, err := duckdb.NewConnector(":memory:?threads=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{base: base, names: map[string]int{}}
	keeper, err := base.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keeper.(driver.ExecerContext).ExecContext(t.Context(), "ATTACH '"+file+"' AS "+Database, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, c := range s.clients {
			c.End()
		}
		if err := errors.Join(keeper.Close(), base.Close()); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Latency makes every statement that reaches the server, and every COMMIT of one, take that long.
func (s *Server) Latency(latency time.Duration) {
	s.ControlLatency(latency)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.others = latency
}

// ControlLatency makes every statement on the control tables, and every COMMIT of one, take that long: not analysts' queries.
func (s *Server) ControlLatency(latency time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.latency = latency
}

// Count is what has reached a Server.
type Count struct {
	Statements int // on the control tables
	Commits    int // of transactions with such statements
	Queries    int // of analysts, and the COMMITs of their transactions
}

// Count returns what has reached the server so far.
func (s *Server) Count() Count {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// Names returns how many statements on the control tables have reached the server so far, by the name that heads the statement.
func (s *Server) Names() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.names)
}

// Effect is what a fault does to a statement.
type Effect int

// The effects of a Fault.
const (
	// Hang: it never comes back, whatever its context says, and is not carried out.
	Hang Effect = iota
	// Lose: the connection fails before it is carried out, and a transaction is gone.
	Lose
	// LoseAnswer: it is carried out, and the connection fails before the answer.
	LoseAnswer
	// Conflict: another client has written the same, and a transaction is gone.
	Conflict
	// Refuse: the server does not allow it.
	Refuse
)

// Fault is a fault that is injected into statements.
type Fault struct {
	// Match is a regular expression that the text of the statement matches, its comments included.
	Match string
	// After is how many matching statements pass before.
	After int
	// Count is how many statements it affects; 0: one; -1: all that follow.
	Count int
	// Effect is what happens.
	Effect Effect
	// Then is called when it happens; may be nil.
	Then func()

	pattern *regexp.Regexp
	met     int
}

// Met is how many statements the fault has affected.
func (s *Server) Met(f *Fault) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f.met
}

// Declare injects a fault into statements from now on.
func (s *Server) Declare(f *Fault) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.pattern = regexp.MustCompile(f.Match)
	if f.Count == 0 {
		f.Count = 1
	}
	s.faults = append(s.faults, f)
	return f
}

// Forget ends all faults. Calls that hang are not ended.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// faultFor returns the fault for a statement, or nil.
func (s *Server) faultFor(text string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if f.Count == 0 || !f.pattern.MatchString(text) {
			continue
		}
		if f.After > 0 {
			f.After--
			continue
		}
		f.Count--
		f.met++
		return f
	}
	return nil
}

// How statements name what is not local; comments and texts in quotes name nothing.
var (
	controlTable = regexp.MustCompile(`\brollcall\.[a-z_]`)
	analystQuery = regexp.MustCompile(`\bquery\(`)
	silent       = regexp.MustCompile(`--[^\n]*|'(?:[^']|'')*'`)
	heading      = regexp.MustCompile(`^-- name: (\S+)`)
	boundary     = regexp.MustCompile(`^(BEGIN|COMMIT|ROLLBACK)`)
)

// travel counts a statement that goes to the server, and waits for as long as the way takes.
func (s *Server) travel(ctx context.Context, c *conn, text string) {
	spoken := strings.TrimSpace(silent.ReplaceAllString(text, ""))
	latency := time.Duration(0)
	s.mu.Lock()
	switch {
	case controlTable.MatchString(spoken):
		latency = s.latency
		s.count.Statements++
		name := "(unnamed)"
		if found := heading.FindStringSubmatch(text); found != nil {
			name = found[1]
		}
		s.names[name]++
		c.under = &s.count.Commits
	case analystQuery.MatchString(spoken):
		latency = s.others
		s.count.Queries++
		c.under = &s.count.Queries
	case c.under != nil && strings.HasPrefix(spoken, "COMMIT"):
		latency = s.latency
		if c.under == &s.count.Queries {
			latency = s.others
		}
		*c.under++
	}
	if boundary.MatchString(spoken) {
		c.under = nil
	}
	s.mu.Unlock()
	if latency == 0 {
		return
	}
	timer := time.NewTimer(latency)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

var (
	errConnection = &duckdb.Error{Type: duckdb.ErrorTypeConnection, Msg: "Connection Error: MotherDuck connection failed: the connection was reset by the peer"}
	errConflict   = &duckdb.Error{Type: duckdb.ErrorTypeTransaction, Msg: "TransactionContext Error: Failed to commit: MotherDuck transaction statement failed: TransactionContext Error: Transaction conflict: cannot update a table that has been altered!"}
	errRefused    = &duckdb.Error{Type: duckdb.ErrorTypePermission, Msg: "Permission Error: this operation is not permitted in SaaS mode"}
)

// Client is a program on a host whose clock is ahead of the server's.
type Client struct {
	server *Server
	ahead  time.Duration
	ended  chan struct{}

	mu      sync.Mutex // held where hanging grows and where ended is closed, so that nothing begins to hang after the end
	hanging sync.WaitGroup
}

// Client returns one. A client's optimizer folds now() into a constant of its own clock, which the server takes as it is.
func (s *Server) Client(ahead time.Duration) *Client {
	c := &Client{server: s, ahead: ahead, ended: make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients = append(s.clients, c)
	return c
}

// End is the end of the client's process: what hangs in it fails, and the server rolls its transactions back.
func (c *Client) End() {
	c.mu.Lock()
	if !c.hasEnded() {
		close(c.ended)
	}
	c.mu.Unlock()
	c.hanging.Wait()
}

// hasEnded is whether End was called.
func (c *Client) hasEnded() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// hang waits for the end of the client, and for nothing else.
func (c *Client) hang(rollback func()) error {
	c.mu.Lock()
	if c.hasEnded() {
		c.mu.Unlock()
		return errConnection
	}
	c.hanging.Add(1)
	c.mu.Unlock()
	defer c.hanging.Done()
	<-c.ended
	rollback()
	return errConnection
}

// Connect makes a connector as the driver's NewConnector does. Only its first connection begins in the database.
func (c *Client) Connect(_ string, init func(driver.ExecerContext) error) (driver.Connector, error) {
	if f := c.server.faultFor("CONNECT"); f != nil {
		if f.Then != nil {
			f.Then()
		}
		if f.Effect == Hang {
			return nil, c.hang(func() {})
		}
		return nil, errConnection
	}
	return &connector{client: c, init: init}, nil
}

type connector struct {
	client *Client
	init   func(driver.ExecerContext) error
	first  sync.Once
}

// Driver is DuckDB's.
func (c *connector) Driver() driver.Driver { return duckdb.Driver{} }

// Connect makes a connection of the client's.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	base, err := c.client.server.base.Connect(ctx)
	if err != nil {
		return nil, err
	}
	made := &conn{Conn: base.(*duckdb.Conn), client: c.client}
	c.first.Do(func() { _, err = made.Conn.ExecContext(ctx, "USE "+Database, nil) })
	if err == nil && c.init != nil {
		err = c.init(made)
	}
	if err != nil {
		return nil, errors.Join(err, made.Close())
	}
	return made, nil
}

// conn is a connection on which things go wrong. Preparing and appending go to DuckDB's own.
type conn struct {
	*duckdb.Conn
	client *Client
	under  *int // what counts the COMMIT of the transaction under way; nil: it has nothing for the server
}

// Unwrap is DuckDB's own connection.
func (c *conn) Unwrap() *duckdb.Conn { return c.Conn }

// ExecContext runs statements, unless a fault affects them.
func (c *conn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	return pass(ctx, c, text, func(text string) (driver.Result, error) { return c.Conn.ExecContext(ctx, text, args) }, func(driver.Result) {})
}

// QueryContext runs a statement that returns rows, unless a fault affects it.
func (c *conn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	return pass(ctx, c, text, func(text string) (driver.Rows, error) { return c.Conn.QueryContext(ctx, text, args) }, func(rows driver.Rows) { _ = rows.Close() })
}

// pass runs a statement, or applies a fault to it.
func pass[T any](ctx context.Context, c *conn, text string, do func(text string) (T, error), drop func(T)) (T, error) {
	var none T
	server := c.client.server
	server.travel(ctx, c, text)
	if ahead := c.client.ahead; ahead != 0 {
		text = strings.ReplaceAll(text, "now()", fmt.Sprintf("(now() + to_milliseconds(%d))", ahead.Milliseconds()))
	}
	f := server.faultFor(text)
	if f == nil {
		return do(text)
	}
	if f.Then != nil {
		f.Then()
	}
	rollback := func() {
		_, _ = c.Conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK", nil) // outside of a transaction there is none to roll back
	}
	switch f.Effect {
	case Hang:
		return none, c.client.hang(rollback)
	case LoseAnswer:
		value, err := do(text)
		if err != nil {
			return none, err
		}
		drop(value)
		return none, errConnection
	case Refuse:
		return none, errRefused
	}
	rollback()
	if f.Effect == Conflict {
		return none, errConflict
	}
	return none, errConnection
}
