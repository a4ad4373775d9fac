package engine_test

import (
	"strings"
	"testing"
	"time"

	"rollcall/engine"
	"rollcall/engine/warehouse"
)

// A second process waits for the file as long as it is told to, names the one that has it, and leaves without being told to wait.
func TestWaiting(t *testing.T) {
	t.Parallel()
	told := make(chan engine.Waiting, 10)
	c := engine.Config{Warehouse: warehouse.Config{Database: t.TempDir()}, Wait: time.Hour, Events: func(event engine.Event) {
		if waiting, ok := event.(engine.Waiting); ok {
			told <- waiting
		}
	}}
	if _, err := engine.Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "is a folder") || len(told) > 0 {
		t.Errorf("%v, told %d times; want an error that waiting does not mend at once", err, len(told))
	}
}
