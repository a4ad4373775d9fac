package engine_test

import (
	"flag"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// large lets the benchmarks and tests run that take minutes: go test -run '^$' -bench . -benchtime 1x ./engine -large
var large = flag.Bool("large", false, "run the benchmarks and tests that take minutes")

// work is a row of the benchmarks: what a run finds, and what it may cost. Sets are ranges of the sandbox's contacts, from
// included, upto excluded.
type work struct {
	name    string
	large   bool
	lists   int    // that many lists with the same query and members
	before  []span // desired at the runs before, which are not measured
	after   span   // desired now
	members span   // put on the lists by hand where there was no run before
	options sandbox.Options
	calls   int // most calls
	chain   int // calls of the longest chain in which each waits for the one before
}

type span struct{ from, until int }

func (s span) size() int { return s.until - s.from }

const latency = 60 * time.Millisecond

// works are the benchmarks. The chain of a quiet run is its search; where something changes it is search or page, batch read, write;
// where the addresses are known two batch reads: the members who would go are read, then the keys that come back are asked for again; a cold one waits
// for the pages, half of them from each end, and the writes.
func works() []work {
	slow := sandbox.Options{Latency: latency}
	limited := sandbox.Options{Latency: latency, Rate: sandbox.RateLimit{Max: 190, Interval: 10 * time.Second}}
	return []work{
		{name: "nothing changed, 1 list of 10,000", lists: 1, before: []span{{1, 10_001}}, after: span{1, 10_001}, options: slow, calls: 1, chain: 1},
		{name: "nothing changed, 50 lists of 10,000", large: true, lists: 50, before: []span{{1, 10_001}}, after: span{1, 10_001}, options: sandbox.Options{}, calls: 1, chain: 1},
		{name: "100 changed of 10,000, addresses known", lists: 1, before: []span{{1, 10_001}, {51, 10_051}}, after: span{1, 10_001}, options: slow, calls: 4, chain: 4},
		{name: "1,000 changed of 100,000, all new addresses", large: true, lists: 1, before: []span{{1, 100_001}}, after: span{1, 101_001}, options: sandbox.Options{}, calls: 12, chain: 3},
		{name: "cold, 100,000 and 100,000, 60 ms, 190 in 10 s", large: true, lists: 1, members: span{1, 100_001}, after: span{5_001, 105_001}, options: limited, calls: 1_402, chain: 201},
		{name: "cold, 10,000 and 10,000, 60 ms", lists: 1, members: span{1, 10_001}, after: span{5_001, 15_001}, options: slow, calls: 142, chain: 21},
	}
}

// BenchmarkRun measures Rollcall and the baseline on the same work, against the same sandbox. Calls and ratios can be compared from
// machine to machine, seconds can't. "ratio" is the baseline's time in terms of Rollcall's, "x_bound" Rollcall's in terms of what
// HubSpot's limits and the latency make necessary.
func BenchmarkRun(b *testing.B) {
	for _, k := range works() {
		b.Run(k.name, func(b *testing.B) {
			if k.large && !*large {
				b.Skip("it takes minutes: -large")
			}
			for b.Loop() {
				b.StopTimer()
				w := k.world(b)
				b.StartTimer()
				begun := time.Now()
				w.runAll(k)
				seconds := time.Since(begun).Seconds()
				b.StopTimer()
				calls, refused := w.sandbox.CountCalls(""), w.refused()
				base, baseSeconds := k.baseline(b)
				bound := k.bound(calls)
				b.ReportMetric(float64(calls), "calls")
				b.ReportMetric(seconds, "s")
				b.ReportMetric(float64(base.calls), "base_calls")
				b.ReportMetric(baseSeconds, "base_s")
				b.ReportMetric(baseSeconds/seconds, "ratio")
				b.ReportMetric(float64(refused), "429s")
				if bound > 0 {
					b.ReportMetric(seconds/bound, "x_bound")
				}
				if calls > k.calls {
					b.Errorf("%d calls, want %d at most", calls, k.calls)
				}
				b.StartTimer()
			}
		})
	}
}

// The call counts of the benchmarks that are quick hold in every run of the tests.
func TestCallsGrowWithTheChange(t *testing.T) {
	t.Parallel()
	for _, k := range works() {
		if k.large && !*large || k.options.Rate.Max > 0 {
			continue
		}
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			k.options = sandbox.Options{}
			w := k.world(t)
			w.runAll(k)
			if calls := w.sandbox.CountCalls(""); calls > k.calls {
				t.Errorf("%d calls, want %d at most", calls, k.calls)
			}
			w.wantMembers("1000", numbers(k.after.from, k.after.until-1)...)
		})
	}
}

// world makes the account and the control database, and runs what came before.
func (k work) world(t testing.TB) *world {
	t.Helper()
	limit := max(k.after.until, k.members.until) - 1
	for _, s := range k.before {
		limit = max(limit, s.until-1)
	}
	w := builtWorld(t, limit, k.options, func(h http.Handler) http.Handler { return h }, func(c *engine.Config) {
		c.Log = zerolog.Nop()
		c.Warehouse.Threads = 0
	})
	for i := range k.lists {
		w.list(strconv.Itoa(1000+i), fmt.Sprintf("list %d", i), "")
		w.sync(fmt.Sprintf("s%d", i), map[string]string{"list_id": quote(strconv.Itoa(1000 + i)), "max_removal_pct": "100"})
		if k.members.size() > 0 {
			w.byHand(strconv.Itoa(1000+i), numbers(k.members.from, k.members.until-1), nil)
		}
	}
	for _, s := range k.before {
		w.desire(s)
		w.runAll(k)
	}
	w.desire(k.after)
	w.sandbox.ForgetCalls()
	return w
}

// desire makes the queries return a range of contacts.
func (w *world) desire(s span) {
	w.t.Helper()
	w.exec(fmt.Sprintf("DELETE FROM people; INSERT INTO people SELECT printf('contact-%%05d@example.com', n), 'vip' FROM range(%d, %d) r(n)", s.from, s.until))
}

func (w *world) runAll(k work) {
	w.t.Helper()
	runs := w.run()
	if len(runs) != k.lists {
		w.t.Fatalf("%d runs, want %d", len(runs), k.lists)
	}
	for _, run := range runs {
		if run.Status != engine.Succeeded {
			w.t.Fatalf("run of %s: %s: %s", run.Sync, run.Status, run.Error)
		}
	}
}

// refused counts the calls that HubSpot put off.
func (w *world) refused() (n int) {
	for _, call := range w.sandbox.Calls() {
		if call.Status == http.StatusTooManyRequests {
			n++
		}
	}
	return n
}

// baseline does the same work with the baseline. The run before is done by Rollcall; what is left to do is the same.
func (k work) baseline(b *testing.B) (*baseline, float64) {
	w := k.world(b)
	emails := make([]string, 0, k.after.size())
	for n := k.after.from; n < k.after.until; n++ {
		emails = append(emails, address(n))
	}
	base := &baseline{url: w.config.HubSpot.BaseURL}
	begun := time.Now()
	for i := range k.lists {
		if err := base.sync(b.Context(), strconv.Itoa(1000+i), emails); err != nil {
			b.Fatal(err)
		}
	}
	return base, time.Since(begun).Seconds()
}

// bound is the least time, in seconds: the larger of what the rolling window allows and of the longest chain of calls.
func (k work) bound(calls int) float64 {
	windows := 0.0
	if limit := k.options.Rate.Max; limit > 0 {
		windows = math.Floor(float64(calls-1)/float64(limit)) * k.options.Rate.Interval.Seconds()
	}
	return max(windows, float64(k.chain)*k.options.Latency.Seconds())
}
