package engine

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

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
