package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"rollcall/engine"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// events returns the receiver of the engine's events: a printer of text, or with --json of JSON.
func (a *app) events() func(engine.Event) {
	if a.json {
		return (&jsonPrinter{a}).print
	}
	return (&textPrinter{app: a, progress: newProgress(a)}).print
}

// textPrinter prints events for people: results on stdout, errors on stderr, plans and progress on stderr if it is a terminal.
type textPrinter struct {
	*app
	progress *progress
	hint     string // of the last run that failed
}

func (p *textPrinter) print(event engine.Event) {
	switch e := event.(type) {
	case engine.Progress:
		p.progress.show(p.stepOf(e), e.Done, e.Total)
		return
	case engine.Sent:
		p.progress.show(progressLabel(e.Sync, "apply"), e.Done, e.Total)
		return
	}
	p.progress.stop()
	switch e := event.(type) {
	case engine.Waiting:
		p.printWaiting(e)
	case engine.Planned:
		p.planned(e.Plan)
	case engine.Finished:
		p.finished(e.Run)
	case engine.Warned:
		p.warned(e)
	}
}

// stepOf returns the label of a step for people.
func (p *textPrinter) stepOf(e engine.Progress) string {
	switch {
	case e.Sync != "":
		return progressLabel(e.Sync, e.Step)
	case e.Step == "open":
		return "opening " + warehouse.Shown(p.settings.Database)
	case e.Step == "init":
		return "making the control tables"
	}
	return "reading the control tables"
}

func (p *textPrinter) planned(plan *plan.Plan) {
	if isTerminal(p.err) && !p.logsJSON() {
		show(p.err, "%s: %s: %s\n", plan.Sync, intended(plan), price(plan.Cost))
	}
}

// intended says what a plan is about to do.
func intended(p *plan.Plan) string {
	switch {
	case p.ObjectType != "" && p.Remove > 0:
		return thousands(p.Add) + " to create, " + thousands(p.Update) + " to update, " + thousands(p.Remove) + " to archive or clear"
	case p.ObjectType != "":
		return thousands(p.Add) + " to create, " + thousands(p.Update) + " to update"
	}
	if p.Association != "" {
		return thousands(p.Add) + " to link, " + thousands(p.Remove) + " to unlink"
	}
	return thousands(p.Add) + " to add, " + thousands(p.Remove) + " to remove"
}

func (p *textPrinter) finished(run engine.Run) {
	var parts []string
	for _, part := range []string{run.Detail, p.shortError(run.Error)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	line := strings.Join(parts, "; ")
	if line != "" {
		line += " "
	}
	label, id, name := listOfRun(p.out, run)
	show(p.out, "%-11s %s: %s(%s%s%s%s, %s)\n", run.Status, syncspec.ShowName(run.Sync), line, label, id, name,
		plural(run.APICalls, "call", "calls"), time.Duration(run.Seconds*float64(time.Second)).Round(time.Millisecond))
	p.logFinished(run)
	switch {
	case p.logsJSON():
	case run.Error != "":
		hint := run.Hint
		if hint == p.hint { // one cause, several syncs
			hint = ""
		}
		p.hint = run.Hint
		printError(p.err, "  ", syncspec.ShowName(run.Sync)+": "+run.Error, hint) // stderr may be read without stdout
	case run.Hint != "":
		show(p.err, "  hint: %s\n", run.Hint)
	}
}

// listOfRun returns the parts that describe the run's list in its line on w: a label, the ID and the name, as far as they are known.
func listOfRun(w io.Writer, run engine.Run) (label string, id listPart, name string) {
	switch {
	case run.ListID == "" && run.ListName == "":
		return "", listPart{}, ""
	case run.ListID == "":
		return "list ", listPart{}, fmt.Sprintf("%q, ", run.ListName)
	case run.ListName == "":
		return "list ", linkedList(w, run.ListID), ", "
	}
	return "list ", linkedList(w, run.ListID), fmt.Sprintf(" %q, ", run.ListName)
}

func (p *textPrinter) warned(e engine.Warned) {
	if p.logsJSON() {
		p.logWarned(e)
		return
	}
	show(p.err, "  warning: %s: %s\n", syncspec.ShowName(e.Sync), e.Message)
}

// jsonPrinter prints a run that has finished as one JSON object a line. A run's warning is a member of the object.
type jsonPrinter struct{ *app }

func (p *jsonPrinter) print(event engine.Event) {
	switch e := event.(type) {
	case engine.Waiting:
		p.printWaiting(e)
	case engine.Finished:
		_ = writeJSON(p.out, e.Run) // the output keeps the error
		p.logFinished(e.Run)
	case engine.Warned:
		if p.logsJSON() {
			p.logWarned(e)
		}
	}
}
