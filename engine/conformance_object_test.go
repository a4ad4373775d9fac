package engine_test

import (
	"slices"
	"testing"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// objectWorld is a world with an object sync whose row has these columns.
func objectWorld(t *testing.T, columns map[string]string, change ...func(*engine.Config)) *kindWorld {
	w := newWorld(t, 0, append(change, chunks(toyBatch))...)
	keeps := columns["on_leave"] == ""
	columns["kind"], columns["query"] = "'object'", quote("SELECT email, tier AS city FROM people")
	return &kindWorld{
		world:   w,
		columns: func(string) map[string]string { return columns },
		held: func(string) []int {
			if keeps {
				return w.customers(w.desired())
			}
			return w.customers(numbers(1, 40))
		},
		send: func() int {
			return w.sandbox.CountCalls(batchCreates) + w.sandbox.CountCalls(batchUpdates) + w.sandbox.CountCalls(batchArchives)
		},
		lose: func() {
			w.fault(sandbox.Fault{Operation: batchCreates, Effect: sandbox.EffectResetAfter})
		},
		down: func(down bool) {
			if w.sandbox.ForgetFaults(); down {
				w.fault(sandbox.Fault{Effect: sandbox.EffectReset, Count: -1})
			}
		},
		keeps: keeps,
	}
}

// desired are the numbers of the contacts in the table people.
func (w *world) desired() (contacts []int) {
	w.t.Helper()
	all := w.rows("SELECT DISTINCT email FROM people")
	for n := 1; n <= 40; n++ {
		if slices.Contains(all, address(n)) {
			contacts = append(contacts, n)
		}
	}
	return contacts
}
