package hubspot_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"rollcall/engine/hubspot"
)

func TestRetry(t *testing.T) {
	t.Parallel()
	good := reply{body: `{"recordsIdsAdded":["1"],"recordIdsRemoved":[],"recordIdsMissing":[]}`}
	for _, test := range []struct {
		name  string
		first reply
		// atLeast is the shortest wait before the second attempt.
		atLeast time.Duration
		never   bool
	}{
		{"408", reply{status: 408}, 0, false},
		{"423 waits for the lock", reply{status: 423}, 2 * time.Second, false},
		{"429", reply{status: 429}, 0, false},
		{"429 of ten seconds waits for the window", reply{status: 429,
			body: `{"message":"You have reached your ten_secondly_rolling limit.","policyName":"TEN_SECONDLY_ROLLING"}`,
			header: map[string]string{"X-HubSpot-RateLimit-Max": "100", "X-HubSpot-RateLimit-Remaining": "0",
				"X-HubSpot-RateLimit-Interval-Milliseconds": "150"}}, 150 * time.Millisecond, false},
		{"429 of the second waits a second", reply{status: 429,
			body: `{"message":"You have reached your secondly limit.","category":"RATE_LIMITS"}`}, time.Second, false},
		{"429 of the day, by policy", reply{status: 429, body: `{"policyName":"DAILY"}`}, 0, true},
		{"429 of the day, by message", reply{status: 429, body: `{"message":"You have reached your daily limit."}`}, 0, true},
		{"477", reply{status: 477, header: map[string]string{"Retry-After": "0.05"}}, 50 * time.Millisecond, false},
		{"500", reply{status: 500}, 0, false},
		{"502 with a page", reply{status: 502, body: "<html>Bad gateway</html>"}, 0, false},
		{"524", reply{status: 524}, 0, false},
		{"501", reply{status: 501}, 0, true},
		{"400", reply{status: 400, body: `{"category":"VALIDATION_ERROR"}`}, 0, true},
		{"401", reply{status: 401}, 0, true},
		{"403", reply{status: 403}, 0, true},
		{"404", reply{status: 404}, 0, true},
		{"409", reply{status: 409}, 0, true},
		{"503 with Retry-After", reply{status: 503, header: map[string]string{"Retry-After": "1"}}, time.Second, false},
		{"503 with a longer Retry-After than we wait", reply{status: 503, header: map[string]string{"Retry-After": "7200"}}, 0, true},
		{"reset", reply{do: reset}, 0, false},
		{"truncated", reply{do: truncated(`{"recordsIdsAdded":`)}, 0, false},
		{"cut JSON of the right length", reply{body: `{"recordsIdsAdded":["1"`}, 0, false},
		{"empty", reply{body: "  "}, 0, false},
		{"204", reply{status: 204}, 0, false},
		{"no object", reply{body: `["1"]`}, 0, false},
		{"none of the fields", reply{body: `{}`}, 0, false},
		{"null fields", reply{body: `{"recordsIdsAdded":null}`}, 0, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, test.first, good)
			change, err := dial(t, server.URL).AddAndRemove(t.Context(), "42", []int64{1}, nil)
			calls := server.calls()
			if test.never {
				if err == nil || len(calls) != 1 {
					t.Fatalf("got %v after %d calls, want an error after one", err, len(calls))
				}
				return
			}
			if err != nil || len(calls) != 2 || change.Attempts != 2 {
				t.Fatalf("got %+v, %v after %d calls, want success after two", change, err, len(calls))
			}
			if refused := test.first.status == 429 || test.first.status == 423 || test.first.status == 477; change.MaybeApplied == refused {
				t.Errorf("maybe applied = %v", change.MaybeApplied)
			}
			if waited := calls[1].at.Sub(calls[0].at); waited < test.atLeast {
				t.Errorf("waited %s, want at least %s", waited, test.atLeast)
			}
			if calls[0].body != calls[1].body || calls[0].body == "" {
				t.Errorf("bodies differ: %q, %q", calls[0].body, calls[1].body)
			}
		})
	}
}

// All callers run into a rate limit together: one warning is logged, and the log at the level debug has every retry.
func TestOneWarningARateLimit(t *testing.T) {
	t.Parallel()
	const callers = 12
	limited := reply{status: 429, body: `{"policyName":"TEN_SECONDLY_ROLLING"}`, header: map[string]string{
		"X-HubSpot-RateLimit-Max": "100", "X-HubSpot-RateLimit-Remaining": "50", "X-HubSpot-RateLimit-Interval-Milliseconds": "50",
	}}
	replies := make([]reply, callers, callers+1)
	for i := range replies {
		replies[i] = limited
	}
	server := serve(t, append(replies, reply{body: listBody})...)
	var log lockedBuffer
	// One caller may meet all the refusals, if the others come late.
	client := dial(t, server.URL, func(c *hubspot.Config) { c.Log, c.MaxRetries = zerolog.New(&log), callers })
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			if _, err := client.List(t.Context(), "42"); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	warned, retried := 0, 0
	for line := range strings.Lines(log.String()) {
		if strings.Contains(line, `"message":"retry"`) {
			retried++
			if strings.Contains(line, `"level":"warn"`) {
				warned++
			}
		}
	}
	if warned != 1 || retried != callers {
		t.Errorf("%d warnings of %d retries, want 1 of %d", warned, retried, callers)
	}
}

// lockedBuffer is a buffer that several goroutines write to.
type lockedBuffer struct {
	mu  sync.Mutex
	out strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.out.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.out.String()
}

func TestRetryAfterDate(t *testing.T) {
	t.Parallel()
	// HTTP dates are whole seconds: on a clock that does not advance, the wait is known.
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	server := serve(t,
		reply{status: 503, header: map[string]string{"Retry-After": now.Add(time.Second).Format(http.TimeFormat)}},
		reply{body: listBody})
	client := dial(t, server.URL, func(c *hubspot.Config) { c.Now = func() time.Time { return now } })
	if _, err := client.List(t.Context(), "42"); err != nil {
		t.Fatal(err)
	}
	calls := server.calls()
	if waited := calls[1].at.Sub(calls[0].at); waited < time.Second {
		t.Errorf("waited %s", waited)
	}
}

func TestRetriesRunOut(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		retries   int
		want      int
		last      reply
		ambiguous bool
	}{
		{"status", 3, 4, reply{status: 500, body: `{"message":"oops","correlationId":"c-9"}`}, true},
		{"reset", 2, 3, reply{do: reset}, true},
		{"empty", 1, 2, reply{body: ""}, true},
		{"locked", -1, 1, reply{status: 423}, false},
		{"none wanted", -1, 1, reply{status: 500}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, test.last)
			client := dial(t, server.URL, func(c *hubspot.Config) { c.MaxRetries = test.retries })
			change, err := client.AddAndRemove(t.Context(), "42", []int64{1}, nil)
			if err == nil || change.Attempts != test.want || len(server.calls()) != test.want {
				t.Fatalf("got %v after %d attempts and %d calls, want %d", err, change.Attempts, len(server.calls()), test.want)
			}
			if errors.Is(err, hubspot.ErrAmbiguous) != test.ambiguous {
				t.Errorf("ambiguous = %v: %v", !test.ambiguous, err)
			}
			if got := err.Error(); strings.Contains(got, "127.0.0.1:") && strings.Contains(got, "http://") {
				t.Errorf("repeats the URL: %s", got)
			}
		})
	}
}

func TestAmbiguity(t *testing.T) {
	t.Parallel()
	t.Run("a read is never ambiguous", func(t *testing.T) {
		t.Parallel()
		server := serve(t, reply{do: reset})
		_, err := dial(t, server.URL, func(c *hubspot.Config) { c.MaxRetries = -1 }).List(t.Context(), "42")
		if err == nil || errors.Is(err, hubspot.ErrAmbiguous) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("what was never sent is not ambiguous", func(t *testing.T) {
		t.Parallel()
		server := serve(t, reply{})
		server.Close()
		_, err := dial(t, server.URL).AddAndRemove(t.Context(), "42", []int64{1}, nil)
		if err == nil || errors.Is(err, hubspot.ErrAmbiguous) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("an unknown outcome outlasts a later refusal", func(t *testing.T) {
		t.Parallel()
		server := serve(t, reply{do: reset}, reply{status: 400})
		_, err := dial(t, server.URL).AddAndRemove(t.Context(), "42", []int64{1}, nil)
		if !errors.Is(err, hubspot.ErrAmbiguous) || !hubspot.IsRefused(err) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a slow answer is ambiguous and asked for again", func(t *testing.T) {
		t.Parallel()
		slow := reply{do: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }}
		server := serve(t, slow)
		client := dial(t, server.URL, func(c *hubspot.Config) { c.Timeout, c.MaxRetries = 50*time.Millisecond, 1 })
		change, err := client.AddAndRemove(t.Context(), "42", []int64{1}, nil)
		if !errors.Is(err, hubspot.ErrAmbiguous) || change.Attempts != 2 || !strings.Contains(err.Error(), "no answer within 50ms") {
			t.Errorf("got %v after %d attempts", err, change.Attempts)
		}
	})
}

func TestCancel(t *testing.T) {
	t.Parallel()
	t.Run("ends the wait before a retry", func(t *testing.T) {
		t.Parallel()
		server := serve(t, reply{status: 503, header: map[string]string{"Retry-After": "60"}})
		ctx, cancel := context.WithCancel(t.Context())
		client := dial(t, server.URL).Observed(func(hubspot.Call) { cancel() })
		start := time.Now()
		_, err := client.AddAndRemove(ctx, "42", []int64{1}, nil)
		if !errors.Is(err, context.Canceled) || !errors.Is(err, hubspot.ErrAmbiguous) || time.Since(start) > 30*time.Second {
			t.Errorf("got %v after %s", err, time.Since(start))
		}
	})
	t.Run("ends a call under way, which may have been applied", func(t *testing.T) {
		t.Parallel()
		arrived := make(chan struct{})
		server := serve(t, reply{do: func(_ http.ResponseWriter, r *http.Request) {
			close(arrived)
			<-r.Context().Done()
		}})
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-arrived; cancel() }()
		_, err := dial(t, server.URL).AddAndRemove(ctx, "42", []int64{1}, nil)
		if !errors.Is(err, context.Canceled) || !errors.Is(err, hubspot.ErrAmbiguous) || len(server.calls()) != 1 {
			t.Errorf("got %v after %d calls", err, len(server.calls()))
		}
	})
	t.Run("before the call sends nothing", func(t *testing.T) {
		t.Parallel()
		server := serve(t, reply{body: listBody})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := dial(t, server.URL).AddAndRemove(ctx, "42", []int64{1}, nil)
		if !errors.Is(err, context.Canceled) || errors.Is(err, hubspot.ErrAmbiguous) || len(server.calls()) != 0 {
			t.Errorf("got %v after %d calls", err, len(server.calls()))
		}
	})
	t.Run("just after a good answer does not lose it", func(t *testing.T) {
		t.Parallel()
		server := serve(t, reply{body: `{"recordsIdsAdded":["1"]}`})
		ctx, cancel := context.WithCancel(t.Context())
		client := dial(t, server.URL).Observed(func(hubspot.Call) { cancel() })
		change, err := client.AddAndRemove(ctx, "42", []int64{1}, nil)
		if err != nil || len(change.Added) != 1 {
			t.Errorf("got %+v, %v", change, err)
		}
	})
}
