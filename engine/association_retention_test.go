package engine_test

import (
	"testing"
	"time"

	"rollcall/engine"
)

// When associations were read, and which ones of others there were, is forgotten a month after the last reading: of keys that have left the query, and of
// rows that are gone. What a sync has linked stays known as long as its row or a run of it is there.
func TestAssociationRetention(t *testing.T) {
	t.Parallel()
	var later time.Duration
	w := newLinks(t, 4, map[string]string{"max_removal_pct": "100"}, clockAhead(&later), func(c *engine.Config) { c.Kept = 90 * 24 * time.Hour })
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(1)
	w.associate(1, globex)
	w.label("Buyer")
	w.associate(1, acme, "Buyer")
	w.associate(3, initech)
	w.job(1, acme+" Decision maker")
	w.job(3, initech)
	w.one("jobs", engine.Succeeded)
	known := func(links ...string) {
		t.Helper()
		wantRows(t, w.rows("SELECT from_record_id, to_record_id, coalesce(label, '-'), coalesce(sync, '-') FROM rollcall.links ORDER BY ALL"), links...)
	}
	own := "1000001 " + acme + " Decision maker jobs"
	beside := []string{"1000001 " + acme + " - -", "1000001 " + acme + " Buyer -", own}
	known(append(beside, "1000001 "+globex+" - -", "1000003 "+initech+" - -")...)

	w.jobs(3)
	later = 32 * 24 * time.Hour
	w.one("jobs", engine.Succeeded)
	wantRows(t, w.rows("SELECT from_record_id FROM rollcall.link_reads"), "1000001")
	known(append(beside, "1000001 "+globex+" - -")...)

	// Types that others have beside those of the sync tell what is drift later.
	w.exec("DELETE FROM rollcall.syncs WHERE name = 'jobs'")
	later = 64 * 24 * time.Hour
	w.one("vip", engine.Succeeded)
	wantRows(t, w.rows("FROM rollcall.link_reads"))
	known(beside...)
	later = 160 * 24 * time.Hour
	w.one("vip", engine.Succeeded)
	known()
}
