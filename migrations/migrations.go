// Package migrations creates and upgrades the control tables: the schema rollcall in the current database of a connection.
//
// The numbered .sql files beside it define the control tables completely. Each is applied once, in one transaction together with the step
// of rollcall.schema_version that marks it, so a migration is either there whole or not at all. The files keep to what a
// local DuckDB file and MotherDuck both do: no keys, ON CONFLICT, sequences or enums. Until the first release the files are
// edited in place; an edit that changes a table changes Layout too, and a database of another layout is refused.
package migrations

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

//go:embed *.sql
var files embed.FS

// Migration is one numbered file.
type Migration struct {
	Version int64
	Name    string
	script  string
}

// Script is the text of the migration's statements.
func (m Migration) Script() string { return m.script }

// Layout names the tables that the migrations make. rollcall.schema_version has it, so that tables which an earlier text of the same
// migrations made are told from those of this program.
const Layout = "2026-11-kinds-14"

// LayoutError means that another development version of the program made the control tables, in another layout. No migration leads from
// one layout to another.
type LayoutError struct{ Found string } // Found is empty where the tables do not name their layout

func (e *LayoutError) Error() string {
	found := "an earlier layout"
	if e.Found != "" {
		found = "the layout " + e.Found
	}
	return fmt.Sprintf("the control tables have %s, this program needs the layout %s", found, Layout)
}

// Hint returns what to do about it.
func (e *LayoutError) Hint() string {
	return "save the rows with the rollcall that made these tables: rollcall specs pull DIR; then make new ones with this one: rollcall init and rollcall specs push DIR, with another --database"
}

// VersionError means that the control tables do not fit this program: missing (Found 0), older, or newer than it knows.
type VersionError struct{ Found, Wanted int64 }

func (e *VersionError) Error() string {
	switch {
	case e.Found == 0:
		return "this database has no control tables"
	case e.Found < e.Wanted:
		return fmt.Sprintf("the control tables are at version %d, this program needs version %d", e.Found, e.Wanted)
	default:
		return fmt.Sprintf("the control tables are at version %d, this program knows only %d", e.Found, e.Wanted)
	}
}

// Hint returns what to do about it.
func (e *VersionError) Hint() string {
	if e.Found > e.Wanted {
		return "use a newer rollcall: another one has upgraded this database"
	}
	return "run `rollcall init` with the same --database"
}

// attempts is how often a migration that met another migrator is tried again.
const attempts = 10

// All lists the migrations, oldest first.
func All() ([]Migration, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	var all []Migration
	for i, name := range names { // fs.Glob sorts
		number, rest, _ := strings.Cut(strings.TrimSuffix(name, ".sql"), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil || version != int64(i+1) {
			return nil, fmt.Errorf("migration %s: want number %03d", name, i+1)
		}
		script, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		all = append(all, Migration{version, rest, string(script)})
	}
	return all, nil
}

// Conn is a connection to the control database, as package warehouse has it.
type Conn interface {
	// ExecContext runs a text of statements and returns how many rows the last one changed.
	ExecContext(ctx context.Context, text string, args ...any) (changed int64, err error)
	// ScanRow reads the one row of a statement without parameters into dest.
	ScanRow(ctx context.Context, text string, dest ...any) error
	// Transaction runs do between BEGIN and COMMIT. Any error rolls back.
	Transaction(ctx context.Context, do func() error) error
}

// Up brings the current database of conn to the newest version and returns what it applied, oldest first: nothing when it
// is there already. Several programs may call it at once; each migration is applied by one of them. Only ctx ends the wait
// for another migrator.
func Up(ctx context.Context, conn Conn) ([]Migration, error) {
	all, err := All()
	if err != nil {
		return nil, err
	}
	if err := refuseUnversioned(ctx, conn); err != nil {
		return nil, err
	}
	if _, err := version(ctx, conn); err != nil { // another layout
		return nil, err
	}
	if err := retry(ctx, func() error { return begin(ctx, conn) }); err != nil {
		return nil, fmt.Errorf("make the schema rollcall: %w", err)
	}
	var applied []Migration
	for _, m := range all {
		var mine bool
		err := retry(ctx, func() (err error) {
			mine, err = apply(ctx, conn, m)
			return err
		})
		if err != nil {
			return applied, fmt.Errorf("migration %03d_%s: %w", m.Version, m.Name, err)
		}
		if mine {
			applied = append(applied, m)
		}
	}
	return applied, Check(ctx, conn)
}

// Pending lists the migrations that Up would apply, oldest first.
func Pending(ctx context.Context, conn Conn) ([]Migration, error) {
	all, err := All()
	if err != nil {
		return nil, err
	}
	found, err := version(ctx, conn)
	if err != nil {
		return nil, err
	}
	return all[min(max(found, 0), int64(len(all))):], nil
}

// Check returns a *VersionError unless the control tables are at the version of this program, and a *LayoutError where their layout is another.
func Check(ctx context.Context, conn Conn) error {
	all, err := All()
	if err != nil {
		return err
	}
	wanted := all[len(all)-1].Version
	// Mostly the tables are there and of this version. Every command asks that, and the engine takes many times as long to list columns.
	var found int64
	var layout string
	err = conn.ScanRow(ctx, readVersion, &found, &layout)
	if err == nil && found == wanted && layout == Layout || err != nil && !isMissing(err) {
		return err
	}
	found, err = version(ctx, conn)
	if err != nil {
		return err
	}
	if found != wanted {
		return &VersionError{found, wanted}
	}
	return nil
}

// isMissing reports whether err is about a table or a column that is not there.
func isMissing(err error) bool {
	var e *duckdb.Error
	return errors.As(err, &e) && (e.Type == duckdb.ErrorTypeCatalog || e.Type == duckdb.ErrorTypeBinder)
}

const readVersion = `SELECT coalesce(max(version), 0), coalesce(max(layout), '') FROM rollcall.schema_version`

// version reads the version of the control tables, 0 where there are none. Tables of another layout are a *LayoutError.
func version(ctx context.Context, conn Conn) (int64, error) {
	var there, named bool
	err := conn.ScanRow(ctx, `SELECT count(*) > 0, coalesce(bool_or(column_name = 'layout'), false) FROM duckdb_columns()
		WHERE database_name = current_database() AND schema_name = 'rollcall' AND table_name = 'schema_version'`, &there, &named)
	if err != nil || !there {
		return 0, err
	}
	if !named {
		return 0, &LayoutError{}
	}
	var found int64
	var layout string
	err = conn.ScanRow(ctx, readVersion, &found, &layout)
	if err == nil && found > 0 && layout != Layout {
		err = &LayoutError{layout}
	}
	return found, err
}

// refuseUnversioned returns a *DamageError where there are control tables, and their version is lost: no migration would fit them.
func refuseUnversioned(ctx context.Context, conn Conn) error {
	var there bool
	err := conn.ScanRow(ctx, `SELECT count(*) > 0 FROM duckdb_tables()
		WHERE database_name = current_database() AND schema_name = 'rollcall' AND table_name = 'syncs'`, &there)
	if err != nil || !there {
		return err
	}
	found, err := version(ctx, conn) // read after the tables: another migrator may just be making them
	if err == nil && found == 0 {
		return &DamageError{[]string{"rollcall.syncs is there, and rollcall.schema_version has no version"}}
	}
	return err
}

// begin makes the schema and its version row, unless they are there. The row is made in the transaction that makes the
// table, so of two programs that try at once one meets a catalog conflict and there is never a second row.
func begin(ctx context.Context, conn Conn) error {
	var there bool
	err := conn.ScanRow(ctx, `SELECT count(*) > 0 FROM duckdb_tables()
		WHERE database_name = current_database() AND schema_name = 'rollcall' AND table_name = 'schema_version'`, &there)
	if err != nil || there {
		return err
	}
	return conn.Transaction(ctx, func() error {
		_, err := conn.ExecContext(ctx, `CREATE SCHEMA IF NOT EXISTS rollcall;
			CREATE TABLE rollcall.schema_version (version BIGINT NOT NULL, layout VARCHAR, changed_at TIMESTAMPTZ);
			COMMENT ON TABLE rollcall.schema_version IS 'Version of the control tables. Rollcall''s own.';
			COMMENT ON COLUMN rollcall.schema_version.version IS 'Number of the newest migration.';
			COMMENT ON COLUMN rollcall.schema_version.layout IS 'Name of the layout that the migrations made. Tables of one layout are not upgraded to another.';
			COMMENT ON COLUMN rollcall.schema_version.changed_at IS 'When it was applied.';
			INSERT INTO rollcall.schema_version (version, changed_at) VALUES (0, now())`)
		return err
	})
}

// apply runs m and moves the version from the one before it. It reports false where m was applied already.
func apply(ctx context.Context, conn Conn, m Migration) (bool, error) {
	mine := false
	err := conn.Transaction(ctx, func() error {
		n, err := conn.ExecContext(ctx, `UPDATE rollcall.schema_version SET version = $1::BIGINT, layout = $2, changed_at = now() WHERE version = $1::BIGINT - 1`, m.Version, Layout)
		if err != nil || n == 0 {
			return err
		}
		mine = true
		_, err = conn.ExecContext(ctx, m.script)
		return err
	})
	return mine && err == nil, err
}

// retry does it again, after a little while, when it lost a race against another migrator.
func retry(ctx context.Context, do func() error) error {
	for attempt := 1; ; attempt++ {
		err := do()
		if err == nil || attempt == attempts || !raced(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(attempt)*20*time.Millisecond + rand.N(100*time.Millisecond)):
		}
	}
}

// raced reports whether err is a write-write conflict. MotherDuck and a local file both report conflicts of data as
// transaction errors, and those of the catalog under that type or as catalog errors with these words.
func raced(err error) bool {
	var e *duckdb.Error
	if !errors.As(err, &e) {
		return false
	}
	if e.Type == duckdb.ErrorTypeTransaction {
		return true
	}
	for _, words := range []string{"write-write conflict", "already exists", "Transaction conflict"} {
		if strings.Contains(e.Msg, words) {
			return true
		}
	}
	return false
}
