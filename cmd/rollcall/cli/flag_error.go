package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"rollcall/cmd/rollcall/settings"
)

// flagError is a mistake in a command's flags: what is wrong, and what to do.
type flagError struct{ message, hint string }

// Error returns what is wrong.
func (e *flagError) Error() string { return e.message }

// Hint returns what to do.
func (e *flagError) Hint() string { return e.hint }

// explainFlag rewrites an error about the command's flags in the form of Rollcall's own. Its hint names what is likely meant, and the command's
// own help.
func explainFlag(cmd *cobra.Command, err error) error {
	help := "see " + cmd.CommandPath() + " --help"
	var unknown *pflag.NotExistError
	var lacking *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return usage(&flagError{fmt.Sprintf("there is no flag -%s", unknown.GetSpecifiedName()[:1]), help})
	case errors.As(err, &unknown):
		name := unknown.GetSpecifiedName()
		return usage(&flagError{"there is no flag --" + name, likelyFlag(cmd, name) + flagElsewhere(cmd, name) + help})
	case errors.As(err, &lacking):
		f := lacking.GetFlag()
		return usage(&flagError{"--" + f.Name + " needs a value", acceptedBy(f) + help})
	case errors.As(err, &invalid):
		f := invalid.GetFlag()
		return usage(&flagError{fmt.Sprintf("--%s: %q is not %s", f.Name, invalid.GetValue(), kindOf(f)), likelyValue(f, invalid.GetValue()) + acceptedBy(f) + help})
	}
	return usage(&flagError{err.Error(), help})
}

// likelyFlag asks whether the likeliest of the command's flags was meant; "" where none is like it.
func likelyFlag(cmd *cobra.Command, name string) string {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	wanted := strings.ReplaceAll(strings.ToLower(name), "_", "-")
	if near := settings.Nearest(wanted, names, max(2, len(name)/3)); near != "" {
		return "did you mean --" + near + "? "
	}
	return ""
}

// flagElsewhere names the other commands that have a flag of that name, and its variable; "" where there is none.
func flagElsewhere(cmd *cobra.Command, name string) string {
	var commands []string
	for _, other := range cmd.Root().Commands() {
		if other.Flags().Lookup(name) != nil {
			commands = append(commands, other.CommandPath())
		}
	}
	if len(commands) == 0 {
		return ""
	}
	hint := "it is a flag of " + strings.Join(commands, ", ") + "; "
	if setting := strings.ReplaceAll(name, "-", "_"); slices.Contains(settings.Names(), setting) {
		hint += "for other commands there is the variable ROLLCALL_" + strings.ToUpper(setting) + "; "
	}
	return hint
}

// likelyValue asks whether the likeliest value of a flag was meant; "" where nothing is like it.
func likelyValue(f *pflag.Flag, value string) string {
	switch f.Value.Type() {
	case "duration":
		if number := strings.Trim(value, "0123456789."); number == "" && value != "" {
			return fmt.Sprintf("did you mean %ss, %sm or %sh? ", value, value, value)
		}
	case "bool":
		if near := settings.Nearest(strings.ToLower(value), []string{"true", "false"}, 2); near != "" {
			return fmt.Sprintf("did you mean --%s=%s? ", f.Name, near)
		}
	}
	return ""
}

// kindOf is what a flag's value is.
func kindOf(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "duration":
		return "a duration"
	case "bool":
		return "true or false"
	case "int", "int64", "uint", "uint64":
		return "a whole number"
	}
	return "a " + f.Value.Type()
}

// acceptedBy returns what a flag accepts, as the beginning of a hint.
func acceptedBy(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "duration":
		return fmt.Sprintf("--%s accepts a duration such as 90s, 10m or 1h30m; ", f.Name)
	case "bool":
		return fmt.Sprintf("write --%[1]s, or --%[1]s=false; ", f.Name)
	case "int", "int64", "uint", "uint64":
		return fmt.Sprintf("--%s accepts a whole number; ", f.Name)
	}
	return ""
}

// wantsJSON reports whether the arguments ask for JSON, for calls that are wrong before their flags are read.
func wantsJSON(args []string) bool {
	for _, arg := range args {
		switch arg {
		case "--":
			return false
		case "--json", "--json=true":
			return true
		}
	}
	return false
}

// askedLogFormat is the value of --log-format among the arguments, for calls that are wrong before their flags are read; "" where there
// is none.
func askedLogFormat(args []string) (format string) {
	for i, arg := range args {
		value, ok := strings.CutPrefix(arg, "--log-format=")
		switch {
		case arg == "--":
			return format
		case ok:
			format = value
		case arg == "--log-format" && i+1 < len(args):
			format = args[i+1]
		}
	}
	return format
}
