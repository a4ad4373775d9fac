package syncspec_test

import (
	"net/mail"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"rollcall/syncspec"
)

// A row whose texts are the fuzzer's: whatever they are, Parse returns, and what
// it accepts parses again to the same.
func FuzzParse(f *testing.F) {
	f.Add("vip", "SELECT email", "101", "", "email", "email", "contacts", "mirror", "keep", "@every 15m", int64(5), 50.0)
	f.Add("x", "q", "", "VIP", "", "hs_object_id", "2-12", "add", "", "0 6 * * 1-5", int64(-1), 101.0)
	f.Add("", "\x00", "1/objectLists/7/", "a\nb", "\u200b", "É", "0-2", "Remove ", "KEEP", "TZ=", int64(0), 0.0)
	f.Fuzz(func(t *testing.T, name, query, listID, listName, keyColumn, idProperty, objectType, mode, foreign, schedule string, removals int64, pct float64) {
		r := syncspec.Row{
			Name: &name, Query: &query, ListID: &listID, ListName: &listName, KeyColumn: &keyColumn,
			IDProperty: &idProperty, ObjectType: &objectType, Mode: &mode, ForeignMembers: &foreign,
			Schedule: &schedule, MaxRemovals: &removals, MaxRemovalPct: &pct,
		}
		spec, err := syncspec.Parse(r)
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		again, err := syncspec.Parse(spec.Row())
		if err != nil {
			t.Fatalf("%+v: %v", spec, err)
		}
		if diff := cmp.Diff(spec, again); diff != "" {
			t.Error(diff)
		}
		if !syncspec.Equal(r, spec.Row()) {
			t.Error(syncspec.Diff(r, spec.Row()))
		}
	})
}

// Whatever a file holds, decoding returns; what it accepts survives encoding.
func FuzzDecodeTOML(f *testing.F) {
	f.Add([]byte(vipTOML))
	f.Add([]byte("query = \"\"\"a\\r\\n'''\\u0000\"\"\"\nmax_removal_pct = nan\n"))
	f.Add([]byte("mode.x = 1\n[a]\nb = [1, {c = 2}]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := syncspec.DecodeTOML("vip.toml", data)
		if err != nil {
			return
		}
		encoded := syncspec.EncodeTOML(r)
		again, err := syncspec.DecodeTOML("vip.toml", encoded)
		if err != nil {
			t.Fatalf("%v\n%s", err, encoded)
		}
		if diff := syncspec.Diff(r, again); diff != nil {
			t.Errorf("%q\n%s", diff, encoded)
		}
	})
}

// A key that is accepted is its own normal form, and an email is one to the
// standard library too.
func FuzzKey(f *testing.F) {
	for _, s := range []string{" Ada@Example.com\u200b", "a@mu\u0308nchen.de", "İ@ſ.com", "12345.0", "a@xn--p1ai", "é.b@пример.рф", "a@faß.de", "a@１２.com"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		for _, spec := range []syncspec.Spec{byEmail, byRecordID, byProperty} {
			key, reject := spec.Key(raw)
			if reject != nil {
				if key != "" || reject.Detail == "" {
					t.Errorf("%q: key %q with %+v", raw, key, reject)
				}
				continue
			}
			again, reject := spec.Key(key)
			if again != key || reject != nil {
				t.Errorf("%s %q: %q becomes %q, %+v", spec.IDProperty, raw, key, again, reject)
			}
			if spec.IDProperty != "email" || key == "" {
				continue
			}
			if address, err := mail.ParseAddress(key); err != nil || address.Address != key {
				t.Errorf("%q: net/mail reads %q as %v, %v", raw, key, address, err)
			}
			if key != strings.ToLower(key) || !utf8.ValidString(key) {
				t.Errorf("%q: %q is not lower-case UTF-8", raw, key)
			}
		}
	})
}
