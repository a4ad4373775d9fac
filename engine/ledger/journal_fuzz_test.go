package ledger

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/engine/plan"
)

// writtenBatch and writtenEnd are lines as keep writes them.
const (
	writtenBatch = `{"run_id":"01990e4c-77a1-7c3e-8c51-0f5f3a1f7d10","list_id":"101","batch":1,"outcomes":[` +
		`{"action":"add","record_id":1000001,"state":"done"},{"action":"remove","record_id":1000002,"state":"failed","reason":"HubSpot answered 400"}]}`
	writtenEnd = `{"run_id":"01990e4c-77a1-7c3e-8c51-0f5f3a1f7d10","list_id":"","batch":0,"outcomes":null,"ended":` +
		`{"status":"INTERRUPTED","error":"no progress","hint":"run it again","held_runner":true,"finished_at":"2026-11-21T19:00:00.123456Z"}}`
)

// year10000 is the first microsecond since 1970 that JSON has no time for.
const year10000 = 253_402_300_800_000_000

// FuzzJournal puts any bytes into a journal before two lines that keep writes, and cuts the file off anywhere in these, as a crash
// does. Every line that is whole is read back as it was written, in order; every other line is counted; and what is kept after the
// cut is read back as well.
func FuzzJournal(f *testing.F) {
	for _, before := range []string{
		"", "\n", writtenBatch, writtenBatch + "\n", "\n" + writtenBatch + "\n\n" + writtenEnd + "\n", writtenEnd + "\r\n" + writtenBatch,
		writtenBatch[:40], writtenBatch[:40] + "\n" + writtenEnd, writtenBatch + writtenEnd, writtenBatch[:80] + "\x00\x00\x00\x00\n" + writtenBatch,
		"\x00\x00\x00", "\xff\xfe{\x00}\x00", "\ufeff" + writtenBatch, "null\n{}\n[]\n1\n\"\"", "{\"batch\":1e400}", "{\"run_id\":7}", "\v\u0085\u2028",
	} {
		f.Add([]byte(before), uint(len(before)), "0199", "add", int64(1000002), "done", "", int64(1), uint64(1_795_000_000_123_456))
	}
	f.Add([]byte{}, uint(1), "run\n\"1\"", "\xff", int64(-1), "\u2028</script>", "a\x00b\xed\xa0\x80", int64(-1), uint64(0))
	f.Fuzz(func(t *testing.T, before []byte, cutAt uint, text, action string, id int64, state, reason string, batch int64, finished uint64) {
		j := Journal{filepath.Join(t.TempDir(), "control.db.journal")}
		if err := os.WriteFile(j.Path, before, 0o600); err != nil {
			t.Fatal(err)
		}
		want, incomplete := j.mustRead(t)
		if lines := countLines(before); len(want)+incomplete != lines {
			t.Fatalf("%d lines and %d incomplete ones, want %d together", len(want), incomplete, lines)
		}
		written := []JournalLine{
			{RunID: text, ListID: "101", Batch: batch, Outcomes: []plan.Outcome{{N: batch, Action: action, RecordID: id, State: state, Reason: reason}, {Action: "remove", RecordID: -id, State: "missing", Reason: text}}},
			{RunID: text, Ended: &Ending{Interrupted, reason, text, id%2 == 0, time.UnixMicro(int64(finished % year10000)).UTC()}},
		}
		end := []int{len(before)} // where the file ended before the first line, and after each
		for i := range written {
			j.mustKeep(t, written[i])
			end = append(end, j.size(t))
		}
		j.wantRead(t, append(want, written...), incomplete)

		size := len(before) + int(cutAt%uint(end[2]-end[0]+1))
		if err := os.Truncate(j.Path, int64(size)); err != nil {
			t.Fatal(err)
		}
		for i, e := range written {
			switch { // a line stands between two line ends, of which it needs none to be whole
			case size >= end[i+1]-1:
				want = append(want, e)
			case size > end[i]+1:
				incomplete++
			}
		}
		j.wantRead(t, want, incomplete)
		j.mustKeep(t, written[0])
		j.wantRead(t, append(want, written[0]), incomplete)
	})
}

// countLines counts the lines that hold more than blanks.
func countLines(data []byte) (n int) {
	for _, line := range bytes.Split(data, []byte{'\n'}) {
		if len(bytes.TrimSpace(line)) > 0 {
			n++
		}
	}
	return n
}

func (j Journal) mustRead(t *testing.T) (entries []JournalLine, incomplete int) {
	t.Helper()
	entries, incomplete, err := j.Read()
	if err != nil {
		t.Fatal(err)
	}
	return entries, incomplete
}

func (j Journal) mustKeep(t *testing.T, e JournalLine) {
	t.Helper()
	if err := j.Keep(e); err != nil {
		t.Fatal(err)
	}
}

func (j Journal) size(t *testing.T) int {
	t.Helper()
	info, err := os.Stat(j.Path)
	if err != nil {
		t.Fatal(err)
	}
	return int(info.Size())
}

// wantRead wants the journal to hold exactly these entries, and this many incomplete lines.
func (j Journal) wantRead(t *testing.T, want []JournalLine, incomplete int) {
	t.Helper()
	got, n := j.mustRead(t)
	if n != incomplete {
		t.Errorf("%d incomplete lines, want %d", n, incomplete)
	}
	if diff := cmp.Diff(want, got, cmp.Transformer("asWritten", func(s string) []rune { return []rune(s) })); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}
