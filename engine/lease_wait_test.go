package engine

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"rollcall/engine/ledger"
	"rollcall/engine/warehouse"
	"rollcall/engine/warehouse/remotetest"
)

// shared opens an engine on a database that others could have open too, as it is with MotherDuck, with control tables.
func shared(t *testing.T) (*Engine, *warehouse.Conn) {
	t.Helper()
	e, err := Open(t.Context(), Config{
		Warehouse: warehouse.Config{
			Database: "md:" + remotetest.Database, Connect: remotetest.New(t).Client(0).Connect, Remote: warehouse.Limits{Backoff: time.Millisecond},
		},
		Runner: "we:1",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	if _, err := e.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	conn, err := e.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return e, conn
}

func must(t *testing.T, conn *warehouse.Conn, statement string) {
	t.Helper()
	if _, err := conn.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

const held = `UPDATE rollcall.lease SET owner = 'other:2', epoch = 7, heartbeat_at = now() - INTERVAL 40 SECOND, expires_at = now() + INTERVAL 80 SECOND`

// waiting is an engine beside another runner, with one sync that is due once an hour, and what it has told of whom it waits for.
func waiting(t *testing.T, wait time.Duration, meanwhile func(do func(statement string))) (*Engine, *[]string) {
	t.Helper()
	e, conn := shared(t)
	must(t, conn, held)
	must(t, conn, `INSERT INTO rollcall.syncs (name, query, list_id, schedule) VALUES ('vip', 'SELECT 1 AS nothing, 2 AS nobody', '101', '@every 1h')`)
	told := &[]string{}
	e.config.HubSpot.BaseURL, e.config.HubSpot.Token, e.config.Wait = "http://127.0.0.1:1", "test", wait
	e.config.Events = func(event Event) {
		if w, ok := event.(Waiting); ok {
			*told = append(*told, w.For.Error())
			meanwhile(func(statement string) { must(t, conn, statement) })
		}
	}
	return e, told
}

// Who waits in vain leaves when the time is up, and has said once whom it waits for; who does not wait has said nothing.
func TestWaitForTheLeaseEnds(t *testing.T) {
	t.Parallel()
	for wait, tells := range map[time.Duration]int{0: 0, 2*waitStep + waitStep/2: 1} {
		e, told := waiting(t, wait, func(func(string)) {})
		began := time.Now()
		runs, err := e.Run(t.Context(), nil, RunOptions{})
		var held *HeldError
		if !errors.As(err, &held) || len(runs) > 0 || len(*told) != tells {
			t.Errorf("waiting %s: %v, %v, told %q; want nothing but who holds the lease", wait, runs, err, *told)
		}
		if took := time.Since(began); took < wait {
			t.Errorf("waiting %s: it left after %s", wait, took)
		}
	}
}

// Ctrl-C ends the waiting too.
func TestWaitForTheLeaseIsInterrupted(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	e, told := waiting(t, time.Hour, func(func(string)) { interrupt(enough) })
	ended := make(chan error, 1)
	go func() {
		_, err := e.Run(ctx, nil, RunOptions{})
		ended <- err
	}()
	select {
	case err := <-ended:
		if !errors.Is(err, enough) || len(*told) != 1 {
			t.Errorf("%v, told %q", err, *told)
		}
	case <-time.After(time.Minute):
		t.Fatal("it waits on")
	}
}

// Whatever the other runner has run meanwhile is not due any more.
func TestWaiterLooksAgainWhatIsDue(t *testing.T) {
	t.Parallel()
	e, told := waiting(t, time.Hour, func(do func(string)) {
		do("INSERT INTO rollcall.runs (run_id, run_at, sync, status, finished_at) VALUES ('01', now(), 'vip', 'SUCCEEDED', now())")
		do("UPDATE rollcall.lease SET owner = NULL, expires_at = NULL")
	})
	runs, err := e.Run(t.Context(), nil, RunOptions{})
	if err != nil || len(runs) > 0 || len(*told) != 1 || !strings.Contains((*told)[0], "other:2") {
		t.Errorf("%v, %v, told %q; want no run", runs, err, *told)
	}
}

// Run says who holds the lease, and writes nothing.
func TestRunBesideAnotherRunner(t *testing.T) {
	t.Parallel()
	e, conn := shared(t)
	must(t, conn, held)
	must(t, conn, `INSERT INTO rollcall.syncs (name, query, list_id) VALUES ('vip', 'SELECT 1 AS email', '101')`)
	e.config.HubSpot.BaseURL, e.config.HubSpot.Token = "http://127.0.0.1:1", "x"
	if runs, err := e.Run(t.Context(), nil, RunOptions{}); err == nil || !strings.Contains(err.Error(), "other:2") || len(runs) > 0 {
		t.Errorf("run beside another runner: %v, %v", runs, err)
	}
	var owner string
	var epoch, count int
	row := conn.QueryRowContext(t.Context(), "SELECT owner, epoch, (SELECT count(*) FROM rollcall.runs) FROM rollcall.lease")
	if err := row.Scan(&owner, &epoch, &count); err != nil || owner != "other:2" || epoch != 7 || count != 0 {
		t.Errorf("lease of %s in epoch %d, %d runs, %v; want other:2, 7, 0", owner, epoch, count, err)
	}
}

// The clock is watched from when the lease is held until it is given back.
func TestHeldLeaseIsWatched(t *testing.T) {
	t.Parallel()
	e, conn := shared(t)
	e.config.LeaseTTL = 400 * time.Nanosecond
	l, err := e.takeLease(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Millisecond) // it lapses at once, and its first heartbeat is far off
	r := &runner{engine: e, ledger: &ledger.Ledger{Lease: l}}
	ctx, release, err := r.hold(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	select {
	case <-ctx.Done():
		if !errors.Is(context.Cause(ctx), ErrLeaseLost) {
			t.Errorf("ended by %v, want ErrLeaseLost", context.Cause(ctx))
		}
	case <-time.After(20 * time.Second):
		t.Error("a run continues with a lease that lapsed")
	}
}

// A runner that is told to wait gets the lease when the other one is done, and says once whom it waits for.
func TestLeaseIsWaitedFor(t *testing.T) {
	t.Parallel()
	e, conn := shared(t)
	must(t, conn, held)
	must(t, conn, `INSERT INTO rollcall.syncs (name, query, list_id) VALUES ('vip', 'SELECT 1 AS nothing, 2 AS nobody', '101')`)
	e.config.HubSpot.BaseURL, e.config.HubSpot.Token, e.config.Wait = "http://127.0.0.1:1", "test", time.Hour
	var told []string
	e.config.Events = func(event Event) {
		if w, ok := event.(Waiting); ok {
			told = append(told, w.For.Error())
			must(t, conn, "UPDATE rollcall.lease SET owner = NULL, expires_at = NULL")
		}
	}
	runs, err := e.Run(t.Context(), nil, RunOptions{})
	if err != nil || len(runs) != 1 || len(told) != 1 || !strings.Contains(told[0], "other:2") || !strings.Contains(told[0], "40s ago") {
		t.Errorf("%v, %v, told %q; want a run after the other's end", runs, err, told)
	}
}
