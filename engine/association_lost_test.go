package engine_test

import (
	"testing"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// lostAnswers loses the answers to all writes of associations, after they were done.
func (w *world) lostAnswers() {
	w.t.Helper()
	for _, operation := range []string{linkDefaults, linkCreates, linkArchives, labelArchives} {
		w.fault(sandbox.Fault{Operation: operation, Effect: sandbox.EffectResetAfter, Count: -1})
	}
}

// Changes whose answer was lost are settled by what HubSpot shows before anything is sent, and the links are the sync's own.
func TestAssociationLosesAnswers(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 4, map[string]string{"max_removal_pct": "100"}, func(c *engine.Config) { c.Concurrency = 4 })
	w.job(1, acme)
	w.job(2, acme+" Decision maker")
	w.lostAnswers()
	run := w.one("jobs", engine.Failed)
	wantRows(t, w.rows("SELECT action, state, count(*) FROM rollcall.changes GROUP BY ALL ORDER BY ALL"), "link unknown 3")
	w.sandbox.ForgetFaults()
	w.sandbox.ForgetCalls()
	next := w.one("jobs", engine.Succeeded)
	if !next.Plan.Empty() || w.linkWrites() != 0 || *next.Drift != 0 {
		t.Errorf("sent again: %+v, drift %d", next.Plan, *next.Drift)
	}
	wantRows(t, w.rows("SELECT action, state, reason, count(*) FROM rollcall.changes GROUP BY ALL ORDER BY ALL"), "link done the answer was lost; HubSpot shows the change 3")
	wantRows(t, w.rows("SELECT n_added FROM rollcall.runs WHERE run_id = "+quote(run.RunID)), "3")
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.links WHERE sync = 'jobs' AND run_id = "+quote(run.RunID)), "3")
	w.jobs(1)
	w.jobs(2, acme)
	w.job(3, globex)
	w.lostAnswers()
	w.one("jobs", engine.Failed)
	w.sandbox.ForgetFaults()
	if next := w.one("jobs", engine.Succeeded); !next.Plan.Empty() {
		t.Errorf("sent again: %+v", next.Plan)
	}
	w.wantLinked(1)
	w.wantLinked(2, acme)
	w.wantLinked(3, globex)
	wantRows(t, w.rows("SELECT record_id FROM rollcall.changes WHERE state <> 'done'"))
	if n := w.calls("", func() { w.one("jobs", engine.Succeeded) }); n != 0 {
		t.Errorf("%d calls after that", n)
	}
}

// A label that HubSpot has taken off another company, since a contact has it once, is not others' doing: not where the answer was lost either.
func TestAssociationPrimaryMovesUnanswered(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 4, map[string]string{"max_removal_pct": "100"}, func(c *engine.Config) { c.Concurrency = 1 })
	w.job(1, acme+" Primary")
	w.one("jobs", engine.Succeeded)
	w.jobs(1, acme, globex+" Primary")
	w.lostAnswers()
	w.one("jobs", engine.Failed)
	w.sandbox.ForgetFaults()
	w.jobs(1, acme, globex) // by now no row asks for the label
	if next := w.one("jobs", engine.Succeeded); *next.Drift != 0 {
		t.Errorf("drift %d: %v", *next.Drift, w.rows("SELECT to_record_id, association_type, kind FROM rollcall.drift"))
	}
	w.wantLinked(1, acme, globex)
	if again := w.runWith(engine.RunOptions{Full: true}, "jobs")[0]; *again.Drift != 0 || !again.Plan.Empty() {
		t.Errorf("drift %d, plan %+v", *again.Drift, again.Plan)
	}
}

// What HubSpot does not show was not applied: it is failed, and planned again.
func TestAssociationLosesRequests(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 4, nil)
	w.job(1, acme)
	w.fault(sandbox.Fault{Operation: linkDefaults, Effect: sandbox.EffectReset, Count: -1})
	w.one("jobs", engine.Failed)
	w.sandbox.ForgetFaults()
	wantCounts(t, w.one("jobs", engine.Succeeded), "1 0 0 1")
	wantRows(t, w.rows("SELECT state, count(*) FROM rollcall.changes GROUP BY ALL ORDER BY ALL"), "done 1", "failed 1")
}

// Changes without an answer are settled also where their row is gone, or is about other object types by now.
func TestAssociationOrphans(t *testing.T) {
	t.Parallel()
	for _, change := range []string{"DELETE FROM rollcall.syncs WHERE name = 'jobs'", "UPDATE rollcall.syncs SET to_object_type = 'deals' WHERE name = 'jobs'"} {
		w := newLinks(t, 4, map[string]string{"query": quote("SELECT person AS from_key, firm AS to_key FROM jobs")})
		w.job(1, acme)
		w.lostAnswers()
		w.one("jobs", engine.Failed)
		w.sandbox.ForgetFaults()
		w.sync("vip", map[string]string{"list_id": "101"})
		w.exec(change + "; DELETE FROM jobs")
		w.runWith(engine.RunOptions{Full: true})
		wantRows(t, w.rows("SELECT state, reason FROM rollcall.changes WHERE sync = 'jobs'"), "done the answer was lost; HubSpot shows the change")
	}
}

// What an answer does not mention is read once, and counts by what HubSpot shows.
func TestAssociationUnmentioned(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 4, nil)
	w.job(1, acme)
	w.job(2, acme+" Decision maker")
	w.fault(sandbox.Fault{Operation: linkDefaults, Effect: sandbox.EffectOmit, IDs: ids([]int{1})}, sandbox.Fault{Operation: linkCreates, Effect: sandbox.EffectOmit, IDs: ids([]int{2})})
	wantCounts(t, w.one("jobs", engine.Succeeded), "3 0 0 3")
	wantRows(t, w.rows("SELECT DISTINCT reason FROM rollcall.changes"), "the answer does not mention it; HubSpot shows the change")
	if run := w.one("jobs", engine.Succeeded); !run.Plan.Empty() {
		t.Errorf("not quiet: %+v", run.Plan)
	}
}

// A record whose associations are not answered fails the sync: nothing is unlinked, or linked again, for want of an answer.
func TestAssociationUnansweredReading(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 4, nil)
	w.job(1, acme)
	w.job(2, acme)
	w.fault(sandbox.Fault{Operation: linkReads, Effect: sandbox.EffectOmit, IDs: ids([]int{2})})
	run := w.one("jobs", engine.Failed)
	wantWords(t, run.Error+" "+run.Hint, "did not answer what record 1000002 is associated with", "run it again")
	if w.linkWrites() != 0 {
		t.Errorf("%d writes", w.linkWrites())
	}
	w.fault(sandbox.Fault{Operation: linkReads, Effect: sandbox.EffectRefuse, IDs: ids([]int{2})})
	wantCounts(t, w.one("jobs", engine.Succeeded), "2 0 0 2")
}

// Undoing a run unlinks what it has linked and links what it has unlinked, but for what a later run or a person has touched.
func TestAssociationIsUndone(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 8, map[string]string{"max_removal_pct": "100"})
	w.associate(4, globex)
	for n := 1; n <= 4; n++ {
		w.job(n, acme+" Decision maker")
	}
	w.one("jobs", engine.Succeeded)
	w.jobs(1, globex)
	w.jobs(2)
	w.jobs(3, acme)
	w.job(5, acme)
	w.job(6, acme)
	w.job(7, acme)
	run := w.one("jobs", engine.Succeeded)
	wantCounts(t, run, "4 5 0 7")
	w.dissociate(5, acme) // by hand
	w.jobs(6)
	w.jobs(7)
	w.one("jobs", engine.Succeeded)
	w.associate(7, acme) // by hand
	undone := w.undo(run.RunID, engine.Succeeded)
	wantWords(t, undone.Detail, "undid run "+run.RunID, "linked 5, unlinked 1")
	w.wantLinked(1, acme+" Decision maker")
	w.wantLinked(2, acme+" Decision maker")
	w.wantLinked(3, acme+" Decision maker")
	w.wantLinked(4, acme+" Decision maker", globex)
	w.wantLinked(5)
	w.wantLinked(6)
	w.wantLinked(7, acme)
	wantRows(t, w.rows("SELECT DISTINCT cause FROM rollcall.changes WHERE run_id = "+quote(undone.RunID)), "undone")
	wantWords(t, w.undo(run.RunID, engine.Succeeded).Detail, "nothing to undo")
}

// What others add to pairs of the sync, or take off them, is drift when it is read; what they do elsewhere is none.
func TestAssociationDrift(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 4, nil)
	w.job(1, acme+" Decision maker")
	w.job(2, acme)
	w.one("jobs", engine.Succeeded)
	w.associate(2, acme, "Primary")
	w.associate(2, globex)
	w.dissociate(1, acme)
	w.associate(1, acme)
	run := w.runWith(engine.RunOptions{Full: true}, "jobs")[0]
	wantCounts(t, run, "1 0 0 3")
	w.wantLinked(1, acme+" Decision maker")
	w.wantLinked(2, acme+" Primary", globex)
	wantRows(t, w.rows("SELECT record_id, to_record_id, association_type, kind, cause, key FROM rollcall.drift ORDER BY record_id"),
		"1000001 "+acme+" USER_DEFINED 1 disappeared removed_by_hand contact-00001@example.com → "+acme,
		"1000002 "+acme+" HUBSPOT_DEFINED 1 appeared added_by_hand contact-00002@example.com → "+acme)
	wantWords(t, run.Detail, "drift: 2")
	if again := w.runWith(engine.RunOptions{Full: true}, "jobs")[0]; *again.Drift != 0 {
		t.Errorf("drift %d is told again", *again.Drift)
	}
}

// What is read again before a write shows drift as the daily reading does, with the plan made of what was read; a preview records none.
func TestAssociationDriftBeforeAWrite(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 4, nil)
	w.label("Buyer")
	w.job(1, acme)
	w.job(2, acme)
	w.job(3, acme)
	w.one("jobs", engine.Succeeded)
	w.associate(1, acme, "Buyer")
	w.dissociate(2, acme)
	w.dissociate(3, acme)
	w.jobs(1, acme+" Decision maker")
	w.jobs(2, acme, globex)
	if p, _ := w.plan("jobs"); p.Add != 3 {
		t.Errorf("the preview links %d, want 3", p.Add)
	}
	run := w.one("jobs", engine.Succeeded)
	wantCounts(t, run, "3 0 0 5")
	wantWords(t, run.Detail, "drift: 2")
	w.wantLinked(1, acme+" Decision maker,Buyer")
	w.wantLinked(2, acme, globex)
	w.wantLinked(3) // nothing of it was to be written, so it was not read
	wantRows(t, w.rows("SELECT record_id, association_type = 'default', kind, cause, key, run_id = "+quote(run.RunID)+" FROM rollcall.drift ORDER BY record_id"),
		"1000001 false appeared added_by_hand contact-00001@example.com → "+acme+" true",
		"1000002 true disappeared removed_by_hand contact-00002@example.com → "+acme+" true")
	wantRows(t, w.rows("SELECT n_drift FROM rollcall.runs WHERE run_id = "+quote(run.RunID)), "2")
	if again := w.one("jobs", engine.Succeeded); again.Drift != nil || !again.Plan.Empty() {
		t.Errorf("drift %s is told again, plan %+v", number(again.Drift), again.Plan)
	}
}

// Answers that the ledger could not take are taken in from the journal by the next run, and the links are the sync's own.
func TestAssociationJournal(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 4, map[string]string{"max_removal_pct": "100"})
	w.job(1, acme+" Decision maker")
	w.whenCalled("/contacts/companies/batch/create", 1, func() { w.exec("ALTER TABLE rollcall.links RENAME TO gone") })
	w.runIntoJournal("jobs")
	w.exec("ALTER TABLE rollcall.gone RENAME TO links")
	w.sandbox.ForgetCalls()
	if run := w.one("jobs", engine.Succeeded); !run.Plan.Empty() || w.linkCalls() != 0 {
		t.Errorf("%d calls, plan %+v", w.linkCalls(), run.Plan)
	}
	wantRows(t, w.rows("SELECT association_type, label, sync FROM rollcall.links ORDER BY 1"), "USER_DEFINED 1 Decision maker jobs", "default <nil> jobs")
	wantRows(t, w.rows("SELECT state, count(*) FROM rollcall.changes GROUP BY ALL"), "done 2")
	w.jobs(1)
	w.job(2, globex)
	wantCounts(t, w.one("jobs", engine.Succeeded), "1 2 0 1")
	w.wantLinked(1)
}
