package hubspot_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/engine/hubspot"
)

func TestBreaker(t *testing.T) {
	t.Parallel()
	down := reply{status: 503, body: "down"}
	replies := make([]reply, 0, 13)
	for range 12 {
		replies = append(replies, down)
	}
	server := serve(t, append(replies, reply{body: listBody})...)
	client := dial(t, server.URL, func(c *hubspot.Config) { c.RetryBase = 20 * time.Millisecond; c.MaxRetries = 2 })
	failed := 0
	for range 10 {
		if _, err := client.List(t.Context(), "42"); err == nil {
			t.Fatal("succeeded while HubSpot was down")
		} else if errors.Is(err, hubspot.ErrBreakerOpen) {
			failed++
			if !strings.Contains(err.Error(), "10 times in a row, last with status 503") || hubspot.Hint(err) == "" {
				t.Errorf("message: %v; hint: %q", err, hubspot.Hint(err))
			}
		}
	}
	// Three calls of three attempts, then one more attempt opens it.
	if n := len(server.calls()); n != 10 || failed != 7 {
		t.Fatalf("%d attempts reached HubSpot and %d calls failed at once, want 10 and 7", n, failed)
	}
	until(t, func() bool {
		_, err := client.List(t.Context(), "42")
		return err == nil
	})
}

// The error of a breaker that is open names what opened it, since no later attempt shows it.
func TestBreakerNamesItsCause(t *testing.T) {
	t.Parallel()
	server := serve(t, reply{body: listBody})
	address := strings.TrimPrefix(server.URL, "http://")
	server.Close()
	client := dial(t, server.URL, func(c *hubspot.Config) { c.RetryBase = time.Second; c.MaxRetries = -1 })
	var err error
	until(t, func() bool {
		_, err = client.List(t.Context(), "42")
		return errors.Is(err, hubspot.ErrBreakerOpen)
	})
	for _, want := range []string{"10 times in a row, last with no answer (dial tcp " + address, "connection refused)"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("message %v, want %q in it", err, want)
		}
	}
	if hint := hubspot.Hint(err); !strings.Contains(hint, "a server listens at "+server.URL) {
		t.Errorf("hint %q", hint)
	}
}

func TestBreakerLeavesRefusalsAlone(t *testing.T) {
	t.Parallel()
	server := serve(t, reply{status: 404})
	client := dial(t, server.URL)
	for range 30 {
		if _, err := client.List(t.Context(), "42"); !hubspot.IsNotFound(err) {
			t.Fatal(err)
		}
	}
}

func TestBreakerCountsOneBlipOnce(t *testing.T) {
	t.Parallel()
	const callers = 16
	var arrived sync.WaitGroup
	arrived.Add(callers)
	// All callers lose their connection at the same moment.
	blip := reply{do: func(w http.ResponseWriter, r *http.Request) {
		arrived.Done()
		arrived.Wait()
		reset(w, r)
	}}
	replies := make([]reply, callers, callers+1)
	for i := range replies {
		replies[i] = blip
	}
	server := serve(t, append(replies, reply{body: listBody})...)
	client := dial(t, server.URL, func(c *hubspot.Config) { c.RetryBase = 50 * time.Millisecond; c.MaxRetries = 1 })
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			if _, err := client.List(t.Context(), "42"); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

func TestBreakerOutlivesACancelledProbe(t *testing.T) {
	t.Parallel()
	var replies []reply
	for range 10 {
		replies = append(replies, reply{status: 503})
	}
	arrived := make(chan struct{})
	probe := reply{do: func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	}}
	server := serve(t, append(replies, probe, reply{body: listBody})...)
	client := dial(t, server.URL, func(c *hubspot.Config) { c.MaxRetries = -1 })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	until(t, func() bool {
		_, err := client.List(ctx, "42")
		return errors.Is(err, context.Canceled)
	})
	until(t, func() bool {
		_, err := client.List(t.Context(), "42")
		return err == nil
	})
}

// until asks again and again, for longer than any machine needs.
func until(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not come to pass")
		}
	}
}
