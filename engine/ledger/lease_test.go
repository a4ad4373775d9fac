package ledger

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
	"rollcall/migrations"
)

// base is a database that others could have open too, as it is with MotherDuck, with control tables.
type base struct {
	*warehouse.Warehouse
	claim Claim
}

// shared opens a base, and a connection to it.
func shared(t *testing.T) (*base, *warehouse.Conn) {
	t.Helper()
	w, err := warehouse.Open(t.Context(), warehouse.Config{
		Database: "md:" + remotetest.Database, Connect: remotetest.New(t).Client(0).Connect, Remote: warehouse.Limits{Backoff: time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	conn, err := w.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := migrations.Up(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	return &base{w, Claim{Owner: "we:1", TTL: 2 * time.Minute, Skew: Skew}}, conn
}

func (b *base) take(t *testing.T, conn *warehouse.Conn) *Lease {
	t.Helper()
	l, err := Take(t.Context(), conn, b.claim)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// ledgerOf is the ledger under a lease.
func ledgerOf(l *Lease) *Ledger {
	return &Ledger{Lease: l, Now: func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }, Runner: "we:1", Failpoint: func(string) {}}
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
	b, conn := shared(t)
	must(t, conn, held)
	_, err := Take(t.Context(), conn, b.claim)
	if err == nil || !strings.Contains(err.Error(), "other:2") || !strings.Contains(err.Error(), "40s ago") || !strings.Contains(hint.Of(err), "lapses at 20") {
		t.Fatalf("%v (hint: %s); want who holds it, since when and until when", err, hint.Of(err))
	}

	// It lapses when nothing is heard of its holder; a file that is locked has no other holder.
	must(t, conn, "UPDATE rollcall.lease SET expires_at = now() - INTERVAL 301 SECOND")
	l, err := Take(t.Context(), conn, b.claim)
	if err != nil || l.Epoch != 8 {
		t.Fatalf("%+v, %v; want the lease in epoch 8", l, err)
	}
	must(t, conn, held)
	b.claim.Exclusive = true
	if l, err = Take(t.Context(), conn, b.claim); err != nil || l.Epoch != 8 {
		t.Errorf("%+v, %v; want the lease by force", l, err)
	}
}

// A runner that was taken for dead can no longer write, whatever it is about to write.
func TestLeaseFencesTheLedger(t *testing.T) {
	t.Parallel()
	b, conn := shared(t)
	l := b.take(t, conn)
	led := ledgerOf(l)
	run := &Run{RunID: "r1", RunAt: led.Now(), Sync: "vip"}
	if err := led.Begin(t.Context(), conn, []*Entry{{Run: *run}}); err != nil {
		t.Fatal(err)
	}
	must(t, conn, held)
	must(t, conn, `INSERT INTO rollcall.runs (run_id, run_at, sync, status, epoch) VALUES ('r0', now(), 'vip', 'RUNNING', 0);
		INSERT INTO rollcall.calls (called_at) VALUES (now() - INTERVAL 3 DAY)`) // what forget and close have to do
	for name, write := range map[string]func() error{
		"begin": func() error {
			return led.Begin(t.Context(), conn, []*Entry{{Run: Run{RunID: "r2", RunAt: led.Now(), Sync: "vip"}}})
		},
		"mark sent": func() error { return led.MarkSent(t.Context(), conn, run, run.Plan, 1) },
		"reconcile": func() error { return OfKinds{led, conn}.Reconcile(t.Context(), "101", nil) },
		"finish": func() error {
			return led.Finish(t.Context(), conn, []*Entry{{Run: *run, Calls: &kind.CallLog{}}}, nil)
		},
		"forget": func() error { return led.deleteAged(t.Context(), conn, time.Hour) },
		"close":  func() error { return led.CloseCrashed(t.Context(), conn) },
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
	if err := l.Release(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	h, err := ReadHolder(t.Context(), conn)
	if err != nil || h.Owner != "other:2" {
		t.Errorf("lease of %q, %v; want other:2", h.Owner, err)
	}
}

// A runner that another process of the same name was taken for has lost its lease too: each taking has an epoch of its own.
func TestLeaseOfTheSameNameIsFenced(t *testing.T) {
	t.Parallel()
	b, conn := shared(t)
	l := b.take(t, conn)
	must(t, conn, "UPDATE rollcall.lease SET epoch = epoch + 1")
	led := ledgerOf(l)
	err := led.Begin(t.Context(), conn, []*Entry{{Run: Run{RunID: "r1", RunAt: led.Now(), Sync: "vip"}}})
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
	b, conn := shared(t)
	b.claim.TTL = 40 * time.Millisecond
	l := b.take(t, conn)
	beat, err := b.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	go l.Keep(ctx, beat, b.Conn, cancel)
	first, err := ReadHolder(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	for h := first; !h.HeartbeatAt.After(first.HeartbeatAt); time.Sleep(time.Millisecond) {
		if h, err = ReadHolder(t.Context(), conn); err != nil {
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
	b, _ := shared(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var epochs []int64
	for range 8 {
		wg.Go(func() {
			conn, err := b.Conn(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			if l, err := Take(t.Context(), conn, b.claim); err == nil {
				mu.Lock()
				defer mu.Unlock()
				epochs = append(epochs, l.Epoch)
			}
		})
	}
	wg.Wait()
	if len(epochs) != 1 {
		t.Errorf("%d runners hold the lease in epochs %v", len(epochs), epochs)
	}
}
