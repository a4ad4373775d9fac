package cli

import (
	"bytes"
	"strings"
	"testing"
)

// A table that is wider than the terminal loses columns, then the end of one text; no line is longer than the terminal is wide.
func TestGridFits(t *testing.T) {
	t.Parallel()
	table := func(width int) string {
		g := newGrid("sync", "list", "added", "drift")
		g.alignRight(3, 4)
		g.fit(width, "list", "drift", "added")
		g.add("vip", "101 Very important customers", "1,234", "0")
		g.add("a_longer_name", "102 News", "7", "12")
		var b bytes.Buffer
		g.write(&b, "")
		return b.String()
	}
	for _, c := range []struct {
		width    int
		has, not string
	}{
		{0, "drift", "left out"},
		{60, "101 Very important customers", "left out"},
		{50, "101 Very important", "customers"},
		{38, "left out to fit 38 columns: drift", "12"},
		{30, "left out to fit 30 columns: drift, added", "1,234"},
	} {
		got := table(c.width)
		if !strings.Contains(got, c.has) || strings.Contains(got, c.not) {
			t.Errorf("width %d: want %q and not %q in\n%s", c.width, c.has, c.not, got)
		}
		for line := range strings.Lines(got) {
			if c.width > 0 && cells(strings.TrimRight(line, "\n")) > c.width && !strings.HasPrefix(line, "left out") {
				t.Errorf("width %d: %q is longer", c.width, line)
			}
		}
	}
}

// Long lines break between words, and what follows can't be taken for a line of its own.
func TestWrapped(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		width    int
		in, want string
	}{
		{0, "a line that may be as long as it likes", "a line that may be as long as it likes"},
		{20, "short\n", "short\n"},
		{20, "  hint: look at the plan, then approve", "  hint: look at the\n  | plan, then\n  | approve"},
		{10, "averyveryverylongword stays", "averyveryverylongword\n| stays"},
		{12, "vip: x SUCCEEDED", "vip: x\n| SUCCEEDED"},
		{6, "日本語 日本", "日本語\n| 日本"},
	} {
		if got := wrapped(c.in, c.width); got != c.want {
			t.Errorf("wrapped(%q, %d) = %q, want %q", c.in, c.width, got, c.want)
		}
	}
}
