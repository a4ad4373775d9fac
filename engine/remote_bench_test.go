package engine_test

import (
	"fmt"
	"testing"
	"time"

	"rollcall/engine"
	"rollcall/engine/warehouse/remotetest"
)

// BenchmarkRemoteRun measures runs whose database takes 100 ms for every statement and COMMIT on the control tables, as MotherDuck does from
// another continent. "statements" is how many there are; the README has the count. Seconds are those times 0.1, and what the rest takes.
func BenchmarkRemoteRun(b *testing.B) {
	for _, k := range []struct {
		name  string
		syncs []string
		first bool
		slow  func(*remotetest.Server, time.Duration)
	}{
		{"first run, 1 sync", named(1), true, (*remotetest.Server).Latency},
		{"nothing changed, 1 sync", named(1), false, (*remotetest.Server).Latency},
		{"nothing changed, 5 syncs", named(5), false, (*remotetest.Server).Latency},
		{"nothing changed, 50 syncs", named(50), false, (*remotetest.Server).Latency},
		{"nothing changed, 50 syncs, queries undelayed", named(50), false, (*remotetest.Server).ControlLatency},
	} {
		b.Run(k.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				server := remotetest.New(b)
				w := newWorld(b, 30, over(b, server.Client(0)))
				w.people(numbers(1, 10)...)
				for _, name := range k.syncs {
					w.sync(name, map[string]string{"list_name": quote(name)})
				}
				if !k.first {
					w.runWith(engine.RunOptions{})
					w.runWith(engine.RunOptions{})
				}
				before := server.Count()
				k.slow(server, 100*time.Millisecond)
				b.StartTimer()
				runs := w.runWith(engine.RunOptions{})
				b.StopTimer()
				for _, run := range runs {
					if run.Status != engine.Succeeded {
						b.Fatalf("%+v", run)
					}
				}
				b.ReportMetric(float64(server.Count().Statements-before.Statements), "statements")
				b.ReportMetric(float64(server.Count().Commits-before.Commits), "commits")
				b.StartTimer()
			}
		})
	}
}

// named are the names of n syncs.
func named(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("sync%02d", i+1))
	}
	return names
}
