package settings

import (
	"fmt"
	"strconv"
	"strings"
)

// ceilings are the settings that bound for all rows what their columns of the same names may allow.
func ceilings() []setting {
	empty := boolean("allow_empty", "true", "may rows allow an empty result to empty their list?", func(s *Settings) *bool { return &s.AllowEmpty })
	takeover := boolean("allow_takeover", "true", "may rows allow their first run to remove members that others put there?", func(s *Settings) *bool { return &s.AllowTakeover })
	all := []setting{
		empty, takeover,
		ceiling("max_removals", "a whole number from 0 up; empty is no ceiling", "most removals in one run that rows may allow",
			parseRemovals, func(n int64) string { return strconv.FormatInt(n, 10) }, func(s *Settings) **int64 { return &s.MaxRemovals }),
		ceiling("max_removal_pct", "percent from 0 to 100; empty is no ceiling", "most removals in percent of the list that rows may allow",
			parsePercent, func(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }, func(s *Settings) **float64 { return &s.MaxRemovalPct }),
	}
	for i := range all {
		all[i].table = "ceilings"
	}
	return all
}

// ceiling is a setting of a number that may be left out.
func ceiling[T int64 | float64](name, accepts, use string, parse func(string) (T, bool), text func(T) string, field func(*Settings) **T) setting {
	return setting{
		name: name, accepts: accepts, use: use,
		set: func(s *Settings, v given) error {
			*field(s) = nil
			word := strings.TrimSpace(v.text)
			if word == "" {
				return nil
			}
			n, ok := parse(word)
			if !ok {
				return fmt.Errorf("%q is not a ceiling", v.text)
			}
			*field(s) = &n
			return nil
		},
		show: func(s Settings) string {
			if most := *field(&s); most != nil {
				return text(*most)
			}
			return ""
		},
	}
}

func parseRemovals(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= 0
}

func parsePercent(text string) (float64, bool) {
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil && n >= 0 && n <= 100
}
