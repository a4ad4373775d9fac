package engine_test

import (
	"testing"

	"rollcall/engine"
)

// A query sees the tables that people have made, and none of Rollcall's own of the round: not the keys of a row before it.
func TestQueriesDoNotSeeTheRound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	w.people(1, 2)
	w.sync("first", map[string]string{"list_id": "'101'"})
	for _, table := range []string{"rollcall_keys", "query_keys", "rollcall_answers"} {
		w.sync("of_"+table, map[string]string{"list_id": "'102'", "mode": "'add'", "query": quote("SELECT key AS email FROM " + table)})
	}
	w.sync("own", map[string]string{"list_id": "'102'", "mode": "'add'", "query": "'SELECT email FROM desired'"})
	w.exec("CREATE TABLE desired AS SELECT email FROM people LIMIT 1")
	for _, run := range w.run() {
		switch run.Sync {
		case "first", "own":
			if run.Status != engine.Succeeded {
				t.Errorf("%s: %s %s", run.Sync, run.Status, run.Error)
			}
		default:
			if run.Status != engine.Failed {
				t.Errorf("%s: %s; it read a table of the round", run.Sync, run.Status)
			}
			wantWords(t, run.Error, "does not exist")
		}
	}
	w.wantMembers("101", 1, 2)
}
