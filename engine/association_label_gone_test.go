package engine_test

import (
	"strconv"
	"testing"

	"rollcall/engine"
)

// A label that was deleted in HubSpot since it was cached makes its pairs rejects before anything is sent. What they have stays, and other pairs are linked.
func TestAssociationLabelIsDeleted(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 6, nil)
	buyer := w.label("Buyer")
	w.job(1, acme+" Buyer")
	w.job(2, acme)
	w.one("jobs", engine.Succeeded)
	if err := w.sandbox.DeleteLabel("contacts", "companies", buyer); err != nil {
		t.Fatal(err)
	}
	w.job(3, acme+" Buyer")
	w.job(4, acme+" Decision maker")
	w.job(5, acme+" "+strconv.Itoa(buyer))
	w.sandbox.ForgetCalls()
	wantCounts(t, w.one("jobs", engine.Succeeded), "2 0 0 5")
	if n := w.linkWrites(); n != 1 {
		t.Errorf("%d writes, want 1", n)
	}
	why := ` between the two; it has "Decision maker" (USER_DEFINED 1), "Primary" (HUBSPOT_DEFINED 1)`
	wantRows(t, w.rejects(),
		"contact-00001@example.com → "+acme+` unknown_label HubSpot has no association label "Buyer"`+why,
		"contact-00003@example.com → "+acme+` unknown_label HubSpot has no association label "Buyer"`+why,
		"contact-00005@example.com → "+acme+` unknown_label HubSpot has no association label "`+strconv.Itoa(buyer)+`"`+why)
	w.wantLinked(1, acme)
	w.wantLinked(3)
	w.wantLinked(4, acme+" Decision maker")
	for _, options := range []engine.RunOptions{{}, {Full: true}} {
		if run := w.runWith(options, "jobs")[0]; !run.Plan.Empty() || run.Status != engine.Succeeded {
			t.Errorf("not quiet: %+v", run)
		}
	}
	w.wantLinked(1, acme)
}

// A label that was renamed in HubSpot is not known by its former name any more. Who has it keeps it, by the new name too.
func TestAssociationLabelIsRenamed(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 4, nil)
	buyer := w.label("Buyer")
	w.job(1, acme+" Buyer")
	w.one("jobs", engine.Succeeded)
	if err := w.sandbox.RenameLabel("contacts", "companies", buyer, "Purchaser"); err != nil {
		t.Fatal(err)
	}
	w.job(2, acme+" Buyer")
	w.one("jobs", engine.Succeeded)
	w.wantLinked(1, acme+" Purchaser")
	w.wantLinked(2)
	wantWords(t, w.rows("SELECT string_agg(detail, ' ') FROM rollcall.rejects WHERE until_run IS NULL")[0], `"Buyer" between the two; it has`, `"Purchaser" (USER_DEFINED `)
	w.exec("UPDATE jobs SET label = 'Purchaser'")
	wantCounts(t, w.one("jobs", engine.Succeeded), "2 0 0 4")
	w.wantLinked(1, acme+" Purchaser")
	w.wantLinked(2, acme+" Purchaser")
	wantRows(t, w.rejects())
}

// Undoing a run makes the links again without a label that HubSpot does not have any more, and says so.
func TestAssociationUndoWithoutALabel(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 4, map[string]string{"max_removal_pct": "100"})
	buyer := w.label("Buyer")
	w.job(1, acme+" Buyer")
	w.job(2, acme+" Decision maker")
	w.job(3, acme)
	w.one("jobs", engine.Succeeded)
	w.jobs(1)
	w.jobs(2)
	run := w.one("jobs", engine.Succeeded)
	if err := w.sandbox.DeleteLabel("contacts", "companies", buyer); err != nil {
		t.Fatal(err)
	}
	undone := w.undo(run.RunID, engine.Succeeded)
	w.wantLinked(1, acme)
	w.wantLinked(2, acme+" Decision maker")
	wantWords(t, undone.Warning, "1 link can't be made again", "USER_DEFINED "+strconv.Itoa(buyer))
}

// Check runs the query and names the labels that HubSpot does not have, with those that it has.
func TestAssociationCheckNamesUnknownLabels(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 3, nil)
	w.job(1, acme+" Decision maker", acme+" Decider")
	checked, err := w.engine.Check(t.Context(), []string{"jobs"})
	if err != nil || len(checked) != 1 || len(checked[0].Notes) != 1 {
		t.Fatalf("%+v, %v", checked, err)
	}
	wantWords(t, checked[0].Notes[0], "unknown_label", `no association label "Decider" between the two; it has "Decision maker" (USER_DEFINED 1), "Primary" (HUBSPOT_DEFINED 1)`)
}
