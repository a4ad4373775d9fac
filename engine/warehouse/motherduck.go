package warehouse

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/duckdb/duckdb-go/v2"
)

const motherDuckPrefix = "md:"

// isMotherDuck reports whether the name is one of MotherDuck, in any case.
func isMotherDuck(database string) bool {
	return len(database) >= len(motherDuckPrefix) && strings.EqualFold(database[:len(motherDuckPrefix)], motherDuckPrefix)
}

// afterName are the characters that could part a database's name from options, of which a token may be one.
const afterName = "?&=;"

// notPassedOn are the characters that a name of MotherDuck's can't hold: the driver reads it as a URL, in which they begin an escape and a
// fragment, and hands it on as it stands, so that an escaped name would be another one.
const notPassedOn = "%#"

// Shown is the name of a database as messages may show it: what follows the name of one in MotherDuck is left out.
func Shown(database string) string {
	end := strings.IndexAny(database, afterName+notPassedOn)
	if end < 0 || !isMotherDuck(database) {
		return database
	}
	return database[:end] + database[end:end+1] + "***"
}

// openMotherDuck opens a MotherDuck database in the workspace of the token that the
// environment holds, which the engine reads for itself: it is in no DSN and no setting.
func openMotherDuck(ctx context.Context, c Config) (*Warehouse, error) {
	if err := checkMotherDuck(c); err != nil {
		return nil, err
	}
	if c.Connect == nil {
		if err := checkToken(motherDuckToken(os.Getenv), time.Now()); err != nil {
			return nil, err
		}
		c.Connect = func(dsn string, init func(driver.ExecerContext) error) (driver.Connector, error) {
			return duckdb.NewConnector(dsn, init)
		}
	}
	limits := c.Remote.orDefaults()
	w := &Warehouse{limits: &limits}
	if err := w.makeScratch(c.TempDirectory); err != nil {
		return nil, err
	}
	if err := w.openRemote(ctx, c); err != nil {
		return nil, errors.Join(err, w.removeScratch())
	}
	return w, nil
}

// openRemote opens the database and looks whether the control tables can be named in it.
func (w *Warehouse) openRemote(ctx context.Context, c Config) error {
	connector, err := w.openConnector(ctx, motherDuckDSN(c, w.scratch), c.Connect)
	if err != nil {
		return err
	}
	w.db = sql.OpenDB(connector)
	w.db.SetMaxIdleConns(0)
	name, ambiguous, err := w.readName(ctx)
	if err == nil {
		err = checkName(name)
	}
	if err == nil && ambiguous {
		err = errAmbiguous
	}
	if err != nil {
		return errors.Join(err, w.closeEngine())
	}
	w.name = name
	return nil
}

// openConnector opens the database, again where the connection fails. The driver takes no context and downloads the extension, connects and
// authenticates before it returns, so it is not waited for when the context or the limit has ended. Each connection says which
// database it is in, once that is known.
func (w *Warehouse) openConnector(ctx context.Context, dsn string, connect func(string, func(driver.ExecerContext) error) (driver.Connector, error)) (driver.Connector, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, w.limits.Open, errLimit)
	defer cancel()
	use := func(conn driver.ExecerContext) error {
		if w.name == "" {
			return nil
		}
		_, err := conn.ExecContext(context.Background(), "USE "+quoteName(w.name), nil)
		return err
	}
	for attempt := 1; ; attempt++ {
		connector, answered, err := within(ctx, 0, func() (driver.Connector, error) { return connect(dsn, use) }, closeConnector)
		if err == nil {
			return connector, nil
		}
		if !IsConnection(err) || attempt == Attempts || pause(ctx, w.limits.Backoff, attempt) != nil {
			return nil, w.limits.slowOpening(answered, err)
		}
	}
}

func closeConnector(late driver.Connector) {
	if closer, ok := late.(io.Closer); ok {
		_ = closer.Close()
	}
}

// readName asks for the name of the database that the connections are in, and whether another one that is attached is called rollcall.
func (w *Warehouse) readName(ctx context.Context) (name string, ambiguous bool, err error) {
	conn, err := w.connect(ctx)
	if err != nil {
		return "", false, err
	}
	err = conn.ScanRow(ctx, queries.CurrentDatabase.text, &name, &ambiguous)
	return name, ambiguous, errors.Join(err, conn.Close())
}

// checkMotherDuck refuses what can't be opened in MotherDuck.
func checkMotherDuck(c Config) error {
	name := c.Database[len(motherDuckPrefix):]
	if strings.ContainsAny(name, afterName) {
		return &Error{
			message: "a MotherDuck database is named md:NAME, with nothing after the name",
			hint:    "put the token into the environment variable MOTHERDUCK_TOKEN",
		}
	}
	if strings.ContainsAny(name, notPassedOn) || strings.ContainsFunc(name, unicode.IsControl) {
		return &Error{
			message: "the name of a MotherDuck database can't hold %, # or a control character here: the driver takes them for parts of an address",
			hint:    "use a database with another name, such as md:ops",
		}
	}
	if err := checkName(name); err != nil {
		return err
	}
	if len(c.Attach) > 0 || len(c.DataFolders) > 0 {
		return &Error{
			message: "files and data folders can't be used with MotherDuck",
			hint:    "load the data into MotherDuck, or use a local database",
		}
	}
	return nil
}

// motherDuckDSN is the data source name of a database that checkMotherDuck lets pass. saas_mode keeps MotherDuck's extension from local
// files, other extensions and settings, and an inactivity limit of 0 ends the session with the process. Those two options have
// the prefix since the driver reads what follows "?" as DuckDB's own settings (MotherDuck documentation,
// "Go driver" and "Connection string parameters"). The name is not escaped: the driver hands it on as it stands. temp is the folder for
// spilled data: by default DuckDB would make one called "md:NAME.tmp" in the working directory.
func motherDuckDSN(c Config, temp string) string {
	options := url.Values{}
	if !c.WithoutSaaSMode {
		options.Set("motherduck_saas_mode", "true")
	}
	options.Set("motherduck_dbinstance_inactivity_ttl", "0s")
	options.Set("temp_directory", temp)
	set := func(name, value string) {
		if value != "" {
			options.Set(name, value)
		}
	}
	set("custom_user_agent", c.UserAgent)
	set("memory_limit", c.MemoryLimit)
	set("extension_directory", c.ExtensionDirectory)
	if c.Threads > 0 {
		options.Set("threads", strconv.Itoa(c.Threads))
	}
	if c.KeepExtensions {
		options.Set("autoinstall_known_extensions", "false")
	}
	return motherDuckPrefix + c.Database[len(motherDuckPrefix):] + "?" + options.Encode()
}

// leaveWorkspace is the hint to detach another database called rollcall. Detaching loses nothing, and MotherDuck remembers it for
// the account (its documentation, "DETACH").
const leaveWorkspace = "in MotherDuck, with the account of the token: DETACH rollcall (it can be attached again; a share also under another name: ATTACH '<URL>' AS other_name)"

// errAmbiguous refuses a workspace in which the schema rollcall can't be named.
var errAmbiguous = &Error{
	message: "another database or share called rollcall is attached: beside it DuckDB takes rollcall.syncs for ambiguous, and every statement would fail",
	hint:    leaveWorkspace,
}

// checkName refuses the one name under which the schema rollcall can't be found.
func checkName(name string) error {
	if !strings.EqualFold(name, "rollcall") {
		return nil
	}
	return &Error{
		message: "the control database can't be called rollcall: its schema is, and DuckDB takes rollcall.syncs for ambiguous",
		hint:    "make another one, such as CREATE DATABASE rollcall_control, and name it with md:rollcall_control; the one called rollcall must not stay attached either, " + leaveWorkspace,
	}
}

// motherDuckToken is the token in the order in which MotherDuck's own clients look for it.
func motherDuckToken(getenv func(string) string) string {
	if token := getenv("motherduck_token"); token != "" {
		return token
	}
	return getenv("MOTHERDUCK_TOKEN")
}

// checkToken finds what the server would refuse only after a download and with an obscure text: a
// token is a JSON Web Token, three base64url parts, of which the second may contain when it expires.
// The error never holds any of it.
func checkToken(token string, now time.Time) error {
	if token == "" {
		return &Error{
			message: "there is no MotherDuck token",
			hint:    "make one in MotherDuck (Settings, Access Tokens) and put it into the environment variable MOTHERDUCK_TOKEN",
		}
	}
	malformed := &Error{
		message: "the MotherDuck token is not whole",
		hint:    "copy it again into MOTHERDUCK_TOKEN; it has three parts with dots between them, and no spaces or quotes",
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 || strings.ContainsAny(token, " \t\r\n") {
		return malformed
	}
	var claims struct {
		Exp json.Number `json:"exp"`
	}
	for i, part := range parts {
		raw, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil || len(raw) == 0 {
			return malformed
		}
		if i == 1 && json.Unmarshal(raw, &claims) != nil {
			return malformed
		}
	}
	if seconds, err := claims.Exp.Float64(); err == nil {
		if expiry := time.Unix(int64(seconds), 0); !expiry.After(now) {
			return &Error{
				message: "the MotherDuck token expired on " + expiry.UTC().Format(time.DateOnly),
				hint:    "make a new one in MotherDuck (Settings, Access Tokens) and put it into MOTHERDUCK_TOKEN",
			}
		}
	}
	return nil
}
