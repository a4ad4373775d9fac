package settings

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Names of settings that have no key in rollcall.toml.
const (
	configName     = "config"
	configVariable = "ROLLCALL_CONFIG"
)

// readEnvironment finds the settings in the environment. An empty variable is one that
// is not set. Two variables of one setting must agree, and a ROLLCALL_ variable that is
// a slip of the pen away from a setting's is refused, for a dry run that was asked for
// under the wrong name would send.
func readEnvironment(environ []string) (map[string]given, Errors) {
	values := map[string]given{}
	var errs Errors
	known := []string{configVariable}
	if path := Lookup(environ, configVariable); path != "" {
		values[configName] = given{text: path, origin: configVariable}
	}
	for _, d := range settings() {
		known = append(known, d.variables()...)
		for _, variable := range d.variables() {
			text := Lookup(environ, variable)
			first, seen := values[d.name]
			switch {
			case text == "":
			case !seen:
				values[d.name] = given{text: text, origin: variable}
			case first.text != text:
				errs = append(errs, Error{
					Setting: d.name, Origin: variable, Message: "differs from " + first.origin,
					hint: "set only one of " + strings.Join(d.variables(), ", "),
				})
			}
		}
	}
	for _, variable := range environ {
		name, text, _ := strings.Cut(variable, "=")
		if text == "" || !strings.HasPrefix(name, "ROLLCALL_") || slices.Contains(known, name) {
			continue
		}
		// Others may use the prefix too: Kubernetes names variables after services.
		if near := Nearest(name, known, 2); near != "" {
			errs = append(errs, Error{Origin: name, Message: "no such setting", hint: "did you mean " + near + "?"})
		}
	}
	return values, errs
}

// Lookup gives a variable's value, the last if it is there twice, "" if it isn't.
func Lookup(environ []string, name string) string {
	for _, variable := range slices.Backward(environ) {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	return ""
}

// Nearest returns the known name that is most like typo, "" if none is within
// the distance.
func Nearest(typo string, known []string, distance int) string {
	best := ""
	for _, w := range known {
		if d := levenshtein.ComputeDistance(typo, w); d <= distance {
			best, distance = w, d-1
		}
	}
	return best
}
