//go:build linux

package cli

import (
	"os"
	"testing"
)

// Of all control sequences only a link of a list's ID to that list's page, in the account of the settings, reaches a terminal.
func TestOnlyTrueLinksPass(t *testing.T) {
	t.Parallel()
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no pseudo-terminal here: ", err)
	}
	t.Cleanup(func() { _ = terminal.Close() })
	pipe, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pipe.Close() })
	const host, page = "app.hubspot.com", "https://app.hubspot.com/contacts/1234567/objectLists/"
	link := func(address, text string) string { return "\x1b]8;;" + address + "\x1b\\" + text + "\x1b]8;;\x1b\\" }
	escapedLink := func(address, text string) string {
		return `\u001b]8;;` + address + `\u001b\` + text + `\u001b]8;;\u001b\`
	}
	xterm := []string{"TERM=xterm-256color"}
	for name, test := range map[string]struct {
		o          *output
		said, want string
	}{
		"a link":                   {&output{to: terminal, environ: xterm, portal: 1234567, pages: host}, "list " + link(page+"101", "101") + " x", "list " + link(page+"101", "101") + " x"},
		"two, and what is between": {&output{to: terminal, environ: xterm, portal: 1234567, pages: host}, link(page+"1", "1") + "\x1b[2J" + link(page+"2", "2") + "\u202e", link(page+"1", "1") + `\u001b[2J` + link(page+"2", "2") + `\u202e`},
		"to another list":          {&output{to: terminal, environ: xterm, portal: 1234567, pages: host}, link(page+"102", "101"), escapedLink(page+"102", "101")},
		"to another host":          {&output{to: terminal, environ: xterm, portal: 1234567, pages: host}, link("https://evil.example/101", "101"), escapedLink("https://evil.example/101", "101")},
		"to another account":       {&output{to: terminal, environ: xterm, portal: 1, pages: host}, link(page+"101", "101"), escapedLink(page+"101", "101")},
		"of another text":          {&output{to: terminal, environ: xterm, portal: 1234567, pages: host}, link(page+"101", "vip"), escapedLink(page+"101", "vip")},
		"that has no end":          {&output{to: terminal, environ: xterm, portal: 1234567, pages: host}, "\x1b]8;;" + page + "101\x1b\\101", `\u001b]8;;` + page + `101\u001b\101`},
		"a dumb terminal":          {&output{to: terminal, environ: []string{"TERM=dumb"}, portal: 1234567, pages: host}, link(page+"101", "101"), escapedLink(page+"101", "101")},
		"no TERM":                  {&output{to: terminal, portal: 1234567, pages: host}, link(page+"101", "101"), escapedLink(page+"101", "101")},
		"no account":               {&output{to: terminal, environ: xterm, pages: host}, link(page+"101", "101"), escapedLink(page+"101", "101")},
		"no terminal":              {&output{to: pipe, environ: xterm, portal: 1234567, pages: host}, link(page+"101", "101"), escapedLink(page+"101", "101")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.o.escaped(test.said); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}
