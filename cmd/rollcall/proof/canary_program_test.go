package proof

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/cmd/rollcall/cli"
	"rollcall/cmd/rollcall/clitest"
	"rollcall/engine/hubspot/sandbox"
)

// Secrets that must be nowhere, and addresses that must be in the ledger's keys and in what was asked for, and nowhere else. The
// contacts that the sandbox is seeded with have their addresses by number; each 50th has a secondary one at old.example.com.
const (
	canaryToken        = "canary.access.0a1b2c3d"
	canaryClientSecret = "canary-client-4e5f6071"
	canaryRefreshToken = "canary+refresh/8293a4b5" // a form escapes it
	// A JSON Web Token that has expired, so that MotherDuck's extension is not fetched for it.
	canaryMotherDuck = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3MDQwNjcyMDB9.Y2FuYXJ5c2lnbmF0dXJl"

	canaryUnmatched = "Unmatched.Canary@example.org"
	canaryInvalid   = "invalid canary@example.con"
	canarySecondary = "contact-00050@old.example.com"
)

var (
	secretLike = regexp.MustCompile(`canary\.access|canary-client|canary\+refresh|canary%2Brefresh|0a1b2c3d|4e5f6071|8293a4b5|eyJhbG|eyJleH|Y2FuYX|sandbox-access-token`)
	// The local parts are enough, so that an address that is escaped or cut is found too.
	addressOfSomebody = regexp.MustCompile(`(?i)contact-0|unmatched[._]?canary|invalid canary|old\.example|@example`)
)

// echo is an answer of HubSpot's that quotes whatever it was given, in each of the ways that JSON knows.
func (c *canary) echo() string {
	given := strings.Join(c.secrets, " ")
	quoted := fmt.Sprintf(`contact-00001@example.com, contact-00002%%40example.com, contact-00003\u0040example.com, %s and %s; Authorization: Bearer %s`,
		canaryUnmatched, canarySecondary, given)
	return `{"status":"error","category":"VALIDATION_ERROR","correlationId":"7","message":"` + quoted + `","errors":[{"message":"` + quoted +
		`","code":"INVALID_EMAIL","context":{"ids":["contact-00004@example.com"],"token":["` + given + `"]}}],"context":{"email":["` + canaryUnmatched + `"]}}`
}

// canary runs the real program at the log level trace and searches all of its output.
type canary struct {
	t       *testing.T
	box     *sandbox.Server
	dir     string
	format  string
	env     []string
	oauth   bool
	secrets []string // those that are sent to HubSpot
}

func newCanary(t *testing.T, format string, oauth bool) *canary {
	t.Helper()
	options, secrets := sandbox.Options{Tokens: []string{canaryToken}}, []string{canaryToken}
	env := []string{"HUBSPOT_ACCESS_TOKEN=" + canaryToken}
	if oauth {
		options = sandbox.Options{OAuth: &sandbox.OAuthApp{ClientID: "app-7", ClientSecret: canaryClientSecret, RefreshToken: canaryRefreshToken}}
		secrets = []string{canaryClientSecret, canaryRefreshToken}
		env = []string{"HUBSPOT_CLIENT_ID=app-7", "HUBSPOT_CLIENT_SECRET=" + canaryClientSecret, "HUBSPOT_REFRESH_TOKEN=" + canaryRefreshToken}
	}
	box := sandbox.New(options)
	if err := box.Seed(100); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(box)
	t.Cleanup(server.Close)
	dir := t.TempDir()
	env = append(env, "PATH="+os.Getenv("PATH"), "HOME="+dir, "TMPDIR="+dir, "MOTHERDUCK_TOKEN="+canaryMotherDuck, "HUBSPOT_BASE_URL="+server.URL,
		"ROLLCALL_THREADS=1", "ROLLCALL_RETRY_BASE_SECONDS=0.001", "ROLLCALL_MAX_RETRIES=1", "ROLLCALL_MEMBERSHIP_CHUNK_SIZE=20")
	return &canary{t: t, box: box, dir: dir, format: format, env: env, oauth: oauth, secrets: secrets}
}

// run runs rollcall, wants that exit code, and returns stdout. Neither stdout nor stderr may contain a secret, and stderr no address.
func (c *canary) run(code int, args ...string) string {
	c.t.Helper()
	cmd := exec.Command("rollcall", append(args, "--log-level", "trace", "--log-format", c.format)...) // TestMain put it into PATH
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.dir, c.env, &stdout, &stderr
	err := cmd.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		c.t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		c.t.Errorf("rollcall %q: exit code %d, want %d\n%s%s", args, got, code, stdout.String(), stderr.String())
	}
	c.wantNone(secretLike, "stdout of rollcall "+args[0], stdout.String())
	c.wantNone(secretLike, "stderr of rollcall "+args[0], stderr.String())
	c.wantNone(addressOfSomebody, "stderr of rollcall "+args[0], stderr.String())
	return stdout.String()
}

// runWithoutAddresses is run for a command whose stdout may contain no address either.
func (c *canary) runWithoutAddresses(code int, args ...string) string {
	c.t.Helper()
	out := c.run(code, args...)
	c.wantNone(addressOfSomebody, "stdout of rollcall "+args[0], out)
	return out
}

func (c *canary) wantNone(pattern *regexp.Regexp, where, text string) {
	c.t.Helper()
	for line := range strings.Lines(text) {
		if at := pattern.FindStringIndex(line); at != nil {
			c.t.Errorf("%s: …%s…", where, strings.TrimSpace(line[max(0, at[0]-150):min(len(line), at[1]+50)]))
			return
		}
	}
}

// sql is a statement of the SQL console, whose result is one value a row.
func (c *canary) sql(statement string) []string {
	c.t.Helper()
	lines := strings.Split(strings.TrimSpace(c.run(cli.ExitDone, "sql", "--write", "--format", "csv", "-c", statement)), "\n")
	return lines[1:]
}

func (c *canary) write(name, text string) string {
	c.t.Helper()
	path := filepath.Join(c.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		c.t.Fatal(err)
	}
	return path
}

// withFault calls do with a fault declared in the sandbox.
func (c *canary) withFault(fault sandbox.Fault, do func()) {
	c.t.Helper()
	fault.Count = cmp.Or(fault.Count, -1)
	if err := c.box.Declare(fault); err != nil {
		c.t.Fatal(err)
	}
	do()
	c.box.ForgetFaults()
}

// timeUpAfter ends the time of the run that follows when it makes its first call of an operation, until over is called.
func (c *canary) timeUpAfter(operation string) (over func()) {
	file, was, calls := filepath.Join(c.dir, "time_up"), c.env, c.box.CountCalls(operation)
	c.env = append(slices.Clone(was), clitest.EnvTimeUp+"="+file)
	ctx, stop := context.WithCancel(c.t.Context())
	var writeErr error
	var watching sync.WaitGroup
	watching.Go(func() {
		for ctx.Err() == nil && c.box.CountCalls(operation) == calls {
			time.Sleep(time.Millisecond)
		}
		writeErr = os.WriteFile(file, nil, 0o600)
	})
	return func() {
		c.t.Helper()
		stop()
		watching.Wait()
		c.env = was
		if err := errors.Join(writeErr, os.Remove(file)); err != nil {
			c.t.Fatal(err)
		}
	}
}

// wantKeysAlone looks through the control tables: addresses are where they belong, and secrets nowhere.
func (c *canary) wantKeysAlone() {
	c.t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		c.t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("ATTACH '" + filepath.Join(c.dir, "control.duckdb") + "' AS control (READ_ONLY); USE control"); err != nil {
		c.t.Fatal(err)
	}
	belongs := map[string]bool{"syncs.query": false, "runs.query": false, "runs.schedule": false, "runs.row_json": false,
		"row_history.row_before": false,
		"change_values.before":   false, "change_values.after": false, "record_values.value": true, "record_values.asked": false, "rejects.detail": true, "unmatched.detail": false, // values of properties
		"row_history.row_after": false, "row_history.query_before": false, "row_history.query_after": false} // by column: must it hold addresses, or may it
	for _, table := range []string{"changes", "change_values", "rejects", "records", "members", "identities", "member_keys", "drift", "unmatched", "links"} {
		belongs[table+".key"] = true
	}
	for _, column := range c.texts(db, `SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = 'rollcall' AND data_type = 'VARCHAR'`) {
		table, name, _ := strings.Cut(column, ".")
		text := strings.Join(c.texts(db, fmt.Sprintf("SELECT DISTINCT %s FROM rollcall.%s WHERE %[1]s IS NOT NULL", name, table)), "\n")
		c.wantNone(secretLike, "rollcall."+column, text)
		must, may := belongs[column]
		if !may {
			c.wantNone(addressOfSomebody, "rollcall."+column, text)
		}
		if must && !addressOfSomebody.MatchString(text) {
			c.t.Errorf("rollcall.%s holds no address, so this test looks in vain", column)
		}
	}
}

func (c *canary) texts(db *sql.DB, query string) (texts []string) {
	c.t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		c.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			c.t.Fatal(err)
		}
		texts = append(texts, text)
	}
	if err := rows.Err(); err != nil {
		c.t.Fatal(err)
	}
	return texts
}

// wantNoSecretInFiles looks through all that was left in the folder, byte by byte.
func (c *canary) wantNoSecretInFiles() {
	c.t.Helper()
	err := filepath.WalkDir(c.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if found := secretLike.Find(data); found != nil {
			c.t.Errorf("%s holds %q", entry.Name(), found)
		}
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
}
