package engine_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// linkWork is a row of the benchmarks of associations: contacts that are linked with one company, by a label, as a range. Pairs of the ranges before
// are linked by runs that are not measured.
type linkWork struct {
	name   string
	large  bool
	before []span
	after  span

	calls  int // most calls about associations
	reads  int // of them those that read
	lookup int // calls that look keys up
}

// linkWorks are the benchmarks of associations. Where IDs and labels are known, a change takes one read of what changes, a call for the links, and one
// for every hundred pairs that end. A first run reads a thousand records a call, and links two thousand pairs a call.
func linkWorks() (all []linkWork) {
	for _, n := range []int{2_500, 50_000} {
		size, large := strconv.Itoa(n), n > 10_000
		all = append(all,
			linkWork{name: "nothing changed of " + size, large: large, before: []span{{1, n + 1}}, after: span{1, n + 1}},
			linkWork{name: "250 links and 250 unlinks of " + size, large: large, before: []span{{1, n + 1}, {251, n + 251}}, after: span{1, n + 1}, calls: 10, reads: 2},
			linkWork{name: "first run of " + size, large: large, after: span{1, n + 1}, calls: 1 + (n+999)/1000 + (n+1999)/2000, reads: 1 + (n+999)/1000, lookup: 1 + (n+99)/100},
		)
	}
	return all
}

// world makes the account and the control database, and runs what came before.
func (k linkWork) world(t testing.TB) *world {
	t.Helper()
	limit := k.after.until - 1
	for _, s := range k.before {
		limit = max(limit, s.until-1)
	}
	w := builtWorld(t, limit, sandbox.Options{}, func(h http.Handler) http.Handler { return h }, func(c *engine.Config) {
		c.Log = zerolog.Nop()
		c.Warehouse.Threads = 0
	})
	w.dissociate(1, acme)
	w.dissociate(2, globex)
	w.sync("jobs", jobsRow(map[string]string{"query": quote("SELECT email AS from_key, '" + acme + "' AS to_key, 'Decision maker' AS label FROM people")}))
	for _, s := range k.before {
		w.desire(s)
		w.one("jobs", engine.Succeeded)
	}
	w.desire(k.after)
	w.sandbox.ForgetCalls()
	return w
}

// check runs the work and holds the calls against the targets.
func (k linkWork) check(t testing.TB, w *world) {
	t.Helper()
	w.one("jobs", engine.Succeeded)
	reads := w.sandbox.CountCalls(linkReads) + w.sandbox.CountCalls(labelReads)
	if n := w.linkCalls(); n > k.calls || reads > k.reads || w.sandbox.CountCalls("") > n+k.lookup {
		t.Errorf("%d calls about associations, %d of them reads, %d calls in all; want %d, %d, %d at most", n, reads, w.sandbox.CountCalls(""), k.calls, k.reads, k.calls+k.lookup)
	}
}

// BenchmarkAssociations measures Rollcall beside a script that looks every key up and sends every association on every run, and that ends none.
func BenchmarkAssociations(b *testing.B) {
	for _, k := range linkWorks() {
		b.Run(k.name, func(b *testing.B) {
			if k.large && !*large {
				b.Skip("it takes minutes: -large")
			}
			for b.Loop() {
				b.StopTimer()
				w := k.world(b)
				b.StartTimer()
				begun := time.Now()
				k.check(b, w)
				seconds := time.Since(begun).Seconds()
				b.StopTimer()
				b.ReportMetric(float64(w.sandbox.CountCalls("")), "calls")
				b.ReportMetric(float64(w.linkCalls()), "link_calls")
				b.ReportMetric(seconds, "s")
				base := &baseline{url: w.config.HubSpot.BaseURL}
				begun = time.Now()
				if err := base.link(b.Context(), k.after); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(base.calls), "base_calls")
				b.ReportMetric(time.Since(begun).Seconds(), "base_s")
				b.StartTimer()
			}
		})
	}
}

// link gives the contacts of a range the label at Acme.
func (b *baseline) link(ctx context.Context, s span) error {
	emails := make([]string, 0, s.size())
	for n := s.from; n < s.until; n++ {
		emails = append(emails, address(n))
	}
	found, err := b.resolve(ctx, emails)
	if err != nil {
		return err
	}
	var inputs []map[string]any
	for id := range found {
		inputs = append(inputs, map[string]any{
			"from": map[string]string{"id": id}, "to": map[string]string{"id": acme},
			"types": []map[string]any{{"associationCategory": "USER_DEFINED", "associationTypeId": 1}},
		})
	}
	for chunk := range slices.Chunk(inputs, 2000) {
		if err := b.call(ctx, http.MethodPost, "/crm/v4/associations/contacts/companies/batch/create", map[string]any{"inputs": chunk}, &struct{}{}); err != nil {
			return err
		}
	}
	return nil
}

// The call counts of the benchmarks that are quick hold in every run of the tests, and the links are those that are desired.
func TestAssociationCallsGrowWithTheChange(t *testing.T) {
	t.Parallel()
	for _, k := range linkWorks() {
		if k.large && !*large {
			continue
		}
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			w := k.world(t)
			k.check(t, w)
			if got := w.associated(acme); !slices.Equal(got, numbers(k.after.from, k.after.until-1)) {
				t.Errorf("%d contacts are linked, want %d", len(got), k.after.size())
			}
			wantRows(t, w.rows("SELECT count(*) FROM rollcall.links WHERE sync = 'jobs'"), fmt.Sprint(2*k.after.size()))
		})
	}
}
