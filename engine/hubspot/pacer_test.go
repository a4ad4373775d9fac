package hubspot_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rollcall/engine/hubspot"
)

// quotaServer enforces a rolling window as HubSpot does, and sends its state in the headers.
type quotaServer struct {
	*httptest.Server
	mu       sync.Mutex
	max      int
	interval time.Duration
	arrivals []time.Time
	refused  int
}

func serveQuota(t *testing.T, limit int, interval time.Duration) *quotaServer {
	t.Helper()
	s := &quotaServer{max: limit, interval: interval}
	var turn atomic.Int64
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		// Uneven latency on both legs: what HubSpot counts is not what was sent when.
		uneven := time.Duration(turn.Add(1)*7%11) * time.Millisecond
		time.Sleep(uneven)
		remaining, ok := s.take()
		time.Sleep(uneven / 2)
		w.Header().Set("X-HubSpot-RateLimit-Max", strconv.Itoa(limit))
		w.Header().Set("X-HubSpot-RateLimit-Remaining", strconv.Itoa(remaining))
		w.Header().Set("X-HubSpot-RateLimit-Interval-Milliseconds", strconv.FormatInt(interval.Milliseconds(), 10))
		if !ok {
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = w.Write([]byte(`{"policyName":"TEN_SECONDLY_ROLLING","message":"You have reached your ten_secondly_rolling limit."}`))
			return
		}
		_, _ = w.Write([]byte(listBody))
	}))
	t.Cleanup(s.Close)
	return s
}

// take counts a call, if there is room for it.
func (s *quotaServer) take() (remaining int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for len(s.arrivals) > 0 && now.Sub(s.arrivals[0]) >= s.interval {
		s.arrivals = s.arrivals[1:]
	}
	if len(s.arrivals) >= s.max {
		s.refused++
		return 0, false
	}
	s.arrivals = append(s.arrivals, now)
	return s.max - len(s.arrivals), true
}

func (s *quotaServer) refusals() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused
}

// callers makes n calls from so many goroutines.
func callers(t *testing.T, client *hubspot.Client, goroutines, n int) {
	t.Helper()
	var group sync.WaitGroup
	var next atomic.Int64
	for range goroutines {
		group.Go(func() {
			for next.Add(1) <= int64(n) {
				if _, err := client.List(t.Context(), "42"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

func TestPacer(t *testing.T) {
	t.Parallel()
	t.Run("never runs into the limit when alone", func(t *testing.T) {
		t.Parallel()
		server := serveQuota(t, 20, 200*time.Millisecond)
		start := time.Now()
		callers(t, dial(t, server.URL), 16, 150)
		if n := server.refusals(); n != 0 {
			t.Errorf("%d calls were refused", n)
		}
		t.Logf("150 calls took %s; the limit allows them in 1.4 s", time.Since(start))
	})
	t.Run("does not wait while there is room", func(t *testing.T) {
		t.Parallel()
		server := serveQuota(t, 190, time.Hour)
		callers(t, dial(t, server.URL), 16, 186)
		if n := server.refusals(); n != 0 {
			t.Errorf("%d calls were refused", n)
		}
	})
	t.Run("does not wait for servers that tell no limit", func(t *testing.T) {
		t.Parallel()
		server := serve(t, reply{body: listBody})
		start := time.Now()
		callers(t, dial(t, server.URL), 16, 500)
		// With the limit that is assumed before the first answer, it would be forty seconds.
		if took := time.Since(start); took > 35*time.Second {
			t.Errorf("took %s", took)
		}
	})
	t.Run("leaves calls to others who use the same limit", func(t *testing.T) {
		t.Parallel()
		server := serveQuota(t, 20, 300*time.Millisecond)
		stop := make(chan struct{})
		var other sync.WaitGroup
		// Half of the limit, evenly.
		other.Go(func() {
			ticker := time.NewTicker(30 * time.Millisecond)
			defer ticker.Stop()
			for {
				select {
				case <-ticker.C:
					server.take()
				case <-stop:
					return
				}
			}
		})
		refused := 0
		callers(t, dial(t, server.URL).Observed(func(c hubspot.Call) {
			if c.Status == http.StatusTooManyRequests {
				refused++
			}
		}), 1, 60)
		close(stop)
		other.Wait()
		// A client that ignored the other would be refused in every window.
		if refused > 1 {
			t.Errorf("%d calls were refused, and %d of the other's", refused, server.refusals()-refused)
		}
		t.Logf("%d calls were refused, and %d of the other's", refused, server.refusals()-refused)
	})
	t.Run("a refusal without a limit in it holds back every caller", func(t *testing.T) {
		t.Parallel()
		server := serve(t, reply{status: 429, header: map[string]string{"Retry-After": "0.3"}}, reply{body: listBody})
		client := dial(t, server.URL)
		var group sync.WaitGroup
		var once sync.Once
		_, err := client.Observed(func(hubspot.Call) {
			once.Do(func() {
				group.Go(func() {
					if _, err := client.List(t.Context(), "43"); err != nil {
						t.Error(err)
					}
				})
			})
		}).List(t.Context(), "42")
		group.Wait()
		calls := server.calls()
		if err != nil || len(calls) != 3 {
			t.Fatalf("got %v after %d calls", err, len(calls))
		}
		for _, call := range calls[1:] {
			if waited := call.at.Sub(calls[0].at); waited < 300*time.Millisecond {
				t.Errorf("%s went out after %s", call.uri, waited)
			}
		}
	})
	t.Run("a refusal holds back every caller", func(t *testing.T) {
		t.Parallel()
		server := serveQuota(t, 20, 300*time.Millisecond)
		for range 20 {
			server.take()
		}
		callers(t, dial(t, server.URL), 4, 40)
		if n := server.refusals(); n > 4 {
			t.Errorf("%d calls were refused, want at most one a caller", n)
		}
	})
}

func TestPacerLetsGoOfCancelledCallers(t *testing.T) {
	t.Parallel()
	server := serveQuota(t, 1, time.Hour)
	client := dial(t, server.URL)
	if _, err := client.List(t.Context(), "42"); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, err := client.List(ctx, "42")
		done <- err
	}()
	cancel()
	if err := <-done; err == nil {
		t.Error("succeeded without room")
	}
}

// Calls that go out side by side would use the window up at once, and a chain, whose calls wait for one another, would be delayed.
func TestPacerLeavesRoomForAChain(t *testing.T) {
	t.Parallel()
	const limit, chained = 40, 15
	server := serveQuota(t, limit, time.Hour)
	client := dial(t, server.URL)
	if _, err := client.List(t.Context(), "42"); err != nil { // the answer has the limit
		t.Fatal(err)
	}
	chain, done := client.Chain()
	ctx, cancel := context.WithCancel(t.Context())
	var others sync.WaitGroup
	for range 2 * limit {
		others.Go(func() { _, _ = client.List(ctx, "42") })
	}
	defer others.Wait()
	defer cancel()
	server.await(t, limit/2-2)
	patience, release := context.WithTimeout(t.Context(), 10*time.Second)
	defer release()
	for i := range chained {
		if _, err := chain.List(patience, "42"); err != nil {
			t.Fatalf("call %d of the chain: %v", i+1, err)
		}
	}
	done()
	server.await(t, limit-2) // the others take what is left
	if n := server.refusals(); n != 0 {
		t.Errorf("%d calls were refused", n)
	}
}

// await waits until the server has counted n calls.
func (s *quotaServer) await(t *testing.T, n int) {
	t.Helper()
	for begun := time.Now(); time.Since(begun) < 10*time.Second; time.Sleep(time.Millisecond) {
		s.mu.Lock()
		got := len(s.arrivals)
		s.mu.Unlock()
		if got >= n {
			return
		}
	}
	t.Fatalf("fewer than %d calls came", n)
}
