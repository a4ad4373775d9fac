// Package warehouse is the DuckDB side: it opens the control database, a local
// file or one in MotherDuck, and it holds the gate that lets a query written by
// an analyst be data.
//
// Invariants:
//
//   - One [Warehouse] a database and process. The lock on a local file keeps out
//     other processes, but not a second opening in the same one, which would
//     damage the file; MotherDuck refuses a second token.
//   - A local engine is locked before the first query: no file but the ones that
//     were named, no network, no extension, no setting. Nothing that runs later,
//     whoever wrote it, can open it again.
//   - MotherDuck's engine can't be locked: enable_external_access=false keeps its
//     own extension out. There the gate is the only protection.
//   - An analyst's text reaches DuckDB only by the methods of [Scope]. The
//     driver's PrepareContext, QueryContext and ExecContext run all statements of
//     a text but the last before they return, so they never see it elsewhere.
//   - A connection starts clean: temp tables end with the connection that made
//     them.
//
// What could not be tried without a MotherDuck account, and rests on
// MotherDuck's documentation alone: opening with saas_mode and a token, the
// wording of the server's errors, READ ONLY transactions and query('...') over
// MotherDuck tables.
package warehouse

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/rs/zerolog"
)

// Access is what may be done to a local file.
type Access int

const (
	// Create: the file is made where it is not there.
	Create Access = iota
	// ReadWrite: the file must be there.
	ReadWrite
	// ReadOnly: the file must be there, and neither it nor its folder need be writable. Several processes may read it at a time.
	ReadOnly
)

// Config selects the database to open and what it may access. Only Database is needed.
type Config struct {
	// Database is the control database: a path, ":memory:", or "md:" (the
	// token's default database) or "md:NAME" for MotherDuck.
	Database string
	// Access is what may be done to a local file; the zero value makes one that is not there. It says nothing of MotherDuck.
	Access Access
	// Attach names further DuckDB files that queries may read: name to path.
	// They are attached read-only. Local only.
	Attach map[string]string
	// DataFolders are the folders whose Parquet and CSV files, by their endings,
	// queries may read, with all below them. The engine takes them for folders to write in as well:
	// a person's COPY TO may, an analyst's query can't. Local only.
	DataFolders []string
	// MemoryLimit is DuckDB's memory_limit, such as "2GB". Empty: DuckDB's default,
	// 80% of the machine's memory.
	MemoryLimit string
	// Threads is how many threads a query may use. 0: one a core.
	Threads int
	// TempDirectory is the folder in which the process makes one of its own for what does not fit the memory limit.
	// Empty: the database's path with ".tmp"; the system's folder for temporary files where the access is ReadOnly and beside the database
	// nothing can be written, and for MotherDuck, whose temp tables are local.
	TempDirectory string
	// ExtensionDirectory is where DuckDB keeps MotherDuck's extension. Empty: .duckdb/extensions in the home directory. MotherDuck only.
	ExtensionDirectory string
	// KeepExtensions keeps DuckDB from downloading MotherDuck's extension where it is missing. MotherDuck only.
	KeepExtensions bool
	// UserAgent is how MotherDuck knows us: "rollcall/VERSION", no spaces.
	UserAgent string
	// WithoutSaaSMode opens a MotherDuck database without its SaaS mode.
	WithoutSaaSMode bool
	// Remote bounds how long a MotherDuck database is waited for.
	Remote Limits
	// Connect makes the connector of a MotherDuck database, where it is not nil, in place of the driver; no token is needed then. Tests
	// use it (package remotetest).
	Connect func(dsn string, init func(driver.ExecerContext) error) (driver.Connector, error)
	// Log gets what is opened, at debug level. The zero value is silent.
	Log zerolog.Logger
}

// Warehouse is an open control database. It is safe for use by several goroutines.
type Warehouse struct {
	db      *sql.DB
	name    string
	path    string
	scratch string // a folder for spilled data that goes when it is closed, or ""
	local   bool

	limits *Limits      // of a remote database; nil: it is local
	lost   atomic.Int64 // connections that were given up
}

// Open opens the control database and locks the engine down. A local file that is
// not there is made where c.Access is Create, readable by its owner alone; its folder must be there. What the engine
// writes beside it, the write-ahead log and spilled data, has the mode that the process's umask leaves.
// Errors that a person can fix are of type [*Error], with a hint. The caller closes it.
func Open(ctx context.Context, c Config) (*Warehouse, error) {
	var w *Warehouse
	var err error
	if isMotherDuck(c.Database) {
		w, err = openMotherDuck(ctx, c)
	} else {
		w, err = openLocal(ctx, c)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", Shown(c.Database), Explain(err))
	}
	c.Log.Debug().Str("database", w.name).Bool("local", w.local).Msg("opened")
	return w, nil
}

// Conn hands out a connection of its own, whose current database is the control
// database, with no temp tables. The caller closes it, which drops them.
func (w *Warehouse) Conn(ctx context.Context) (*Conn, error) {
	conn, err := w.connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", w.name, Explain(err))
	}
	return conn, nil
}

func (w *Warehouse) connect(ctx context.Context) (*Conn, error) {
	if w.limits == nil {
		conn, err := w.db.Conn(ctx)
		if err != nil {
			return nil, err
		}
		return &Conn{conn: conn}, nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, w.limits.Open, errLimit)
	defer cancel()
	conn, answered, err := within(ctx, 0, func() (*sql.Conn, error) { return w.db.Conn(ctx) }, func(late *sql.Conn) { _ = late.Close() })
	if err != nil {
		return nil, w.limits.slowOpening(answered, err)
	}
	return &Conn{conn: conn, limits: w.limits, onLoss: func() { w.lost.Add(1) }}, nil
}

// Name is the control database's name in SQL, as current_database() returns it.
func (w *Warehouse) Name() string { return w.name }

// Local reports whether the control database is a local file or in memory.
func (w *Warehouse) Local() bool { return w.local }

// Path is the absolute path of the local file, or "" where there is none.
func (w *Warehouse) Path() string { return w.path }

// Close closes the database, once each connection is closed: one left open keeps the file and its
// lock, and is an error. A connection that was given up is left to itself. A second call does nothing.
func (w *Warehouse) Close() error {
	open := w.db.Stats().InUse - int(w.lost.Load())
	if err := errors.Join(w.closeEngine(), w.removeScratch()); err != nil {
		return fmt.Errorf("close %s: %w", w.name, err)
	}
	if open > 0 {
		return fmt.Errorf("close %s: %d connections are still open", w.name, open)
	}
	return nil
}

// closeEngine closes the engine. A remote database is waited for no longer than for an answer: a statement may not have ended.
func (w *Warehouse) closeEngine() error {
	if w.limits == nil {
		return w.db.Close()
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, answered, err := within(ctx, w.limits.Answer, func() (struct{}, error) { return struct{}{}, w.db.Close() }, func(struct{}) {})
	if !answered {
		return nil // what was written is written
	}
	return err
}
