// Package settings reads what is set for all syncs alike, in contrast to the rows of rollcall.syncs.
//
// In go the flags that were given, the environment and rollcall.toml; out come a [Settings], each setting with where it came from, or
// [Errors], all that is wrong at once. It writes nothing, and asks for no secret but in the environment. It may import engine/hubspot and
// engine/warehouse, whose values settings have, and must not import the commands (cmd/rollcall/cli), which import it.
//
// To add a setting, add a field to Settings, a line to the table in setting.go, and a line to the README's table of settings.
package settings

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"rollcall/engine/hubspot"
)

// Settings are the values of all settings. [Load] makes them.
type Settings struct {
	Database string // a path, ":memory:", or "md:NAME"

	Attach      map[string]string // further DuckDB files that queries may read: name to path
	DataFolders []string          // folders whose Parquet and CSV files queries may read

	// What rows may ask for, as patterns; empty: anything.
	AllowedLists, AllowedObjectTypes, AllowedDatabases []string

	// Ceilings: what guards of rows may allow.
	AllowEmpty, AllowTakeover bool
	MaxRemovals               *int64   // nil: no ceiling
	MaxRemovalPct             *float64 // 0 to 100; nil: no ceiling

	JournalDir string // where a journal is kept while the ledger can't be written; "" is beside it

	HubSpotURL          string
	APIVersion          string
	BatchReadSize       int  // keys a batch read, 1 to 100
	MembershipChunkSize int  // changes a membership write, 1 to 100,000
	MembershipPageSize  int  // members a page of a list, 1 to 250
	ReadFromEnd         bool // are lists read from both ends
	MaxRetries          int  // 0 to 20
	RetryBase           time.Duration
	RequestTimeout      time.Duration // of one attempt
	// Token and OAuth come from the environment alone; "" and nil where they are not set. At most one of them is.
	Token hubspot.Token
	OAuth *hubspot.OAuth

	MaxDailyShare int    // percent, 1 to 100
	PortalID      int    // the account's ID, for links to its lists; 0 is none
	UIDomain      string // the host of its pages
	Concurrency   int    // calls at a time, 1 to 64

	FoundTTL, NotFoundTTL time.Duration // how long answers about keys are cached
	FullReadEvery         time.Duration // how long a list may go without a full read

	QueryTimeout time.Duration
	MemoryLimit  string // such as "2GB"; "" is the engine's own
	Threads      int    // 0 is the engine's own

	TempDirectory      string // where what does not fit into memory goes; "" is beside the database, or the system's folder
	ExtensionDirectory string // where DuckDB keeps MotherDuck's extension; "" is .duckdb in the home directory
	SaaSMode           bool   // is a MotherDuck database opened in SaaS mode
	InstallExtensions  bool   // may MotherDuck's extension be downloaded

	LeaseTTL    time.Duration
	Wait        time.Duration // for another runner
	Timeout     time.Duration // of the whole run; 0 is none
	DryRun      bool
	CallsDays   int           // how long rollcall.calls are kept
	KeepDays    int           // how long runs, changes, rejects and drift are kept; 0 is for ever
	ApprovalTTL time.Duration // how long an approval counts

	LogLevel  string // trace, debug, info, warn or error
	LogFormat string // auto, console or json

	origins map[string]string // where each setting came from; none: the default
}

// Value is one setting as people see it.
type Value struct {
	Name    string // in rollcall.toml
	Env     string // the environment variable; several are parted by commas
	Value   string // secrets and what a URL hides are ***
	Origin  string // "default", or the flag, variable, or place in a file that it came from
	Accepts string // the values that the setting accepts, for people
	Use     string // what it is for
}

// Sources are where settings come from, apart from rollcall.toml.
type Sources struct {
	// Flags are the flags that were given, name to value, with hyphens or underscores.
	// Those that are no settings are ignored; `config` names the file to read.
	Flags map[string]string
	// Environ is the environment, as os.Environ has it.
	Environ []string
	// Dir is where rollcall.toml is looked for when nothing names another file; "" is
	// the working directory.
	Dir string
}

// defaults returns the settings of a machine on which nothing is set.
func defaults() Settings {
	s := Settings{origins: map[string]string{}}
	for _, d := range settings() {
		// A default that its own setting refuses is caught by the tests.
		_ = d.set(&s, given{text: d.fallback})
	}
	return s
}

// Load reads every setting from the strongest source that has it: flag,
// environment, rollcall.toml (or the file that `--config` or ROLLCALL_CONFIG names),
// default. The error is [Errors], all of them at once; beside it LogFormat
// alone is set, for telling the error.
func Load(from Sources) (Settings, error) {
	s := defaults()
	env, errs := readEnvironment(from.Environ)
	flags := map[string]given{}
	for name, value := range from.Flags {
		flags[strings.ReplaceAll(name, "-", "_")] = given{text: value, origin: "--" + strings.ReplaceAll(name, "_", "-")}
	}
	file, more := readSettingsFile(settingsPath(from, flags, env))
	errs = append(errs, more...)
	for _, d := range settings() {
		for _, source := range []map[string]given{flags, env, file} {
			value, ok := source[d.name]
			if !ok {
				continue
			}
			if err := d.set(&s, value); err != nil {
				errs = append(errs, d.refuse(value, err))
			}
			s.origins[d.name] = value.origin
			break
		}
	}
	s.preferOldDatabase(from.Dir)
	errs = append(errs, s.takeSecrets(from.Environ)...)
	if len(errs) > 0 {
		return Settings{LogFormat: s.LogFormat}, errs
	}
	return s, nil
}

// The default database was called oldDatabase once. Its name is that of the schema in it, which other programs then take for ambiguous.
const (
	defaultDatabase = "control.duckdb"
	oldDatabase     = "rollcall.duckdb"
)

// preferOldDatabase continues with a database that has the old default name, where nothing names one and none has the new name.
func (s *Settings) preferOldDatabase(dir string) {
	if _, named := s.origins["database"]; named {
		return
	}
	_, noNew := os.Stat(filepath.Join(dir, defaultDatabase))
	_, noOld := os.Stat(filepath.Join(dir, oldDatabase))
	if errors.Is(noNew, fs.ErrNotExist) && noOld == nil {
		s.Database = oldDatabase
		s.origins["database"] = "default, since " + oldDatabase + " is there and " + defaultDatabase + " is not"
	}
}

// settingsPath is the file to read, and what named it: "" if nothing did.
func settingsPath(from Sources, flags, env map[string]given) (path, origin string) {
	for _, source := range []map[string]given{flags, env} {
		if value, ok := source[configName]; ok && value.text != "" {
			return value.text, value.origin
		}
	}
	return filepath.Join(from.Dir, "rollcall.toml"), ""
}

// Names returns the names of all settings but the secrets, in the order of their tables in rollcall.toml.
func Names() []string {
	var names []string
	for _, d := range settings() {
		names = append(names, d.name)
	}
	return names
}

// IsSet reports whether the setting's value comes from anywhere but its default: a flag, a variable, a file, or for the database a file of
// the old default name.
func (s Settings) IsSet(name string) bool {
	_, set := s.origins[name]
	return set
}

// List gives every setting with its value and origin, in the order of their tables
// in rollcall.toml, the secrets last.
func (s Settings) List() []Value {
	var all []Value
	for _, d := range settings() {
		origin, ok := s.origins[d.name]
		if !ok {
			origin = "default"
		}
		all = append(all, Value{
			Name: d.name, Env: strings.Join(d.variables(), ", "), Value: d.show(s),
			Origin: origin, Accepts: d.accepts, Use: d.use,
		})
	}
	return append(all, s.secrets()...)
}

// HubSpot is the client's configuration, without a log or a transport. The client
// takes zero for "the default", so a zero that was meant is handed over in the
// client's terms.
func (s Settings) HubSpot() hubspot.Config {
	c := hubspot.Config{
		BaseURL: s.HubSpotURL, Token: s.Token, OAuth: s.OAuth, APIVersion: s.APIVersion,
		MaxRetries: s.MaxRetries, RetryBase: s.RetryBase, Timeout: s.RequestTimeout,
		Names: hubSpotNames(),
	}
	if c.MaxRetries == 0 {
		c.MaxRetries = -1
	}
	if c.RetryBase == 0 {
		c.RetryBase = time.Nanosecond
	}
	return c
}

// attached lists the attached files as ROLLCALL_ATTACH takes them.
func (s Settings) attached() string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(s.Attach)) {
		pairs = append(pairs, name+"="+s.Attach[name])
	}
	return strings.Join(pairs, ",")
}
