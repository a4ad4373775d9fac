package settings

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// load loads settings from flags, an environment and the text of rollcall.toml; an
// empty text is no file.
func load(t *testing.T, flags map[string]string, environ []string, file string) (Settings, error) {
	t.Helper()
	dir := t.TempDir()
	if file != "" {
		if err := os.WriteFile(filepath.Join(dir, "rollcall.toml"), []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Load(Sources{Flags: flags, Environ: environ, Dir: dir})
}

func TestDefaultSettings(t *testing.T) {
	t.Parallel()
	want := Settings{
		Database: "control.duckdb", AllowEmpty: true, AllowTakeover: true, HubSpotURL: "https://api.hubapi.com", APIVersion: "2026-09",
		BatchReadSize: 100, MembershipChunkSize: 10000, MaxRetries: 5, RetryBase: 2 * time.Second,
		RequestTimeout: time.Minute, QueryTimeout: 10 * time.Minute, LeaseTTL: 2 * time.Minute,
		CallsDays: 30, ApprovalTTL: 72 * time.Hour, LogLevel: "warn", LogFormat: "auto", InstallExtensions: true, SaaSMode: true, MembershipPageSize: 250, ReadFromEnd: true,
		FoundTTL: 24 * time.Hour, NotFoundTTL: time.Hour, FullReadEvery: 24 * time.Hour, MaxDailyShare: 80, UIDomain: "app.hubspot.com", Concurrency: 16,
	}
	got, err := load(t, nil, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	opts := cmp.Options{cmpopts.IgnoreUnexported(Settings{}), cmpopts.EquateEmpty()}
	if diff := cmp.Diff(want, got, opts); diff != "" {
		t.Error(diff)
	}
	for _, d := range settings() {
		if err := d.set(&Settings{}, given{text: d.fallback}); err != nil {
			t.Errorf("%s refuses its own default: %v", d.name, err)
		}
	}
}

// A file of the old default name stays the default, as long as there is none of the new name and nothing names another.
func TestOldDatabaseStaysTheDefault(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	wantDatabase := func(want, origin string, environ ...string) {
		t.Helper()
		s, err := Load(Sources{Dir: dir, Environ: environ})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.List()[0]; s.Database != want || got.Name != "database" || !strings.Contains(got.Origin, origin) {
			t.Errorf("database %s by %q, want %s by %q", s.Database, got.Origin, want, origin)
		}
	}
	touch := func(name string) {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	touch("rollcall.duckdb")
	wantDatabase("rollcall.duckdb", "since rollcall.duckdb is there")
	wantDatabase("ops.duckdb", "ROLLCALL_DATABASE", "ROLLCALL_DATABASE=ops.duckdb")
	touch("control.duckdb")
	wantDatabase("control.duckdb", "default")
}

func TestStrongestSourceWins(t *testing.T) {
	t.Parallel()
	flags := map[string]string{"max-retries": "1", "json": "true"}
	environ := []string{"ROLLCALL_MAX_RETRIES=2", "ROLLCALL_THREADS=2", "ROLLCALL_TIMEOUT=", "PATH=/bin"}
	file := "threads = 3\ntimeout = \"3m\"\n[hubspot]\nmax_retries = 3\n"
	s, err := load(t, flags, environ, file)
	if err != nil {
		t.Fatal(err)
	}
	if s.MaxRetries != 1 || s.Threads != 2 || s.Timeout != 3*time.Minute || s.BatchReadSize != 100 {
		t.Errorf("got %+v", s)
	}
	got := map[string]string{}
	for _, v := range s.List() {
		got[v.Name] = v.Value + " from " + filepath.Base(v.Origin)
	}
	for name, want := range map[string]string{
		"max_retries": "1 from --max-retries", "threads": "2 from ROLLCALL_THREADS",
		"timeout": "3m0s from rollcall.toml:2:1", "batch_read_size": "100 from default", "token": " from not set",
	} {
		if got[name] != want {
			t.Errorf("%s: got %s, want %s", name, got[name], want)
		}
	}
}

func TestEverySettingFromEverySource(t *testing.T) {
	t.Parallel()
	want := Settings{
		Database: "md:ops", HubSpotURL: "http://127.0.0.1:8080/x", APIVersion: "v3",
		BatchReadSize: 7, MembershipChunkSize: 8, MaxRetries: 0, RetryBase: 500 * time.Millisecond,
		RequestTimeout: 3 * time.Second, QueryTimeout: 4 * time.Second, LeaseTTL: time.Minute, Timeout: time.Hour,
		MemoryLimit: "500MB", Threads: 2, DryRun: true, CallsDays: 9, KeepDays: 400, ApprovalTTL: 8 * time.Hour, LogLevel: "debug", LogFormat: "json",
		Attach: map[string]string{"shop": "/data/shop.duckdb"}, DataFolders: []string{"/a", "/b"},
		FoundTTL: 5 * time.Hour, NotFoundTTL: time.Minute, FullReadEvery: 6 * time.Hour, MaxDailyShare: 55, PortalID: 1234567, UIDomain: "app-eu1.hubspot.com", Concurrency: 3,
		AllowedLists: []string{"101", "News*"}, AllowedObjectTypes: []string{"contacts"}, AllowedDatabases: []string{"shop"},
		JournalDir: "/j", MembershipPageSize: 100, TempDirectory: "/t", ExtensionDirectory: "/e", Wait: 7 * time.Second, MaxRemovals: new(int64(0)), MaxRemovalPct: new(12.5),
	}
	texts := map[string]string{
		"database": "md:ops", "hubspot_url": "http://127.0.0.1:8080/x", "api_version": "V3",
		"batch_read_size": "7", "membership_chunk_size": "8", "max_retries": "0", "retry_base_seconds": "0.5",
		"request_timeout": "3s", "query_timeout": "4s", "lease_ttl": "1m", "timeout": "1h",
		"memory_limit": "500MB", "threads": "2", "dry_run": "Yes", "calls_days": "9", "keep_days": "400", "approval_ttl": "8h", "log_level": "debug", "log_format": "json",
		"attach": "shop=/data/shop.duckdb", "data_folders": "/a,/b",
		"found_ttl": "5h", "not_found_ttl": "1m", "full_read_every": "6h", "max_daily_share": "55", "portal_id": "1234567", "ui_domain": "app-eu1.hubspot.com", "concurrency": "3",
		"allowed_lists": "101,News*", "allowed_object_types": "contacts", "allowed_databases": "shop", "journal_dir": "/j", "wait": "7s",
		"temp_directory": "/t", "extension_directory": "/e", "install_extensions": "no", "saas_mode": "off", "membership_page_size": "100", "read_from_end": "off",
		"allow_empty": "no", "allow_takeover": "off", "max_removals": "0", "max_removal_pct": "12.5",
	}
	if len(texts) != len(settings()) {
		t.Fatalf("%d settings are tried, there are %d", len(texts), len(settings()))
	}
	flags, environ := map[string]string{}, []string{}
	for name, text := range texts {
		flags[strings.ReplaceAll(name, "_", "-")] = text
		environ = append(environ, "ROLLCALL_"+strings.ToUpper(name)+"="+text)
	}
	file := `
database = "md:ops"
data_folders = ["/a", "/b"]
dry_run = true
allowed_lists = ["101", "News*"]
allowed_object_types = ["contacts"]
allowed_databases = ["shop"]
journal_dir = "/j"
wait = "7s"
timeout = "1h"
lease_ttl = "1m"
calls_days = 9
keep_days = 400
approval_ttl = "8h"
[hubspot]
hubspot_url = "http://127.0.0.1:8080/x"
api_version = "v3"
batch_read_size = 7
membership_chunk_size = 8
membership_page_size = 100
read_from_end = false
max_retries = 0
retry_base_seconds = 0.5
request_timeout = "3s"
max_daily_share = 55
portal_id = 1234567
ui_domain = "app-eu1.hubspot.com"
concurrency = 3
[ceilings]
allow_empty = false
allow_takeover = false
max_removals = 0
max_removal_pct = 12.5
[memory]
found_ttl = "5h"
not_found_ttl = "1m"
full_read_every = "6h"
[engine]
query_timeout = "4s"
memory_limit = "500MB"
threads = 2
temp_directory = "/t"
extension_directory = "/e"
install_extensions = false
saas_mode = false
[log]
log_level = "debug"
log_format = "json"
[attach]
shop = "/data/shop.duckdb"
`
	for name, source := range map[string]func(t *testing.T) (Settings, error){
		"flags":       func(t *testing.T) (Settings, error) { return load(t, flags, nil, "") },
		"environment": func(t *testing.T) (Settings, error) { return load(t, nil, environ, "") },
		"file":        func(t *testing.T) (Settings, error) { return load(t, nil, nil, file) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := source(t)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Settings{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDryRunWords(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]bool{"1 yes on true t y YES True": true, "0 no off false f n OFF": false} {
		for _, word := range strings.Fields(words) {
			s, err := load(t, nil, []string{"ROLLCALL_DRY_RUN=" + word}, "dry_run = "+fmt.Sprint(!want))
			if err != nil || s.DryRun != want {
				t.Errorf("%s: got %v, %v", word, s.DryRun, err)
			}
		}
	}
}

func TestSettingsRefused(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		flags   map[string]string
		environ []string
		file    string
		err     string // what the error contains, rollcall.toml without its folder
		hint    string // what the hint contains
	}{
		"a word for a number":    {environ: []string{"ROLLCALL_MAX_RETRIES=many"}, err: `max_retries from ROLLCALL_MAX_RETRIES: "many" is not a whole number from 0 to 20`, hint: "max_retries accepts a whole number from 0 to 20"},
		"pages of another host":  {file: "[hubspot]\nui_domain = \"app.hubspot.com.evil.example\"", err: `rollcall.toml:2:1: ui_domain: "app.hubspot.com.evil.example" is no host of HubSpot's pages`, hint: "app-REGION.hubspot.com"},
		"too many a read":        {flags: map[string]string{"batch-read-size": "101"}, err: `batch_read_size from --batch-read-size: "101" is not a whole number from 1 to 100`},
		"too few a write":        {file: "[hubspot]\n  membership_chunk_size = 0\n", err: `rollcall.toml:2:3: membership_chunk_size: "0" is not a whole number from 1 to 100000`},
		"removals below nobody":  {file: "[ceilings]\nmax_removals = -1", err: `rollcall.toml:2:1: max_removals: "-1" is not a ceiling`, hint: "a whole number from 0 up"},
		"more than all":          {environ: []string{"ROLLCALL_MAX_REMOVAL_PCT=101"}, err: `max_removal_pct from ROLLCALL_MAX_REMOVAL_PCT: "101" is not a ceiling`, hint: "percent from 0 to 100"},
		"perhaps a dry run":      {environ: []string{"ROLLCALL_DRY_RUN=maybe"}, err: `dry_run from ROLLCALL_DRY_RUN: "maybe" is neither yes nor no`, hint: "1, yes, on, true, t, y"},
		"a bare number of time":  {file: "timeout = 60\n", err: `rollcall.toml:1:1: timeout: "60" is not a duration`, hint: "90s"},
		"a negative duration":    {environ: []string{"ROLLCALL_TIMEOUT=-1s"}, err: `"-1s" is less than 0s`},
		"a lease too short":      {environ: []string{"ROLLCALL_LEASE_TTL=1s"}, err: `"1s" is less than 10s`},
		"a long first wait":      {environ: []string{"ROLLCALL_RETRY_BASE_SECONDS=61"}, err: "from 0 to 60"},
		"NaN":                    {environ: []string{"ROLLCALL_RETRY_BASE_SECONDS=nan"}, err: "from 0 to 60"},
		"an unknown version":     {environ: []string{"ROLLCALL_API_VERSION=v4"}, err: `"v4" is not one of 2026-09, 2026-03, v3`},
		"a size without a unit":  {file: "memory_limit = 2\n", err: `"2" is not a size`, hint: "2GB"},
		"http to elsewhere":      {environ: []string{"HUBSPOT_BASE_URL=http://api.hubapi.com"}, err: "hubspot_url from HUBSPOT_BASE_URL: plain http", hint: "https"},
		"an address with a user": {environ: []string{"HUBSPOT_BASE_URL=https://me:pw@api.hubapi.com"}, err: "hubspot_url from HUBSPOT_BASE_URL: an address with a user"},
		"two addresses":          {environ: []string{"HUBSPOT_BASE_URL=https://a.com", "ROLLCALL_HUBSPOT_URL=https://b.com"}, err: "hubspot_url from ROLLCALL_HUBSPOT_URL: differs from HUBSPOT_BASE_URL", hint: "only one of"},
		"a misspelt variable":    {environ: []string{"ROLLCALL_DRYRUN=1"}, err: "ROLLCALL_DRYRUN: no such setting", hint: "did you mean ROLLCALL_DRY_RUN?"},
		"an empty database":      {file: "database = \"\"\n", err: "rollcall.toml:1:1: database: is empty"},
		"a misspelt key":         {file: "[hubspot]\nmax_retry = 3\n", err: `rollcall.toml:2:1: unknown key "hubspot.max_retry"`, hint: "did you mean max_retries?"},
		"an unknown table":       {file: "[sync]\nx = 3\n", err: `rollcall.toml:1:2: unknown key "sync"`, hint: "the settings are database"},
		"a key in another table": {file: "[log]\nthreads = 3\n", err: `rollcall.toml:2:1: unknown key "log.threads"`, hint: "at the top or in [engine]"},
		"a key set twice":        {file: "threads = 1\n[engine]\nthreads = 2\n", err: "threads: is set twice"},
		"a key under [memory]":   {file: "[memory]\nfound_ttl = \"1h\"\n  not_found_ttl = 3\n", err: `rollcall.toml:3:3: not_found_ttl: "3" is not a duration`},
		"misspelt, [memory]":     {file: "[memory]\nfound = 3\n", err: `rollcall.toml:2:1: unknown key "memory.found"`},
		"a list of numbers":      {file: "data_folders = [1]\n", err: "rollcall.toml:1:1: data_folders: a value of the wrong type"},
		"a list for a number":    {file: "threads = [\"1\"]\n", err: "rollcall.toml:1:1: threads: a value of the wrong type", hint: "whole number"},
		"a date":                 {file: "timeout = 2026-01-01\n", err: "rollcall.toml:1:1: timeout: a value of the wrong type"},
		"a path without a name":  {environ: []string{"ROLLCALL_ATTACH=shop.duckdb"}, err: `"shop.duckdb" is not NAME=PATH`},
		"a name that SQL lacks":  {file: "[attach]\n\"my shop\" = \"shop.duckdb\"\n", err: `rollcall.toml:1:2: attach: "my shop" is not a name`},
		"a syntax error":         {file: "threads = \n", err: "rollcall.toml:1:"},
		"a file that is missing": {flags: map[string]string{"config": "/nowhere/x.toml"}, err: "config from --config: open /nowhere/x.toml", hint: "TOML file"},
		"several at once":        {environ: []string{"ROLLCALL_THREADS=x", "ROLLCALL_TIMEOUT=y"}, err: `timeout from ROLLCALL_TIMEOUT: "y" is not a duration; threads from ROLLCALL_THREADS: "x" is not`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, c.flags, c.environ, c.file)
			var errs Errors
			if !errors.As(err, &errs) {
				t.Fatalf("got %v, want Errors", err)
			}
			if !strings.Contains(err.Error(), c.err) {
				t.Errorf("got  %s\nwant %s", err, c.err)
			}
			if !strings.Contains(errs.Hint(), c.hint) {
				t.Errorf("hint %q lacks %q", errs.Hint(), c.hint)
			}
		})
	}
}

func TestOtherVariablesAreLeftAlone(t *testing.T) {
	t.Parallel()
	environ := []string{"ROLLCALL_SERVICE_HOST=10.0.0.1", "ROLLCALL_PORT=tcp://10.0.0.1:80", "DRY_RUN=perhaps"}
	if _, err := load(t, nil, environ, ""); err != nil {
		t.Error(err)
	}
}

func TestUnknownKeyShowsItsPlace(t *testing.T) {
	t.Parallel()
	_, err := load(t, nil, nil, "threads = 2\n[engine]\nmemory = \"2GB\"\n")
	var errs Errors
	if !errors.As(err, &errs) {
		t.Fatal(err)
	}
	want := "3| memory = \"2GB\"\n | ~~~~~~ unknown key \"engine.memory\""
	if !strings.Contains(errs[0].Excerpt, want) {
		t.Errorf("excerpt lacks %q:\n%s", want, errs[0].Excerpt)
	}
}

func TestPathsOfAFileAreRelativeToIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "ops.toml")
	file := "database = \"ops.duckdb\"\ndata_folders = [\"exports\", \"/abs\"]\nattach = {shop = \"shop.duckdb\"}\n"
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Load(Sources{Environ: []string{"ROLLCALL_CONFIG=" + path}})
	if err != nil {
		t.Fatal(err)
	}
	got := []string{s.Database, s.DataFolders[0], s.DataFolders[1], s.Attach["shop"]}
	want := []string{filepath.Join(dir, "ops.duckdb"), filepath.Join(dir, "exports"), "/abs", filepath.Join(dir, "shop.duckdb")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestHubSpotConfigKeepsZeroes(t *testing.T) {
	t.Parallel()
	s, err := load(t, map[string]string{"max-retries": "0", "retry-base-seconds": "0"}, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	// To the client, zero is its default of 5 retries and 2 seconds.
	if c := s.HubSpot(); c.MaxRetries >= 0 || c.RetryBase <= 0 || c.RetryBase > time.Millisecond {
		t.Errorf("got %d retries after %s", c.MaxRetries, c.RetryBase)
	}
}
