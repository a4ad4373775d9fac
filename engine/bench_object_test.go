package engine_test

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// wide is how many properties a record of the benchmarks has.
const wide = 20

// objectWork is a row of the benchmarks of records: what HubSpot and the ledger have before the run, and how many calls it may take.
type objectWork struct {
	name    string
	records int
	changed int                             // records of which one value has changed since the run before
	equal   bool                            // HubSpot has the records already
	known   bool                            // the ledger has them, too
	rate    sandbox.RateLimit               // of HubSpot; the zero value: none
	calls   func(n, changed int) (most int) // besides the one that reads the definitions of the properties
	writes  func(n, changed int) (most int)
}

// hundreds is how many calls carry n records.
func hundreds(n int) int { return (n + 99) / 100 }

func objectWorks(n int) []objectWork {
	none := func(int, int) int { return 0 }
	return []objectWork{
		{name: "nothing changed", records: n, equal: true, known: true, calls: none, writes: none},
		{name: "1 percent changed", records: n, changed: n / 100, equal: true, known: true,
			calls: func(_, changed int) int { return hundreds(changed) + 3 }, writes: func(_, changed int) int { return hundreds(changed) }},
		{name: "cold, all equal", records: n, equal: true, calls: func(n, _ int) int { return hundreds(n) }, writes: none},
		{name: "cold, none there", records: n, calls: func(n, _ int) int { return 2 * hundreds(n) }, writes: func(n, _ int) int { return hundreds(n) }},
	}
}

// limitedWork is a first run that creates every record, under HubSpot's rolling limit of a private app.
func limitedWork() objectWork {
	works := objectWorks(100_000)
	k := works[len(works)-1]
	k.name, k.rate = "cold, none there, 190 in 10 s", sandbox.RateLimit{Max: 190, Interval: 10 * time.Second}
	return k
}

// BenchmarkObjects measures runs of records of 20 properties and a baseline that sends every record on every run, against the same sandbox, which
// answers after 60 ms. Calls and
// ratios can be compared from machine to machine, seconds can't. "diff_s" is what comes between the query and the plan.
func BenchmarkObjects(b *testing.B) {
	n := 2_000
	if *large {
		n = 100_000
	}
	for _, k := range append(objectWorks(n), limitedWork()) {
		b.Run(fmt.Sprintf("%d records, %s", k.records, k.name), func(b *testing.B) {
			if k.rate.Max > 0 && !*large {
				b.Skip("it takes minutes: -large")
			}
			for b.Loop() {
				b.StopTimer()
				var queried time.Time
				w := k.world(b, sandbox.Options{Latency: latency, Rate: k.rate}, func(c *engine.Config) {
					c.Events = on(func(p engine.Progress) {
						if p.Step == "query" {
							queried = time.Now()
						}
					})
				})
				diff := 0.0
				if err := w.engine.Plan(b.Context(), nil, func(p engine.Preview, _ *engine.Console) error {
					diff = time.Since(queried).Seconds()
					return nil
				}); err != nil {
					b.Fatal(err)
				}
				w.sandbox.ForgetCalls()
				b.StartTimer()
				begun := time.Now()
				k.run(w)
				seconds := time.Since(begun).Seconds()
				b.StopTimer()
				k.wantCalls(b, w)
				calls := w.sandbox.CountCalls("")
				base, baseSeconds := k.baseline(b)
				b.ReportMetric(float64(calls), "calls")
				b.ReportMetric(seconds, "s")
				b.ReportMetric(diff, "diff_s")
				b.ReportMetric(float64(base.calls), "base_calls")
				b.ReportMetric(baseSeconds/seconds, "ratio")
				if k.rate.Max > 0 {
					k.wantWithinLimit(b, w, calls, seconds)
				}
				b.StartTimer()
			}
		})
	}
}

// The calls of the benchmarks hold in every run of the tests, with fewer records.
func TestObjectCallsGrowWithTheChange(t *testing.T) {
	t.Parallel()
	for _, k := range objectWorks(300) {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			w := k.world(t, sandbox.Options{})
			k.run(w)
			k.wantCalls(t, w)
		})
	}
}

// world makes an account and a control database, and the run before where there is one.
func (k objectWork) world(t testing.TB, options sandbox.Options, change ...func(*engine.Config)) *world {
	t.Helper()
	box := sandbox.New(options)
	columns := make([]string, wide)
	for i := range columns {
		name := fmt.Sprintf("p%02d", i)
		if err := box.DefineProperty("contacts", sandbox.Property{Name: name}); err != nil {
			t.Fatal(err)
		}
		columns[i] = fmt.Sprintf("format('value %d of {:d}', n) AS %s", i, name)
	}
	open := func() *world {
		database := filepath.Join(t.TempDir(), "rollcall.duckdb")
		copyInitialised(t, database)
		w := newWorldOn(t, box, func(h http.Handler) http.Handler { return h }, database, append([]func(*engine.Config){func(c *engine.Config) {
			c.Log, c.Warehouse.Threads = zerolog.Nop(), 0
		}}, change...)...)
		w.exec(fmt.Sprintf("CREATE TABLE wide AS SELECT format('person-{:06d}@example.com', n) AS email, %s FROM range(%d) r(n)", strings.Join(columns, ", "), k.records))
		w.sync("wide", map[string]string{"kind": "'object'", "query": "'FROM wide'", "max_creates": "1000000"})
		return w
	}
	w := open()
	if k.equal {
		k.run(w)
	}
	if k.equal && !k.known {
		w = open()
	}
	if k.changed > 0 {
		w.exec(fmt.Sprintf("UPDATE wide SET p07 = 'changed' WHERE email < format('person-{:06d}@example.com', %d)", k.changed))
	}
	w.sandbox.ForgetCalls()
	return w
}

// run runs the sync.
func (k objectWork) run(w *world) {
	w.t.Helper()
	if runs := w.run(); len(runs) != 1 || runs[0].Status != engine.Succeeded {
		w.t.Fatalf("%+v", runs)
	}
}

// wantCalls holds the calls since the last ones were forgotten against the target.
func (k objectWork) wantCalls(t testing.TB, w *world) {
	t.Helper()
	calls := w.sandbox.CountCalls("") - w.sandbox.CountCalls(propertyLists)
	writes := w.sandbox.CountCalls(batchCreates) + w.sandbox.CountCalls(batchUpdates)
	if most := k.calls(k.records, k.changed); calls > most {
		t.Errorf("%s: %d calls, want %d at most", k.name, calls, most)
	}
	if most := k.writes(k.records, k.changed); writes > most {
		t.Errorf("%s: %d writes, want %d at most", k.name, writes, most)
	}
	if n := w.sandbox.CountCalls(propertyLists); n > 0 && k.known || n > 1 {
		t.Errorf("%s: %d calls for properties", k.name, n)
	}
}

// wantWithinLimit wants no call refused for the limit, and reports how long the run took in terms of what the limit allows.
func (k objectWork) wantWithinLimit(b *testing.B, w *world, calls int, seconds float64) {
	b.Helper()
	if n := w.refused(); n > 0 {
		b.Errorf("%s: HubSpot refused %d calls for its limit", k.name, n)
	}
	b.ReportMetric(seconds/work{options: sandbox.Options{Rate: k.rate}}.bound(calls), "x_bound")
}

// baseline does the same work with the baseline, in an account of its own.
func (k objectWork) baseline(b *testing.B) (*baseline, float64) {
	k.equal, k.changed = false, 0
	w := k.world(b, sandbox.Options{Latency: latency, Rate: k.rate})
	base := &baseline{url: w.config.HubSpot.BaseURL}
	var records []map[string]string
	for n := range k.records {
		record := map[string]string{"email": fmt.Sprintf("person-%06d@example.com", n)}
		for i := range wide {
			record[fmt.Sprintf("p%02d", i)] = fmt.Sprintf("value %d of %d", i, n)
		}
		records = append(records, record)
	}
	begun := time.Now()
	if err := base.upsert(b.Context(), records); err != nil {
		b.Fatal(err)
	}
	return base, time.Since(begun).Seconds()
}

// upsert sends every contact, a hundred a call, whatever has changed.
func (b *baseline) upsert(ctx context.Context, records []map[string]string) error {
	for from := 0; from < len(records); from += 100 {
		var inputs []map[string]any
		for _, record := range records[from:min(from+100, len(records))] {
			inputs = append(inputs, map[string]any{"id": record["email"], "idProperty": "email", "properties": record})
		}
		if err := b.call(ctx, http.MethodPost, "/crm/v3/objects/contacts/batch/upsert", map[string]any{"inputs": inputs}, &struct{}{}); err != nil {
			return err
		}
	}
	return nil
}
