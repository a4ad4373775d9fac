package hubspot_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"rollcall/engine/hubspot"
)

const addedOne = `{"recordsIdsAdded":["1"],"recordIdsRemoved":[],"recordIdsMissing":[]}`

// lingering makes a client whose attempts outlive the context ctx until abort ends.
func lingering(t *testing.T, s *script, abort context.Context) *hubspot.Client {
	t.Helper()
	return dial(t, s.URL, func(c *hubspot.Config) { c.RetryBase = time.Hour }).Lingering(abort)
}

// An attempt that is under way when the context ends is waited for.
func TestLingeringAttempt(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, reply{do: func(w http.ResponseWriter, _ *http.Request) {
		cancel()
		_, _ = w.Write([]byte(addedOne))
	}})
	if change, err := lingering(t, s, t.Context()).AddAndRemove(ctx, "42", []int64{1}, nil); err != nil || len(change.Added) != 1 {
		t.Errorf("%+v, %v; want one added", change, err)
	}
}

// No attempt is begun when the context has ended: neither the first nor another one, and no wait for one is gone on with.
func TestNoAttemptAfterTheEnd(t *testing.T) {
	t.Parallel()
	for status, ambiguous := range map[int]bool{http.StatusServiceUnavailable: true, http.StatusTooManyRequests: false, http.StatusUnauthorized: false} {
		ctx, cancel := context.WithCancel(t.Context())
		s := serve(t, reply{do: func(w http.ResponseWriter, _ *http.Request) {
			cancel()
			w.WriteHeader(status)
		}})
		client := lingering(t, s, t.Context())
		for range 2 {
			_, err := client.AddAndRemove(ctx, "42", []int64{1}, nil)
			if !errors.Is(err, context.Canceled) || errors.Is(err, hubspot.ErrAmbiguous) != ambiguous {
				t.Errorf("status %d: %v; ambiguous: want %t", status, err, ambiguous)
			}
			ambiguous = false // the second call is not sent at all
		}
		if n := len(s.calls()); n != 1 {
			t.Errorf("status %d: %d calls, want 1", status, n)
		}
	}
}

// An attempt lingers until abort ends, and may have been applied then.
func TestLingeringEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	abort, end := context.WithCancel(t.Context())
	s := serve(t, reply{do: func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		end()
		<-r.Context().Done()
	}})
	_, err := lingering(t, s, abort).AddAndRemove(ctx, "42", []int64{1}, nil)
	if !errors.Is(err, context.Canceled) || !errors.Is(err, hubspot.ErrAmbiguous) || len(s.calls()) != 1 {
		t.Errorf("%v after %d calls; want an end without an answer", err, len(s.calls()))
	}
}
