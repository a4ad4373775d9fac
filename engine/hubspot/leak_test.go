package hubspot_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"rollcall/engine/hubspot"
)

// TestGoroutinesEnd is not parallel: it counts the goroutines of the whole process.
func TestGoroutinesEnd(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("", func(t *testing.T) {
		server := serve(t, reply{status: 500}, reply{do: reset}, reply{do: truncated("{")}, reply{status: 429}, reply{body: listBody})
		client := dial(t, server.URL)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for range 20 {
			if _, err := client.List(ctx, "42"); err != nil {
				t.Fatal(err)
			}
		}
		cancel()
		if _, err := client.List(ctx, "42"); err == nil {
			t.Error("a cancelled call succeeded")
		}
		if _, err := client.Observed(func(hubspot.Call) {}).AddAndRemove(ctx, "42", []int64{1}, nil); err == nil {
			t.Error("a cancelled change succeeded")
		}
	})
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		after := runtime.NumGoroutine()
		if after <= before {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines before, %d after", before, after)
		}
	}
}
