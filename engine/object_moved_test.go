package engine_test

import (
	"testing"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// movedKeys is leavers' world, but that nobody leaves: the addresses of contact 1 and of ann, whom the sync has created, are those of new records.
func movedKeys(t *testing.T, onLeave string) (w *world, ann string) {
	t.Helper()
	w = newPeople(t, 3, map[string]string{"on_leave": quote(onLeave), "allow_takeover": "NULL"})
	w.exec(`INSERT INTO customers VALUES ('contact-00001@example.com', 'Contact', 'Bonn'), ('contact-00002@example.com', 'Contact', 'Ulm'), ('ann@example.com', 'Ann', 'Rom')`)
	w.one("people", engine.Succeeded)
	ann = w.row("SELECT record_id FROM rollcall.records WHERE key = 'ann@example.com'")
	w.take(ids([]int{1})[0], "contact-00001@example.com")
	w.take(ann, "ann@example.com")
	for _, email := range []string{"contact-00001@example.com", "ann@example.com"} {
		if _, err := w.sandbox.CreateContact(map[string]string{"email": email}); err != nil {
			t.Fatal(err)
		}
	}
	return w, ann
}

// take takes the address from a contact.
func (w *world) take(id, email string) {
	w.t.Helper()
	if err := w.sandbox.PatchObject("contacts", id, map[string]string{"email": "former-" + email}); err != nil {
		w.t.Fatal(err)
	}
}

// leftChanges are the changes of the latest run by which records leave.
func (w *world) leftChanges() []string {
	w.t.Helper()
	return w.rows("SELECT action, state, record_id, values FROM rollcall.changes WHERE cause = 'left' AND run_id = (SELECT max(run_id) FROM rollcall.runs) ORDER BY n")
}

// A record whose key is another record's by now has left: on_leave is for it as for a record whose key the query does not return any more. The new
// record gets the values.
func TestObjectKeyMoves(t *testing.T) {
	t.Parallel()
	for _, onLeave := range []string{"keep", "clear", "archive"} {
		w, ann := movedKeys(t, onLeave)
		if run := w.runWith(engine.RunOptions{Full: true}, "people")[0]; run.Status != engine.Succeeded || *run.Updated != 2 || *run.Final != 3 {
			t.Errorf("%s: %s %s", onLeave, run.Status, run.Error)
		}
		wantRows(t, w.leftChanges(), map[string][]string{
			"clear": {"clear done 1000001 map[city:[Bonn <nil>]]", "clear done " + ann + " map[city:[Rom <nil>] firstname:[Ann <nil>]]"}, "archive": {"archive done " + ann + " <nil>"},
		}[onLeave]...)
		w.wantProperties("contact-00001@example.com", map[string]string{"city": "Bonn", "firstname": "Contact"})
		w.wantProperties("ann@example.com", map[string]string{"city": "Rom", "firstname": "Ann"})
		if onLeave == "clear" {
			w.wantProperties("former-ann@example.com", map[string]string{"city": "", "firstname": ""})
			w.wantProperties("former-contact-00001@example.com", map[string]string{"city": "", "firstname": "Contact"})
		}
		w.wantNoMore()
		w.wantQuiet()
	}
}

// A key that no record has any more is created anew, or is a reject, and its record has left likewise. A record that was archived has nothing to lose.
func TestObjectKeyIsGone(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"upsert", "update"} {
		w := newPeople(t, 3, map[string]string{"on_leave": "'clear'", "mode": quote(mode), "allow_takeover": "NULL"})
		w.exec("INSERT INTO customers VALUES ('contact-00001@example.com', 'Contact', 'Bonn'), ('contact-00002@example.com', 'Contact', 'Ulm'), ('contact-00003@example.com', 'Contact', 'Ulm')")
		w.one("people", engine.Succeeded)
		w.take(ids([]int{1})[0], "contact-00001@example.com")
		if err := w.sandbox.DeleteObject("contacts", ids([]int{2})[0]); err != nil {
			t.Fatal(err)
		}
		w.runWith(engine.RunOptions{Full: true}, "people")
		wantRows(t, w.leftChanges(), "clear done 1000001 map[city:[Bonn <nil>]]")
		w.one("people", engine.Succeeded)
		w.wantNoMore()
	}
}

// A record whose key has moved is not forgotten before HubSpot has taken the change: neither when a guard blocks the plan, nor when a call fails or its
// answer is lost. Who bears a desired key by then has not left.
func TestObjectKeyMovesAndTheRunFails(t *testing.T) {
	t.Parallel()
	for what, fault := range map[string]sandbox.Fault{
		"not sent":          {Status: 403, Count: -1},
		"answer lost":       {Effect: sandbox.EffectResetAfter, Count: -1},
		"not even there":    {Effect: sandbox.EffectReset, Count: -1},
		"returns meanwhile": {Status: 403, Count: -1},
	} {
		w, ann := movedKeys(t, "archive")
		w.exec("UPDATE rollcall.syncs SET max_removals = 0")
		w.runWith(engine.RunOptions{Full: true}, "people")
		wantRows(t, w.rows("SELECT status FROM rollcall.runs ORDER BY run_id DESC LIMIT 1"), "BLOCKED")
		w.exec("UPDATE rollcall.syncs SET max_removals = NULL")
		fault.Operation = batchArchives
		w.fault(fault)
		failed := w.runWith(engine.RunOptions{Full: true}, "people")[0]
		if failed.Status != engine.Failed {
			t.Errorf("%s: %+v", what, failed)
		}
		w.sandbox.ForgetFaults()
		want := []string{"archive done " + ann + " <nil>"}
		switch what {
		case "answer lost":
			want = nil
		case "returns meanwhile":
			want = nil
			w.exec("INSERT INTO customers VALUES ('former-ann@example.com', 'Ann', 'Rom')")
		}
		w.one("people", engine.Succeeded)
		wantRows(t, w.leftChanges(), want...)
		wantRows(t, w.rows("SELECT DISTINCT state FROM rollcall.changes WHERE state IN ('sent', 'unknown')"))
		w.one("people", engine.Succeeded)
		w.wantNoMore()
	}
}

// After a merge the ID that went is no leaver.
func TestObjectKeyMovesByMerging(t *testing.T) {
	t.Parallel()
	w := sandboxWorld(t, 3, sandbox.Options{MergeMakesNewID: true})
	w.exec("CREATE TABLE customers (email VARCHAR, city VARCHAR); INSERT INTO customers VALUES ('contact-00001@example.com', 'Bonn')")
	w.sync("people", map[string]string{"kind": "'object'", "query": quote("FROM customers"), "on_leave": "'clear'"})
	w.one("people", engine.Succeeded)
	if _, err := w.sandbox.MergeContacts(ids([]int{1})[0], ids([]int{2})[0]); err != nil {
		t.Fatal(err)
	}
	w.runWith(engine.RunOptions{Full: true}, "people")
	wantRows(t, w.leftChanges())
	w.wantProperties("contact-00001@example.com", map[string]string{"city": "Bonn"})
	w.wantQuiet()
}
