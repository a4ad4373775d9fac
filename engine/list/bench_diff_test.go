package list

import (
	"flag"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"rollcall/engine/warehouse"
)

// bare opens a database of its own with the engine's options, and returns a connection and what runs a statement on it.
func bare(tb testing.TB, options string) (*warehouse.Conn, func(string)) {
	tb.Helper()
	conn, err := warehouse.OpenFile(tb.Context(), filepath.Join(tb.TempDir(), "diff.duckdb")+options)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	return conn, func(query string) {
		tb.Helper()
		if _, err := conn.ExecContext(tb.Context(), query); err != nil {
			tb.Fatalf("%s: %v", query, err)
		}
	}
}

// stageSets makes sets of n records each, of which one in a hundred enters and one in a hundred leaves.
func stageSets(tb testing.TB, run func(string), n int) {
	tb.Helper()
	run(fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE resolved AS
		SELECT printf('contact-%%09d@example.com', i) AS key, i AS record_id, false AS cached FROM range(%d, %d) t(i) ORDER BY hash(i)`, n/100, n+n/100))
	run(fmt.Sprintf("CREATE OR REPLACE TEMP TABLE current AS SELECT i AS record_id FROM range(%d) t(i) ORDER BY hash(i + 1)", n))
	run("CREATE OR REPLACE TEMP TABLE applied AS SELECT record_id, printf('contact-%09d@example.com', record_id) AS key FROM current")
}

// diff makes the plan of the sets, as a mirroring sync does.
func diff(tb testing.TB, conn *warehouse.Conn) {
	tb.Helper()
	if _, err := conn.Exec(tb.Context(), queries.DifferMirror, nil); err != nil {
		tb.Fatal(err)
	}
	if _, err := conn.Exec(tb.Context(), queries.Plan, warehouse.Args{"keep_foreign": false, "chunk": 10_000}); err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkDiff sets the diff, with keys, causes and batches, against the two EXCEPTs that it can't do without, one after the other, on
// the same sets.
func BenchmarkDiff(b *testing.B) {
	conn, run := bare(b, "")
	stageSets(b, run, 1_000_000)
	var excepts, whole time.Duration
	for b.Loop() {
		begun := time.Now()
		run("CREATE OR REPLACE TEMP TABLE entering AS SELECT record_id FROM resolved EXCEPT SELECT record_id FROM current")
		run("CREATE OR REPLACE TEMP TABLE leaving AS SELECT record_id FROM current EXCEPT SELECT record_id FROM resolved")
		excepts += time.Since(begun)
		begun = time.Now()
		diff(b, conn)
		whole += time.Since(begun)
	}
	b.ReportMetric(excepts.Seconds()/float64(b.N), "excepts_s")
	b.ReportMetric(whole.Seconds()/float64(b.N), "plan_s")
	b.ReportMetric(whole.Seconds()/excepts.Seconds(), "ratio")
}

// Ten million records are diffed in a gigabyte: DuckDB spills what does not fit.
func TestDiffSpills(t *testing.T) {
	if large := flag.Lookup("large"); large == nil || large.Value.String() != "true" {
		t.Skip("it takes a minute: -large")
	}
	conn, run := bare(t, "?memory_limit=1GB")
	stageSets(t, run, 10_000_000)
	diff(t, conn)
	var add, remove int
	if err := conn.QueryRowContext(t.Context(), "SELECT count(*) FILTER (action = 'add'), count(*) FILTER (action = 'remove') FROM temp.main.plan").Scan(&add, &remove); err != nil {
		t.Fatal(err)
	}
	if add != 100_000 || remove != 100_000 {
		t.Errorf("%d to add, %d to remove; want 100,000 each", add, remove)
	}
}
