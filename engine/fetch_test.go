package engine_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// Servers that read a list from its end differ: HubSpot documents the order of `before`, not what an empty one means.

// ignoresBefore answers with the first page whatever before says.
func ignoresBefore(h http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		q.Del("before")
		r.URL.RawQuery = q.Encode()
		h.ServeHTTP(rw, r)
	})
}

// refusesEmptyBefore finds fault with an empty cursor.
func refusesEmptyBefore(h http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); q.Has("before") && q.Get("before") == "" {
			rw.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(rw, `{"status":"error","message":"before must not be blank","category":"VALIDATION_ERROR"}`)
			return
		}
		h.ServeHTTP(rw, r)
	})
}

// ascends answers to an empty before with the last page, but in upward order.
func ascends(h http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); !q.Has("before") || q.Get("before") != "" {
			h.ServeHTTP(rw, r)
			return
		}
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		var page map[string]any
		if err := json.Unmarshal(answer.Body.Bytes(), &page); err != nil {
			panic(err)
		}
		slices.Reverse(page["results"].([]any))
		_ = json.NewEncoder(rw).Encode(page)
	})
}

func asItIs(h http.Handler) http.Handler { return h }

// pageSizes are list sizes about the ends of pages, which hold 250.
var pageSizes = []int{0, 1, 2, 249, 250, 251, 500, 501, 1000}

// Lists of every size are read whole, each member once, whatever the server makes of an empty cursor and whether it says how many
// members there are. Where it does, no page is read in vain.
func TestListsAreReadWholeFromBothEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wrap func(http.Handler) http.Handler
		vain int // pages that are of no use
	}{
		"from both ends":                 {asItIs, 0},
		"before is ignored":              {ignoresBefore, 1},
		"empty before is refused":        {refusesEmptyBefore, 0}, // the refused call is answered before the sandbox
		"the last page, in upward order": {ascends, 1},
	} {
		for _, omit := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, total omitted %t", name, omit), func(t *testing.T) {
				t.Parallel()
				w := sizesWorld(t, sandbox.Options{OmitTotal: omit}, c.wrap)
				for _, run := range w.run() {
					if run.Status != engine.Succeeded {
						t.Errorf("%s: %s: %s", run.Sync, run.Status, run.Error)
					}
				}
				for _, n := range pageSizes {
					w.wantRead(n, c.vain, omit)
				}
			})
		}
	}
}

// sizesWorld has a list of each size, whose members 1 to n are to become 2 to n+1.
func sizesWorld(t *testing.T, options sandbox.Options, wrap func(http.Handler) http.Handler) *world {
	t.Helper()
	w := builtWorld(t, 1001, options, wrap, func(c *engine.Config) { c.Log = zerolog.Nop() })
	for _, n := range pageSizes {
		list := sizedList(n)
		w.list(list, "of "+strconv.Itoa(n), "")
		w.byHand(list, numbers(1, n), nil)
		w.sync("of_"+strconv.Itoa(n), map[string]string{"list_id": quote(list), "id_property": "'hs_object_id'",
			"query": quote(fmt.Sprintf("SELECT i AS hs_object_id FROM range(%d, %d) r(i)", firstContact+1, firstContact+n+1))})
	}
	return w
}

func sizedList(n int) string { return strconv.Itoa(2000 + n) }

// wantRead wants the list of n members to have been read whole, and written right.
func (w *world) wantRead(n, vain int, omit bool) {
	w.t.Helper()
	list := sizedList(n)
	w.wantMembers(list, numbers(2, n+1)...)
	w.wantOwned(list, numbers(2, n+1)...)
	changed := min(n, 1)
	wantRows(w.t, w.rows("SELECT n_current_before, n_added, n_removed FROM rollcall.runs WHERE sync = "+quote("of_"+strconv.Itoa(n))),
		fmt.Sprintf("%d %d %d", n, changed, changed))
	got := 0
	for _, call := range w.sandbox.Calls() {
		if strings.HasSuffix(call.Path, "/"+list+"/memberships") {
			got++
		}
	}
	least := max(1, (n+249)/250)
	limit := least + vain
	if omit {
		limit += 2 // the two sides learn that they have met from one page more each
	}
	if got < least || got > limit {
		w.t.Errorf("list of %d: %d pages, want %d to %d", n, got, least, limit)
	}
}
