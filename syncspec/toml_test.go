package syncspec_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/syncspec"
)

const vipTOML = `# Customers on the VIP plan.
description = "VIP plan"
list_id = "101"
query = '''
SELECT email
FROM customers
WHERE plan = 'vip'
'''
enabled = true
max_removals = 100
max_removal_pct = 25
`

func TestDecodeTOML(t *testing.T) {
	t.Parallel()
	want := syncspec.Row{
		Name: new("vip"), Description: new("VIP plan"), ListID: new("101"),
		Query:   new("SELECT email\nFROM customers\nWHERE plan = 'vip'\n"),
		Enabled: new(true), MaxRemovals: new(int64(100)), MaxRemovalPct: new(25.0),
	}
	for name, data := range map[string]string{
		"as written":            vipTOML,
		"name repeated":         "name = \"vip\"\n" + vipTOML,
		"from a Windows editor": "\ufeff" + strings.ReplaceAll(vipTOML, "\n", "\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := syncspec.DecodeTOML("specs/vip.toml", []byte(data))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodeTOMLRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ data, err, hint, excerpt string }{
		"an unknown key": {
			"list_id = \"1\"\n\n  keyy_column = \"mail\"\n",
			`specs/vip.toml:3:3: unknown key "keyy_column"`, "did you mean key_column?",
			"3|   keyy_column = \"mail\"\n |   ~~~~~~~~~~~ unknown key \"keyy_column\"",
		},
		"an unknown key that is like none": {
			"frobnicate = 1\n", `specs/vip.toml:1:1: unknown key "frobnicate"`, "the keys are name, description", "~ unknown key",
		},
		"an unknown table": {
			"list_id = \"1\"\n[limits]\nmax_removals = 1\n", `specs/vip.toml:2:2: unknown key "limits"`, "", "~ unknown key",
		},
		"a list ID without quotes": {
			"list_id = 101\n", "specs/vip.toml:1:1: list_id: a whole number where text belongs", `"101"`, "~ a whole number where",
		},
		"a number in quotes": {
			"query = 'x'\nmax_removals = \"ten\"\n", "specs/vip.toml:2:1: max_removals: text where a whole number belongs", "without quotes", "2| max_removals",
		},
		"a fraction of a removal": {
			"max_removals = 1.5\n", "specs/vip.toml:1:1: max_removals: a number where a whole number belongs", "", "",
		},
		"a word for a boolean": {
			"enabled = \"yes\"\n", "specs/vip.toml:1:1: enabled: text where true or false belongs", "", "",
		},
		"a percent sign": {
			"max_removal_pct = \"5%\"\n", "specs/vip.toml:1:1: max_removal_pct: text where a number belongs", "percent", "",
		},
		"a table for a word": {
			"mode.add = true\n", "specs/vip.toml:1:1: mode: a table where text belongs", "", "",
		},
		"a date": {"owner = 2026-11-21\n", "specs/vip.toml:1:1: owner: a date or time where text belongs", "", ""},
		"another name": {
			"name = \"vipp\"\n", "specs/vip.toml:1:1: name: differs from the file's name", `"vip"`, "",
		},
		"a syntax error": {
			"list_id = \"1\"\nquery = 'SELECT\n", "specs/vip.toml:2:16: literal strings cannot have new lines", "", "2| query",
		},
		"a key set twice": {"owner = 'a'\nowner = 'b'\n", "specs/vip.toml:2:1: key owner is already defined", "", ""},
		"several things, in the order of the file": {
			"enabled = 1\nfoo = 2\nquery = 3\n",
			"specs/vip.toml:1:1: enabled: a whole number where true or false belongs; " +
				"specs/vip.toml:2:1: unknown key \"foo\"; " +
				"specs/vip.toml:3:1: query: a whole number where text belongs", "", "",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := syncspec.DecodeTOML("specs/vip.toml", []byte(c.data))
			var problems syncspec.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("got %v, want Problems", err)
			}
			if err.Error() != c.err {
				t.Errorf("got  %s\nwant %s", err, c.err)
			}
			if !strings.Contains(problems.Hint(), c.hint) {
				t.Errorf("hint %q lacks %q", problems.Hint(), c.hint)
			}
			if !strings.Contains(problems[0].Excerpt, c.excerpt) {
				t.Errorf("excerpt lacks %q:\n%s", c.excerpt, problems[0].Excerpt)
			}
		})
	}
}

func TestParseTOMLPlacesProblems(t *testing.T) {
	t.Parallel()
	_, _, err := syncspec.ParseTOML("vip.toml", []byte("list_id = \"101\"\nmode = \"miror\"\n"))
	want := `vip.toml: query: missing; vip.toml:2:1: mode: "miror" is not one of mirror, add, remove`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	_, spec, err := syncspec.ParseTOML("vip.toml", []byte(vipTOML))
	if err != nil || spec.Name != "vip" || spec.MaxRemovalPct != 25 {
		t.Errorf("got %+v, %v", spec, err)
	}
}

func TestEncodeTOML(t *testing.T) {
	t.Parallel()
	got := string(syncspec.EncodeTOML(syncspec.Row{
		Name: new("vip"), Query: new("SELECT email\n\tFROM customers WHERE plan = 'vip' "), ListID: new("101"),
		ListName: new(" "), Enabled: new(true), Mode: new("ADD"), IDProperty: new("email"), KeyColumn: new("EMAIL"),
		Description: new(`VIP "gold" plan`), MaxRemovals: new(int64(0)), MaxRemovalPct: new(12.5), DryRun: new(true),
	}))
	want := `description = "VIP \"gold\" plan"
query = '''
SELECT email
	FROM customers WHERE plan = 'vip'
'''
list_id = "101"
mode = "add"
max_removals = 0
max_removal_pct = 12.5
dry_run = true
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEncodeTOMLRoundTrip(t *testing.T) {
	t.Parallel()
	for _, query := range []string{
		"SELECT 1", "SELECT '''' AS q", "SELECT 'it''''s'", "SELECT \"a\"\r\nFROM b\r\n", "a'''", "'", "''", `\u0041 \ "" """ """"`,
		"a\x00b\x1b\x7f", "SELECT '\t' -- c", "SELECT '…' -- \u2028 \ufeff x", "a\rb", "'''\n\"\"\"\\", "\\",
	} {
		r := row(func(r *syncspec.Row) { r.Query, r.Description = new(query), new(query) })
		data := syncspec.EncodeTOML(r)
		got, err := syncspec.DecodeTOML("vip.toml", data)
		if err != nil {
			t.Errorf("%q: %v\n%s", query, err, data)
			continue
		}
		if diff := syncspec.Diff(r, got); diff != nil {
			t.Errorf("%q: %q\n%s", query, diff, data)
		}
	}
}

func TestEncodeTOMLKeepsEveryColumn(t *testing.T) {
	t.Parallel()
	r := syncspec.Row{
		Name: new("x"), Query: new("q\n"), ListID: new("1"), ListName: new("l"), KeyColumn: new("k"),
		IDProperty: new("p"), ObjectType: new("companies"), Mode: new("remove"), ForeignMembers: new("keep"),
		Schedule: new("@daily"), Description: new("d"), Owner: new("o"), Enabled: new(false), AllowEmpty: new(true),
		Kind: new("association"), ToIDProperty: new("t"), ToObjectType: new("deals"), EventName: new("e"), ForeignValues: new("keep"), OnLeave: new("clear"), IfNull: new("clear"),
		MaxChanges: new(int64(3)), MaxCreates: new(int64(4)),
		DryRun: new(true), AllowTakeover: new(true), MinRows: new(int64(7)), MaxRemovals: new(int64(math.MaxInt64)), MaxRemovalPct: new(1e-7),
	}
	got, err := syncspec.DecodeTOML("x.toml", syncspec.EncodeTOML(r))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, got); diff != "" {
		t.Error(diff)
	}
}
