package engine_test

import (
	"bytes"
	"encoding/json"
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
		told := map[string]int{}
		for line := range bytes.Lines(log.Bytes()) {
			var said map[string]any
			if err := json.Unmarshal(line, &said); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			name, _ := said["statement"].(string)
			told[name]++
			for key := range said {
				switch key {
				case "level", "message", "statement", "duration":
				default:
					t.Errorf("the trace of a statement says %s", line)
				}
			}
		}
		for _, name := range []string{"50_plan", "51_count_plan", "53_sample_plan", "71_mark_sent", "commit", "query of vip"} {
			if told[name] > 0 != want {
				t.Errorf("%s: %q is told %d times", level, name, told[name])
			}
		}
	}
}
