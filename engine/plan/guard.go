package plan

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/engine/hint"
	"rollcall/syncspec"
)

// Violation is a guard that a plan breaks.
type Violation struct {
	Guard   string `json:"guard"` // the row's column, such as max_removals, where it has one for the guard
	Message string `json:"message"`
}

// Takeover is the guard of a list that others filled.
const Takeover = "takeover"

// Emptied is the guard of a query that returns nothing, so that all that its sync put there would go.
const Emptied = "allow_empty"

// TooFew is the guard of a query that returns too little.
const TooFew = "min_rows"

// TooMany is the guard of a plan with too many changes, whichever they are.
const TooMany = "max_changes"

// TooManyNew is the guard of a plan that creates too many records.
const TooManyNew = "max_creates"

// Breaks says whether the plan breaks a guard.
func (p *Plan) Breaks(guard string) bool {
	return slices.ContainsFunc(p.Violations, func(v Violation) bool { return v.Guard == guard })
}

// pctFrom is the number of members from which the percentage counts: of four members, two are half and mean little.
const pctFrom = 10

// EarlierRuns is what a plan is compared with.
type EarlierRuns struct {
	Keys  int64 // usable keys of the sync's last run that had any; 0: none had
	Taken bool  // a run has ended well on the list, whichever sync's
}

// TakesOver says whether a run on the list would be the first of a row that removes members whom others put there, and may not.
func TakesOver(l Limits, before EarlierRuns) bool {
	return l.Spec.Mode == syncspec.Mirror && l.Spec.ForeignMembers == syncspec.RemoveForeign && !l.takeover() && !before.Taken
}

// Shrunk says that the query returned no usable key, or fewer than half of those of the last run that had any; "": it did not.
func Shrunk(d Desired, before int64) string {
	if d.Keys > 0 && d.Keys*2 >= before {
		return ""
	}
	now := hint.Counted(d.Keys, "usable key", "usable keys")
	if d.Rows == 0 {
		now = "0 rows"
	}
	if before > 0 {
		now += fmt.Sprintf(", %d last time", before)
	}
	return now
}

// Guard names every limit that the plan breaks.
func Guard(l Limits, p *Plan, before EarlierRuns) []Violation {
	spec := l.Spec
	var broken []Violation
	if spec.MinRows != nil && p.Undoes == "" && p.Keys < *spec.MinRows {
		broken = append(broken, Violation{TooFew, fmt.Sprintf("the query returned %s, the row asks for %d at least",
			hint.Counted(p.Keys, "usable key", "usable keys"), *spec.MinRows)})
	}
	if p.Gone != "" && p.MakesList() {
		broken = append(broken, Violation{"list_gone", fmt.Sprintf("list %s %q, which Rollcall filled, is gone from HubSpot, with whatever hangs on it: "+
			"it can be restored there for 90 days; an approval lets a new list be made", p.Gone, p.ListName)})
	}
	if p.Foreign > 0 && TakesOver(l, before) {
		broken = append(broken, Violation{Takeover, fmt.Sprintf("%d of %d %s were put there by others and would go; no run of Rollcall has ended on %s yet%s",
			p.Foreign, p.Current, p.elements(), p.set(), overruled(spec.AllowTakeover))})
	}
	if changes := p.Changes(); spec.MaxChanges != nil && changes > *spec.MaxChanges {
		broken = append(broken, Violation{TooMany, fmt.Sprintf("it would make %s, the row allows %d", hint.Counted(changes, "change", "changes"), *spec.MaxChanges)})
	}
	if p.ObjectType != "" {
		return append(broken, guardRecords(l, p)...)
	}
	if p.Remove > 0 {
		broken = append(broken, guardRemovals(l, p)...)
	}
	return broken
}

// guardRemovals names every limit that the plan's removals break.
func guardRemovals(l Limits, p *Plan) []Violation {
	var broken []Violation
	if p.Undoes != "" {
		if p.Remove == p.Current+p.Add && !l.empty() {
			broken = append(broken, Violation{Emptied, fmt.Sprintf("undoing it would remove all %d %s%s", p.Remove, p.elements(), overruled(l.Spec.AllowEmpty))})
		}
	} else if p.Mode == syncspec.Mirror && p.Records == 0 && !l.empty() {
		broken = append(broken, Violation{Emptied, whyEmpty(p) + overruled(l.Spec.AllowEmpty)})
	}
	if limit, by := l.removals(); limit != nil && p.Remove > *limit {
		broken = append(broken, Violation{"max_removals", fmt.Sprintf("it would remove %d %s, %s allows %d", p.Remove, p.elements(), by, *limit)})
	}
	if limit, by := l.removalPct(); p.Current >= pctFrom && float64(p.Remove)*100 > limit*float64(p.Current) {
		broken = append(broken, Violation{"max_removal_pct", fmt.Sprintf("it would remove %d of %d %s (%.1f%%), %s allows %g%%",
			p.Remove, p.Current, p.elements(), float64(p.Remove)*100/float64(p.Current), by, limit)})
	}
	return broken
}

// whyEmpty explains why the desired set is empty.
func whyEmpty(p *Plan) string {
	why := whyNoKeys(p)
	if p.Keys > 0 {
		why = fmt.Sprintf("HubSpot has no record for any of the query's %s", hint.Counted(p.Keys, "key", "keys"))
	}
	if p.Association != "" {
		return fmt.Sprintf("%s, so %d links would go and none is left", why, p.Remove)
	}
	return fmt.Sprintf("%s, so %d members would go and nobody is left that belongs there", why, p.Remove)
}

// whyNoKeys explains why the query has no usable key.
func whyNoKeys(p *Plan) string {
	if p.Desired.Rows > 0 {
		return fmt.Sprintf("none of the query's %d rows holds a usable key", p.Desired.Rows)
	}
	return "the query returned no rows"
}

// GuardsOf are the names of the guards, as the ledger has them.
func GuardsOf(broken []Violation) string {
	var names []string
	for _, v := range broken {
		names = append(names, v.Guard)
	}
	return strings.Join(names, ",")
}

// Describe joins the messages of violations.
func Describe(broken []Violation) string {
	var messages []string
	for _, v := range broken {
		messages = append(messages, v.Guard+": "+v.Message)
	}
	return strings.Join(messages, "; ")
}
