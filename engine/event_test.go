package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"rollcall/engine"
)

// Whoever starts a run is told what it does: each sync's start, plan, batches, end and warning, in this order.
func TestEventsOfARun(t *testing.T) {
	t.Parallel()
	var told []string
	w := newWorld(t, 30, chunks(3), func(c *engine.Config) {
		c.Events = func(event engine.Event) {
			switch e := event.(type) {
			case engine.Started:
				told = append(told, fmt.Sprintf("started %s %t", e.Sync, e.RunID != ""))
			case engine.Planned:
				told = append(told, fmt.Sprintf("planned %s %d", e.Plan.Sync, e.Plan.Add))
			case engine.Sent:
				told = append(told, fmt.Sprintf("sent %s %s %d/%d", e.Sync, e.ListID, e.Done, e.Total))
			case engine.Finished:
				told = append(told, fmt.Sprintf("finished %s %s", e.Run.Sync, e.Run.Status))
			case engine.Warned:
				told = append(told, fmt.Sprintf("warned %s %t %s", e.Sync, e.RunID != "", strings.Fields(e.Message)[0]))
			}
		}
	})
	w.people(1, 2, 3, 4)
	w.sync("bad", map[string]string{"list_id": "102", "mode": "'bogus'"})
	w.sync("vip", map[string]string{"list_id": "101"})
	w.run()
	wantRows(t, told,
		"started bad true", "started vip true", "finished bad FAILED",
		"planned vip 4", "sent vip 101 3/4", "sent vip 101 4/4", "finished vip SUCCEEDED")
	told = nil
	w.exec("DELETE FROM rollcall.syncs WHERE name = 'bad'; DELETE FROM people; UPDATE rollcall.syncs SET mode = 'add'")
	w.run()
	wantRows(t, told, "started vip true", "finished vip SUCCEEDED", "warned vip true 0")
}
