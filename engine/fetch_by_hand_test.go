package engine_test

import (
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// handCase is what somebody does to a list while its pages are being read. The list holds the even contacts up to 2,000.
type handCase struct {
	join, leave []int
	hidden      bool // where HubSpot gives no total, the list's metadata may not tell of it after a write of Rollcall's own
}

// What is done by hand while a list is being read never makes a run remove somebody who belongs there. Either the run leaves the list
// alone and says why, or it makes the changes that it knows of and the next run finds the rest.
func TestListChangedByHandWhileItIsRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]handCase{
		"somebody joins at the low end":  {join: []int{5}},
		"somebody joins at the high end": {join: []int{1995}},
		"somebody leaves":                {leave: []int{1000}},
		"several come and go":            {join: []int{7, 999, 1997}, leave: []int{8, 1400}, hidden: true},
		"one goes, one comes":            {join: []int{9}, leave: []int{1998}, hidden: true},
	} {
		for _, omit := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, total omitted %t", name, omit), func(t *testing.T) {
				t.Parallel()
				c.try(t, omit)
			})
		}
	}
}

// evenOnes are the even numbers between two.
func evenOnes(from, until int) []int {
	return slices.DeleteFunc(numbers(from, until), func(n int) bool { return n%2 != 0 })
}

// try reads two lists, to one of which it happens early.
func (c handCase) try(t *testing.T, omit bool) {
	var ago atomic.Int64 // the members of the lists have been there for an hour
	ago.Store(int64(time.Hour))
	clock := func() time.Time { return time.Now().Add(-time.Duration(ago.Load())) }
	w := sandboxWorld(t, 2000, sandbox.Options{OmitTotal: omit, Now: clock}, atOnce, func(c *engine.Config) { c.Log = zerolog.Nop() })
	desired := append([]int{1}, evenOnes(4, 2000)...)
	for _, page := range []int{2, 3} {
		list := strconv.Itoa(2000 + page)
		w.list(list, "list "+list, "")
		w.byHand(list, evenOnes(2, 2000), nil)
		w.sync("s"+list, map[string]string{"list_id": quote(list), "id_property": "'hs_object_id'",
			"query": quote(fmt.Sprintf("SELECT %d + i AS hs_object_id FROM range(1, 2001) r(i) WHERE i = 1 OR i %% 2 = 0 AND i <> 2", firstContact-1))})
		w.whenCalled("/"+list+"/memberships", page, func() { w.byHand(list, c.join, c.leave) })
	}
	ago.Store(0)
	for _, run := range w.run() {
		w.wantHarmless(run, c, desired)
	}
	for _, run := range w.runWith(engine.RunOptions{Full: c.hidden}) {
		if run.Status != engine.Succeeded {
			t.Errorf("the run after it: %s: %s: %s", run.Sync, run.Status, run.Error)
		}
		w.wantMembers(run.ListID, desired...)
		w.wantOwned(run.ListID, desired...)
	}
}

// wantHarmless wants everybody who belongs on the list to be there, but for those whom somebody else took off it.
func (w *world) wantHarmless(run engine.Run, c handCase, desired []int) {
	w.t.Helper()
	list := "2" + run.Sync[2:]
	on := w.members(list)
	if run.Status != engine.Succeeded {
		before := slices.DeleteFunc(append(evenOnes(2, 2000), c.join...), func(n int) bool { return slices.Contains(c.leave, n) })
		slices.Sort(before)
		if run.Error == "" || !slices.Equal(on, before) {
			w.t.Errorf("%s: %s (%q), and its list holds %d members; want it as somebody left it, and why", run.Sync, run.Status, run.Error, len(on))
		}
		return
	}
	for _, n := range desired {
		if !slices.Contains(on, n) && !slices.Contains(c.leave, n) {
			w.t.Errorf("%s: %d is not on the list", run.Sync, n)
		}
	}
	w.wantLedgerConsistent(run)
	wantRows(w.t, w.rows(fmt.Sprintf("SELECT record_id - %d FROM rollcall.changes WHERE run_id = %s AND action = 'remove' AND (record_id - %d) %% 2 = 0",
		firstContact-1, quote(run.RunID), firstContact-1)), "2")
}
