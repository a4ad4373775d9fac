package warehouse

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestOpenMakesAFileThatItsOwnerAloneReads(t *testing.T) {
	t.Parallel()
	w, conn := setup(t, Config{})
	if w.Name() != "control" || !w.Local() || filepath.Base(w.Path()) != "rollcall.duckdb" {
		t.Errorf("name %s, local %v, path %s", w.Name(), w.Local(), w.Path())
	}
	script(t, conn, "CREATE SCHEMA rollcall; CREATE TABLE rollcall.syncs AS SELECT 1 AS n")
	if n := count(t, conn, "rollcall.syncs"); n != 1 {
		t.Errorf("%d rows", n)
	}
	info, err := os.Stat(w.Path())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestOpenGivesTheDatabaseItsName(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ file, attached, want string }{
		{"crm.duckdb", "", "crm"},
		{"crm.v2.duckdb", "", "crm"},
		{"my-crm data.db", "", "my-crm data"},
		{"RollCall.db", "", "control"},
		{"memory.db", "", "control"},
		{"temp.db", "", "control"},
		{"main.db", "", "control"},
		{"Facts.db", "facts", "control"},
	} {
		c := Config{Database: filepath.Join(t.TempDir(), test.file)}
		if test.attached != "" {
			c.Attach = map[string]string{test.attached: newFile(t, "other.db")}
		}
		w, conn := setup(t, c)
		var current string
		if err := conn.QueryRowContext(t.Context(), "SELECT current_database()").Scan(&current); err != nil {
			t.Fatal(err)
		}
		if w.Name() != test.want || current != test.want {
			t.Errorf("%s: name %s, current %s", test.file, w.Name(), current)
		}
	}
	w, conn := setup(t, Config{Database: ":memory:"})
	script(t, conn, "CREATE SCHEMA rollcall; CREATE TABLE rollcall.t AS SELECT 1")
	if w.Name() != "memory" || w.Path() != "" || count(t, conn, "rollcall.t") != 1 {
		t.Errorf("name %s, path %q", w.Name(), w.Path())
	}
}

// newFile makes a DuckDB file with a table t of one row.
func newFile(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	w, err := Open(t.Context(), Config{Database: path})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := w.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	script(t, conn, "CREATE TABLE t AS SELECT 1 AS n")
	if err := errors.Join(conn.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAttachedFilesCanBeReadAlone(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{Attach: map[string]string{"facts": newFile(t, "f.db"), `odd "name`: newFile(t, "it's.db")}})
	if count(t, conn, "facts.t") != 1 || count(t, conn, `"odd ""name".main.t`) != 1 {
		t.Error("the attached table is not read")
	}
	if err := Script(t.Context(), conn, "INSERT INTO facts.t VALUES (2)"); err == nil {
		t.Error("the attached file was written")
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole, err := os.ReadFile(newFile(t, "whole.db"))
	if err != nil {
		t.Fatal(err)
	}
	damaged := append([]byte{}, whole...)
	for i := 4096; i < 3*4096 && i < len(damaged); i++ {
		damaged[i] = 7
	}
	good := write("good.db", whole)
	linked, hard := filepath.Join(folder, "linked.db"), filepath.Join(folder, "hard.db")
	if err := errors.Join(os.Symlink(good, linked), os.Link(good, hard)); err != nil {
		t.Fatal(err)
	}
	fresh := filepath.Join(folder, "fresh.db")
	for name, test := range map[string]struct {
		c       Config
		message string
	}{
		"no name":          {Config{}, "no database is named"},
		"folder":           {Config{Database: folder}, "is a folder"},
		"not there":        {Config{Database: filepath.Join(folder, "nope.db"), Access: ReadWrite}, "there is no file"},
		"not there either": {Config{Database: filepath.Join(folder, "nope.db"), Access: ReadOnly}, "there is no file"},
		"no folder":        {Config{Database: filepath.Join(folder, "nope", "x.db")}, "there is no folder"},
		"text":             {Config{Database: write("text.db", []byte(strings.Repeat("text", 5000)))}, "not a DuckDB database"},
		"empty":            {Config{Database: write("empty.db", nil)}, "not a DuckDB database"},
		"damaged":          {Config{Database: write("damaged.db", damaged)}, "damaged"},
		"newer":            {Config{Database: write("newer.db", withVersion(whole, 9999))}, "newer DuckDB (storage version 9999)"},
		"attach missing":   {Config{Database: good, Attach: map[string]string{"x": filepath.Join(folder, "nope.db")}}, "there is no database"},
		"attach rollcall":  {Config{Database: good, Attach: map[string]string{"Rollcall": good}}, "can't be called"},
		"attach temp":      {Config{Database: good, Attach: map[string]string{"temp": good}}, "can't be called"},
		"attach memory":    {Config{Database: good, Attach: map[string]string{"memory": good}}, "can't be called"},
		"attach no name":   {Config{Database: good, Attach: map[string]string{"": good}}, "can't be called"},
		"attach control":   {Config{Database: filepath.Join(folder, "rollcall.db"), Attach: map[string]string{"control": good}}, "can't be called"},
		"attach itself":    {Config{Database: good, Attach: map[string]string{"x": good}}, "is the control database itself"},
		"attach a link":    {Config{Database: good, Attach: map[string]string{"x": linked}}, "is the control database itself"},
		"attach its twin":  {Config{Database: good, Attach: map[string]string{"x": hard}}, "is the control database itself"},
		"attach new one":   {Config{Database: fresh, Attach: map[string]string{"x": fresh}}, "is the control database itself"},
		"no data folder":   {Config{Database: good, DataFolders: []string{filepath.Join(folder, "nope")}}, "there is no data folder"},
		"file for folder":  {Config{Database: good, DataFolders: []string{good}}, "there is no data folder"},
		"file for parents": {Config{Database: filepath.Join(good, "x.db")}, ""},
	} {
		if name == "no name" {
			test.c.Database = ""
		}
		w, err := Open(t.Context(), test.c)
		if err == nil {
			w.Close()
			t.Errorf("%s: no error", name)
			continue
		}
		var known *Error
		if test.message != "" && (!errors.As(err, &known) || !strings.Contains(known.Error(), test.message) || known.Hint() == "") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"rollcall.db", "fresh.db", "nope.db"} {
		if _, err := os.Stat(filepath.Join(folder, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a refused opening left the file %s: %v", name, err)
		}
	}
}

// withVersion is a DuckDB file with another storage version. The header is 4096 bytes: the checksum of
// what follows, the letters DUCK, the version. The checksum is the exclusive or of the products of each
// word and a constant (DuckDB, src/common/checksum.cpp), so that one word can be exchanged.
func withVersion(file []byte, version uint64) []byte {
	changed := append([]byte{}, file...)
	binary.LittleEndian.PutUint64(changed[12:], version)
	sum := uint64(5381)
	for i := 8; i < 4096; i += 8 {
		sum ^= binary.LittleEndian.Uint64(changed[i:]) * 0xbf58476d1ce4e5b9
	}
	binary.LittleEndian.PutUint64(changed, sum)
	return changed
}

func TestTheEngineIsLocked(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	_, conn := setup(t, Config{DataFolders: []string{folder}})
	other := filepath.Join(t.TempDir(), "out")
	for _, statement := range []string{
		"COPY (SELECT 1) TO '" + other + "'",
		"EXPORT DATABASE '" + other + "'",
		"FROM read_text('/etc/hostname')",
		"FROM read_csv('/etc/passwd')",
		"FROM read_csv('" + folder + "/../x.csv')",
		"FROM glob('/etc/*')",
		"ATTACH '" + other + "'",
		"ATTACH 'md:'",
		"INSTALL httpfs",
		"LOAD httpfs",
		"INSTALL motherduck",
		"FROM 'https://example.com/x.csv'",
		"SET enable_external_access = true",
		"SET threads = 1",
		"SET allowed_directories = ['/']",
		"SET temp_directory = '/'",
		"SET lock_configuration = false",
		"RESET lock_configuration",
		"CREATE PERSISTENT SECRET (TYPE http, BEARER_TOKEN 'x')",
		"SET autoload_known_extensions = true",
	} {
		if _, err := conn.ExecContext(t.Context(), statement); err == nil {
			t.Errorf("%s\n\tran", statement)
		}
	}
	if _, err := os.Stat(other); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was written: %v", err)
	}
}

func TestALockedEngineStillSpillsAndCheckpoints(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rollcall.duckdb")
	w, conn := setup(t, Config{Database: path, MemoryLimit: "100MB", Threads: 2})
	script(t, conn, "CREATE TABLE t AS SELECT range AS id, 'somebody' || range || '@example.com' AS email FROM range(1500000)")
	script(t, conn, "INSERT INTO t VALUES (1, 'x')")
	if _, err := os.Stat(path + ".wal"); err != nil {
		t.Errorf("no write-ahead log: %v", err)
	}
	script(t, conn, "CREATE TEMP TABLE sorted AS SELECT * FROM t ORDER BY md5(email)")
	var spilled int
	if err := conn.QueryRowContext(t.Context(), "SELECT count(*) FROM duckdb_temporary_files()").Scan(&spilled); err != nil || spilled == 0 {
		t.Errorf("nothing was spilled: %v", err)
	}
	script(t, conn, "DROP TABLE sorted; CHECKPOINT "+w.Name())
	if err := errors.Join(conn.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
	_, again := setup(t, Config{Database: path})
	if n := count(t, again, "t"); n != 1500001 {
		t.Errorf("%d rows", n)
	}
}

// A file that can be read alone, in a folder that can be read alone, is spilled elsewhere, and nothing is left there.
func TestReadOnlySpillsWhereItCan(t *testing.T) {
	path := newFile(t, "crm.duckdb")
	folder := filepath.Dir(path)
	if err := errors.Join(os.Chmod(path, 0o400), os.Chmod(folder, 0o500)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(folder, 0o700) })
	scratch := t.TempDir()
	t.Setenv("TMPDIR", scratch)
	w, err := Open(t.Context(), Config{Database: path, Access: ReadOnly, MemoryLimit: "100MB", Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := w.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	script(t, conn, "CREATE TEMP TABLE sorted AS SELECT range AS id, 'somebody' || range || '@example.com' AS email FROM range(1500000) ORDER BY md5(range::VARCHAR)")
	if n := count(t, conn, "duckdb_temporary_files()"); n == 0 {
		t.Error("nothing was spilled")
	}
	if err := errors.Join(conn.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{scratch, folder} {
		if left, err := os.ReadDir(dir); err != nil || len(left) != map[string]int{scratch: 0, folder: 1}[dir] {
			t.Errorf("%s holds %v, %v", dir, left, err)
		}
	}
}

func TestConnectionsShareTheDatabaseAndNotTheirTempTables(t *testing.T) {
	t.Parallel()
	w, one := setup(t, Config{})
	script(t, one, "CREATE TABLE shared AS SELECT 1; CREATE TEMP TABLE own AS SELECT 1")
	for range 3 {
		two, err := w.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if count(t, two, "shared") != 1 {
			t.Error("the other connection does not see the table")
		}
		if _, err := two.ExecContext(t.Context(), "CREATE TEMP TABLE own AS SELECT 2"); err != nil {
			t.Errorf("a temp table leaked: %v", err)
		}
		if err := two.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCloseSaysWhenAConnectionIsOpen(t *testing.T) {
	t.Parallel()
	w, err := Open(t.Context(), Config{Database: filepath.Join(t.TempDir(), "x.db")})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := w.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err == nil || !strings.Contains(err.Error(), "1 connections are still open") {
		t.Errorf("got %v", err)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	if err := w.Close(); err != nil {
		t.Errorf("a second call: %v", err)
	}
}

// TestMain is the process that holds a database open, where it is started as one.
func TestMain(m *testing.M) {
	path := os.Getenv("WAREHOUSE_TEST_HOLD")
	if path == "" {
		os.Exit(m.Run())
	}
	w, err := Open(context.Background(), Config{Database: path})
	fmt.Println("open", err)
	io.Copy(io.Discard, os.Stdin)
	if err == nil {
		w.Close()
	}
}

func TestOpenNamesTheProcessThatHoldsTheFile(t *testing.T) {
	t.Parallel()
	path := newFile(t, "rollcall.duckdb")
	holder := exec.Command(os.Args[0], "-test.run=^$")
	holder.Env = append(os.Environ(), "WAREHOUSE_TEST_HOLD="+path)
	stdin, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil || line != "open <nil>\n" {
		t.Fatalf("%q, %v", line, err)
	}
	_, err = Open(t.Context(), Config{Database: path})
	var known *Error
	if !errors.As(err, &known) || !strings.Contains(known.Error(), "PID "+strconv.Itoa(holder.Process.Pid)) || !strings.Contains(known.Hint(), "one process at a time") {
		t.Errorf("got %v", err)
	}
	stdin.Close()
	if err := holder.Wait(); err != nil {
		t.Error(err)
	}
	_, conn := setup(t, Config{Database: path})
	if count(t, conn, "t") != 1 {
		t.Error("the file is not read once it is free")
	}
}
