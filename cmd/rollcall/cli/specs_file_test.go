package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"rollcall/syncspec"
)

// Whatever a row is called and says, pull writes nothing but regular files right in its folder, each of which the next pull reads and
// finds to say the same; and it writes every row that parses.
func FuzzPullNames(f *testing.F) {
	for _, name := range []string{"vip", "..", "a/b", "../x", `a\b`, "", " vip", "-rf", "...", "x\x1b[31m", "x\nSUCCEEDED y", "CON", "a.toml", "/etc/x", "C:x", "x\x00y", strings.Repeat("n", 300), "é", "\xff"} {
		f.Add(name, "SELECT 1 AS email", "101", "mirror")
	}
	f.Add("bogus", "SELECT 1", "101", "bogus")
	f.Fuzz(func(t *testing.T, name, query, listID, mode string) {
		if !utf8.ValidString(query + listID + mode) {
			t.Skip("a VARCHAR of DuckDB is valid UTF-8, and so is a TOML file")
		}
		above := t.TempDir()
		dir := filepath.Join(above, "specs")
		other, otherQuery, otherList := "other", "SELECT 2 AS email", "102"
		rows := []syncspec.Row{{Name: &name, Query: &query, ListID: &listID, Mode: &mode}, {Name: &other, Query: &otherQuery, ListID: &otherList}}
		var out, stderr bytes.Buffer
		a := &app{out: &output{to: &out}, err: &stderr}
		err := a.pull(compare(nil, rows), dir, specsFlags{})
		if code := codeOf(err); code != ExitDone && code != ExitUsage {
			t.Fatalf("%q: %v", name, err)
		}
		files, err := readSpecs(dir)
		if err != nil {
			t.Fatalf("%q can't be read again: %v", name, err)
		}
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) != len(files) {
			t.Fatalf("%q: %d entries, %d specs, %v", name, len(entries), len(files), err)
		}
		if beside, err := os.ReadDir(above); err != nil || len(beside) != 1 {
			t.Fatalf("%q: written outside of the folder: %v, %v", name, beside, err)
		}
		if _, written := files[other]; !written && name != other {
			t.Fatalf("%q: the other row is not written", name)
		}
		_, err = syncspec.Parse(rows[0])
		if _, written := files[name]; !written && err == nil && name == strings.TrimSpace(name) && !strings.HasPrefix(name, "-") && name != other {
			t.Fatalf("%q parses and is not written: %s", name, stderr.String())
		}
		if left := compare(files, rows).pick(func(c comparison) bool { return !c.isWrong() && !c.same() }); len(left) > 0 {
			t.Fatalf("%q: pulled, and differs: %+v", name, left)
		}
	})
}

// A pipe and a file without an end are not read.
func TestOnlyRegularFilesOfBoundedSizeAreRead(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("links need rights there")
	}
	large := filepath.Join(t.TempDir(), "large.toml")
	if err := os.WriteFile(large, bytes.Repeat([]byte("#\n"), maxSpecBytes/2+1), 0o600); err != nil {
		t.Fatal(err)
	}
	linked := filepath.Join(t.TempDir(), "zero.toml")
	if err := os.Symlink("/dev/zero", linked); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "folder.toml")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{large: "larger than 4 MB", linked: "not a regular file", folder: "not a regular file"} {
		if _, err := readSpecs(filepath.Dir(path)); err == nil || !strings.HasSuffix(err.Error(), want) || codeOf(err) != ExitUsage {
			t.Errorf("%s: %v, want %s", filepath.Base(path), err, want)
		}
	}
}
