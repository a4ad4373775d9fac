package engine_test

import (
	"testing"
)

// check tells of a row that reads a share with manual updates that its data stands still, and since when; a share that updates itself is
// no matter, and neither is a MotherDuck that tells nothing.
func TestSharesWithManualUpdatesAreTold(t *testing.T) {
	t.Parallel()
	w, _, _ := remoteWorld(t)
	if notes := w.engine.ShareNotes(t.Context()); len(notes) != 0 {
		t.Errorf("nothing is told: %v", notes)
	}
	w.exec(`ATTACH ':memory:' AS shop`)
	w.exec(`CREATE TABLE shop.people AS FROM people`)
	w.exec(`ATTACH ':memory:' AS md_information_schema`)
	w.exec(`CREATE MACRO control.main.md_all_databases() AS TABLE
		SELECT unnest(['shop', 'live']) AS alias, true AS is_attached, unnest(['md:_share/shop/1', 'md:_share/live/2']) AS fully_qualified_name`)
	w.exec(`CREATE TABLE md_information_schema.shared_with_me AS
		SELECT unnest(['md:_share/shop/1', 'md:_share/live/2']) AS url, unnest(['MANUAL', 'AUTOMATIC']) AS update`)
	w.exec(`CREATE TABLE md_information_schema.database_snapshots AS
		SELECT unnest(['shop', 'shop']) AS database_name, unnest([TIMESTAMP '2026-01-02 03:04:05', TIMESTAMP '2025-01-01 00:00:00']) AS created_ts`)
	w.sync("shared", map[string]string{"list_id": "'102'", "query": "'SELECT email FROM shop.main.people'"})
	note := "the share shop has manual updates, its newest snapshot is of 2026-01-02 03:04:05 UTC: its data changes only when its owner runs UPDATE SHARE"
	wantRows(t, w.engine.ShareNotes(t.Context()), note)
	checked, err := w.engine.Check(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range checked {
		told := len(c.Notes) > 0 && c.Notes[len(c.Notes)-1] == note
		if told != (c.Sync == "shared") {
			t.Errorf("%s: %v %v", c.Sync, c.Notes, c.Findings)
		}
	}
}
