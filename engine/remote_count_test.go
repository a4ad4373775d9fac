package engine_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/engine"
	"rollcall/engine/warehouse/remotetest"
)

// counted is what a run asks of the control database.
type counted struct {
	remotetest.Count
	names map[string]int
}

// String is the counts, and every statement with how often it came.
func (c counted) String() string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(c.names)) {
		names = append(names, fmt.Sprintf("%s %d", name, c.names[name]))
	}
	return fmt.Sprintf("%d statements and %d commits: %s", c.Statements, c.Commits, strings.Join(names, ", "))
}

// less is what the run asks beyond what another one does.
func (c counted) less(other counted) counted {
	c.Statements -= other.Statements
	c.Commits -= other.Commits
	c.names = maps.Clone(c.names)
	for name, n := range other.names {
		if c.names[name] -= n; c.names[name] == 0 {
			delete(c.names, name)
		}
	}
	return c
}

func (c counted) wantAtMost(t *testing.T, what string, statements, commits int) {
	t.Helper()
	t.Logf("%s: %v", what, c)
	if c.Statements > statements || c.Commits > commits {
		t.Errorf("%s: %v; want at most %d statements and %d commits", what, c, statements, commits)
	}
}

// countedRuns makes a world over a server with n syncs on lists of their own, whose contacts are equal, and returns a function that counts what a
// run of all of them asks. The runs before have made the lists, and cached what they can.
func countedRuns(t testing.TB, n int, change ...func(*engine.Config)) (w *world, server *remotetest.Server, count func() counted) {
	t.Helper()
	server = remotetest.New(t)
	patient := func(c *engine.Config) { c.Warehouse.Remote.Statement, c.LeaseTTL = time.Minute, time.Hour } // no heartbeat is counted
	w = newWorld(t, 60, append([]func(*engine.Config){over(t, server.Client(0)), patient}, change...)...)
	w.people(numbers(1, 10)...)
	for i := range n {
		w.exec(fmt.Sprintf("CREATE TABLE more%02d (email VARCHAR)", i))
		w.sync(fmt.Sprintf("sync%02d", i), map[string]string{
			"list_name": quote(fmt.Sprintf("list %02d", i)), "query": quote(fmt.Sprintf("SELECT email FROM people UNION ALL SELECT email FROM more%02d", i)),
		})
	}
	count = func() counted {
		t.Helper()
		before, names := server.Count(), server.Names()
		for _, run := range w.runWith(engine.RunOptions{}) {
			if run.Status != engine.Succeeded {
				t.Fatalf("%+v", run)
			}
		}
		after := counted{server.Count(), server.Names()}
		return after.less(counted{before, names})
	}
	for range 2 {
		count()
	}
	return w, server, count
}

// more lets the ith sync desire contacts that it did not desire before.
func (w *world) more(i int, contacts ...int) {
	w.t.Helper()
	var values []string
	for _, n := range contacts {
		values = append(values, "("+quote(address(n))+")")
	}
	w.exec(fmt.Sprintf("INSERT INTO more%02d VALUES %s", i, strings.Join(values, ", ")))
}

// A run in which nothing changes asks the control database as often for fifty syncs as for one, or nearly.
func TestQuietRunAsksLittle(t *testing.T) {
	t.Parallel()
	_, _, count := countedRuns(t, 50)
	count().wantAtMost(t, "a quiet run of 50 syncs", 30, 6)
}

// A sync that changes its list adds a few statements to a run, and each further batch some more.
func TestChangesAskLittle(t *testing.T) {
	t.Parallel()
	w, _, count := countedRuns(t, 2, chunks(3))
	w.more(0, 11, 12, 13) // the keys that all syncs ask about are cached
	w.more(1, 11, 12, 13)
	count()
	count()
	quiet := count()
	w.exec("DELETE FROM more00; DELETE FROM more01")
	count()
	count()
	w.more(0, 11, 12, 13)
	one := count()
	one.less(quiet).wantAtMost(t, "a sync with one batch", 14, 3)
	w.more(1, numbers(11, 19)...)
	count()
	count()
	w.exec("DELETE FROM more00; DELETE FROM more01")
	count()
	count()
	w.more(0, numbers(11, 19)...)
	three := count()
	further := three.less(one)
	further.wantAtMost(t, "two further batches", 12, 4)
}
