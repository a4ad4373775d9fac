package cli

import (
	"io"

	"rollcall/engine/plan"
)

// showRecords is a plan of records for people.
func showRecords(w io.Writer, p *plan.Plan) {
	show(w, "%s -> %s (%s)\n", p.Sync, p.ObjectType, p.Mode)
	show(w, "  query:  %s, %s%s\n", plural(p.Rows, "row", "rows"), plural(p.Keys, "key", "keys"), droppedRows(p))
	show(w, "  found:  %s with a record%s, %s without\n", thousands(p.Resolved), sharedRecords(p), thousands(p.Add+p.Unmatched))
	if p.Changes() == 0 {
		show(w, "  nothing to change\n")
	} else {
		show(w, "  create: %s\n", plural(p.Add, "record", "records"))
		show(w, "  update: %s, %s unchanged\n", plural(p.Update, "record", "records"), thousands(p.Unchanged))
		if p.Remove > 0 {
			show(w, "  leave:  %s archived or cleared, of %s\n", thousands(p.Remove), thousands(p.Kept))
		}
		if p.Overwrites > 0 {
			show(w, "          overwrites %s of others\n", plural(p.Overwrites, "value", "values"))
		}
		for _, c := range p.Clears {
			show(w, "          clears %s in %s of %s\n", c.Property, thousands(c.Values), plural(c.Of, "record", "records"))
		}
		showSample(w, p)
	}
	if p.Cost.Calls > 0 {
		show(w, "  cost:   %s\n", price(p.Cost))
	}
	showVerdict(w, p)
}
