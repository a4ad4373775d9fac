package engine

import (
	"context"
	"slices"
	"testing"
)

// What came back from an urgent call goes before what came back from others, and spare work is done only while nothing has.
func TestCrewDoesFirstWhatOthersWaitFor(t *testing.T) {
	t.Parallel()
	var order []string
	note := func(what string) func() error {
		return func() error {
			order = append(order, what)
			return nil
		}
	}
	c := newCrew(4)
	c.busy = 3
	c.ready <- note("a")
	c.ready <- note("b")
	c.first <- note("urgent")
	c.spare = append(c.spare, note("spare"))
	if err := c.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"urgent", "a", "b", "spare"}; !slices.Equal(order, want) {
		t.Errorf("done in the order %v, want %v", order, want)
	}
}

// Spare work is done while a call is under way, and all of it by the end.
func TestCrewUsesTheTimeOfCalls(t *testing.T) {
	t.Parallel()
	c := newCrew(1)
	did := make(chan struct{})
	c.add(func(context.Context) func() error {
		<-did // the call is answered only after the spare work
		return func() error {
			c.spare = append(c.spare, func() error { did = nil; return nil })
			return nil
		}
	})
	c.spare = append(c.spare, func() error { close(did); return nil })
	if err := c.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if did != nil {
		t.Error("the last spare work was not done")
	}
}
