package engine_test

import (
	"strings"
	"testing"

	"rollcall/engine"
	"rollcall/engine/control"
	"rollcall/engine/hubspot/sandbox"
	"rollcall/syncspec"
)

// The keys of one sync, however long and many, leave memory for the ledger of the others, and rejects keep of each no more than an
// address has.
func TestLongKeysOfOneSyncLeaveOthers(t *testing.T) {
	t.Parallel()
	for name, columns := range map[string]map[string]string{
		"more than memory holds": {"query": "'SELECT repeat(''x'', 10000000) || i AS email FROM range(60) t(i)'"},
		"texts":                  {"query": "'SELECT repeat(''x'', 1000000) || i AS email FROM range(20) t(i)'"},
		"addresses":              {"query": "'SELECT repeat(''x'', 500) || i AS email FROM range(100000) t(i)'"},
		"property values":        {"query": "'SELECT repeat(''x'', 60000) || chr(0) || i AS employee_code FROM range(500) t(i)'", "id_property": "'employee_code'"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 5, func(c *engine.Config) { c.Warehouse.MemoryLimit = "120MB" })
			if err := w.sandbox.DefineProperty("contacts", sandbox.Property{Name: "employee_code", Unique: true}); err != nil {
				t.Fatal(err)
			}
			columns["list_id"] = "'102'"
			w.sync("first", columns)
			w.sync("second", map[string]string{"list_id": "'101'"})
			w.people(1, 2, 3)
			runs := w.run()
			if len(runs) != 2 || runs[1].Status != engine.Succeeded {
				t.Errorf("%+v", runs)
			}
			w.wantMembers("101", 1, 2, 3)
			wantRows(t, w.rows("SELECT count(*) FROM rollcall.rejects WHERE length(key) > 512"), "0")
			wantRows(t, w.rows("SELECT count(*) FROM rollcall.runs WHERE status IN ('RUNNING', 'INTERRUPTED')"), "0")
		})
	}
}

// A query that is too long to run makes its row invalid, and the ledger keeps only its beginning; so with a name.
func TestLongTextsOfARowAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 5)
	w.people(1)
	w.sync("vip", map[string]string{"list_id": "'101'"})
	w.exec(`INSERT INTO rollcall.syncs (name, query, list_id) VALUES
		('long', 'SELECT ''' || repeat('x', 2000000) || ''' AS email', '102'), (repeat('n', 1000000), 'SELECT 1 AS email', '102')`)
	problems := map[string]string{}
	for _, run := range w.run() {
		if run.Sync != "vip" && run.Status != engine.Failed {
			t.Errorf("%s is %s", run.Sync, run.Status)
		}
		problems[run.Sync] = run.Error
	}
	wantWords(t, problems["long"], "query: longer than 256 KB")
	wantWords(t, problems[strings.Repeat("n", syncspec.MaxNameChars+1)], "is not a name")
	wantRows(t, w.rows("SELECT max(length(query)), max(length(sync)), max(length(error)) < 300 FROM rollcall.runs"), "1001 101 true")
	w.wantMembers("101", 1)

	rows, err := w.engine.Rows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if len(*row.Query) > syncspec.MaxQueryBytes+1 {
			t.Errorf("%d bytes of a query were read", len(*row.Query))
		}
	}
	if err := w.engine.WriteRows(t.Context(), []control.Edit{{Name: strings.Repeat("n", syncspec.MaxNameChars+1)}}); err != nil {
		t.Fatal(err)
	}
	wantRows(t, w.rows("SELECT name FROM rollcall.syncs ORDER BY name"), "long", "vip")
}
