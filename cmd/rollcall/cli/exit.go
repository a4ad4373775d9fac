package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"rollcall/engine"
	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/syncspec"
)

// The exit codes of Main. exitCodes describes them for people.
const (
	ExitDone        = 0
	ExitFailed      = 1
	ExitUsage       = 2
	ExitPartial     = 3
	ExitBlocked     = 4
	ExitChanges     = 5
	ExitInterrupted = 130
)

// exitCodes describes the exit codes in every command's help.
const exitCodes = `Exit codes:
  0    done
  1    a sync failed, or stdout could not be written
  2    wrong usage, or a row that is invalid
  3    finished, but HubSpot did not take some changes (PARTIAL)
  4    blocked by a guard
  5    plan --exit-code, specs diff --exit-code: there are changes
  130  interrupted
Of several syncs: 130, then 1, then 2, then 4, then 3.`

// usageError is an error in how the program was called: arguments, flags or settings.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usage(err error) error { return &usageError{err} }

// exitCodeError is an exit code whose cause has been printed already.
type exitCodeError struct{ code int }

func (e *exitCodeError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// exitWith returns an error that ends the command with code and prints nothing; for code 0 it returns nil.
func exitWith(code int) error {
	if code == ExitDone {
		return nil
	}
	return &exitCodeError{code}
}

// exit prints the error that ended the command, and the one that made stdout unusable, and returns the exit code.
func (a *app) exit(err error) int {
	code := a.explain(err)
	if lost := a.out.failed(); lost != nil && !lost.printed {
		code = worse(code, a.explain(lost))
	}
	return code
}

// explain prints an error, `error:` then `hint:`, unless it was printed already, and returns its exit code.
func (a *app) explain(err error) int {
	code := codeOf(err)
	var ended *exitCodeError
	if err == nil || errors.As(err, &ended) {
		return code
	}
	var lost *outputError
	if errors.As(err, &lost) {
		lost.printed = true
	}
	message, hint := err.Error(), hint.Of(err)
	if isCobraUsage(err) {
		message, hint = cobraMessage(err)
	}
	if a.logsJSON() {
		a.logEnded(code, message, hint)
		return code
	}
	if a.json {
		_ = json.NewEncoder(a.err).Encode(struct {
			Error string `json:"error"`
			Hint  string `json:"hint,omitempty"`
			Code  int    `json:"code"`
		}{hubspot.WithoutAddresses(message), hubspot.WithoutAddresses(hint), code})
		return code
	}
	printError(a.err, "", message, hint)
	return code
}

// codeOf returns the exit code for an error.
func codeOf(err error) int {
	var ended *exitCodeError
	var mistaken *usageError
	var asked *hint.UsageError
	var problems syncspec.Problems
	switch {
	case err == nil:
		return ExitDone
	case errors.As(err, &ended):
		return ended.code
	case errors.Is(err, errInterrupted), errors.Is(err, context.Canceled):
		return ExitInterrupted
	case errors.As(err, &mistaken), errors.As(err, &asked), errors.As(err, &problems), isCobraUsage(err):
		return ExitUsage
	}
	return ExitFailed
}

// isCobraUsage reports whether err is cobra's error for an unknown command, which has no type of its own.
func isCobraUsage(err error) bool { return strings.HasPrefix(err.Error(), "unknown command") }

// cobraMessage rewrites cobra's error for an unknown command as message and hint; cobra's suggestion becomes the hint.
func cobraMessage(err error) (message, hint string) {
	message, suggestions, _ := strings.Cut(err.Error(), "\n")
	message = strings.TrimSuffix(message, ` for "rollcall"`)
	hint = "see rollcall --help"
	if _, names, ok := strings.Cut(suggestions, "Did you mean this?"); ok {
		hint = "did you mean " + strings.Join(strings.Fields(names), " or ") + "?"
	}
	return message, hint
}

// oneArg returns the argument check of a command with exactly one argument; what is its name in the error.
func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			return nil
		}
		return usage(fmt.Errorf("%s takes one %s, not %d arguments", cmd.CommandPath(), what, len(args)))
	}
}

// argsBetween returns the argument check of a command with so many arguments; what names them in the error.
func argsBetween(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= least && len(args) <= most {
			return nil
		}
		return usage(fmt.Errorf("%s takes %s, not %d arguments", cmd.CommandPath(), what, len(args)))
	}
}

// worse returns the exit code that takes precedence.
func worse(a, b int) int {
	for _, code := range []int{ExitInterrupted, ExitFailed, ExitUsage, ExitBlocked, ExitPartial, ExitChanges} {
		if a == code || b == code {
			return code
		}
	}
	return ExitDone
}

// codeOfRun returns the exit code for one sync's run.
func codeOfRun(run engine.Run) int {
	switch run.Status {
	case engine.Succeeded, engine.DryRun:
		return ExitDone
	case engine.Partial:
		return ExitPartial
	case engine.Blocked:
		return ExitBlocked
	case engine.Interrupted:
		return ExitInterrupted
	}
	if run.Invalid {
		return ExitUsage
	}
	return ExitFailed
}
