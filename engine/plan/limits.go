package plan

import (
	"rollcall/syncspec"
)

// Ceilings bound for all rows what their guards may allow. Of a row and a ceiling the stricter holds. The zero value bounds nothing.
type Ceilings struct {
	MaxRemovals    *int64   // most removals in one run; nil: no ceiling
	MaxRemovalPct  *float64 // most removals in percent of the list; nil: no ceiling
	ForbidEmpty    bool     // allow_empty of a row counts for nothing
	ForbidTakeover bool     // allow_takeover of a row counts for nothing
}

// Limits are what a row's guards allow under the ceilings.
type Limits struct {
	Spec     syncspec.Spec
	Ceilings Ceilings
}

// Who sets a limit, as guards say it.
const (
	byRow     = "the row"
	byDefault = "the default of max_creates"
	byCeiling = "the ceiling in the settings"
)

// removals are the most removals in one run, and who says so; nil: nobody does.
func (l Limits) removals() (limit *int64, by string) {
	if row, ceiling := l.Spec.MaxRemovals, l.Ceilings.MaxRemovals; ceiling == nil || row != nil && *row <= *ceiling {
		return row, byRow
	}
	return l.Ceilings.MaxRemovals, byCeiling
}

// removalPct are the most removals in percent of the list, and who says so.
func (l Limits) removalPct() (limit float64, by string) {
	if row, ceiling := l.Spec.MaxRemovalPct, l.Ceilings.MaxRemovalPct; ceiling == nil || row <= *ceiling {
		return row, byRow
	}
	return *l.Ceilings.MaxRemovalPct, byCeiling
}

// creates are the most new records in one run of a sync that keeps so many already, and who says so.
func (l Limits) creates(kept int64) (limit int64, by string) {
	if l.Spec.MaxCreates != nil {
		return *l.Spec.MaxCreates, byRow
	}
	return max(syncspec.DefaultMaxCreates, int64(float64(kept)*syncspec.DefaultMaxCreatePct/100)), byDefault
}

// empty says whether an empty result may empty the list.
func (l Limits) empty() bool { return l.Spec.AllowEmpty && !l.Ceilings.ForbidEmpty }

// takeover says whether the first run on a list may remove members whom others put there.
func (l Limits) takeover() bool { return l.Spec.AllowTakeover && !l.Ceilings.ForbidTakeover }

// overruled says, behind a guard's message, that the row allows what the ceiling does not; "": the row does not allow it either.
func overruled(row bool) string {
	if row {
		return "; " + byRow + " allows it, " + byCeiling + " does not"
	}
	return ""
}
