package pool

import (
	"context"
	"slices"
	"testing"
)

// The results of urgent tasks are handled before others, and idle work is done only while no result is ready.
func TestPoolRunsUrgentFirst(t *testing.T) {
	t.Parallel()
	var order []string
	note := func(what string) func() error {
		return func() error {
			order = append(order, what)
			return nil
		}
	}
	p := New(4)
	p.busy = 3
	p.results <- note("a")
	p.results <- note("b")
	p.urgentResults <- note("urgent")
	p.idle = append(p.idle, note("idle"))
	if err := p.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"urgent", "a", "b", "idle"}; !slices.Equal(order, want) {
		t.Errorf("done in the order %v, want %v", order, want)
	}
}

// Idle work is done while a call is under way, and all of it by the end.
func TestPoolRunsIdleWorkDuringCalls(t *testing.T) {
	t.Parallel()
	p := New(1)
	did := make(chan struct{})
	p.Add(func(context.Context) func() error {
		<-did // the call is answered only after the idle work
		return func() error {
			p.idle = append(p.idle, func() error { did = nil; return nil })
			return nil
		}
	})
	p.idle = append(p.idle, func() error { close(did); return nil })
	if err := p.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if did != nil {
		t.Error("the last idle work was not done")
	}
}
