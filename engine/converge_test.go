package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"rollcall/engine"
	"rollcall/syncspec"
)

// fuzzContacts is how many contacts the sets of FuzzConverge are of.
const fuzzContacts = 60

// FuzzConverge makes sets of bytes: who is desired, who is on the list, whom Rollcall put there. Whatever they are, a run leaves
// on the list whom mode and foreign_members say, or, where a guard is broken, leaves the list alone; the next run does nothing.
func FuzzConverge(f *testing.F) {
	for _, seed := range []string{
		"", "\x00", "\x01\x07\x07\x07", "\x02\x02\x02\x02\x06\x06\x01\x01", "\x03\x01\x02\x03\x04\x05\x06\x07",
		"\x04\x01\x02\x03\x04\x05\x06\x07", "\x05\x02\x02\x06\x03\x07", "\x08" + strings.Repeat("\x06", 20) + strings.Repeat("\x07", 20),
		"\x08" + strings.Repeat("\x06", 30), "\x0a" + strings.Repeat("\x02", 10) + strings.Repeat("\x03", 10), "\x08" + strings.Repeat("\x01", 60),
		"\x09" + strings.Repeat("\x02\x03", 30), "\x00" + strings.Repeat("\x01\x02\x03\x04\x05\x06\x07\x00", 8),
		"\x02" + strings.Repeat("\x07\x06\x05\x04\x03\x02\x01\x00", 8), "\x0c" + strings.Repeat("\x03\x07\x00", 20), "\x04" + strings.Repeat("\x03", 15),
	} {
		f.Add([]byte(seed))
	}
	w := newWorld(f, fuzzContacts, chunks(7), func(c *engine.Config) { c.Log = zerolog.Nop() })
	f.Fuzz(func(t *testing.T, data []byte) {
		w.t = t
		c, guarded := convergeCase(data)
		c.stageFuzz(w, guarded)
		want, removals := c.after(), c.removals()
		run := w.run("fuzz")[0]
		w.wantLedgerConsistent(run)
		if blocked := guarded && c.breaksAGuard(removals); blocked != (run.Status == engine.Blocked) {
			t.Fatalf("%s (%s), want blocked: %t", run.Status, run.Error, blocked)
		} else if blocked {
			want = c.current
		}
		if got, err := w.sandbox.Members("101"); err != nil || !slices.Equal(got, texts(want)) {
			t.Fatalf("list holds %v, %v; want %v", got, err, want)
		}
		if run.Status == engine.Blocked {
			return
		}
		if run.Status != engine.Succeeded || *run.Final != int64(len(want)) || *run.Removed != int64(removals) {
			t.Fatalf("%s, %s; want %d removed and %d members", run.Status, counts(run), removals, len(want))
		}
		if c.spec.Mode == syncspec.Mirror && c.spec.ForeignMembers == syncspec.RemoveForeign {
			wantRows(t, w.rows("SELECT count(*) FROM rollcall.members WHERE list_id = '101'"), fmt.Sprint(len(want)))
		}
		if again := w.run("fuzz")[0]; again.Plan.Add+again.Plan.Remove != 0 || again.Status != engine.Succeeded {
			t.Fatalf("the second run is not empty: %+v", again.Plan)
		}
	})
}

// convergeCase reads a case from bytes: the first says mode, foreign_members and whether the guards are on, each of the others of one
// contact whether it is desired, current and applied.
func convergeCase(data []byte) (c *planCase, guarded bool) {
	c = &planCase{spec: syncspec.Spec{Mode: syncspec.Mirror, ForeignMembers: syncspec.RemoveForeign}}
	if len(data) == 0 {
		return c, false
	}
	if data[0]&1 != 0 {
		c.spec.ForeignMembers = syncspec.KeepForeign
	}
	switch data[0] >> 1 & 3 {
	case 1:
		c.spec.Mode = syncspec.Add
	case 2:
		c.spec.Mode, c.spec.ForeignMembers = syncspec.Remove, syncspec.RemoveForeign
	}
	for i, sets := range data[1:min(len(data), fuzzContacts+1)] {
		id := int64(firstContact + i)
		if sets&1 != 0 {
			c.desired = append(c.desired, address(i+1))
		}
		if sets&2 != 0 {
			c.current = append(c.current, id)
		}
		if sets&4 != 0 {
			c.applied = append(c.applied, id)
		}
	}
	return c, data[0]&8 != 0
}

// removals are how many members the case takes out.
func (c *planCase) removals() int {
	after, n := c.after(), 0
	for _, id := range c.current {
		if !slices.Contains(after, id) {
			n++
		}
	}
	return n
}

// breaksAGuard holds the removals against the guards' defaults.
func (c *planCase) breaksAGuard(removals int) bool {
	emptied := c.spec.Mode == syncspec.Mirror && len(c.desired) == 0
	return removals > 0 && (emptied || len(c.current) >= 10 && 2*removals > len(c.current))
}

// stageFuzz puts the case into a world that earlier cases were in.
func (c *planCase) stageFuzz(w *world, guarded bool) {
	w.t.Helper()
	members, err := w.sandbox.Members("101")
	if err == nil {
		err = w.sandbox.RemoveMembers("101", members...)
	}
	if err == nil {
		err = w.sandbox.AddMembers("101", texts(c.current)...)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	script := "DELETE FROM rollcall.syncs; DELETE FROM rollcall.members; DELETE FROM people;"
	if len(c.desired) > 0 {
		script += "INSERT INTO people SELECT unnest(['" + strings.Join(c.desired, "', '") + "']), 'vip';"
	}
	if len(c.applied) > 0 {
		script += "INSERT INTO rollcall.members (list_id, record_id) SELECT '101', unnest([" + strings.Join(texts(c.applied), ", ") + "]);"
	}
	w.exec(script)
	columns := map[string]string{"list_id": "101", "mode": quote(string(c.spec.Mode)), "foreign_members": quote(string(c.spec.ForeignMembers))}
	if !guarded {
		columns["allow_empty"], columns["max_removal_pct"] = "true", "100"
	}
	w.sync("fuzz", columns)
}
