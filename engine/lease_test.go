package engine

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/engine/hint"
	"rollcall/engine/kind"
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

func TestLeaseOfAnotherRunner(t *testing.T) {
	t.Parallel()
	e, conn := shared(t)
	must(t, conn, held)
	_, err := e.takeLease(t.Context(), conn)
	if err == nil || !strings.Contains(err.Error(), "other:2") || !strings.Contains(err.Error(), "40s ago") || !strings.Contains(hint.Of(err), "lapses at 20") {
		t.Fatalf("%v (hint: %s); want who holds it, since when and until when", err, hint.Of(err))
	}

	// Run says the same, and writes nothing.
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

	// It lapses when nothing is heard of its holder; a file that is locked has no other holder.
	must(t, conn, "UPDATE rollcall.lease SET expires_at = now() - INTERVAL 301 SECOND")
	l, err := e.takeLease(t.Context(), conn)
	if err != nil || l.epoch != 8 {
		t.Fatalf("%+v, %v; want the lease in epoch 8", l, err)
	}
	must(t, conn, held)
	e.exclusive = true
	if l, err = e.takeLease(t.Context(), conn); err != nil || l.epoch != 8 {
		t.Errorf("%+v, %v; want the lease by force", l, err)
	}
}

// A runner that was taken for dead can no longer write, whatever it is about to write.
func TestLeaseFencesTheLedger(t *testing.T) {
	t.Parallel()
	e, conn := shared(t)
	l, err := e.takeLease(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	led := &ledger{lease: l, now: e.now, runner: "we:1", failpoint: func(string) {}}
	run := &Run{RunID: "r1", RunAt: e.now(), Sync: "vip"}
	if err := led.begin(t.Context(), conn, []*syncRun{{run: *run}}); err != nil {
		t.Fatal(err)
	}
	must(t, conn, held)
	must(t, conn, `INSERT INTO rollcall.runs (run_id, run_at, sync, status, epoch) VALUES ('r0', now(), 'vip', 'RUNNING', 0);
		INSERT INTO rollcall.calls (called_at) VALUES (now() - INTERVAL 3 DAY)`) // what forget and close have to do
	for name, write := range map[string]func() error{
		"begin": func() error {
			return led.begin(t.Context(), conn, []*syncRun{{run: Run{RunID: "r2", RunAt: e.now(), Sync: "vip"}}})
		},
		"mark sent": func() error { return led.markSent(t.Context(), conn, run, 1) },
		"reconcile": func() error { return kindLedger{led, conn}.Reconcile(t.Context(), "101", nil) },
		"finish": func() error {
			return led.finish(t.Context(), conn, []*syncRun{{run: *run, calls: &kind.CallLog{}}}, nil)
		},
		"forget": func() error { return led.deleteCalls(t.Context(), conn, time.Hour) },
		"close":  func() error { return led.closeCrashed(t.Context(), conn) },
	} {
		if err := write(); !errors.Is(err, ErrLeaseLost) {
			t.Errorf("%s: %v, want ErrLeaseLost", name, err)
		}
	}
	var runs, running int
	row := conn.QueryRowContext(t.Context(), "SELECT count(*), count(*) FILTER (status = 'RUNNING') FROM rollcall.runs")
	if err := row.Scan(&runs, &running); err != nil || runs != 2 || running != 2 {
		t.Errorf("%d runs, %d running, %v; want 2, 2", runs, running, err)
	}
	// Releasing what is another's changes nothing.
	if err := l.release(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	h, err := readLease(t.Context(), conn)
	if err != nil || h.owner != "other:2" {
		t.Errorf("lease of %q, %v; want other:2", h.owner, err)
	}
}

// A runner that another process of the same name was taken for has lost its lease too: each taking has an epoch of its own.
func TestLeaseOfTheSameNameIsFenced(t *testing.T) {
	t.Parallel()
	e, conn := shared(t)
	l, err := e.takeLease(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	must(t, conn, "UPDATE rollcall.lease SET epoch = epoch + 1")
	led := &ledger{lease: l, now: e.now, runner: "we:1", failpoint: func(string) {}}
	err = led.begin(t.Context(), conn, []*syncRun{{run: Run{RunID: "r1", RunAt: e.now(), Sync: "vip"}}})
	if !errors.Is(err, ErrLeaseLost) {
		t.Errorf("%v, want ErrLeaseLost", err)
	}
	if err := l.fence(t.Context(), conn); !errors.Is(err, ErrLeaseLost) {
		t.Errorf("a heartbeat: %v, want ErrLeaseLost", err)
	}
}

// The heartbeat prolongs the lease, and tells when it is lost.
func TestLeaseIsKept(t *testing.T) {
	t.Parallel()
	e, conn := shared(t)
	e.config.LeaseTTL = 40 * time.Millisecond
	l, err := e.takeLease(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	beat, err := e.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	go l.keep(ctx, beat, e.connect, cancel)
	first, err := readLease(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	for h := first; !h.heartbeatAt.After(first.heartbeatAt); time.Sleep(time.Millisecond) {
		if h, err = readLease(t.Context(), conn); err != nil {
			t.Fatal(err)
		}
		if t.Context().Err() != nil {
			t.Fatal("no heartbeat")
		}
	}
	for lost := false; !lost; time.Sleep(time.Millisecond) { // until no heartbeat is in the way
		_, err := conn.ExecContext(t.Context(), held)
		lost = err == nil
	}
	<-ctx.Done()
	if !errors.Is(context.Cause(ctx), ErrLeaseLost) {
		t.Errorf("ended by %v, want ErrLeaseLost", context.Cause(ctx))
	}
}

// Of several runners that try at once one gets the lease.
func TestLeaseIsTakenOnce(t *testing.T) {
	t.Parallel()
	e, _ := shared(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var epochs []int64
	for range 8 {
		wg.Go(func() {
			conn, err := e.connect(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			if l, err := e.takeLease(t.Context(), conn); err == nil {
				mu.Lock()
				defer mu.Unlock()
				epochs = append(epochs, l.epoch)
			}
		})
	}
	wg.Wait()
	if len(epochs) != 1 {
		t.Errorf("%d runners hold the lease in epochs %v", len(epochs), epochs)
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
