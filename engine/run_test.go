package engine_test

import (
	"strings"
	"testing"

	"rollcall/engine"
)

func TestRunMakesTheListEqualToTheQuery(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 100)
	w.sync("vip", map[string]string{"list_id": "101"})

	w.people(numbers(1, 20)...)
	run := w.one("vip", engine.Succeeded)
	w.wantMembers("101", numbers(1, 20)...)
	if *run.Added != 20 || *run.Removed != 0 || *run.Final != 20 {
		t.Errorf("first run added %d, removed %d, final %d; want 20, 0, 20", *run.Added, *run.Removed, *run.Final)
	}

	run = w.one("vip", engine.Succeeded)
	if *run.Added != 0 || *run.Removed != 0 || *run.Final != 20 || run.Detail != "nothing to do" {
		t.Errorf("second run %+v, want nothing done", run)
	}
	if n := w.sandbox.CountCalls("memberships.add-and-remove"); n != 1 {
		t.Errorf("%d writes in two runs, want 1", n)
	}

	w.people(numbers(3, 23)...)
	run = w.one("vip", engine.Succeeded)
	w.wantMembers("101", numbers(3, 23)...)
	if *run.Added != 3 || *run.Removed != 2 || *run.Final != 21 {
		t.Errorf("third run added %d, removed %d, final %d; want 3, 2, 21", *run.Added, *run.Removed, *run.Final)
	}
	wantRows(t, w.rows("SELECT action, record_id - 1000000, key, cause, state, batch FROM rollcall.changes WHERE run_id = '"+run.RunID+"' ORDER BY ALL"),
		"add 21 contact-00021@example.com entered done 1",
		"add 22 contact-00022@example.com entered done 1",
		"add 23 contact-00023@example.com entered done 1",
		"remove 1 contact-00001@example.com left done 1",
		"remove 2 contact-00002@example.com left done 1",
	)
	wantRows(t, w.rows("SELECT count(*), min(list_id), min(sync) FROM rollcall.members"), "21 101 vip")
	wantRows(t, w.rows("SELECT status, n_rows, n_emails, n_resolved, n_unmatched, n_current_before, n_to_add, n_to_remove, n_added, n_removed, n_final FROM rollcall.runs ORDER BY run_at"),
		"SUCCEEDED 20 20 20 0 0 20 0 20 0 20",
		"SUCCEEDED 20 20 20 0 20 0 0 0 0 20",
		"SUCCEEDED 21 21 21 0 20 3 2 3 2 21",
	)
}

func TestKeysAreNormalisedAndAccountedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 100)
	w.sync("vip", map[string]string{"list_id": "101"})
	// 50 has the secondary address contact-00050@old.example.com in the sandbox.
	w.exec(`INSERT INTO people VALUES
		(' Contact-00001@EXAMPLE.com ', 'vip'), ('contact-00001@example.com', 'vip'), (NULL, 'vip'), ('   ', 'vip'),
		('contact-00050@old.example.com', 'vip'), ('contact-00050@example.com', 'vip'),
		('nobody@example.com', 'vip'), ('not an address', 'vip'), ('typo@example.con', 'vip')`)
	run := w.one("vip", engine.Succeeded)
	w.wantMembers("101", 1, 50)
	wantRows(t, w.rows("SELECT n_rows, n_blank, n_duplicate, n_invalid, n_emails, n_resolved, n_unmatched, n_added FROM rollcall.runs"), "9 2 1 2 4 3 1 2")
	wantRows(t, w.rows("SELECT key, reason FROM rollcall.rejects WHERE since_run = '"+run.RunID+"' ORDER BY ALL"),
		"nobody@example.com not_found", "not an address invalid_email", "typo@example.con invalid_email")
	if run = w.one("vip", engine.Succeeded); *run.Added+*run.Removed != 0 {
		t.Errorf("second run %+v, want nothing done", run)
	}
}

func TestSyncsFailAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 100)
	w.people(1, 2, 3)
	w.sync("good", map[string]string{"list_id": "101"})
	w.sync("dynamic", map[string]string{"list_id": "103"})
	w.sync("gone", map[string]string{"list_id": "999"})
	w.sync("invalid", map[string]string{"list_id": "'x'", "mode": "'miror'"})
	w.sync("nocolumn", map[string]string{"list_id": "102", "query": quote("SELECT email AS e_mail, 1 AS one FROM people")})
	runs := w.run()
	got := map[string]string{}
	for _, run := range runs {
		got[run.Sync] = string(run.Status) + " " + run.Error + " | " + run.Hint
	}
	for sync, want := range map[string][]string{
		"good":     {"SUCCEEDED"},
		"dynamic":  {"FAILED", "DYNAMIC", "static"},
		"gone":     {"FAILED", "no list 999", "ILS"},
		"invalid":  {"FAILED", "list_id", "mode", "mirror"},
		"nocolumn": {"FAILED", "email", "e_mail"},
	} {
		for _, words := range want {
			if !strings.Contains(got[sync], words) {
				t.Errorf("%s: %s; want %q in it", sync, got[sync], words)
			}
		}
	}
	w.wantMembers("101", 1, 2, 3)
	wantRows(t, w.rows("SELECT count(*), count(*) FILTER (status = 'FAILED' AND error IS NOT NULL AND hint IS NOT NULL AND finished_at IS NOT NULL) FROM rollcall.runs"), "5 4")
}
