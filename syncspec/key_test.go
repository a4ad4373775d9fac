package syncspec_test

import (
	"strings"
	"testing"

	"rollcall/syncspec"
)

var (
	byEmail    = syncspec.Spec{IDProperty: "email"}
	byRecordID = syncspec.Spec{IDProperty: "hs_object_id"}
	byProperty = syncspec.Spec{IDProperty: "member_no"}
)

func TestKeyNormalises(t *testing.T) {
	t.Parallel()
	cases := []struct {
		spec      syncspec.Spec
		raw, want string
	}{
		{byEmail, "ada@example.com", "ada@example.com"},
		{byEmail, "  Ada.Lovelace@Example.COM\r\n", "ada.lovelace@example.com"},
		{byEmail, "\u00a0\u200bada@example.com\ufeff", "ada@example.com"},
		{byEmail, "ada+tag@example.co.uk", "ada+tag@example.co.uk"},
		{byEmail, "o'hara!#$%&*-/=?^_`{|}~@example.com", "o'hara!#$%&*-/=?^_`{|}~@example.com"},
		{byEmail, "ada@mail.blogspot.com", "ada@mail.blogspot.com"},
		{byEmail, "ada@blogspot.com", "ada@blogspot.com"},
		{byEmail, "ada@shop.com.ck", "ada@shop.com.ck"},
		{byEmail, "ada@EXAMPLE.museum", "ada@example.museum"},
		{byEmail, "Ada@MÜNCHEN.de", "ada@münchen.de"},
		{byEmail, "ada@mu\u0308nchen.de", "ada@münchen.de"}, // composed
		{byEmail, "ada@xn--mnchen-3ya.de", "ada@xn--mnchen-3ya.de"},
		{byEmail, "почта@Пример.РФ", "почта@пример.рф"},
		{byEmail, strings.Repeat("a", 64) + "@example.com", strings.Repeat("a", 64) + "@example.com"},
		{byEmail, " \t\u00a0", ""},
		{byEmail, "", ""},

		{byRecordID, " 12345 ", "12345"},
		{byRecordID, "12345.0", "12345"},
		{byRecordID, "12345.000", "12345"},
		{byRecordID, "9223372036854775807", "9223372036854775807"},
		{byRecordID, "\u200b", ""},

		{byProperty, " M-001x ", "M-001x"},
		{byProperty, "0012", "0012"},
		{byProperty, strings.Repeat("é", 65536), strings.Repeat("é", 65536)},
	}
	for _, c := range cases {
		got, reject := c.spec.Key(c.raw)
		if reject != nil || got != c.want {
			t.Errorf("%s %q: got %q, %+v, want %q", c.spec.IDProperty, c.raw, got, reject, c.want)
		}
	}
}

func TestKeyRejectsEmails(t *testing.T) {
	t.Parallel()
	cases := []struct{ raw, detail string }{
		{"ada", "no @"},
		{"n/a", "no @"},
		{"@example.com", "nothing before the @"},
		{"ada@", "nothing after the @"},
		{"ada@lovelace@example.com", "more than one @"},
		{"ada@example.con", "no top-level domain .con"},
		{"ada@example", "nothing like .com"},
		{"ada@localhost", "nothing like .com"},
		{"ada@example.local", "no top-level domain .local"},
		{"ada@example.c", "no top-level domain .c"},
		{"ada@127.0.0.1", "an IP address"},
		{"ada@[127.0.0.1]", "an IP address"},
		{"ada@[ipv6:::1]", "an IP address"},
		{`"ada"@example.com`, "quotation marks"},
		{"Ada <ada@example.com>", "display name"},
		{"<ada@example.com>", "angle brackets"},
		{"ada(home)@example.com", "a comment"},
		{"ada@example.com(home)", "a comment"},
		{"ada@example.com, eve@example.com", "comma or semicolon"},
		{"ada@example.com;eve", "comma or semicolon"},
		{"mailto:ada@example.com", "mailto:"},
		{"ada lovelace@example.com", "a blank before the @"},
		{"ada\u00a0lovelace@example.com", "a blank before the @"},
		{"ada@exam ple.com", "a blank after the @"},
		{"ada..lovelace@example.com", "two dots in a row"},
		{".ada@example.com", "a dot at the start"},
		{"ada.@example.com", "just before the @"},
		{"é..a@example.com", "two dots in a row"},
		{"é.@example.com", "just before the @"},
		{"ada\x00@example.com", "no address may have"},
		{"ad\u200ba@example.com", "no address may have"},
		{"ada\\@example.com", "no address may have"},
		{"\xff\xfe@example.com", "no address may have"},
		{"ada@example..com", "a dot too many"},
		{"ada@.example.com", "a dot too many"},
		{"ada@example.com.", "a dot too many"},
		{"ada@-example.com", "hyphen"},
		{"ada@example-.com", "hyphen"},
		{"ada@exam_ple.com", `'_'`},
		{"ada@xn--a.de", "international"},
		{"ada@exam\u2028ple.de", "international"},
		{strings.Repeat("a", 65) + "@example.com", "64 bytes"},
		{"ada@" + strings.Repeat("a", 64) + ".com", "63 bytes"},
		{"ada@" + strings.Repeat("a.", 126) + "com", "253 bytes"},
		// Short as it is written, too long in the form that the name system uses.
		{strings.Repeat("b", 20) + "@" + strings.Repeat("é.", 30) + "com", "254 bytes"},
		{"ada@" + strings.Repeat("é", 1<<20) + ".com", "254 bytes"},
		{strings.Repeat("b", 64) + "@" + strings.Repeat("a.", 94) + "com", "254 bytes"},
	}
	for _, c := range cases {
		key, reject := byEmail.Key(c.raw)
		if reject == nil {
			t.Errorf("%q: accepted as %q", c.raw, key)
			continue
		}
		if key != "" || reject.Reason != syncspec.ReasonInvalidEmail || !strings.Contains(reject.Detail, c.detail) {
			t.Errorf("%q: got key %q, %+v, want detail %q", c.raw, key, reject, c.detail)
		}
		if strings.Contains(reject.Detail, c.raw) {
			t.Errorf("%q: detail repeats the address: %s", c.raw, reject.Detail)
		}
	}
}

func TestKeyRejectsRecordIDs(t *testing.T) {
	t.Parallel()
	for raw, detail := range map[string]string{
		"0":                   "zero",
		"0.0":                 "zero",
		"007":                 "zero",
		"-5":                  "positive",
		"+5":                  "positive",
		"abc":                 "positive",
		"12,345":              "positive",
		"12 345":              "positive",
		".0":                  "positive",
		"12.5":                "whole",
		"12.":                 "whole",
		"1.2.0":               "whole",
		"1.2345e+16":          "scientific",
		"9223372036854775808": "greater",
		"١٢":                  "positive",
	} {
		key, reject := byRecordID.Key(raw)
		if key != "" || reject == nil || reject.Reason != syncspec.ReasonInvalidRecordID || !strings.Contains(reject.Detail, detail) {
			t.Errorf("%q: got %q, %+v, want detail %q", raw, key, reject, detail)
		}
	}
}

func TestKeyRejectsPropertyValues(t *testing.T) {
	t.Parallel()
	for raw, detail := range map[string]string{
		strings.Repeat("x", 65537): "65536",
		"a\x00b":                   "NUL",
		"a\xffb":                   "UTF-8",
	} {
		key, reject := byProperty.Key(raw)
		if key != "" || reject == nil || reject.Reason != syncspec.ReasonInvalidKey || !strings.Contains(reject.Detail, detail) {
			t.Errorf("%.10q: got %.10q, %+v, want detail %q", raw, key, reject, detail)
		}
	}
}

func BenchmarkKey(b *testing.B) {
	for name, c := range map[string]struct {
		spec syncspec.Spec
		raw  string
	}{
		"email":         {byEmail, "contact-00001@example.com"},
		"email capital": {byEmail, " Contact-00001@Example.com "},
		"email unicode": {byEmail, "contact-00001@münchen.de"},
		"email invalid": {byEmail, "contact-00001@example.con"},
		"record ID":     {byRecordID, "12345678901"},
		"property":      {byProperty, "M-0012345"},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.spec.Key(c.raw)
			}
		})
	}
}
