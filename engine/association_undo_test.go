package engine_test

import (
	"testing"

	"rollcall/engine"
)

// Undoing leaves what a person has linked or unlinked since, also where that looks as the run has left it: what was found as drift tells.
func TestAssociationUndoLeavesWhatPeopleTouched(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 4, map[string]string{"mode": "'add'", "allow_empty": "true"})
	w.job(1, acme, globex)
	w.job(2, acme)
	run := w.one("jobs", engine.Succeeded)
	w.jobs(1, globex)
	w.dissociate(1, acme)
	found := w.runWith(engine.RunOptions{Full: true}, "jobs")[0]
	if found.Plan.Changes() != 0 || *found.Drift != 1 {
		t.Fatalf("drift %d, plan %+v", *found.Drift, found.Plan)
	}
	w.associate(1, acme)
	w.undo(run.RunID, engine.Succeeded)
	w.wantLinked(1, acme)
	w.wantLinked(2)
}
