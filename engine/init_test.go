package engine_test

import (
	"testing"

	"rollcall/engine"
	"rollcall/engine/warehouse/remotetest"
)

// Making the control tables on a remote database tells how far it has come: each statement once, up to the last one.
func TestInitTellsItsProgress(t *testing.T) {
	t.Parallel()
	var told []engine.Progress
	config := engine.Config{Events: func(event engine.Event) {
		if p, ok := event.(engine.Progress); ok && p.Step == "init" {
			told = append(told, p)
		}
	}}
	server := remotetest.New(t)
	over(t, server.Client(0))(&config)
	e, err := engine.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	// The connection fails in the midst of a migration, which is told from its start again.
	server.Declare(&remotetest.Fault{Match: "COMMENT ON TABLE rollcall.runs", Effect: remotetest.Conflict})
	if _, err := e.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(told) < 150 {
		t.Fatalf("%d statements were told", len(told))
	}
	last := told[len(told)-1]
	if last.Done != last.Total || last.Total != told[0].Total || told[0].Done != 1 {
		t.Errorf("from %+v to %+v", told[0], last)
	}
	told = nil
	if applied, err := e.Init(t.Context()); err != nil || len(applied) != 0 || len(told) != 0 {
		t.Errorf("again: %v %v %v", applied, err, told)
	}
}
