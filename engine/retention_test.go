package engine_test

import (
	"errors"
	"fmt"
	"testing"

	"rollcall/engine"
	"rollcall/engine/hint"
)

func TestLedgerIsKeptForSoManyDays(t *testing.T) {
	t.Parallel()
	w, later := keeping(t, 30)
	w.reject("gone@x", numbers(1, 20)...)
	first := w.one("vip", engine.Succeeded)
	w.reject("stays@x", numbers(1, 22)...)
	second := w.one("vip", engine.Succeeded)
	w.exec("UPDATE rollcall.syncs SET query = 'SELECT nothing'")
	failed := w.one("vip", engine.Failed)
	w.exec("UPDATE rollcall.syncs SET query = 'SELECT email FROM people'; INSERT INTO rollcall.drift (run_id, sync, list_id, record_id, kind, cause, found_at) VALUES (" + quote(second.RunID) + ", 'vip', '101', 1, 'appeared', 'added_by_hand', now())")
	w.reject("stays@x")
	blocked := w.one("vip", engine.Blocked)
	again := w.one("vip", engine.Blocked)
	w.reject("stays@x", numbers(1, 21)...)
	later(29)
	third := w.one("vip", engine.Succeeded)
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.runs"), "6")

	later(2) // all but the third run are older than 30 days now
	fourth := w.one("vip", engine.Succeeded)
	wantRows(t, w.rows("SELECT run_id FROM rollcall.runs ORDER BY run_id"), failed.RunID, blocked.RunID, again.RunID, third.RunID, fourth.RunID)
	wantRows(t, w.rows("SELECT run_id, state, count(*) FROM rollcall.changes GROUP BY ALL ORDER BY ALL"), blocked.RunID+" planned 22", third.RunID+" done 1")
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.drift"), "0")
	wantRows(t, w.rows("SELECT key, since_run FROM rollcall.rejects"), "stays@x "+second.RunID)
	wantRows(t, w.rows("SELECT key, run_id FROM rollcall.unmatched"), "stays@x "+fourth.RunID)
	_ = first

	// The list is as it was, and the sync's rows that are gone are not missed.
	w.wantMembers("101", numbers(1, 21)...)
	w.wantConverged("vip", "101", numbers(1, 21)...)
	later(60)
	w.people(numbers(1, 22)...)
	w.wantConverged("vip", "101", numbers(1, 22)...)
}

// Changes without an answer are kept until they are reconciled; of syncs without a row nothing is kept.
func TestWhatIsOpenIsKept(t *testing.T) {
	t.Parallel()
	w, later := keeping(t, 30)
	w.people(1, 2)
	w.one("vip", engine.Succeeded)
	w.exec(`INSERT INTO rollcall.runs (run_id, run_at, sync, list_id, status, n_emails) VALUES
			('0-open', now(), 'gone', '777', 'INTERRUPTED', 5), ('0-gone', now(), 'gone', '777', 'SUCCEEDED', 5);
		INSERT INTO rollcall.changes (run_id, n, sync, list_id, action, record_id, state, batch) VALUES
			('0-open', 1, 'gone', '777', 'add', 1, 'unknown', 1), ('0-open', 2, 'gone', '777', 'add', 2, 'done', 1), ('0-gone', 1, 'gone', '777', 'add', 3, 'done', 1);
		INSERT INTO rollcall.rejects (sync, key, reason, since_run) VALUES ('gone', 'a', 'not_found', '0-gone')`)
	later(31)
	w.runWith(engine.RunOptions{DryRun: true}, "vip") // which reconciles nothing
	wantRows(t, w.rows("SELECT run_id, record_id FROM rollcall.changes WHERE sync = 'gone' ORDER BY ALL"), "0-open 1", "0-open 2")
	w.one("vip", engine.Succeeded) // list 777 is gone, and so nobody is on it
	wantRows(t, w.rows("SELECT run_id FROM rollcall.runs WHERE sync = 'gone' UNION ALL SELECT run_id FROM rollcall.changes WHERE sync = 'gone' UNION ALL SELECT key FROM rollcall.rejects"))
}

// For ever, unless it is set; and a run does not drop more than it takes ten steps for.
func TestDeletionIsBounded(t *testing.T) {
	t.Parallel()
	w, later := keeping(t, 30)
	w.people(1, 2)
	w.one("vip", engine.Succeeded)
	w.exec(`INSERT INTO rollcall.runs (run_id, run_at, sync, list_id, status, n_emails) SELECT printf('0-%02d', n), now() - INTERVAL 1 YEAR, 'old', '777', 'SUCCEEDED', 5 FROM range(12) r(n);
		INSERT INTO rollcall.changes (run_id, n, sync, list_id, action, record_id, state, batch)
		SELECT printf('0-%02d', n), id + 1, 'old', '777', 'add', id, 'done', 1 FROM range(12) r(n), range(100000) i(id)`)
	kept := w.config.Kept
	w.config.Kept = 0
	w.reopen()
	w.one("vip", engine.Succeeded)
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.runs WHERE sync = 'old'"), "12")
	w.config.Kept = kept
	w.reopen()
	later(0)
	for _, left := range []int{2, 0} {
		w.one("vip", engine.Succeeded)
		wantRows(t, w.rows("SELECT count(*) FROM rollcall.runs WHERE sync = 'old'"), fmt.Sprint(left))
		wantRows(t, w.rows("SELECT count(*) FROM rollcall.changes WHERE sync = 'old'"), fmt.Sprint(left*100_000))
	}
}

// A run whose changes were dropped, in whole or in part, can't be undone: what is left of them is not what it did.
func TestUndoOfADeletedRun(t *testing.T) {
	t.Parallel()
	w, later := keeping(t, 30)
	w.people(1, 2, 3)
	run := w.one("vip", engine.Succeeded)
	refused := func() {
		t.Helper()
		_, err := w.engine.Undo(t.Context(), run.RunID, engine.RunOptions{})
		var usage *hint.UsageError
		if !errors.As(err, &usage) {
			t.Fatalf("undo: %v, want a usage error", err)
		}
		wantWords(t, err.Error()+" "+hint.Of(err), run.RunID, "no longer in the ledger", "keep_days")
	}
	w.exec("UPDATE rollcall.runs SET status = 'PARTIAL'") // the last of its status, so its row stays
	later(31)
	w.one("vip", engine.Succeeded)
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.changes"), "0")
	refused()
	w.exec("INSERT INTO rollcall.changes (run_id, n, sync, list_id, action, record_id, state) VALUES (" + quote(run.RunID) + ", 1, 'vip', '101', 'add', 1000001, 'done')")
	refused()
	w.exec("INSERT INTO rollcall.runs (run_id, run_at, sync, list_id, status, n_added, n_removed) VALUES ('0-quiet', now(), 'vip', '101', 'SUCCEEDED', 0, 0), ('0-failed', now(), 'vip', '101', 'FAILED', NULL, NULL)")
	for _, id := range []string{"0-quiet", "0-failed"} {
		if undone, err := w.engine.Undo(t.Context(), id, engine.RunOptions{}); err != nil || undone.Status != engine.Succeeded {
			t.Errorf("undo of %s, which changed nothing: %+v, %v", id, undone, err)
		}
	}
	w.wantMembers("101", 1, 2, 3)
}
