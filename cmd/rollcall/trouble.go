package main

import (
	"cmp"
	"fmt"

	"github.com/rs/zerolog"

	"rollcall/engine"
	"rollcall/engine/hubspot"
	"rollcall/syncspec"
)

// logsJSON says whether stderr is for machines: a log of JSON, and nothing else.
func (a *app) logsJSON() bool { return a.settings.LogFormat == "json" }

// logEarly makes the log in a format, or where that is "" in the environment's, for what goes wrong before there are settings.
func (a *app) logEarly(format string) {
	a.settings.LogFormat, a.settings.LogLevel = cmp.Or(format, lookup(a.environ, "ROLLCALL_LOG_FORMAT")), "warn"
	if a.logsJSON() {
		a.log = newLog(a.err, a.settings, a.environ)
	}
}

// logTexts are what a line of the log says, by name; "" is left out.
type logTexts map[string]string

// note writes a line of the log, without addresses; more adds what are no texts.
func note(line *zerolog.Event, said logTexts, message string, more ...func(*zerolog.Event)) {
	for _, name := range []string{"sync", "run_id", "status", "list_id", "state", "error", "hint", "warning"} {
		if text := said[name]; text != "" {
			line.Str(name, hubspot.WithoutAddresses(text))
		}
	}
	for _, add := range more {
		line.Func(add)
	}
	line.Msg(message)
}

// logFinished logs a run that has ended. Where the log is all that stderr has, a run that did not end well has a level of its own; else
// the trouble is told as text.
func (a *app) logFinished(run engine.Run) {
	level := zerolog.InfoLevel
	if a.logsJSON() {
		level = levelOf(run)
	}
	note(a.log.WithLevel(level), logTexts{"sync": run.Sync, "run_id": run.RunID, "status": string(run.Status), "list_id": run.ListID, "error": run.Error, "hint": run.Hint},
		"finished", func(line *zerolog.Event) {
			line.Interface("added", run.Added).Interface("removed", run.Removed).Interface("drift", run.Drift).Bool("verified", run.Verified)
		})
}

// levelOf is the log level that a run's status deserves.
func levelOf(run engine.Run) zerolog.Level {
	switch run.Status {
	case engine.Failed:
		return zerolog.ErrorLevel
	case engine.Blocked, engine.Partial, engine.Interrupted:
		return zerolog.WarnLevel
	}
	return zerolog.InfoLevel
}

// tellSync tells what is wrong with a sync, where there is no run of it to tell.
func (a *app) tellSync(level zerolog.Level, sync, state, message, hint string) {
	if a.logsJSON() {
		note(a.log.WithLevel(level), logTexts{"sync": sync, "state": state, "error": message, "hint": hint}, "not well")
		return
	}
	text := syncspec.ShowName(sync) + ": "
	if state != "" {
		text = fmt.Sprintf("%s is %s: ", syncspec.ShowName(sync), state)
	}
	tell(a.err, "  ", text+message, hint)
}

// why is a sync's error in short, for its line on stdout, which may be kept without stderr; "" where a terminal shows both.
func (a *app) why(message string) string {
	if isTerminal(a.out) && isTerminal(a.err) {
		return ""
	}
	return shorten(hubspot.WithoutAddresses(message), 100)
}

func (a *app) logWarned(e engine.Warned) {
	note(a.log.Warn(), logTexts{"sync": e.Sync, "run_id": e.RunID, "warning": e.Message}, "warned")
}

// tellWaiting tells whom a run waits for.
func (a *app) tellWaiting(e engine.Waiting) {
	if a.logsJSON() {
		note(a.log.Warn(), logTexts{"warning": e.For.Error()}, "waiting")
		return
	}
	show(a.err, "waiting up to %s: %v\n", a.settings.Wait, e.For)
}

// logEnded logs the error that ends the command.
func (a *app) logEnded(code int, message, hint string) {
	note(a.log.Error(), logTexts{"error": message, "hint": hint}, "rollcall ended", func(line *zerolog.Event) { line.Int("code", code) })
}
