package escape_test

import (
	"encoding/json"
	"testing"
	"unicode"

	"rollcall/escape"
)

func TestValue(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"":                                "",
		"Zoë, 名単, 👍":                      "Zoë, 名単, 👍",
		`C:\new "a" 'b'`:                  `C:\new "a" 'b'`,
		"x\x1b[2J\x1b[31mred\nSUCCEEDED":  `x\u001b[2J\u001b[31mred\nSUCCEEDED`,
		"a\r\tb\x00\x7f":                  `a\r\tb\u0000\u007f`,
		"a\u0085\u009b31m":                `a\u0085\u009b31m`,
		"\u202etxt.exe\u2066\u200b\ufeff": `\u202etxt.exe\u2066\u200b\ufeff`,
		"a\u2028b\u2029":                  `a\u2028b\u2029`,
		"tag \U000e0041":                  `tag \udb40\udc41`,
		"byte \x9b31m":                    "byte \ufffd31m",
	} {
		if got := escape.Value(given); got != want {
			t.Errorf("Value(%q) = %q, want %q", given, got, want)
		}
	}
}

// No text leaves a character that a terminal obeys, and a JSON document still means the same.
func FuzzText(f *testing.F) {
	f.Add("a\n\tb\x1b]0;title\a\u202e\U000e0041\x9b\xff")
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range escape.Text(s) {
			if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) && r != '\n' && r != '\t' {
				t.Errorf("Text(%q) has %U", s, r)
			}
		}
		document, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var before, after string
		if json.Unmarshal(document, &before) != nil || json.Unmarshal([]byte(escape.Text(string(document))), &after) != nil || before != after {
			t.Errorf("%s means %q escaped, want %q", document, after, before)
		}
	})
}
