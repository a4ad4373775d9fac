package engine_test

import (
	"testing"
	"time"

	"rollcall/engine"
)

// Record IDs are looked up as other keys are, a hundred a call and within found_ttl once: links of an ID without a record are rejects, and never changes
// that HubSpot refuses.
func TestAssociationRecordIDs(t *testing.T) {
	t.Parallel()
	var later time.Duration
	w := newLinks(t, 4, nil, clockAhead(&later))
	w.job(1, acme, "77")
	w.job(2, globex)
	w.sandbox.ForgetCalls()
	run := w.one("jobs", engine.Succeeded)
	wantCounts(t, run, "2 0 0 2")
	absent := " not_found to_key: HubSpot has no record of companies with this hs_object_id"
	wantRows(t, w.rejects(), "contact-00001@example.com → 77"+absent)
	if n := w.sandbox.CountCalls(batchRead); n != 2 {
		t.Errorf("%d look-ups, want one of contacts and one of companies", n)
	}
	if n := w.calls("", func() { w.one("jobs", engine.Succeeded) }); n != 0 {
		t.Errorf("%d calls with nothing changed", n)
	}
	if err := w.sandbox.DeleteObject("companies", globex); err != nil {
		t.Fatal(err)
	}
	w.job(3, acme)
	later = 48 * time.Hour
	wantCounts(t, w.one("jobs", engine.Succeeded), "1 0 0 2")
	wantRows(t, w.rejects(), "contact-00001@example.com → 77"+absent, "contact-00002@example.com → "+globex+absent)
	w.wantLinked(3, acme)
}

// A record that was archived since its ID was looked up fails the change once; the next run looks it up again and rejects it.
func TestAssociationRecordIsArchivedMeanwhile(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 4, nil)
	w.job(1, globex)
	w.one("jobs", engine.Succeeded)
	if err := w.sandbox.DeleteObject("companies", globex); err != nil {
		t.Fatal(err)
	}
	w.job(2, globex, acme)
	w.one("jobs", engine.Partial)
	w.wantLinked(2, acme)
	w.one("jobs", engine.Succeeded)
	wantRows(t, w.rows("SELECT key, reason FROM rollcall.rejects WHERE until_run IS NULL ORDER BY key"),
		"contact-00001@example.com → "+globex+" not_found", "contact-00002@example.com → "+globex+" not_found")
}

// The ID of a record that was merged into another one which is read with it stands for that one.
func TestAssociationMergedRecordIDs(t *testing.T) {
	t.Parallel()
	var later time.Duration
	w := newLinks(t, 4, map[string]string{"id_property": "'hs_object_id'", "max_removal_pct": "100"}, clockAhead(&later))
	one, two := ids([]int{1})[0], ids([]int{2})[0]
	w.exec("INSERT INTO jobs VALUES ('" + one + "', '" + acme + "', NULL), ('" + two + "', '" + globex + "', NULL)")
	wantCounts(t, w.one("jobs", engine.Succeeded), "2 0 0 2")
	if _, err := w.sandbox.MergeContacts(one, two); err != nil {
		t.Fatal(err)
	}
	w.exec("INSERT INTO jobs VALUES ('" + two + "', '" + initech + "', NULL)")
	later = 48 * time.Hour
	w.one("jobs", engine.Succeeded)
	w.wantLinked(1, acme, globex, initech)
	wantRows(t, w.rejects())
	if run := w.one("jobs", engine.Succeeded); !run.Plan.Empty() {
		t.Errorf("not quiet: %+v", run.Plan)
	}
}

// What is cached of record IDs is for associations alone: a list takes record IDs as they are.
func TestAssociationRecordIDsOfLists(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 4, map[string]string{"id_property": "'hs_object_id'"})
	w.sync("ids", map[string]string{"list_id": "'101'", "id_property": "'hs_object_id'", "query": quote("SELECT person AS hs_object_id FROM jobs")})
	w.exec("INSERT INTO jobs VALUES ('" + ids([]int{1})[0] + "', '" + acme + "', NULL), ('77', '" + acme + "', NULL)")
	for range 2 {
		w.run()
		wantRows(t, w.rows("SELECT sync, reason FROM rollcall.rejects WHERE until_run IS NULL ORDER BY ALL"), "jobs not_found")
		wantRows(t, w.rows("SELECT n_emails, n_resolved FROM rollcall.runs WHERE sync = 'ids' ORDER BY run_id DESC LIMIT 1"), "2 2")
	}
	w.wantMembers("101", 1)
}
