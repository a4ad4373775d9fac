package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/engine/hint"
	"rollcall/engine/warehouse"
)

// How many rows are asked with: many times as many as DuckDB handles at once (2,048), and few enough for a remote
// database.
const (
	probeRows   = 10_000    // of the table
	loadedRows  = 100_000   // of the set
	spilledRows = 1_200_000 // of the set that does not fit into LiveMemory: some 130 MB
)

// dropTime bounds the dropping of the table, which is done when ctx has ended, too. A later examination replaces a table
// that is left.
const dropTime = 30 * time.Second

// askDatabase asks with a table of its own, which it drops at the end. Without temp tables no sync can run, and what
// needs them is not asked.
func (x *live) askDatabase(ctx context.Context) {
	if _, err := x.Conn.Exec(ctx, queries.MakeProbe, warehouse.Args{"rows": int64(probeRows)}); err != nil {
		x.fail("database", err, "see rollcall doctor")
		return
	}
	defer func() {
		// An interrupted examination leaves no table either.
		drop, cancel := context.WithTimeout(context.WithoutCancel(ctx), dropTime)
		defer cancel()
		if _, err := x.Conn.Exec(drop, queries.DropProbe, nil); err != nil {
			x.fail("database", err, "DROP TABLE rollcall.doctor_probe")
		}
	}()
	if !x.tempTables(ctx) {
		for _, subject := range []string{"spilling", "read-only transaction", "one transaction", "joins"} {
			x.notAsked(subject, "it takes temp tables")
		}
	} else {
		x.spilling(ctx)
		x.readOnly(ctx)
		x.oneTransaction(ctx)
		x.joins(ctx)
	}
	for _, ask := range []func(context.Context){x.race, x.now, x.pace} {
		ask(ctx)
	}
}

// refused tells what the database does not do with temp tables, which SaaS mode may be the cause of: it may shut the
// local file system, to which temp tables are spilled.
func (x *live) refused(subject string, err error) {
	if !x.SaaSMode {
		x.fail(subject, err, "send this line with a bug report")
		return
	}
	x.different(subject, "no sync can run so; SaaS mode may be the cause", "saas_mode = false", "%s", hint.OneLine(err))
}

// tempTables asks whether sets can be made, loaded and read from the database, and reports it. They stay for the
// questions after it.
func (x *live) tempTables(ctx context.Context) bool {
	var loaded, copied int64
	err := x.Conn.ExecAll(ctx, queries.StageProbe)
	load := x.Conn.Loader("rollcall_probe")
	for i := int64(0); i < loadedRows && err == nil; i++ {
		err = load.Add(i)
	}
	if err == nil {
		err = load.Flush()
	}
	if err == nil {
		err = x.Conn.ExecAll(ctx, queries.CopyProbe)
	}
	if err == nil {
		err = x.Conn.ReadRow(ctx, queries.CountProbe, nil, &loaded, &copied)
	}
	if err == nil && (loaded != loadedRows || copied != probeRows) {
		err = fmt.Errorf("%d rows of %d were loaded, %d of %d copied", loaded, loadedRows, copied, probeRows)
	}
	if err != nil {
		x.refused("temp tables", err)
		return false
	}
	x.expected("temp tables", "%d rows loaded, %d copied from the database", loaded, copied)
	return true
}

// spilling asks whether a set may be larger than the memory limit, as the sets of a list of millions are.
func (x *live) spilling(ctx context.Context) {
	var spilled int64
	_, err := x.Conn.Exec(ctx, queries.SpillProbe, warehouse.Args{"rows": int64(spilledRows)})
	if err == nil {
		err = x.Conn.ReadRow(ctx, queries.CountSpilled, nil, &spilled)
	}
	// Dropped also after an error: it takes up disk space.
	_, dropErr := x.Conn.Exec(ctx, queries.DropSpilled, nil)
	if err = errors.Join(err, dropErr); err != nil {
		x.refused("spilling", err)
		return
	}
	if spilled == 0 {
		x.notAsked("spilling", "all of it fitted into memory: the engine does not keep memory_limit")
		return
	}
	x.expected("spilling", "%d MB were spilled at a memory_limit of %s", spilled>>20, LiveMemory)
}

// readOnly asks whether a read-only transaction lets temp tables be made of the database's, and nothing be written:
// analysts' queries are run in one, behind the gate. Measured on local DuckDB alone.
func (x *live) readOnly(ctx context.Context) {
	err := x.Conn.ReadTransaction(ctx, func() error { return x.Conn.ExecAll(ctx, queries.QueryProbe) })
	if err != nil {
		x.different("read-only transaction", "no sync can run so: send this line with a bug report", "", "%s", hint.OneLine(err))
		return
	}
	err = x.Conn.ReadTransaction(ctx, func() error { return x.Conn.ExecAll(ctx, queries.FreeProbe) })
	if err == nil {
		x.different("read-only transaction", "the gate still refuses queries that write", "", "it lets the database be written")
		return
	}
	x.expected("read-only transaction", "it makes temp tables, and refuses a write: %s", hint.OneLine(err))
}

// oneTransaction asks whether a transaction spans the database and temp tables, and counts what each statement changes.
// The ledger rests on both: it writes from temp tables, and tells by counts whether it still holds the lease.
func (x *live) oneTransaction(ctx context.Context) {
	// In the order of the statements: all rows of the table; those below 100; the rows of the set that the table has not;
	// all rows of the set.
	wanted := []int64{probeRows, 100, loadedRows - probeRows + 100, loadedRows}
	var changed []int64
	err := x.Conn.Transaction(ctx, func() error {
		for _, s := range []struct {
			query warehouse.NamedQuery
			p     warehouse.Args
		}{{queries.UpdateProbe, nil}, {queries.DeleteProbe, warehouse.Args{"below": int64(100)}}, {queries.InsertProbe, nil}, {queries.ChangeProbe, nil}} {
			n, err := x.Conn.Exec(ctx, s.query, s.p)
			if err != nil {
				return err
			}
			changed = append(changed, n)
		}
		return nil
	})
	advice := "the ledger can't be kept so: send this line with a bug report"
	switch {
	case err != nil:
		x.different("one transaction", advice, "", "%s", hint.OneLine(err))
	case !slices.Equal(changed, wanted):
		x.different("one transaction", advice, "", "the statements say that they changed %v rows, of %v", changed, wanted)
	default:
		x.expected("one transaction", "over temp tables and the database's; update, delete, insert, update of a temp table changed %v rows", changed)
	}
}

// race lets two connections take one row, as two runners take the lease, the second within the transaction of the first.
// Exactly one may win, and the loser must be told. Either may be the one: the later statement is refused, or the later
// commit.
func (x *live) race(ctx context.Context) {
	other, err := x.Warehouse.Conn(ctx)
	if err != nil {
		x.fail("lease race", err, "")
		return
	}
	defer other.Close()
	if _, err := x.Conn.Exec(ctx, queries.MakeProbe, warehouse.Args{"rows": int64(1)}); err != nil {
		x.fail("lease race", err, "")
		return
	}
	take := func(conn *warehouse.Conn, owner string) (n int64, err error) {
		return conn.Exec(ctx, queries.RaceProbe, warehouse.Args{"owner": owner})
	}
	var first, second, later int64
	var lost error
	firstErr := x.Conn.Transaction(ctx, func() (err error) {
		if first, err = take(x.Conn, "first"); err == nil {
			lost = other.Transaction(ctx, func() (err error) {
				second, err = take(other, "second")
				return err
			})
		}
		return err
	})
	// The first one lost, at its commit: from here on it counts as the second.
	if lost == nil && firstErr != nil {
		firstErr, lost, first, second = nil, firstErr, second, first
	}
	// The row is taken, so whoever comes later must change nothing.
	if firstErr == nil && lost != nil {
		later, err = take(other, "later")
	}
	advice := "two runners may work at once: see to it that one starts after the other has ended, and send this line with a bug report"
	switch {
	case err != nil || firstErr != nil:
		x.fail("lease race", errors.Join(firstErr, err), "")
	case lost == nil:
		x.failed("lease race", advice, "two connections took the same row, and neither was refused")
	case later != 0:
		x.failed("lease race", advice, "a row that was taken was taken once more")
	case !warehouse.IsConflict(lost):
		x.different("lease race", "the loser ends with this error, in place of the name of the runner that has the lease", "", "one of two connections lost, with an error that is not a conflict: %s", hint.OneLine(lost))
	default:
		x.expected("lease race", "one of two connections lost: %s", hint.OneLine(lost))
	}
}

// now asks where now() is worked out, and how far it is from this machine's clock. Measured on DuckDB: it is folded into
// a constant where the statement is planned, so on a shared database the lease's times may be those of the runners'
// clocks.
func (x *live) now(ctx context.Context) {
	before := x.Now()
	l, err := x.ReadLease(ctx, x.Conn)
	after := x.Now()
	plan := ""
	if err == nil {
		plan, err = x.explain(ctx, queries.ExplainNow)
	}
	if err != nil {
		x.fail("now()", err, "")
		return
	}
	where := "worked out by the database"
	if !strings.Contains(plan, "now()") {
		where = "folded into a constant where the statement is planned"
	}
	off := apart(l.ReadAt, before, after)
	if off.Abs() > clockTolerance {
		x.different("now()", fmt.Sprintf("a lease is taken only when it lapsed %s ago; set the clocks (NTP)", x.LeaseMargin), "", "%s, and this machine's clock and it are %s", where, difference(off))
		return
	}
	x.expected("now()", "%s; this machine's clock and it are %s", where, difference(off))
}

// explain returns a plan as text. q is an EXPLAIN.
func (x *live) explain(ctx context.Context, q warehouse.NamedQuery) (plan string, err error) {
	err = x.Conn.ReadRows(ctx, q, nil, func(scan func(...any) error) error {
		var key, value string
		err := scan(&key, &value)
		plan += value + "\n"
		return err
	})
	return plan, err
}

// joins asks where what joins temp tables with the database's runs: MotherDuck marks each operator of a plan with (L) for
// this process or (R) for its server. Neither is wrong: it tells which side's rows travel.
func (x *live) joins(ctx context.Context) {
	var found []string
	for _, s := range []struct {
		what  string
		query warehouse.NamedQuery
	}{{"join", queries.ExplainJoin}, {"DELETE … NOT IN", queries.ExplainDelete}} {
		plan, err := x.explain(ctx, s.query)
		if err != nil {
			x.fail("joins", err, "")
			return
		}
		found = append(found, fmt.Sprintf("%s: %d operators here, %d there", s.what, strings.Count(plan, "(L)"), strings.Count(plan, "(R)")))
	}
	said := strings.Join(found, "; ")
	if !strings.ContainsAny(said, "123456789") {
		x.notAsked("joins", "the plans do not say where they run, as those of a local database")
		return
	}
	x.expected("joins", "%s", said)
}

// idleStatements is how many round trips an idle run takes: 22 statements and 2 commits.
const idleStatements = 24

// slowStatement is how long a statement on MotherDuck takes at the most by what others measured (github.com/turbolytics/sql-flow/pull/129: 105 to 145 ms).
const slowStatement = 150 * time.Millisecond

// pace measures a statement that writes, five times, and reports the median.
func (x *live) pace(ctx context.Context) {
	var took []time.Duration
	for range 5 {
		begun := time.Now()
		if _, err := x.Conn.Exec(ctx, queries.FreeProbe, nil); err != nil {
			x.fail("time of a statement", err, "")
			return
		}
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	median := took[len(took)/2]
	found := fmt.Sprintf("%s; an idle run of one sync takes about %s", median.Round(100*time.Microsecond), (median * idleStatements).Round(10*time.Millisecond))
	if median > slowStatement {
		x.different("time of a statement", "runs take longer and change nothing else; run where the database is near", "", "%s", found)
		return
	}
	x.expected("time of a statement", "%s", found)
}
