package warehouse

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

const inMemory = ":memory:"

// reserved are names that no database may have: DuckDB's own, and those of schemas, since
// DuckDB refuses "x.y" as ambiguous where x is both a database and a schema of the current one.
var reserved = []string{"rollcall", "memory", "temp", "system", "main", "pg_catalog", "information_schema"}

func isReserved(name string) bool {
	return slices.ContainsFunc(reserved, func(r string) bool { return strings.EqualFold(r, name) })
}

// openLocal opens an in-memory engine and attaches the file to it: opened directly,
// the file rollcall.duckdb would be the database rollcall, in which the schema rollcall
// can't be named.
func openLocal(ctx context.Context, c Config) (*Warehouse, error) {
	w := &Warehouse{local: true, name: "memory"}
	created := false
	if c.Database != inMemory {
		path, isNew, err := localFile(c.Database)
		if err != nil {
			return nil, err
		}
		if isNew && c.Access != Create {
			return nil, &Error{message: "there is no file " + path, hint: "name the one that is meant with --database, or make it: rollcall init --database " + c.Database}
		}
		w.path, created = path, isNew
		w.name = aliasFor(path, c.Attach)
	}
	if err := w.openEngine(ctx, c); err != nil {
		return nil, errors.Join(err, w.removeScratch())
	}
	if created {
		// The engine makes the file itself, with what the umask leaves; nothing is in it yet.
		if err := os.Chmod(w.path, 0o600); err != nil {
			return nil, errors.Join(err, w.db.Close())
		}
	}
	return w, nil
}

// openEngine opens the in-memory engine, attaches the files and locks it.
func (w *Warehouse) openEngine(ctx context.Context, c Config) error {
	setup, err := localSetup(w, c)
	if err != nil {
		return err
	}
	ready := false
	connector, err := duckdb.NewConnector(localDSN(c), func(conn driver.ExecerContext) error {
		if !ready {
			return nil
		}
		_, err := conn.ExecContext(context.Background(), "USE "+quoteName(w.name), nil)
		return err
	})
	if err != nil {
		return err
	}
	w.db = sql.OpenDB(connector)
	w.db.SetMaxIdleConns(0)
	if err := w.execAll(ctx, setup); err != nil {
		return errors.Join(err, w.db.Close())
	}
	ready = true
	return nil
}

// localDSN is the in-memory engine, with the setting that it would otherwise start threads without.
func localDSN(c Config) string {
	if c.Threads == 0 {
		return inMemory
	}
	return inMemory + "?threads=" + strconv.Itoa(c.Threads)
}

// makeScratch makes a folder for spilled data that this process has for itself and nobody else can read, in the one that is given or, for
// "", in the system's.
func (w *Warehouse) makeScratch(in string) (err error) {
	if w.scratch, err = os.MkdirTemp(in, "rollcall-"); err != nil {
		return &Error{
			message: "there is no place for data that does not fit into memory: " + err.Error(),
			hint:    "name a folder that this user can write with temp_directory (or TMPDIR)",
			err:     err,
		}
	}
	return nil
}

// removeScratch takes away the folder that was made for spilled data, if one was.
func (w *Warehouse) removeScratch() error {
	if w.scratch == "" {
		return nil
	}
	return os.RemoveAll(w.scratch)
}

// localFile is the database's absolute path, and whether the file is still to be made.
func localFile(database string) (path string, isNew bool, err error) {
	if database == "" {
		return "", false, &Error{message: "no database is named", hint: `name a file, or "md:NAME" for MotherDuck`}
	}
	path, err = filepath.Abs(database)
	if err != nil {
		return "", false, err
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return "", false, &Error{message: path + " is a folder", hint: "name a file in it"}
	case err == nil:
		return path, false, nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", false, err
	}
	folder := filepath.Dir(path)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return "", false, &Error{
			message: "there is no folder " + folder,
			hint:    "make it, or name a database somewhere else",
			err:     err,
		}
	}
	return path, true, nil
}

// aliasFor is the name under which the file is attached: the one that DuckDB itself would
// give it, its base name up to the first dot, unless that is taken.
func aliasFor(path string, attach map[string]string) string {
	name, _, _ := strings.Cut(filepath.Base(path), ".")
	taken := func(n string) bool { return strings.EqualFold(n, name) }
	if name == "" || isReserved(name) || slices.ContainsFunc(slices.Collect(maps.Keys(attach)), taken) {
		return "control"
	}
	return name
}

// localSetup lists what is run once, on the first connection: settings, databases, and
// then the lock, after which neither can be changed.
func localSetup(w *Warehouse, c Config) ([]string, error) {
	var setup []string
	set := func(name, value string) { setup = append(setup, "SET "+name+" = "+value) }
	folder, err := spillFolder(w, c)
	if err != nil {
		return nil, err
	}
	if folder != "" {
		set("temp_directory", quoteText(folder))
	}
	if c.MemoryLimit != "" {
		set("memory_limit", quoteText(c.MemoryLimit))
	}
	if w.path != "" {
		attach := "ATTACH " + quoteText(w.path) + " AS " + quoteName(w.name)
		if c.Access == ReadOnly {
			attach += " (READ_ONLY)"
		}
		setup = append(setup, attach)
	}
	attached, err := attachments(w, c.Attach)
	if err != nil {
		return nil, err
	}
	setup = append(setup, attached...)
	folders, err := dataFolders(c.DataFolders)
	if err != nil {
		return nil, err
	}
	if len(folders) > 0 {
		set("allowed_directories", quoteTexts(folders))
	}
	for _, name := range []string{
		"autoinstall_known_extensions", "autoload_known_extensions", "allow_community_extensions",
		"allow_persistent_secrets", "enable_external_access",
	} {
		set(name, "false")
	}
	set("lock_configuration", "true")
	return setup, nil
}

// spillFolder is where the engine spills data; "" is its own default. The engine makes the folder when it needs it, and takes it away.
// Processes that read one file must not share it, since the files in it have the same names; and they may not be able to write beside the
// database.
func spillFolder(w *Warehouse, c Config) (folder string, err error) {
	switch {
	case c.TempDirectory == "" && w.path == "":
		return "", nil
	case c.TempDirectory == "" && c.Access != ReadOnly:
		return w.path + ".tmp", nil
	case c.TempDirectory == "" && canWrite(filepath.Dir(w.path)):
		return fmt.Sprintf("%s.%d.tmp", w.path, os.Getpid()), nil
	}
	err = w.makeScratch(c.TempDirectory)
	return w.scratch, err
}

// attachments are the statements that attach the further files, by name.
func attachments(w *Warehouse, attach map[string]string) ([]string, error) {
	var statements []string
	seen := []string{w.name}
	for _, name := range slices.Sorted(maps.Keys(attach)) {
		taken := slices.ContainsFunc(seen, func(s string) bool { return strings.EqualFold(s, name) })
		if name == "" || taken || isReserved(name) {
			return nil, &Error{
				message: fmt.Sprintf("attach %s: a database can't be called %q", attach[name], name),
				hint:    "give it another name; taken are " + strings.Join(append(seen, reserved...), ", "),
			}
		}
		seen = append(seen, name)
		path, err := filepath.Abs(attach[name])
		if err != nil {
			return nil, err
		}
		if sameFile(path, w.path) {
			return nil, &Error{
				message: fmt.Sprintf("attach %s: it is the control database itself", attach[name]),
				hint:    "take " + name + " out of attach: queries read the tables of the control database by their plain names",
			}
		}
		statements = append(statements, "ATTACH "+quoteText(path)+" AS "+quoteName(name)+" (READ_ONLY)")
	}
	return statements, nil
}

// sameFile reports whether both paths lead to one file, by whatever links.
func sameFile(a, b string) bool {
	if a == b {
		return true
	}
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// dataFolders makes the folders absolute, with symbolic links resolved, since the
// engine compares paths after it has resolved them.
func dataFolders(folders []string) ([]string, error) {
	var paths []string
	for _, folder := range folders {
		path, err := filepath.Abs(folder)
		if err != nil {
			return nil, err
		}
		info, err := os.Stat(path)
		if err != nil || !info.IsDir() {
			return nil, &Error{message: "there is no data folder " + path, hint: "make it, or take it out of data_folders", err: err}
		}
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// execAll runs statements of our own one after another on one connection.
func (w *Warehouse) execAll(ctx context.Context, statements []string) error {
	conn, err := w.connect(ctx)
	if err != nil {
		return err
	}
	for _, s := range statements {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return errors.Join(err, conn.Close())
		}
	}
	return conn.Close()
}
