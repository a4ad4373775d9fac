package engine_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// A HubSpot whose pages are smaller than documented is read with pages of the size that is set, one that cuts them with any, and lists can be
// read from their start alone.
func TestPageSettings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options sandbox.Options
		change  func(*engine.Config)
		fails   bool
		forward bool
	}{
		"refused":         {options: sandbox.Options{MaxPage: 30}, change: func(*engine.Config) {}, fails: true},
		"of the size set": {options: sandbox.Options{MaxPage: 30}, change: func(c *engine.Config) { c.PageSize = 30 }},
		"cut":             {options: sandbox.Options{MaxPage: 30, ClampPage: true}, change: func(*engine.Config) {}},
		"forward":         {options: sandbox.Options{IgnoreBefore: true}, change: func(c *engine.Config) { c.PageSize, c.ReadForward = 30, true }, forward: true},
		"no last page":    {options: sandbox.Options{IgnoreBefore: true}, change: func(c *engine.Config) { c.PageSize = 30 }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			backward := 0
			w := builtWorld(t, 130, c.options, func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					if r.URL.Query().Has("before") {
						mu.Lock()
						backward++
						mu.Unlock()
					}
					next.ServeHTTP(rw, r)
				})
			}, c.change)
			var ids []string
			for n := range 100 {
				ids = append(ids, fmt.Sprint(firstContact+n+10))
			}
			if err := w.sandbox.AddMembers("101", ids...); err != nil {
				t.Fatal(err)
			}
			w.people(numbers(1, 100)...)
			w.sync("vip", map[string]string{"list_id": "'101'", "allow_takeover": "true"})
			if c.fails {
				run := w.one("vip", engine.Failed)
				wantWords(t, run.Error, "limit must be between 1 and 30")
				return
			}
			w.one("vip", engine.Succeeded)
			w.wantMembers("101", numbers(1, 100)...)
			if (backward == 0) != c.forward {
				t.Errorf("%d pages were asked for from the end", backward)
			}
		})
	}
}
