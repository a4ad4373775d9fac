package warehouse

import (
	"errors"
	"strings"
	"testing"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, message, hint string }{
		{`IO Error: Could not set lock on file "/data/rollcall.duckdb": Conflicting lock is held in /usr/bin/duckdb (PID 4711). See also https://duckdb.org/docs/stable/connect/concurrency`,
			"/data/rollcall.duckdb is in use by another process: /usr/bin/duckdb (PID 4711)", "wait"},
		{`IO Error: Could not set lock on file "/data/rollcall.duckdb": Resource temporarily unavailable`,
			"/data/rollcall.duckdb is in use by another process", "wait"},
		{`IO Error: The file "/data/x.db" exists, but it is not a valid DuckDB database file!`, "/data/x.db is not a DuckDB database", "another file"},
		{`IO Error: Trying to read a database file with version number 99, but we can only read versions between 64 and 67.`, "newer DuckDB (storage version 99)", "newer Rollcall"},
		{`IO Error: Corrupt database file: computed checksum 1 does not match stored checksum 2 in block at location 0`, "damaged", "backup"},
		{`IO Error: Cannot open database "/data/y.db" in read-only mode: database does not exist`, "no database /data/y.db", "attached"},
		{`IO Error: Cannot open file "/data/y.db": Permission denied`, "/data/y.db can't be written", "let this user"},
		{"IO Error: Failed to download extension \"motherduck\" at URL \"http://extensions.duckdb.org/v1.5.5/linux_amd64/motherduck.duckdb_extension.gz\"\nExtension \"motherduck\" is an existing extension.",
			"the motherduck extension of DuckDB could not be downloaded", "port 80"},
		{`IO Error: Extension "~/.duckdb/extensions/v1.5.5/linux_amd64/motherduck.duckdb_extension" not found.`, "the motherduck extension of DuckDB is not installed: there is no ~/.duckdb/extensions/", "port 80"},
		{"IO Error: Can't find the home directory at ''\nSpecify a home directory using the SET home_directory='/path/to/dir' option.", "there is none at ''", "HOME"},
		{`IO Error: Failed to create directory "/home/.duckdb": Permission denied`, "can't make the folder /home/.duckdb", "extension_directory"},
		{`Binder Error: Ambiguous reference to catalog or schema "rollcall" - use a fully qualified path like "ctl.rollcall"`, "called rollcall is attached", "DETACH rollcall"},
		{`Invalid Input Error: Initialization function "motherduck_init" threw: "Jwt is expired"`, "expired", "MOTHERDUCK_TOKEN"},
		{`Your request is not authenticated. Please check your MotherDuck token.`, "refused the token", "MOTHERDUCK_TOKEN"},
		{`Invalid MotherDuck token`, "refused the token", "MOTHERDUCK_TOKEN"},
		{`Invalid Input Error: Cannot execute statement of type "INSERT" on database "crm" which is attached in read-only mode!`, "attached read-only", "read-scaling"},
		{`Catalog Error: no database/share named 'crm' found`, "no database crm", "CREATE DATABASE"},
		{`Invalid Input Error: Your DuckDB version (v1.5.3) is not yet supported by MotherDuck. The latest supported version is v1.5.2. Please downgrade`, "of DuckDB yet", "an older Rollcall"},
		{`Invalid Input Error: Your DuckDB version (v1.3.0) is no longer supported by MotherDuck. Please upgrade`, "of DuckDB any more", "a newer Rollcall"},
		{`Your DuckDB version is not supported`, "of DuckDB any more", "a newer Rollcall"},
	} {
		cause := errors.New(test.text)
		err := Explain(cause)
		var known *Error
		if !errors.As(err, &known) {
			t.Errorf("%s\n\tis not explained", test.text)
			continue
		}
		if !strings.Contains(known.Error(), test.message) || !strings.Contains(known.Hint(), test.hint) || !errors.Is(err, cause) {
			t.Errorf("%s\n\t%s\n\t%s", test.text, known, known.Hint())
		}
		if Explain(err) != err {
			t.Error("an explained error is explained again")
		}
	}
	if other := errors.New("Binder Error: x"); Explain(other) != other || Explain(nil) != nil {
		t.Error("an error without an explanation is changed")
	}
}
