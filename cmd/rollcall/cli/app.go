package cli

import (
	"cmp"
	"context"
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"rollcall/cmd/rollcall/settings"
	"rollcall/engine"
	"rollcall/engine/control"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
)

// app holds what the commands share: input, output and settings.
type app struct {
	in       io.Reader
	out      *output
	err      io.Writer
	environ  []string
	abort    context.Context // ends at the second signal
	hooks    Hooks
	json     bool
	loaded   bool // the flags were read, and the settings asked for
	settings settings.Settings

	withoutData bool // the database is in memory, for rows of files alone
	log         zerolog.Logger
}

// load reads the settings; it runs before every command.
func (a *app) load(cmd *cobra.Command) error {
	a.loaded = true
	given := map[string]string{}
	cmd.Flags().Visit(func(f *pflag.Flag) { given[f.Name] = f.Value.String() })
	s, err := settings.Load(settings.Sources{Flags: given, Environ: a.environ})
	if err != nil {
		a.logEarly(s.LogFormat)
		return usage(err)
	}
	a.settings = s
	a.out.portal, a.out.pages = s.PortalID, s.UIDomain
	a.log = newLog(a.err, s, a.environ)
	cmd.SetContext(a.log.WithContext(cmd.Context()))
	return nil
}

// newLog makes the log: for people on a terminal, JSON elsewhere, unless the settings say otherwise.
func newLog(w io.Writer, s settings.Settings, environ []string) zerolog.Logger {
	level, err := zerolog.ParseLevel(s.LogLevel)
	if err != nil {
		level = zerolog.WarnLevel // the settings accept no other level
	}
	if s.LogFormat == "console" || s.LogFormat == "auto" && isTerminal(w) {
		w = zerolog.ConsoleWriter{Out: underlying(w), TimeFormat: time.TimeOnly, NoColor: settings.Lookup(environ, "NO_COLOR") != "" || !isTerminal(w)}
	}
	return zerolog.New(w).Level(level).With().Timestamp().Logger()
}

func isTerminal(w any) bool {
	if writer, ok := w.(io.Writer); ok {
		w = underlying(writer)
	}
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// config is the engine's configuration by the settings.
func (a *app) config() engine.Config {
	s := a.settings
	agent := "rollcall/" + version()
	hub := s.HubSpot()
	hub.UserAgent, hub.Log = agent, a.log
	return engine.Config{
		Warehouse: warehouse.Config{
			Database: s.Database, Attach: s.Attach, DataFolders: s.DataFolders,
			MemoryLimit: s.MemoryLimit, Threads: s.Threads, UserAgent: agent, Log: a.log,
			TempDirectory: s.TempDirectory, ExtensionDirectory: s.ExtensionDirectory, KeepExtensions: !s.InstallExtensions, WithoutSaaSMode: !s.SaaSMode,
		},
		HubSpot:  hub,
		ReadSize: s.BatchReadSize, ChunkSize: s.MembershipChunkSize, PageSize: s.MembershipPageSize, ReadForward: !s.ReadFromEnd,
		FoundTTL: s.FoundTTL, MissingTTL: s.NotFoundTTL, FullReadEvery: s.FullReadEvery,
		MaxDailyShare: float64(s.MaxDailyShare), Concurrency: s.Concurrency,
		QueryTimeout: s.QueryTimeout, LeaseTTL: s.LeaseTTL, ApprovalTTL: s.ApprovalTTL, CallsKept: time.Duration(s.CallsDays) * 24 * time.Hour, Kept: time.Duration(s.KeepDays) * 24 * time.Hour,
		Wait:        s.Wait,
		WithoutData: a.withoutData, JournalDir: s.JournalDir, Bounds: control.Bounds{Lists: s.AllowedLists, ObjectTypes: s.AllowedObjectTypes, Databases: s.AllowedDatabases},
		Ceilings: plan.Ceilings{MaxRemovals: s.MaxRemovals, MaxRemovalPct: s.MaxRemovalPct, ForbidEmpty: !s.AllowEmpty, ForbidTakeover: !s.AllowTakeover},
		Version:  version(), Log: a.log, Events: a.events(), Failpoint: a.hooks.Failpoint,
		Patience: a.hooks.Patience, Unresponsive: func(err *engine.UnresponsiveError) { os.Exit(a.exit(err)) },
	}
}

// withEngine opens the engine, does, and closes it; the first error counts. The database must be there.
func (a *app) withEngine(ctx context.Context, do func(*engine.Engine) error) error {
	return a.with(ctx, warehouse.ReadWrite, do)
}

// withReader is withEngine for what only reads the database.
func (a *app) withReader(ctx context.Context, do func(*engine.Engine) error) error {
	return a.with(ctx, warehouse.ReadOnly, do)
}

func (a *app) with(ctx context.Context, access warehouse.Access, do func(*engine.Engine) error) error {
	config := a.config()
	config.Warehouse.Access = access
	e, err := engine.Open(ctx, config)
	if err != nil {
		return err
	}
	return cmp.Or(do(e), e.Close())
}

// syncNames completes the names of syncs from the control table. A database that can't be opened completes nothing.
func (a *app) syncNames(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if a.load(cmd) != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	_ = a.withReader(cmd.Context(), func(e *engine.Engine) error {
		rows, err := e.Rows(cmd.Context())
		for _, row := range rows {
			if row.Name != nil {
				names = append(names, *row.Name)
			}
		}
		return err
	})
	return names, cobra.ShellCompDirectiveNoFileComp
}
