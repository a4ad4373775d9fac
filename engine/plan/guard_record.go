package plan

import (
	"fmt"
	"strings"

	"rollcall/engine/hint"
	"rollcall/syncspec"
)

// guardRecords names every limit that the records to be created, archived and cleared break, and the values that would become empty. Percentages are
// of what the sync has kept in step until now.
func guardRecords(l Limits, p *Plan) []Violation {
	var broken []Violation
	limit, by := l.creates(p.Kept)
	if p.Add > limit {
		broken = append(broken, Violation{TooManyNew, fmt.Sprintf("it would create %s, %s allows %d", hint.Counted(p.Add, "record", "records"), by, limit)})
	}
	if p.Remove > 0 && p.Keys == 0 && p.Undoes == "" && l.Spec.OnLeave != syncspec.KeepLeft && !l.empty() {
		broken = append(broken, Violation{Emptied, fmt.Sprintf("%s, so %s would be archived or cleared%s",
			whyNoKeys(p), hint.Counted(p.Remove, "record", "records"), overruled(l.Spec.AllowEmpty))})
	}
	if p.Undoes != "" && p.Remove > 0 {
		broken = append(broken, Violation{"undo", fmt.Sprintf("it would archive %s that the run created, which HubSpot's API can't bring back", hint.Counted(p.Remove, "record", "records"))})
	}
	if limit, by := l.removals(); limit != nil && p.Remove+p.Cleared() > *limit {
		broken = append(broken, Violation{"max_removals", fmt.Sprintf("%s, %s allows %d", losses(p), by, *limit)})
	}
	pct, by := l.removalPct()
	if tooMany(p.Remove, p.Kept, pct) {
		broken = append(broken, Violation{"max_removal_pct", fmt.Sprintf("it would archive or clear %d of the %d records that it keeps (%.1f%%), %s allows %g%%",
			p.Remove, p.Kept, percent(p.Remove, p.Kept), by, pct)})
	}
	for _, c := range p.Clears {
		n, of := c.Values, c.Of
		if tooMany(c.KeptValues, c.KeptOf, pct) {
			n, of = c.KeptValues, c.KeptOf
		}
		if tooMany(n, of, pct) {
			broken = append(broken, Violation{"max_removal_pct", fmt.Sprintf("%s would become empty in %d of %d records (%.1f%%), %s allows %g%%",
				c.Property, n, of, percent(n, of), by, pct)})
		}
	}
	return broken
}

// losses says what of records and values would go.
func losses(p *Plan) string {
	var parts []string
	if p.Remove > 0 {
		parts = append(parts, "it would archive or clear "+hint.Counted(p.Remove, "record", "records"))
	}
	if n := p.Cleared(); n > 0 {
		parts = append(parts, "NULLs of the query would clear "+hint.Counted(n, "value", "values"))
	}
	return strings.Join(parts, ", and ")
}

// tooMany says whether n is more than pct percent of so many, which counts from pctFrom up.
func tooMany(n, of int64, pct float64) bool { return of >= pctFrom && float64(n)*100 > pct*float64(of) }

func percent(n, of int64) float64 { return float64(n) * 100 / float64(of) }
