package engine_test

import (
	"testing"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// Writing a label keeps those that others have set, also since the last reading.
func TestAssociationKeepsOthersLabels(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 3, nil)
	w.label("Buyer")
	w.label("User")
	w.associate(1, acme, "Buyer")
	w.job(1, acme+" Decision maker")
	wantCounts(t, w.one("jobs", engine.Succeeded), "1 0 0 2")
	w.wantLinked(1, acme+" Decision maker,Buyer")
	w.associate(1, acme, "Primary")
	w.jobs(1, acme+" User")
	wantCounts(t, w.one("jobs", engine.Succeeded), "1 1 0 2")
	w.wantLinked(1, acme+" Primary,Buyer,User")
	w.jobs(1)
	w.job(2, globex)
	w.exec("UPDATE rollcall.syncs SET max_removal_pct = 100")
	wantCounts(t, w.one("jobs", engine.Succeeded), "1 1 0 1")
	w.wantLinked(1, acme+" Primary,Buyer")
	wantRows(t, w.rows("SELECT action, values FROM rollcall.changes WHERE run_id = (SELECT max(run_id) FROM rollcall.runs) AND record_id = 1000001"), "unlink map[label:[User <nil>]]")
}

// A pair ends where the sync has linked it and nothing else is on it; otherwise its own label alone goes, and the rest once the others' label is gone.
func TestAssociationUnlinksLabelsOnly(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 4, map[string]string{"max_removal_pct": "100"})
	w.label("Buyer")
	w.associate(2, acme)
	for n := 1; n <= 3; n++ {
		w.job(n, acme+" Decision maker")
	}
	w.job(4, globex)
	wantCounts(t, w.one("jobs", engine.Succeeded), "6 0 0 7")
	w.associate(3, acme, "Buyer")
	for n := 1; n <= 3; n++ {
		w.jobs(n)
	}
	wantCounts(t, w.one("jobs", engine.Succeeded), "0 4 0 2")
	w.wantLinked(1)                // linked by the sync, with nothing else on it
	w.wantLinked(2, acme)          // others had linked it
	w.wantLinked(3, acme+" Buyer") // others have a label on it
	if err := w.sandbox.Dissociate("contacts", ids([]int{3})[0], "companies", acme); err != nil {
		t.Fatal(err)
	}
	w.associate(3, acme)
	w.runWith(engine.RunOptions{Full: true}, "jobs")
	w.wantLinked(3)
	w.wantLinked(4, globex)
}

// A label that goes from a pair which stays is taken off, and one that comes is put on, with one call each for many pairs.
func TestAssociationLabelsChange(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 12, map[string]string{"max_removal_pct": "100"})
	w.label("Buyer")
	for n := 1; n <= 6; n++ {
		w.job(n, acme+" Decision maker")
		w.job(n+6, acme+" Buyer")
	}
	w.one("jobs", engine.Succeeded)
	w.exec("UPDATE jobs SET label = CASE label WHEN 'Buyer' THEN 'Decision maker' END")
	w.sandbox.ForgetCalls()
	wantCounts(t, w.one("jobs", engine.Succeeded), "6 12 0 18")
	w.wantLinked(1, acme)
	w.wantLinked(7, acme+" Decision maker")
	if r, c, l, a := w.sandbox.CountCalls(linkReads), w.sandbox.CountCalls(linkCreates), w.sandbox.CountCalls(labelArchives), w.sandbox.CountCalls(linkArchives); r != 1 || c != 1 || l != 1 || a != 0 {
		t.Errorf("%d reads, %d creates, %d label archives, %d archives; want 1, 1, 1, 0", r, c, l, a)
	}
}

// A contact has one primary company: another one takes it over, in one run, and a query that returns two gets neither.
func TestAssociationPrimary(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 4, map[string]string{"max_removal_pct": "100"})
	w.associate(2, acme, "Primary", "Decision maker")
	w.job(1, acme+" Primary", globex)
	w.job(2, globex+" Primary", acme)
	w.job(3, globex+" primary", initech+" Primary")
	w.one("jobs", engine.Succeeded)
	w.wantLinked(1, acme+" Primary", globex)
	w.wantLinked(2, acme+" Decision maker", globex+" Primary")
	wantRows(t, w.rows("SELECT to_record_id FROM rollcall.links WHERE label = 'Primary' AND from_record_id = 1000002"), globex)
	w.wantLinked(3)
	wantRows(t, w.rejects(),
		"contact-00003@example.com → "+globex+" several_primary the query returns several records of which one alone can be Primary",
		"contact-00003@example.com → "+initech+" several_primary the query returns several records of which one alone can be Primary")
	w.jobs(1, acme, globex+" Primary")
	w.one("jobs", engine.Succeeded)
	w.wantLinked(1, acme, globex+" Primary")
	if run := w.one("jobs", engine.Succeeded); !run.Plan.Empty() {
		t.Errorf("not quiet: %+v", run.Plan)
	}
	if run := w.runWith(engine.RunOptions{Full: true}, "jobs")[0]; !run.Plan.Empty() || *run.Drift != 0 {
		t.Errorf("a full reading finds %d drift, plan %+v", *run.Drift, run.Plan)
	}
}

// A label that is taken away from one company and given to another while others' labels are on both does not come back with the labels that are sent along.
func TestAssociationPrimaryMovesBesideLabels(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 1, map[string]string{"max_removal_pct": "100"})
	w.label("Buyer")
	w.associate(1, acme, "Primary")
	w.job(1, acme+" Buyer", globex+" Primary")
	w.one("jobs", engine.Succeeded)
	w.wantLinked(1, acme+" Buyer", globex+" Primary")
	wantRows(t, w.rows("SELECT to_record_id FROM rollcall.links WHERE label = 'Primary'"), globex)
	if run := w.runWith(engine.RunOptions{Full: true}, "jobs")[0]; !run.Plan.Empty() {
		t.Errorf("not quiet: %+v", run.Plan)
	}
}

// A label that is renamed in HubSpot is the same one, and a new one is found at once.
func TestAssociationLabelCache(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 3, nil)
	w.job(1, acme+" Buyer")
	w.one("jobs", engine.Succeeded)
	wantRows(t, w.rows("SELECT reason FROM rollcall.rejects WHERE until_run IS NULL"), "unknown_label")
	w.label("Buyer")
	wantCounts(t, w.one("jobs", engine.Succeeded), "2 0 0 2")
	w.wantLinked(1, acme+" Buyer")
	wantRows(t, w.rejects())
	if n := w.calls(labelReads, func() { w.one("jobs", engine.Succeeded) }); n != 0 {
		t.Errorf("labels were read %d times", n)
	}
}

// Two syncs with the same pairs: each takes away what it has linked itself, and the second sees what the first has done in the same run.
func TestAssociationTwoSyncs(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 4, map[string]string{"max_removal_pct": "100"})
	w.sync("deciders", jobsRow(map[string]string{"query": quote("SELECT person AS from_key, firm AS to_key, 'Decision maker' AS label FROM deciders")}))
	w.exec("CREATE TABLE deciders AS FROM jobs")
	w.job(1, acme)
	w.job(2, acme)
	w.exec("INSERT INTO deciders SELECT * FROM jobs WHERE person = " + quote(address(1)))
	for _, run := range w.run() {
		if run.Status != engine.Succeeded {
			t.Errorf("%+v", run)
		}
	}
	w.wantLinked(1, acme+" Decision maker")
	wantRows(t, w.rows("SELECT sync, association_type, count(*) FROM rollcall.links WHERE sync IS NOT NULL GROUP BY ALL ORDER BY ALL"), "deciders USER_DEFINED 1 1", "deciders default 1", "jobs default 1")
	w.exec("DELETE FROM deciders; INSERT INTO deciders SELECT * FROM jobs WHERE person = " + quote(address(2)))
	w.run()
	w.wantLinked(1, acme)
	w.wantLinked(2, acme+" Decision maker")
	for _, run := range w.run() {
		if !run.Plan.Empty() {
			t.Errorf("not quiet: %+v", run.Plan)
		}
	}
}

// One bad pair does not spoil its batch: neither one that HubSpot refuses on its own, nor one for which it refuses the whole call. The keys of a
// refused pair are looked up again.
func TestAssociationBadPair(t *testing.T) {
	t.Parallel()
	for effect, category := range map[sandbox.Effect]string{sandbox.EffectFailInputs: "VALIDATION_ERROR", sandbox.EffectRefuse: ""} {
		w := newLinks(t, 20, nil)
		for n := 1; n <= 10; n++ {
			w.job(n, acme)
			w.job(n+10, acme+" Decision maker")
		}
		w.fault(sandbox.Fault{Operation: linkDefaults, Effect: effect, Category: category, IDs: ids([]int{3}), Count: -1},
			sandbox.Fault{Operation: linkCreates, Effect: effect, Category: category, IDs: ids([]int{14}), Count: -1})
		run := w.one("jobs", engine.Partial)
		wantCounts(t, run, "27 0 0 27")
		wantRows(t, w.rows("SELECT action, key, reason <> '' FROM rollcall.changes WHERE state = 'failed' ORDER BY n"),
			"link contact-00014@example.com → "+acme+" true", "link contact-00014@example.com → "+acme+" true", "link contact-00003@example.com → "+acme+" true")
		w.sandbox.ForgetFaults()
		if err := w.sandbox.DeleteObject("contacts", ids([]int{3})[0]); err != nil {
			t.Fatal(err)
		}
		wantCounts(t, w.runWith(engine.RunOptions{RetryRejects: true}, "jobs")[0], "2 0 0 29")
		wantRows(t, w.rows("SELECT key, reason FROM rollcall.rejects WHERE until_run IS NULL"), "contact-00003@example.com → "+acme+" not_found")
	}
}
