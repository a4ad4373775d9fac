package engine_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"rollcall/engine"
)

// At the level trace the log tells every statement by name and with its time, and nothing of what they were given;
// at debug it does not.
func TestTraceTellsStatements(t *testing.T) {
	t.Parallel()
	for level, want := range map[zerolog.Level]bool{zerolog.TraceLevel: true, zerolog.DebugLevel: false} {
		var log bytes.Buffer
		w := newWorld(t, 2)
		w.sync("vip", map[string]string{"list_id": "'101'"})
		w.people(1, 2)
		ctx := zerolog.New(&log).Level(level).WithContext(t.Context())
		if _, err := w.engine.Run(ctx, nil, engine.RunOptions{}); err != nil {
			t.Fatal(err)
		}
		told, control := map[string]int{}, map[string]bool{}
		for line := range bytes.Lines(log.Bytes()) {
			var said map[string]any
			if err := json.Unmarshal(line, &said); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			name, _ := said["statement"].(string)
			told[name]++
			control[name], _ = said["control"].(bool)
			for key := range said {
				switch key {
				case "level", "message", "statement", "duration", "control":
				default:
					t.Errorf("the trace of a statement says %s", line)
				}
			}
		}
		for _, name := range []string{"Plan", "CountPlan", "SamplePlan", "MarkSent", "commit", "query of vip"} {
			if told[name] > 0 != want {
				t.Errorf("%s: %q is told %d times", level, name, told[name])
			}
		}
		for name, does := range map[string]bool{"MarkSent": want, "ReadLists": want, "commit": want, "CountPlan": false, "query of vip": false} {
			if control[name] != does {
				t.Errorf("%s: the trace of %q says control: %v", level, name, control[name])
			}
		}
	}
}

// A value of the data, and the name of a row that is an address, are in no log line; the value is in no error and not in the ledger.
func TestLogsAndErrorsShowNoValues(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w := newWorld(t, 2, func(c *engine.Config) { c.Log = zerolog.New(&log).Level(zerolog.TraceLevel) })
	w.exec("INSERT INTO people VALUES ('secret ssn-12', 'vip')")
	w.sync("vip", map[string]string{"list_id": "'101'", "query": quote("SELECT email::INT AS email FROM people")})
	w.sync("fine", map[string]string{"list_id": "'103'", "query": quote("SELECT 'contact-00001@example.com' AS email"), "mode": "'add'"})
	w.sync("ada.lovelace@example.com", map[string]string{"list_id": "'102'"})
	w.sync("Ada <ada.lovelace@example.com>", map[string]string{"list_id": "'102'"})
	for _, run := range w.runWith(engine.RunOptions{}) {
		if run.Status != engine.Failed && run.Sync != "fine" {
			t.Errorf("%s is %s", run.Sync, run.Status)
		}
		if strings.Contains(run.Error+run.Hint, "secret") {
			t.Errorf("%s: %s (hint: %s)", run.Sync, run.Error, run.Hint)
		}
	}
	wantRows(t, w.rows("SELECT error FROM rollcall.runs WHERE sync = 'vip'"), "query: line 1: could not convert string … to INT32 when casting from source column email")
	if said := log.String(); strings.Contains(said, "secret") || strings.Contains(said, "lovelace") || !strings.Contains(said, `"sync":"fine"`) {
		t.Errorf("the log says %s", said)
	}
}
