package engine_test

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rollcall/engine"
	"rollcall/engine/control"
)

// A row outside of the bounds is refused by its column, before any call; one inside runs.
func TestBounds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, func(c *engine.Config) {
		c.Bounds = control.Bounds{Lists: []string{"101", "VIP/*"}, ObjectTypes: []string{"contacts"}, Databases: []string{"control.main"}}
	})
	w.people(1, 2)
	w.exec("CREATE SCHEMA hr; CREATE TABLE hr.staff AS FROM people; CREATE VIEW open AS SELECT email FROM hr.staff")
	w.sync("inside", map[string]string{"list_id": "'101'", "query": "'WITH own AS (SELECT email FROM people) SELECT email FROM own'"})
	w.sync("named", map[string]string{"list_name": "'vip/north'"})
	w.sync("list", map[string]string{"list_id": "'102'"})
	w.sync("name", map[string]string{"list_name": "'staff'"})
	w.sync("type", map[string]string{"list_id": "'101'", "mode": "'add'", "object_type": "'companies'", "id_property": "'hs_object_id'"})
	for column, query := range map[string]string{
		"schema": "SELECT email FROM hr.staff", "view": "SELECT email FROM open", "contacts": "SELECT key AS email FROM rollcall.identities",
		"subquery": "SELECT email FROM people WHERE email IN (SELECT email FROM control.hr.staff)",
	} {
		w.sync(column, map[string]string{"list_name": quote("vip/" + column), "query": quote(query)})
	}
	w.exec("UPDATE rollcall.syncs SET enabled = false WHERE name IN ('inside', 'type')")
	for name, words := range map[string][]string{
		"list": {"list_id", "allowed_lists"}, "name": {"list_name", "allowed_lists"},
		"schema": {"hr.staff", "allowed_databases"}, "view": {"the view open", "hr.staff"}, "contacts": {"rollcall.identities"}, "subquery": {"hr.staff"},
	} {
		checked, err := w.engine.Check(t.Context(), []string{name})
		if err != nil || len(checked) != 1 || len(checked[0].Findings) == 0 || !checked[0].Findings[0].Invalid {
			t.Errorf("check %s: %+v, %v; want a finding", name, checked, err)
		} else {
			wantWords(t, checked[0].Findings[0].Error, words...)
		}
		before := w.sandbox.CountCalls("")
		run := w.one(name, engine.Failed)
		if n := w.sandbox.CountCalls("") - before; n != 0 {
			t.Errorf("%s: %d calls for a row outside of the bounds", name, n)
		}
		if !run.Invalid || run.APICalls != 0 {
			t.Errorf("%s: %+v; want it refused without a call", name, run)
		}
		wantWords(t, run.Error, words...)
		wantWords(t, run.Hint, "rollcall.toml")
	}
	w.exec("UPDATE rollcall.syncs SET enabled = name = 'type' WHERE name IN ('inside', 'type')")
	wantWords(t, w.one("type", engine.Failed).Error, "object_type", "allowed_object_types")
	w.exec("UPDATE rollcall.syncs SET enabled = name = 'inside' WHERE name IN ('inside', 'type')")
	w.one("inside", engine.Succeeded)
	w.one("named", engine.Succeeded)
}

// A star stands for any characters, a slash among them; every other character for itself, whatever it means elsewhere.
func TestBoundsOfNames(t *testing.T) {
	t.Parallel()
	for pattern, names := range map[string]map[string]bool{
		"vip*":      {"VIP": true, "vip/north/east": true, "a vip": false},
		"*/north":   {"vip/north": true, "a/b/North": true, "north": false},
		"News [EU]": {"news [eu]": true, "News E": false},
		"Who?":      {"who?": true, "Whom": false},
		`A\*`:       {`a\b`: true, "a*": false, "ab": false},
		"[":         {"[": true, "x": false},
	} {
		w := newWorld(t, 1, func(c *engine.Config) { c.Bounds = control.Bounds{Lists: []string{pattern}} })
		w.people(1)
		for name, inside := range names {
			w.exec("DELETE FROM rollcall.syncs")
			w.sync("x", map[string]string{"list_name": quote(name), "dry_run": "true"})
			if run := w.run("x")[0]; run.Invalid == inside {
				t.Errorf("%q with %q: %s %s", pattern, name, run.Status, run.Error)
			}
		}
	}
}

// One pattern means the same in every setting that bounds rows: it admits a list, an object type and a database of one name, or none of
// them.
func TestBoundsMeanTheSameInEverySetting(t *testing.T) {
	t.Parallel()
	names := []string{"shop", "shop_1", "ShopA", "my_shop", "shop[ab]", `shop\*`, "shop/eu"}
	w := newWorld(t, 1)
	w.config.Warehouse.Attach = map[string]string{}
	type row struct{ setting, name string }
	rows := map[string]row{}
	add := func(setting, name string, columns map[string]string) {
		sync := fmt.Sprintf("row_%d", len(rows))
		rows[sync] = row{setting, name}
		columns["enabled"] = "false" // so that no row claims the list of another
		w.sync(sync, columns)
	}
	for _, name := range names {
		w.config.Warehouse.Attach[name] = peopleElsewhere(t)
		add("allowed_lists", name, map[string]string{"list_name": quote(name)})
		add("allowed_databases", name, map[string]string{"list_id": "'101'", "query": quote(`SELECT email FROM "` + name + `".people`)})
		if !strings.ContainsAny(name, `[\/`) { // else no object type is called so
			add("allowed_object_types", name, map[string]string{"list_id": "'101'", "object_type": quote(name), "id_property": "'hs_object_id'", "mode": "'add'"})
		}
	}
	w.config.HubSpot.Token = "" // the bounds are looked at without it
	for pattern, admitted := range map[string][]string{
		"SHOP*":    {"shop", "shop_1", "ShopA", "shop[ab]", `shop\*`, "shop/eu"},
		"*p*_*":    {"shop_1"},
		"*shop":    {"shop", "my_shop"},
		"shop_?":   nil,
		"shop[ab]": {"shop[ab]"},
		`shop\*`:   {`shop\*`},
	} {
		w.config.Bounds = control.Bounds{
			Lists: []string{pattern, "101"}, ObjectTypes: []string{pattern, "contacts"}, Databases: []string{pattern, "control.main"},
		}
		w.reopen()
		outside := w.outside()
		for sync, row := range rows {
			if setting := outside[sync]; setting != "" && setting != row.setting || (setting == "") != slices.Contains(admitted, row.name) {
				t.Errorf("%s: %q against %q: outside of %q", row.setting, pattern, row.name, setting)
			}
		}
	}
}

// peopleElsewhere makes a database file with an empty table people.
func peopleElsewhere(t *testing.T) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "elsewhere.duckdb")
	db, err := sql.Open("duckdb", file)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), "CREATE TABLE people (email VARCHAR)")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return file
}

// outside checks all rows, and maps those outside of a setting to it. Nothing else may be wrong with a row.
func (w *world) outside() map[string]string {
	w.t.Helper()
	checked, err := w.engine.Check(w.t.Context(), nil)
	if err != nil || len(checked) == 0 {
		w.t.Fatalf("%+v, %v", checked, err)
	}
	outside := map[string]string{}
	for _, row := range checked {
		for _, finding := range row.Findings {
			if _, setting, ok := strings.Cut(finding.Error, "is outside of "); ok {
				outside[row.Sync] = setting
			} else if finding.Invalid {
				w.t.Errorf("check %s: %s", row.Sync, finding.Error)
			}
		}
	}
	return outside
}

// An undo is bounded as a run is: by the list that the run was about.
func TestUndoIsBounded(t *testing.T) {
	t.Parallel()
	w, run := moved(t)
	w.exec("UPDATE rollcall.syncs SET list_id = '102'")
	w.config.Bounds = control.Bounds{Lists: []string{"102"}}
	w.reopen()
	before := w.sandbox.CountCalls("")
	undo, err := w.engine.Undo(t.Context(), run.RunID, engine.RunOptions{})
	if err != nil || undo.Status != engine.Failed {
		t.Errorf("%+v, %v", undo, err)
	}
	wantWords(t, undo.Error, `list_id: "101" is outside of allowed_lists`)
	if n := w.sandbox.CountCalls("") - before; n != 0 {
		t.Errorf("%d calls for a list outside of the bounds", n)
	}
}
