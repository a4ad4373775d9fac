package cli

import (
	"io"

	"rollcall/engine/plan"
)

// showLinks is a plan of links for people.
func showLinks(w io.Writer, p *plan.Plan) {
	show(w, "%s -> %s (%s)\n", p.Sync, p.Association, p.Mode)
	show(w, "  query:  %s, %s%s\n", plural(p.Rows, "row", "rows"), plural(p.Keys, "link", "links"), droppedRows(p))
	show(w, "  found:  %s with both records, %s without\n", thousands(p.Resolved), thousands(p.Unmatched))
	show(w, "  links:  %s now, %s after\n", thousands(p.Current), thousands(p.Current+p.Add-p.Remove))
	if p.Changes() == 0 {
		show(w, "  nothing to change\n")
	} else {
		show(w, "  link:   %s%s\n", thousands(p.Add), causes("entered", p.Entered, "restored", p.Restored))
		show(w, "  unlink: %s%s\n", thousands(p.Remove), causes("left", p.Left, "foreign", p.Foreign))
		showSample(w, p)
	}
	if p.Cost.Calls > 0 {
		show(w, "  cost:   %s\n", price(p.Cost))
	}
	showVerdict(w, p)
}
