package cli

import (
	"cmp"
	"fmt"

	"github.com/rs/zerolog"

	"rollcall/cmd/rollcall/settings"
	"rollcall/engine"
	"rollcall/engine/hubspot"
	"rollcall/syncspec"
)

// logsJSON reports whether stderr is for machines: a log of JSON lines, and nothing else.
func (a *app) logsJSON() bool { return a.settings.LogFormat == "json" }

// logEarly makes the log that is used before the settings are loaded. If format is "", it is taken from the environment.
func (a *app) logEarly(format string) {
	a.settings.LogFormat, a.settings.LogLevel = cmp.Or(format, settings.Lookup(a.environ, "ROLLCALL_LOG_FORMAT")), "warn"
	if a.logsJSON() {
		a.log = newLog(a.err, a.settings, a.environ)
	}
}

// logFields are the text fields of a log line by name; empty ones are omitted.
type logFields map[string]string

// writeLog writes a log line with addresses redacted; the functions in more add fields that are not text.
func writeLog(line *zerolog.Event, fields logFields, message string, more ...func(*zerolog.Event)) {
	for _, name := range []string{"sync", "run_id", "status", "list_id", "state", "error", "hint", "warning"} {
		if text := fields[name]; text != "" {
			line.Str(name, hubspot.WithoutAddresses(text))
		}
	}
	for _, add := range more {
		line.Func(add)
	}
	line.Msg(message)
}

// logFinished logs a run that has ended. If stderr is a JSON log, the level follows the run's status; otherwise errors are printed as
// text and the level is info.
func (a *app) logFinished(run engine.Run) {
	level := zerolog.InfoLevel
	if a.logsJSON() {
		level = logLevel(run)
	}
	writeLog(a.log.WithLevel(level), logFields{"sync": run.Sync, "run_id": run.RunID, "status": string(run.Status), "list_id": run.ListID, "error": run.Error, "hint": run.Hint},
		"finished", func(line *zerolog.Event) {
			line.Interface("added", run.Added).Interface("removed", run.Removed).Interface("drift", run.Drift).Bool("verified", run.Verified)
		})
}

// logLevel returns the log level for a run's status.
func logLevel(run engine.Run) zerolog.Level {
	switch run.Status {
	case engine.Failed:
		return zerolog.ErrorLevel
	case engine.Blocked, engine.Partial, engine.Interrupted:
		return zerolog.WarnLevel
	}
	return zerolog.InfoLevel
}

// printSyncError prints an error of a sync that has no run to report it.
func (a *app) printSyncError(level zerolog.Level, sync, state, message, hint string) {
	if a.logsJSON() {
		writeLog(a.log.WithLevel(level), logFields{"sync": sync, "state": state, "error": message, "hint": hint}, "not well")
		return
	}
	text := syncspec.ShowName(sync) + ": "
	if state != "" {
		text = fmt.Sprintf("%s is %s: ", syncspec.ShowName(sync), state)
	}
	printError(a.err, "  ", text+message, hint)
}

// shortError shortens a sync's error for its line on stdout, which may be kept without stderr; "" if a terminal shows both.
func (a *app) shortError(message string) string {
	if isTerminal(a.out) && isTerminal(a.err) {
		return ""
	}
	return shorten(hubspot.WithoutAddresses(message), 100)
}

func (a *app) logWarned(e engine.Warned) {
	writeLog(a.log.Warn(), logFields{"sync": e.Sync, "run_id": e.RunID, "warning": e.Message}, "warned")
}

// printWaiting prints which runner a run waits for.
func (a *app) printWaiting(e engine.Waiting) {
	if a.logsJSON() {
		writeLog(a.log.Warn(), logFields{"warning": e.For.Error()}, "waiting")
		return
	}
	show(a.err, "waiting up to %s: %v\n", a.settings.Wait, e.For)
}

// logEnded logs the error that ends the command.
func (a *app) logEnded(code int, message, hint string) {
	writeLog(a.log.Error(), logFields{"error": message, "hint": hint}, "rollcall ended", func(line *zerolog.Event) { line.Int("code", code) })
}
