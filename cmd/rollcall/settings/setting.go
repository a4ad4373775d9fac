package settings

import (
	"math"
	"strconv"
	"strings"
	"time"

	"rollcall/engine/hubspot"
	"rollcall/engine/warehouse"
)

// setting is one of the settings: its name in rollcall.toml, what it may be and how
// it gets into Settings.
type setting struct {
	name     string
	table    string // the table of rollcall.toml that it stands in; "" is the top
	env      string // a variable that is asked before ROLLCALL_ and the name
	fallback string // the default, as text
	accepts  string
	use      string
	directs  bool // says where things come from or go to
	set      func(*Settings, given) error
	show     func(Settings) string
}

// settings lists all settings but the token, in the order of rollcall.toml.
func settings() []setting {
	return append([]setting{
		{name: "database", directs: true, fallback: defaultDatabase, accepts: "a path, :memory:, md: or md:NAME", use: "the control database",
			set: func(s *Settings, v given) error { s.Database = v.path(v.text); return nonEmpty(v.text) }, show: func(s Settings) string { return redact(warehouse.Shown(s.Database)) }},
		{name: "data_folders", directs: true, accepts: "folders, parted by commas", use: "folders whose Parquet and CSV files queries may read",
			set: setDataFolders, show: func(s Settings) string { return strings.Join(s.DataFolders, ",") }},
		patterns("allowed_lists", "list IDs and names that rows may be for; empty is any", func(s *Settings) *[]string { return &s.AllowedLists }),
		patterns("allowed_object_types", "object types that rows may be for; empty is any", func(s *Settings) *[]string { return &s.AllowedObjectTypes }),
		patterns("allowed_databases", "databases, or DATABASE.SCHEMA, that rows' queries may read; empty is any", func(s *Settings) *[]string { return &s.AllowedDatabases }),
		folder("journal_dir", "", "where what was sent is kept while the ledger can't be written", func(s *Settings) *string { return &s.JournalDir }),
		boolean("dry_run", "false", "plan and record, send nothing", func(s *Settings) *bool { return &s.DryRun }),
		duration("timeout", "", "0s", 0, "the longest that a whole run may take; 0 is no limit", func(s *Settings) *time.Duration { return &s.Timeout }),
		duration("wait", "", "0s", 0, "how long to wait for another runner, or another process that has the database; 0 is not at all", func(s *Settings) *time.Duration { return &s.Wait }),
		duration("lease_ttl", "", "2m", 10*time.Second, "how long a runner that fell silent keeps others out", func(s *Settings) *time.Duration { return &s.LeaseTTL }),
		duration("approval_ttl", "", "72h", time.Minute, "how long an approval counts", func(s *Settings) *time.Duration { return &s.ApprovalTTL }),
		number("calls_days", "", "30", 1, 3650, "days for which rollcall.calls are kept", func(s *Settings) *int { return &s.CallsDays }),
		number("keep_days", "", "0", 0, 36500, "days for which runs, changes, rejects and drift are kept; 0 is for ever", func(s *Settings) *int { return &s.KeepDays }),

		{name: "hubspot_url", directs: true, table: "hubspot", env: "HUBSPOT_BASE_URL", fallback: hubspot.DefaultBaseURL, accepts: "an https address; http for this machine only", use: "where HubSpot's API is",
			set: setHubSpotURL, show: func(s Settings) string { return redact(s.HubSpotURL) }},
		choice("api_version", "hubspot", hubspot.APIVersions()[0], hubspot.APIVersions(), "the version of HubSpot's API", func(s *Settings) *string { return &s.APIVersion }),
		number("batch_read_size", "hubspot", "100", 1, 100, "keys that one batch read asks for", func(s *Settings) *int { return &s.BatchReadSize }),
		number("membership_chunk_size", "hubspot", "10000", 1, 100000, "changes that one membership write carries", func(s *Settings) *int { return &s.MembershipChunkSize }),
		number("membership_page_size", "hubspot", "250", 1, 250, "members that one page of a list is asked for", func(s *Settings) *int { return &s.MembershipPageSize }),
		within("hubspot", boolean("read_from_end", "true", "read lists from both ends at once; off where HubSpot knows no last page", func(s *Settings) *bool { return &s.ReadFromEnd })),
		number("max_retries", "hubspot", "5", 0, 20, "how often a request is tried again", func(s *Settings) *int { return &s.MaxRetries }),
		{name: "retry_base_seconds", table: "hubspot", fallback: "2", accepts: "seconds from 0 to 60, such as 2 or 0.5", use: "the first wait before trying again; each further one doubles",
			set: setRetryBase, show: func(s Settings) string { return strconv.FormatFloat(s.RetryBase.Seconds(), 'f', -1, 64) }},
		duration("request_timeout", "hubspot", "60s", time.Millisecond, "the longest that one request may take", func(s *Settings) *time.Duration { return &s.RequestTimeout }),

		duration("query_timeout", "engine", "10m", time.Millisecond, "the longest that a sync's query may take", func(s *Settings) *time.Duration { return &s.QueryTimeout }),
		{name: "memory_limit", table: "engine", accepts: "a size such as 500MB or 2GB; empty is the engine's own limit", use: "the most memory that the engine uses",
			set: setMemoryLimit, show: func(s Settings) string { return s.MemoryLimit }},
		number("threads", "engine", "0", 0, 1024, "threads of the engine; 0 is one a core", func(s *Settings) *int { return &s.Threads }),
		folder("temp_directory", "engine", "where the engine puts what does not fit into memory; empty is beside a local database, or the system's folder", func(s *Settings) *string { return &s.TempDirectory }),
		folder("extension_directory", "engine", "where DuckDB keeps MotherDuck's extension; empty is .duckdb in the home directory", func(s *Settings) *string { return &s.ExtensionDirectory }),
		within("engine", boolean("saas_mode", "true", "open MotherDuck in SaaS mode, which keeps it from this machine's files and locks its settings", func(s *Settings) *bool { return &s.SaaSMode })),
		within("engine", boolean("install_extensions", "true", "download MotherDuck's extension where it is missing", func(s *Settings) *bool { return &s.InstallExtensions })),

		duration("found_ttl", "memory", "24h", time.Millisecond, "how long the record ID of a key is cached", func(s *Settings) *time.Duration { return &s.FoundTTL }),
		duration("not_found_ttl", "memory", "1h", time.Millisecond, "how long it is cached that a key has no record", func(s *Settings) *time.Duration { return &s.NotFoundTTL }),
		duration("full_read_every", "memory", "24h", time.Millisecond, "how long a list may go without being read page by page", func(s *Settings) *time.Duration { return &s.FullReadEvery }),
		number("max_daily_share", "hubspot", "80", 1, 100, "percent of the account's calls a day that may be used up when Rollcall makes one", func(s *Settings) *int { return &s.MaxDailyShare }),
		number("portal_id", "hubspot", "0", 0, math.MaxInt32, "the account's ID, for links to its lists on a terminal; 0 is no links", func(s *Settings) *int { return &s.PortalID }),
		{name: "ui_domain", table: "hubspot", fallback: "app.hubspot.com", accepts: "app.hubspot.com, or app-REGION.hubspot.com", use: "the host of the account's pages, for links to its lists",
			set: setUIDomain, show: func(s Settings) string { return s.UIDomain }},
		number("concurrency", "hubspot", "16", 1, 64, "calls to HubSpot at a time", func(s *Settings) *int { return &s.Concurrency }),

		choice("log_level", "log", "warn", []string{"trace", "debug", "info", "warn", "error"}, "the least that is logged", func(s *Settings) *string { return &s.LogLevel }),
		choice("log_format", "log", "auto", []string{"auto", "console", "json"}, "how logs look; auto is console on a terminal", func(s *Settings) *string { return &s.LogFormat }),

		{name: "attach", directs: true, accepts: "names with paths: NAME=PATH, parted by commas", use: "further DuckDB files that queries may read",
			set: setAttach, show: Settings.attached},
	}, ceilings()...)
}

// variables are the setting's environment variables, the strongest first.
func (d setting) variables() []string {
	own := "ROLLCALL_" + strings.ToUpper(d.name)
	if d.env != "" {
		return []string{d.env, own}
	}
	return []string{own}
}

// refuse returns the error for a value that the setting does not accept.
func (d setting) refuse(v given, err error) Error {
	return Error{
		Setting: d.name, Origin: v.origin, Message: err.Error(), hint: d.name + " accepts " + d.accepts,
		inFile: v.at.line > 0, Excerpt: v.at.excerptFor(err.Error()),
	}
}
