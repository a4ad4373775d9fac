package warehouse

import (
	"errors"
	"regexp"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// Error is an error of the database that a person can fix: what is wrong, and what to do.
type Error struct {
	message string
	hint    string
	err     error
}

// Error returns what is wrong.
func (e *Error) Error() string { return e.message }

// Hint returns what to do about it.
func (e *Error) Hint() string { return e.hint }

// Unwrap is the engine's own error, or nil.
func (e *Error) Unwrap() error { return e.err }

// cause is a text of the engine's and what it means. Its message may hold groups of the pattern.
type cause struct {
	pattern *regexp.Regexp
	message string
	hint    string
}

// causes are tried in order. The texts of the local engine were measured with DuckDB 1.5.5; those of
// MotherDuck are the ones that its documentation and its own clients (its Fivetran connector) name.
var causes = []cause{
	{
		regexp.MustCompile(`(?is)could not set lock on file "([^"]+)".*lock is held in (.+?) \(PID (\d+)\)`),
		"$1 is in use by another process: $2 (PID $3)",
		"wait until it is done, with ROLLCALL_WAIT=1m for up to a minute, or end it; a local database serves one process at a time, a DuckDB prompt included",
	},
	{
		regexp.MustCompile(`(?is)could not set lock on file "([^"]+)"`),
		"$1 is in use by another process",
		"wait until it is done, with ROLLCALL_WAIT=1m for up to a minute, or end it; a local database serves one process at a time, a DuckDB prompt included",
	},
	{
		regexp.MustCompile(`(?is)file "([^"]+)" exists, but it is not a valid DuckDB database`),
		"$1 is not a DuckDB database",
		"name another file; rollcall init makes one that is not there",
	},
	{
		regexp.MustCompile(`(?is)trying to read a database file with version number (\d+)`),
		"the database was written by a newer DuckDB (storage version $1)",
		"use a newer Rollcall, or write the database with a DuckDB of this one's version",
	},
	{
		regexp.MustCompile(`(?is)corrupt database file`),
		"the database file is damaged",
		"put a backup in its place",
	},
	{
		regexp.MustCompile(`(?is)cannot open database "([^"]+)" in read-only mode: database does not exist`),
		"there is no database $1",
		"put the file there, or take it out of the attached databases",
	},
	{
		regexp.MustCompile(`(?is)cannot open file "([^"]+)": (permission denied|read-only file system)`),
		"$1 can't be written",
		"let this user read and write the file and its folder",
	},
	{
		regexp.MustCompile(`(?is)can't find the home directory at '([^']*)'`),
		"DuckDB keeps MotherDuck's extension in the home directory, and there is none at '$1'",
		"set HOME to a folder that can be written, or extension_directory to one that is there",
	},
	{
		regexp.MustCompile(`(?is)failed to create directory "([^"]+)"`),
		"DuckDB can't make the folder $1",
		"it keeps MotherDuck's extension in HOME or extension_directory, and spilled data in temp_directory: set them to folders that this user can write; on a read-only system ship the extension file in extension_directory and set install_extensions = false",
	},
	{
		regexp.MustCompile(`(?is)failed to download extension "?(\w+)`),
		"the $1 extension of DuckDB could not be downloaded",
		"let the machine reach extensions.duckdb.org on port 80, or ship the extension file, name its folder with extension_directory and set install_extensions = false",
	},
	{
		regexp.MustCompile(`(?is)extension "([^"]*?(\w+)\.duckdb_extension)" not found`),
		"the $2 extension of DuckDB is not installed: there is no $1",
		"put the extension file there, or let DuckDB download it: install_extensions = true, and extensions.duckdb.org within reach on port 80",
	},
	{
		regexp.MustCompile(`(?is)ambiguous reference to catalog or schema "rollcall"`),
		"another database or share called rollcall is attached, so DuckDB takes rollcall.syncs for ambiguous",
		leaveWorkspace,
	},
	{
		regexp.MustCompile(`(?is)jwt is expired`),
		"the MotherDuck token has expired",
		"make a new one in MotherDuck (Settings, Access Tokens) and put it into MOTHERDUCK_TOKEN",
	},
	{
		regexp.MustCompile(`(?is)request is not authenticated|invalid motherduck token`),
		"MotherDuck refused the token",
		"make a new one in MotherDuck (Settings, Access Tokens) and put it into MOTHERDUCK_TOKEN",
	},
	{
		regexp.MustCompile(`(?is)attached in read-only mode|read.scaling`),
		"the database can't be written: it is attached read-only",
		"attached files can be read alone; with MotherDuck, use a read/write token of an account that owns the database, not a read-scaling token or a share",
	},
	{
		regexp.MustCompile(`(?is)no database/share named '([^']+)'`),
		"MotherDuck has no database $1",
		"make it in MotherDuck (CREATE DATABASE), or name one that is there; names come after md:",
	},
	{
		regexp.MustCompile(`(?is)(?:client|duckdb) version.*(?:not yet supported|newer than)`),
		"MotherDuck does not take this version of DuckDB yet",
		"use an older Rollcall until it does, or wait; MotherDuck's documentation lists the versions it takes",
	},
	{
		regexp.MustCompile(`(?is)(?:client|duckdb) version.*(?:not|no longer|un)\s*supported|unsupported (?:client|duckdb) version`),
		"MotherDuck does not take this version of DuckDB any more",
		"use a newer Rollcall; MotherDuck's documentation lists the versions it takes",
	},
}

// Explain gives an error of the engine's that a person can fix a plain message and a hint, as an
// [*Error] that wraps it. Any other error comes back as it was, or as [WithoutValues] leaves it.
func Explain(err error) error {
	var known *Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	if known := explanation(err); known != nil {
		return known
	}
	return WithoutValues(err)
}

// explanation is what is known of an error, or nil.
func explanation(err error) *Error {
	text := err.Error()
	for _, c := range causes {
		if m := c.pattern.FindStringSubmatchIndex(text); m != nil {
			message := string(c.pattern.ExpandString(nil, c.message, text, m))
			return &Error{message: message, hint: c.hint, err: err}
		}
	}
	return nil
}

// kind is the engine's own class of an error.
func kind(err error) duckdb.ErrorType {
	var e *duckdb.Error
	if errors.As(err, &e) {
		return e.Type
	}
	return duckdb.ErrorTypeInvalid
}

// isParserError reports whether the text could not even be read as SQL.
func isParserError(err error) bool {
	return kind(err) == duckdb.ErrorTypeParser || kind(err) == duckdb.ErrorTypeSyntax
}

// lowerFirst makes an engine's sentence one of ours: no capital, no full stop.
func lowerFirst(s string) string {
	s = strings.TrimRight(strings.TrimSpace(s), ".!")
	if s == "" || len(s) > 1 && s[1] >= 'A' && s[1] <= 'Z' {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// IsInUse reports whether err means that another process has the local file open.
func IsInUse(err error) bool {
	var known *Error
	return errors.As(err, &known) && strings.Contains(known.message, "is in use by another process")
}
