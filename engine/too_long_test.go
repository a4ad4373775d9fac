package engine_test

import (
	"testing"

	"rollcall/engine"
)

// A column of long texts, taken for the key column by mistake, is rejected by its length, and neither the ledger nor the control database
// keeps the texts.
func TestTextsTooLongForKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 5)
	w.exec(`CREATE TABLE notes AS SELECT repeat('text ' || i || ' ', 2500) AS email FROM range(2000) t(i)
		UNION ALL SELECT 'contact-00001@example.com' || repeat(' ', 3000) UNION ALL SELECT repeat('x', 513)`)
	w.exec(`INSERT INTO rollcall.syncs (name, query, list_id) VALUES ('notes', 'SELECT email FROM notes', '101')`)
	run := w.one("notes", engine.Succeeded)
	w.wantMembers("101", 1)
	wantRows(t, w.rows("SELECT n_rows, n_invalid, n_emails FROM rollcall.runs WHERE run_id = "+quote(run.RunID)), "2002 2001 1")
	wantRows(t, w.rows("SELECT reason, count(*), max(strlen(key)), max(strlen(detail)) < 100 FROM rollcall.rejects GROUP BY ALL"), "too_long 2001 100 true")
	wantRows(t, w.rows("SELECT detail FROM rollcall.rejects WHERE key LIKE 'xxx%'"), "513 characters, a key has 512 at the most; its beginning is shown")
}
