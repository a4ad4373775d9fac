package engine_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"rollcall/engine/hubspot/sandbox"
)

// writes is the operation that changes a list, as the sandbox calls it.
const writes = "memberships.add-and-remove"

// firstContact is the record ID of the sandbox's first contact.
const firstContact = 1_000_001

func ids(numbers []int) []string {
	texts := make([]string, 0, len(numbers))
	for _, n := range numbers {
		texts = append(texts, strconv.Itoa(firstContact+n-1))
	}
	return texts
}

func address(n int) string { return fmt.Sprintf("contact-%05d@example.com", n) }

func numbers(from, to int) (all []int) {
	for n := from; n <= to; n++ {
		all = append(all, n)
	}
	return all
}

func texts(all []int64) []string {
	out := make([]string, 0, len(all))
	for _, id := range all {
		out = append(out, strconv.FormatInt(id, 10))
	}
	return out
}

// list makes a MANUAL list for records of a type.
func (w *world) list(id, name, objectType string) {
	w.t.Helper()
	if _, err := w.sandbox.CreateList(sandbox.ListInput{ID: id, Name: name, ObjectType: objectType}); err != nil {
		w.t.Fatal(err)
	}
}

// members are the numbers of the sandbox's contacts on a list.
func (w *world) members(listID string) []int {
	w.t.Helper()
	ids, err := w.sandbox.Members(listID)
	if err != nil {
		w.t.Fatal(err)
	}
	numbers := make([]int, 0, len(ids))
	for _, id := range ids {
		n, err := strconv.Atoi(id)
		if err != nil {
			w.t.Fatal(err)
		}
		numbers = append(numbers, n-firstContact+1)
	}
	slices.Sort(numbers)
	return numbers
}

// wantMembers wants exactly these contacts on a list.
func (w *world) wantMembers(listID string, want ...int) {
	w.t.Helper()
	if got := w.members(listID); !slices.Equal(got, want) {
		w.t.Errorf("list %s holds %v, want %v", listID, got, want)
	}
}

// byHand puts contacts on a list, or takes them off it, as a person in HubSpot would.
func (w *world) byHand(listID string, add, remove []int) {
	w.t.Helper()
	if err := w.sandbox.AddMembers(listID, ids(add)...); err != nil {
		w.t.Fatal(err)
	}
	if err := w.sandbox.RemoveMembers(listID, ids(remove)...); err != nil {
		w.t.Fatal(err)
	}
}

// fault declares misbehaviour of the sandbox.
func (w *world) fault(faults ...sandbox.Fault) {
	w.t.Helper()
	if err := w.sandbox.Declare(faults...); err != nil {
		w.t.Fatal(err)
	}
}

// calls counts the sandbox's calls during do.
func (w *world) calls(operation string, do func()) int {
	w.t.Helper()
	before := w.sandbox.CountCalls(operation)
	do()
	return w.sandbox.CountCalls(operation) - before
}

// whenCalled does something when the nth call from now on to a path with that end is under way, before it is answered.
func (w *world) whenCalled(path string, nth int, do func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hooks = append(w.hooks, &hook{path, nth, do})
}

// hook is what whenCalled waits for.
type hook struct {
	path string
	left int
	do   func()
}

// hooked puts the hooks before a handler.
func (w *world) hooked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		var due []func()
		w.mu.Lock()
		for _, h := range w.hooks {
			if strings.HasSuffix(r.URL.Path, h.path) {
				if h.left--; h.left == 0 {
					due = append(due, h.do)
				}
			}
		}
		w.mu.Unlock()
		for _, do := range due {
			do()
		}
		next.ServeHTTP(rw, r)
	})
}
