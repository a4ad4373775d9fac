package cli

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"rollcall/cmd/rollcall/settings"
	"rollcall/escape"
)

// listPart is a list ID as an argument of show: a link to the list's page if it has an address.
type listPart struct{ id, address string }

// Format writes the ID, in the control sequence OSC 8 where it is a link
// (https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda).
func (l listPart) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, l.text())
}

func (l listPart) text() string {
	if l.address == "" {
		return escape.Value(l.id)
	}
	return "\x1b]8;;" + l.address + "\x1b\\" + l.id + "\x1b]8;;\x1b\\"
}

var listIDs = regexp.MustCompile(`^[0-9]+$`)

// linkedList returns a list's ID for output on w: a link if w is a terminal that can show one and the account's ID is known.
func linkedList(w io.Writer, id string) listPart {
	o, ok := w.(*output)
	if !ok || !o.links() || !listIDs.MatchString(id) {
		return listPart{id: id}
	}
	return listPart{id, o.listAddress(id)}
}

// links reports whether the output may contain links.
func (o *output) links() bool {
	term := settings.Lookup(o.environ, "TERM")
	return o.portal > 0 && term != "" && term != "dumb" && isTerminal(o)
}

// listAddress is the address of a list's page.
func (o *output) listAddress(id string) string {
	return fmt.Sprintf("https://%s/contacts/%d/objectLists/%s", o.pages, o.portal, id)
}

var linkSequences = regexp.MustCompile("\x1b]8;;[^\x1b]*\x1b\\\\([0-9]+)\x1b]8;;\x1b\\\\")

// escaped escapes what a terminal would obey, but for whole links of a list's ID to the page of that list. Whoever wrote such a link, it
// is a true one.
func (o *output) escaped(s string) string {
	if !o.links() {
		return escape.Text(s)
	}
	var b strings.Builder
	done := 0
	for _, at := range linkSequences.FindAllStringSubmatchIndex(s, -1) {
		id := s[at[2]:at[3]]
		if link := (listPart{id, o.listAddress(id)}).text(); link == s[at[0]:at[1]] {
			b.WriteString(escape.Text(s[done:at[0]]) + link)
			done = at[1]
		}
	}
	return b.String() + escape.Text(s[done:])
}
