package engine_test

import (
	"testing"

	"rollcall/engine"
)

// Undoing a run writes back what the values were before, where nobody has touched them since: neither a person nor a later run. It is a run of its own,
// and can be undone; what the query asks for is then written by the next run.
func TestObjectUndo(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 4, nil)
	w.patch(1, map[string]string{"city": "Rom"})
	w.cities(4)
	run := w.one("people", engine.Succeeded)
	w.patch(2, map[string]string{"city": "Trier"})
	w.exec("UPDATE customers SET city = 'Ulm' WHERE email = 'contact-00004@example.com'")
	later := w.one("people", engine.Succeeded)
	w.exec("UPDATE rollcall.syncs SET query = 'FROM customers WHERE false', enabled = false")
	undo := w.undo(run.RunID, engine.Succeeded)
	wantRows(t, w.rows("SELECT action, state, cause, key, values FROM rollcall.changes WHERE run_id = "+quote(undo.RunID)+" ORDER BY n"),
		"update done undone contact-00001@example.com map[city:[Bonn Rom]]", "update done undone contact-00003@example.com map[city:[Bonn <nil>]]")
	wantWords(t, undo.Detail, "undid run "+run.RunID, "updated 2")
	wantWords(t, undo.Warning, "2 values were changed since, and stay")
	w.wantProperties("contact-00002@example.com", map[string]string{"city": "Trier"})
	if again := w.undo(run.RunID, engine.Succeeded); !again.Plan.Empty() {
		t.Errorf("undone twice: %+v", again.Plan)
	}
	w.undo(undo.RunID, engine.Succeeded)
	w.wantProperties("contact-00001@example.com", map[string]string{"city": "Bonn"})
	w.undo(later.RunID, engine.Succeeded)
	w.wantProperties("contact-00004@example.com", map[string]string{"city": "Bonn"})
	w.exec("UPDATE rollcall.syncs SET query = 'FROM customers', enabled = true")
	w.one("people", engine.Succeeded)
	w.wantProperties("contact-00001@example.com", map[string]string{"city": "Bonn"})
	w.wantProperties("contact-00004@example.com", map[string]string{"city": "Ulm"})
	w.wantNoMore()
}

// Records that a run has created are archived only with an approval, and those that it archived can't be brought back.
func TestObjectUndoOfRecords(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 1, map[string]string{"on_leave": "'archive'", "allow_takeover": "NULL"})
	w.newcomers(3, 1)
	run := w.one("people", engine.Succeeded)
	w.exec("DELETE FROM customers WHERE email = 'new-00002@example.com'")
	archived := w.one("people", engine.Succeeded)
	found := w.records("contacts", "email", "new-00001@example.com")[0]
	if err := w.sandbox.PatchObject("contacts", number(&found.ID), map[string]string{"city": "Trier"}); err != nil {
		t.Fatal(err)
	}
	blocked := w.undo(run.RunID, engine.Blocked)
	wantWords(t, blocked.Error, "undo: it would archive 1 record that the run created, which HubSpot's API can't bring back")
	w.approveSync(blocked.RunID)
	undo := w.undo(run.RunID, engine.Succeeded)
	wantRows(t, w.rows("SELECT action, state, cause, key FROM rollcall.changes WHERE run_id = "+quote(undo.RunID)+" ORDER BY n"),
		"archive done undone new-00000@example.com", "update done undone contact-00001@example.com")
	if undo.ApprovedRun != blocked.RunID || len(w.records("contacts", "email", "new-00000@example.com")) != 0 || len(w.records("contacts", "email", "new-00001@example.com")) != 1 {
		t.Errorf("%+v", undo)
	}
	none := w.undo(archived.RunID, engine.Succeeded)
	wantWords(t, none.Detail, "nothing to undo")
	wantWords(t, none.Warning, "1 record that the run archived stays archived: HubSpot's API can't restore records", "within 90 days")
	w.one("people", engine.Succeeded)
	if len(w.records("contacts", "email", "new-00000@example.com")) != 1 {
		t.Error("the query still asks for the record, and it was not created again")
	}
}
