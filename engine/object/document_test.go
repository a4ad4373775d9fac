package object

import (
	"encoding/json"
	"testing"
	"testing/quick"
)

// A document is what encoding/json makes of the values, byte by byte: hashes of earlier versions stay true.
func TestDocumentIsThatOfEncodingJSON(t *testing.T) {
	t.Parallel()
	same := func(values map[string]string) bool {
		want, err := json.Marshal(values)
		if err != nil {
			t.Fatal(err)
		}
		got, err := document(values)
		if err != nil || string(got) != string(want) {
			t.Logf("%s, want %s; %v", got, want, err)
			return false
		}
		return true
	}
	for _, text := range []string{"", "plain", `"`, `\`, "<", ">", "&", "a\tb\n\x00", "é", "\u2028", "\xff", "\x7f", "~ ", "😀"} {
		if values := map[string]string{"city": text, "a": "1", "a_b": text, text: "name"}; !same(values) {
			t.Errorf("%q", text)
		}
	}
	if !same(map[string]string{}) {
		t.Error("no values")
	}
	if err := quick.Check(same, nil); err != nil {
		t.Error(err)
	}
}
