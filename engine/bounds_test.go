package engine_test

import (
	"testing"

	"rollcall/engine"
)

// A row outside of the bounds is refused by its column, before any call; one inside runs.
func TestBounds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, func(c *engine.Config) {
		c.Bounds = engine.Bounds{Lists: []string{"101", "VIP/*"}, ObjectTypes: []string{"contacts"}, Databases: []string{"control.main"}}
	})
	w.people(1, 2)
	w.exec("CREATE SCHEMA hr; CREATE TABLE hr.staff AS FROM people; CREATE VIEW open AS SELECT email FROM hr.staff")
	w.sync("inside", map[string]string{"list_id": "'101'", "query": "'WITH own AS (SELECT email FROM people) SELECT email FROM own'"})
	w.sync("named", map[string]string{"list_name": "'vip/north'"})
	w.sync("list", map[string]string{"list_id": "'102'"})
	w.sync("name", map[string]string{"list_name": "'staff'"})
	w.sync("type", map[string]string{"list_id": "'101'", "mode": "'add'", "object_type": "'companies'", "id_property": "'hs_object_id'"})
	for column, query := range map[string]string{
		"schema": "SELECT email FROM hr.staff", "view": "SELECT email FROM open", "contacts": "SELECT key AS email FROM rollcall.contacts",
		"subquery": "SELECT email FROM people WHERE email IN (SELECT email FROM control.hr.staff)",
	} {
		w.sync(column, map[string]string{"list_name": quote("vip/" + column), "query": quote(query)})
	}
	w.exec("UPDATE rollcall.syncs SET enabled = false WHERE name IN ('inside', 'type')")
	before := w.sandbox.CountCalls("")
	for name, words := range map[string][]string{
		"list": {"list_id", "allowed_lists"}, "name": {"list_name", "allowed_lists"},
		"schema": {"hr.staff", "allowed_databases"}, "view": {"the view open", "hr.staff"}, "contacts": {"rollcall.contacts"}, "subquery": {"hr.staff"},
	} {
		run := w.one(name, engine.Failed)
		if !run.Invalid || run.APICalls != 0 {
			t.Errorf("%s: %+v; want it refused without a call", name, run)
		}
		wantWords(t, run.Error, words...)
		wantWords(t, run.Hint, "rollcall.toml")
	}
	if n := w.sandbox.CountCalls("") - before; n != 0 {
		t.Errorf("%d calls for rows outside of the bounds", n)
	}
	w.exec("UPDATE rollcall.syncs SET enabled = name = 'type' WHERE name IN ('inside', 'type')")
	wantWords(t, w.one("type", engine.Failed).Error, "object_type", "allowed_object_types")
	w.exec("UPDATE rollcall.syncs SET enabled = name = 'inside' WHERE name IN ('inside', 'type')")
	w.one("inside", engine.Succeeded)
	w.one("named", engine.Succeeded)
}
