package warehouse

import (
	"database/sql"
	"database/sql/driver"
	"encoding/base64"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rollcall/engine/warehouse/remotetest"
)

// token is a token of the right form with these claims.
func token(claims string) string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"HS256"}`)) + "." + part([]byte(claims)) + "." + part([]byte("signature"))
}

func TestCheckTokenFindsWhatTheServerWouldRefuse(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct{ token, message string }{
		{"", "there is no MotherDuck token"},
		{"abc", "not whole"},
		{"a.b", "not whole"},
		{"a.b.c.d", "not whole"},
		{`"` + token("{}") + `"`, "not whole"},
		{token("{}") + "\n", "not whole"},
		{token("no claims"), "not whole"},
		{token(`{"exp": 1700000000}`), "expired on 2023-11-14"},
		{token(`{"exp": 1795219200}`), "expired on 2026-11-21"},
		{token(`{"exp": 1900000000}`), ""},
		{token(`{"sub": "x"}`), ""},
	} {
		err := checkToken(test.token, now)
		if test.message == "" {
			if err != nil {
				t.Errorf("%s: %v", test.token, err)
			}
			continue
		}
		var known *Error
		if !errors.As(err, &known) || !strings.Contains(known.Error(), test.message) || !strings.Contains(known.Hint(), "MOTHERDUCK_TOKEN") {
			t.Errorf("%q: %v", test.token, err)
		} else if len(test.token) > 20 && strings.Contains(known.Error()+known.Hint(), test.token[5:15]) {
			t.Errorf("the error shows the token: %v", known)
		}
	}
}

func TestMotherDuckTokenIsTakenAsItsOwnClientsDo(t *testing.T) {
	t.Parallel()
	vars := map[string]string{"motherduck_token": "lower", "MOTHERDUCK_TOKEN": "upper"}
	if got := motherDuckToken(func(k string) string { return vars[k] }); got != "lower" {
		t.Errorf("got %s", got)
	}
	delete(vars, "motherduck_token")
	if got := motherDuckToken(func(k string) string { return vars[k] }); got != "upper" {
		t.Errorf("got %s", got)
	}
}

// refusedOpening wants opening to fail with an error that has a hint and contains no secret.
func refusedOpening(t *testing.T, c Config, message, hint string) {
	t.Helper()
	w, err := Open(t.Context(), c)
	if err == nil {
		_ = w.Close()
	}
	var known *Error
	if !errors.As(err, &known) || !strings.Contains(known.Error(), message) || !strings.Contains(known.Hint(), hint) || strings.Contains(err.Error(), "secret") {
		t.Errorf("%s: %v", c.Database, err)
		if known != nil {
			t.Log(known.Hint())
		}
	}
}

func TestMotherDuckRefusesNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		config        Config
		message, hint string
	}{
		{Config{Database: "md:rollcall"}, "can't be called rollcall", "DETACH rollcall"},
		{Config{Database: "md:RollCall"}, "can't be called rollcall", "DETACH rollcall"},
		{Config{Database: "md:crm?motherduck_token=secret"}, "named md:NAME", "MOTHERDUCK_TOKEN"},
		{Config{Database: "md:crm;motherduck_token=secret"}, "named md:NAME", "MOTHERDUCK_TOKEN"},
		{Config{Database: "MD:crm&motherduck_token=secret"}, "named md:NAME", "MOTHERDUCK_TOKEN"},
		{Config{Database: "md:crm=secret"}, "named md:NAME", "MOTHERDUCK_TOKEN"},
		{Config{Database: "md:100%secret"}, "can't hold %, #", "another name"},
		{Config{Database: "md:crm#secret"}, "can't hold %, #", "another name"},
		{Config{Database: "md:crm\x00"}, "can't hold %, #", "another name"},
		{Config{Database: "md:crm", Attach: map[string]string{"x": "y"}}, "can't be used with MotherDuck", "local database"},
		{Config{Database: "md:crm", DataFolders: []string{"data"}}, "can't be used with MotherDuck", "local database"},
	} {
		refusedOpening(t, test.config, test.message, test.hint)
	}
}

// opened opens a database through a stand-in of the driver, and returns the data source name that the driver got, split at its options.
func opened(t *testing.T, c Config) (name string, options url.Values) {
	t.Helper()
	connect := remotetest.New(t).Client(0).Connect
	c.Connect = func(dsn string, init func(driver.ExecerContext) error) (driver.Connector, error) {
		var query string
		name, query, _ = strings.Cut(dsn, "?")
		var err error
		if options, err = url.ParseQuery(query); err != nil {
			t.Error(err)
		}
		return connect(dsn, init)
	}
	w, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(options.Get("temp_directory")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder for spilled data: %v, %v", info, err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(options.Get("temp_directory")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder for spilled data stays: %v", err)
	}
	return name, options
}

// The name reaches MotherDuck as it is, and the settings reach the engine.
func TestMotherDuckDSN(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	name, options := opened(t, Config{
		Database: "md:Büro 1", UserAgent: "rollcall/1.0", MemoryLimit: "2GB", Threads: 4, TempDirectory: temp, ExtensionDirectory: "/opt/ext", KeepExtensions: true,
	})
	if name != "md:Büro 1" || filepath.Dir(options.Get("temp_directory")) != temp {
		t.Errorf("%s %v", name, options)
	}
	options.Del("temp_directory")
	want := "autoinstall_known_extensions=false&custom_user_agent=rollcall%2F1.0&extension_directory=%2Fopt%2Fext&memory_limit=2GB" +
		"&motherduck_dbinstance_inactivity_ttl=0s&motherduck_saas_mode=true&threads=4"
	if options.Encode() != want {
		t.Errorf("got %s", options.Encode())
	}
	_, options = opened(t, Config{Database: "md:crm"})
	if options.Has("extension_directory") || options.Has("autoinstall_known_extensions") || options.Has("memory_limit") {
		t.Errorf("got %v", options)
	}
	if _, options = opened(t, Config{Database: "md:crm", WithoutSaaSMode: true}); options.Has("motherduck_saas_mode") {
		t.Errorf("got %v", options)
	}
}

// server is a MotherDuck with statements run on it.
func server(t *testing.T, statements ...string) (c Config, run func(statement string)) {
	t.Helper()
	client := remotetest.New(t).Client(0)
	connector, err := client.Connect("", nil)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { _ = db.Close() })
	run = func(statement string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range statements {
		run(s)
	}
	return Config{Database: "md:" + remotetest.Database, Connect: client.Connect}, run
}

// Beside another database called rollcall no statement on the control tables would be understood. The hint names a way that works.
func TestAnotherDatabaseCalledRollcall(t *testing.T) {
	t.Parallel()
	c, run := server(t, "ATTACH ':memory:' AS RollCall")
	refusedOpening(t, c, "another database or share called rollcall is attached", "DETACH rollcall")
	run("DETACH rollcall")
	w, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	conn, err := w.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	script(t, conn, "CREATE SCHEMA rollcall; CREATE TABLE rollcall.syncs (name VARCHAR)")
	run("ATTACH ':memory:' AS rollcall") // while a runner is at work
	err = Script(t.Context(), conn, "UPDATE rollcall.syncs SET name = NULL")
	var known *Error
	if !errors.As(err, &known) || !strings.Contains(known.Error(), "called rollcall is attached") || !strings.Contains(known.Hint(), "DETACH rollcall") {
		t.Errorf("%v", err)
	}
	run("DETACH rollcall")
}

// The default database of a token may be called rollcall: the hint names another one, and says that this one must be detached.
func TestDefaultDatabaseCalledRollcall(t *testing.T) {
	t.Parallel()
	c, _ := server(t, "ATTACH ':memory:' AS rollcall")
	connect := c.Connect
	c.Connect = func(dsn string, init func(driver.ExecerContext) error) (driver.Connector, error) {
		return connect(dsn, func(conn driver.ExecerContext) error {
			_, err := conn.ExecContext(t.Context(), "USE rollcall", nil)
			return errors.Join(err, init(conn))
		})
	}
	c.Database = "md:"
	refusedOpening(t, c, "can't be called rollcall", "DETACH rollcall")
}

// Where there is no home directory, or none that can be written, the error says so, and the settings that the hint names lead out.
func TestOpenMotherDuckNeedsAHome(t *testing.T) {
	t.Setenv("motherduck_token", "")
	t.Setenv("MOTHERDUCK_TOKEN", token("{}"))
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	missing := filepath.Join(t.TempDir(), "missing")
	t.Setenv("HOME", missing)
	refusedOpening(t, Config{Database: "md:crm"}, missing, "HOME")
	t.Setenv("HOME", "")
	refusedOpening(t, Config{Database: "md:crm"}, "home directory", "extension_directory")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	shipped := t.TempDir()
	refusedOpening(t, Config{Database: "md:crm", ExtensionDirectory: shipped, KeepExtensions: true}, "there is no "+shipped, "install_extensions")
	t.Setenv("HOME", t.TempDir())
	refusedOpening(t, Config{Database: "md:crm", ExtensionDirectory: filepath.Join(file, "below")}, "can't make the folder "+file, "extension_directory")
	refusedOpening(t, Config{Database: "md:crm", TempDirectory: missing}, missing, "temp_directory")
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("an opening that failed leaves %v, %v", left, err)
	}
}

// A name with a blank and an umlaut passes the driver: what fails is the download.
func TestMotherDuckNamesPassTheDriver(t *testing.T) {
	t.Setenv("motherduck_token", "")
	t.Setenv("MOTHERDUCK_TOKEN", token("{}"))
	t.Setenv("HOME", t.TempDir())
	refusedOpening(t, Config{Database: "md:Büro 1", ExtensionDirectory: t.TempDir(), KeepExtensions: true}, "extension of DuckDB is not installed", "install_extensions")
}

func TestOpenMotherDuckWithoutNetworkSaysSo(t *testing.T) {
	t.Setenv("motherduck_token", "")
	t.Setenv("MOTHERDUCK_TOKEN", token("{}"))
	t.Setenv("HOME", t.TempDir())
	w, err := Open(t.Context(), Config{Database: "md:crm"})
	if err == nil {
		w.Close()
		t.Skip("MotherDuck answered")
	}
	var known *Error
	if !errors.As(err, &known) {
		t.Fatalf("no hint: %v", err)
	}
	if !strings.Contains(known.Error(), "could not be downloaded") {
		t.Skipf("the network answered: %v", err)
	}
	if !strings.Contains(known.Hint(), "extensions.duckdb.org on port 80") {
		t.Errorf("hint: %s", known.Hint())
	}
	t.Setenv("MOTHERDUCK_TOKEN", "")
	if _, err := Open(t.Context(), Config{Database: "md:crm"}); err == nil || !strings.Contains(err.Error(), "no MotherDuck token") {
		t.Errorf("got %v", err)
	}
}
