package engine_test

import (
	"context"
	"testing"
	"time"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// interruptedAt runs one sync with ten members to add, three a call, whose run is interrupted when its second write is under way.
func interruptedAt(t *testing.T, fault sandbox.Fault, change ...func(*engine.Config)) (*world, engine.Run) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	w := newWorld(t, 30, append(change, chunks(3))...)
	w.people(numbers(1, 10)...)
	w.sync("vip", map[string]string{"list_id": "101"})
	fault.Operation, fault.After = writes, 1
	w.fault(fault)
	w.whenCalled("/add-and-remove", 2, cancel)
	runs, err := w.engine.Run(ctx, nil, engine.RunOptions{})
	if err != nil || len(runs) != 1 || runs[0].Status != engine.Interrupted {
		t.Fatalf("%+v, %v; want one interrupted run", runs, err)
	}
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.calls WHERE operation = 'memberships.add_and_remove'"), "2")
	return w, runs[0]
}

// After an interruption no call is repeated: what was refused for now was not done, and is left for the next run.
func TestNoAttemptAfterAnInterruption(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{429: "add done 3, add planned 7", 503: "add done 3, add planned 4, add unknown 3", 400: "add done 3, add planned 7"} {
		w, run := interruptedAt(t, sandbox.Fault{Effect: sandbox.EffectStatus, Status: status})
		w.wantStates(run, want)
		w.wantConverged("vip", "101", numbers(1, 10)...)
	}
}

// A call in flight that is answered in time is finished.
func TestInterruptedCallFinishes(t *testing.T) {
	t.Parallel()
	w, run := interruptedAt(t, sandbox.Fault{Effect: sandbox.EffectSlow, DelayMilliseconds: 100})
	w.wantStates(run, "add done 6, add planned 4")
	w.wantConverged("vip", "101", numbers(1, 10)...)
}

// A call in flight that is not answered in time is given up, and nobody knows the outcome.
func TestInterruptedCallIsGivenUp(t *testing.T) {
	t.Parallel()
	began := time.Now()
	w, run := interruptedAt(t, sandbox.Fault{Effect: sandbox.EffectSlow, DelayMilliseconds: 60_000}, func(c *engine.Config) { c.Grace = time.Millisecond })
	w.wantStates(run, "add done 3, add planned 4, add unknown 3")
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %s to leave", took)
	}
	w.wantConverged("vip", "101", numbers(1, 10)...)
}
