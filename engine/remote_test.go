package engine_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"rollcall/engine"
	"rollcall/engine/hint"
	"rollcall/engine/warehouse/remotetest"
)

// nextRunner is another process on another host, after the first one is gone and its lease has lapsed.
func (w *world) nextRunner(server *remotetest.Server, client *remotetest.Client) {
	w.t.Helper()
	server.Forget()
	_ = w.engine.Close()
	client.End()
	w.config.Runner = "next:1"
	w.config.Warehouse.Connect = server.Client(0).Connect
	w.open()
	w.exec("UPDATE rollcall.lease SET expires_at = now() - INTERVAL 1 HOUR WHERE owner IS NOT NULL")
}

// every is how far apart the cases of a sample are; full is that of all of them, with -long.
func every(sampled, full int) int {
	if *long {
		return full
	}
	return sampled
}

// A run on a remote database does what it does on a local one.
func TestRemoteRun(t *testing.T) {
	t.Parallel()
	w, _, _ := remoteWorld(t)
	w.one("vip", engine.Succeeded)
	w.people(numbers(3, 12)...)
	w.wantConverged("vip", "101", numbers(3, 12)...)
}

// A heartbeat that never comes back does not keep the ledger from being written: the run continues, on another connection for its heartbeats.
func TestHungHeartbeatStopsNothing(t *testing.T) {
	t.Parallel()
	w, server, _ := remoteWorld(t, func(c *engine.Config) { c.LeaseTTL = 4 * time.Second })
	w.whenCalled("/memberships/add-and-remove", 1, func() {
		hung := make(chan struct{})
		server.Declare(&remotetest.Fault{Match: "the heartbeat", Effect: remotetest.Hang, Then: func() { close(hung) }})
		<-hung
	})
	w.one("vip", engine.Succeeded)
	w.wantConverged("vip", "101", numbers(1, 10)...)
}

// When no heartbeat comes back the lease counts as lost after its time, whatever the database does: the run ends.
func TestHungHeartbeatsLoseTheLease(t *testing.T) {
	t.Parallel()
	w, server, _ := remoteWorld(t, func(c *engine.Config) { c.LeaseTTL = 500 * time.Millisecond })
	ended := make(chan struct{})
	w.whenCalled("/batch/read", 1, func() {
		server.Declare(&remotetest.Fault{Match: "the heartbeat", Count: -1, Effect: remotetest.Hang})
		<-ended
	})
	runs, err := w.engine.Run(t.Context(), nil, engine.RunOptions{})
	close(ended)
	if len(runs) != 1 || runs[0].Status != engine.Failed || !strings.Contains(runs[0].Error, "the lease lapsed") {
		t.Errorf("%+v, %v; want a run that FAILED because the lease lapsed", runs, err)
	}
}

// A ledger that never answers after HubSpot did: the run ends, what was sent is in the journal, and the next runner takes it in.
func TestHungLedgerEndsInTheJournal(t *testing.T) {
	t.Parallel()
	for _, statement := range []string{"SET state = o.state", "^COMMIT"} {
		w, server, client := remoteWorld(t)
		answered := false
		w.whenCalled("/memberships/add-and-remove", 1, func() {
			answered = true
			server.Declare(&remotetest.Fault{Match: statement, Effect: remotetest.Hang})
		})
		_, err := w.engine.Run(t.Context(), nil, engine.RunOptions{})
		var journaled *engine.JournalError
		if !answered || !errors.As(err, &journaled) || journaled.Path == "" || !strings.Contains(err.Error(), "did not answer") {
			t.Fatalf("%s: %v; want that the journal has it", statement, err)
		}
		w.nextRunner(server, client)
		w.wantConverged("vip", "101", numbers(1, 10)...)
	}
}

// Whatever statement hangs, a run comes to its end, and the next runner makes all well.
func TestNothingWaitsForEver(t *testing.T) {
	t.Parallel()
	for after, met := 3, true; met; after += every(23, 1) {
		w, server, client := remoteWorld(t)
		fault := server.Declare(&remotetest.Fault{Match: `\brollcall\.[a-z]|^COMMIT`, After: after, Effect: remotetest.Hang})
		_, _ = w.engine.Run(t.Context(), nil, engine.RunOptions{})
		met = server.Met(fault) > 0
		w.nextRunner(server, client)
		w.wantConverged("vip", "101", numbers(1, 10)...)
	}
}

// Who wants the program to end need not wait for the database.
func TestInterruptedRunWaitsForNoDatabase(t *testing.T) {
	t.Parallel()
	w, server, _ := remoteWorld(t, func(c *engine.Config) { c.Warehouse.Remote.Statement = time.Hour })
	ctx, interrupt := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	server.Declare(&remotetest.Fault{Match: "FROM rollcall.identities", Effect: remotetest.Hang, Then: func() { interrupt(enough) }})
	runs, err := w.engine.Run(ctx, nil, engine.RunOptions{})
	if err != nil || len(runs) != 1 || runs[0].Status != engine.Interrupted || !strings.Contains(runs[0].Error, "enough") {
		t.Errorf("%+v, %v; want a run that was interrupted", runs, err)
	}
}

// An opening that never ends is given up, and one whose connection fails is tried again.
func TestRemoteOpening(t *testing.T) {
	t.Parallel()
	server := remotetest.New(t)
	config := engine.Config{}
	over(t, server.Client(0))(&config)
	config.Warehouse.Remote.Open = 50 * time.Millisecond
	server.Declare(&remotetest.Fault{Match: "CONNECT", Effect: remotetest.Hang})
	if _, err := engine.Open(t.Context(), config); err == nil || !strings.Contains(err.Error(), "could not be opened within 50ms") || hint.Of(err) == "" {
		t.Errorf("%v, want that it was given up, with a hint", err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	config.Warehouse.Remote.Open = time.Hour
	server.Declare(&remotetest.Fault{Match: "CONNECT", Effect: remotetest.Hang, Then: interrupt})
	if _, err := engine.Open(ctx, config); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want that it was interrupted", err)
	}
	server.Declare(&remotetest.Fault{Match: "CONNECT", Count: 2, Effect: remotetest.Lose})
	e, err := engine.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	_ = e.Close()
}

// A connection that fails before or after any COMMIT of a run changes nothing: what was written is written once.
func TestConnectionFailsAroundCommit(t *testing.T) {
	t.Parallel()
	for first, effect := range []remotetest.Effect{remotetest.LoseAnswer, remotetest.Lose, remotetest.Conflict} {
		for after := first; ; after += every(first+2, 1) {
			w, server, _ := remoteWorld(t)
			fault := server.Declare(&remotetest.Fault{Match: "^COMMIT", After: after, Effect: effect})
			run := w.one("vip", engine.Succeeded)
			if server.Met(fault) == 0 {
				break
			}
			w.wantLedgerConsistent(run)
			w.wantStates(run, "add done 10")
			wantRows(t, w.rows("SELECT count(*), count(DISTINCT key) FROM rollcall.identities"), "10 10")
			if n := w.sandbox.CountCalls(writes); n != 1 {
				t.Errorf("%d writes, want 1", n)
			}
			w.wantConverged("vip", "101", numbers(1, 10)...)
		}
	}
}

// A connection that fails at any other statement ends no run either.
func TestConnectionFailsAtAStatement(t *testing.T) {
	t.Parallel()
	for after := 1; ; after += every(17, 1) {
		w, server, _ := remoteWorld(t)
		fault := server.Declare(&remotetest.Fault{Match: `\brollcall\.[a-z]|\bquery\(`, After: after, Effect: remotetest.Lose})
		runs, err := w.engine.Run(t.Context(), nil, engine.RunOptions{})
		if server.Met(fault) == 0 {
			break
		}
		if err != nil || len(runs) != 1 || runs[0].Status != engine.Succeeded {
			t.Errorf("the connection fails at statement %d: %+v, %v", after+1, runs, err)
		}
		w.wantConverged("vip", "101", numbers(1, 10)...)
	}
}

// A database that refuses temp tables ends the run with what it said, and nothing is sent.
func TestRefusedTempTable(t *testing.T) {
	t.Parallel()
	w, server, _ := remoteWorld(t)
	server.Declare(&remotetest.Fault{Match: "TEMP TABLE", Count: -1, Effect: remotetest.Refuse})
	runs, err := w.engine.Run(t.Context(), nil, engine.RunOptions{})
	said := ""
	if err != nil {
		said = err.Error()
	}
	for _, run := range runs {
		said += run.Error
	}
	if !strings.Contains(said, "not permitted") || w.sandbox.CountCalls(writes) != 0 {
		t.Errorf("%+v, %v, %d writes; want what the database said, and none", runs, err, w.sandbox.CountCalls(writes))
	}
}

// A runner whose clock is ahead does not take a lease that is alive; one whose holder is dead it takes when the margin has passed too.
func TestClockAheadTakesNoLivingLease(t *testing.T) {
	t.Parallel()
	w, server, _ := remoteWorld(t)
	w.exec("UPDATE rollcall.lease SET owner = 'alive:1', epoch = 7, heartbeat_at = now(), expires_at = now() + INTERVAL 2 MINUTE")
	other := newWorldOn(t, w.sandbox, func(h http.Handler) http.Handler { return h }, "", over(t, server.Client(4*time.Minute)))
	var held *engine.HeldError
	if _, err := other.engine.Run(t.Context(), nil, engine.RunOptions{}); !errors.As(err, &held) || !strings.Contains(err.Error(), "alive:1") {
		t.Errorf("%v, want that alive:1 holds the lease", err)
	}
	w.exec("UPDATE rollcall.lease SET expires_at = now() - INTERVAL 6 MINUTE")
	w.wantConverged("vip", "101", numbers(1, 10)...)
}

// A query that hangs has its limit and a little more; its sync alone is FAILED.
func TestHungQueryFailsAlone(t *testing.T) {
	t.Parallel()
	w, server, _ := remoteWorld(t, func(c *engine.Config) { c.QueryTimeout = 3 * time.Second })
	w.sync("wide", map[string]string{"list_id": "'102'"})
	server.Declare(&remotetest.Fault{Match: `\bquery\(`, Effect: remotetest.Hang})
	runs := w.run()
	if len(runs) != 2 || runs[0].Status != engine.Failed || !strings.Contains(runs[0].Error, "took longer than 3s") || runs[1].Status != engine.Succeeded {
		t.Errorf("%+v; want one that FAILED for its query's time, and one that SUCCEEDED", runs)
	}
	w.wantConverged("vip", "101", numbers(1, 10)...)
}
