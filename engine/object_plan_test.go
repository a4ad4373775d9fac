package engine_test

import (
	"fmt"
	"testing"

	"rollcall/engine"
)

// plans are the changes and the rejects of the plans of some syncs, or of all.
func (w *world) plans(names ...string) (lines []string) {
	w.t.Helper()
	err := w.engine.Plan(w.t.Context(), names, func(p engine.Preview, console *engine.Console) error {
		if p.Plan == nil {
			return fmt.Errorf("no plan: %s", p.Error)
		}
		for _, script := range []string{"SELECT action, record_id, key, values FROM plan ORDER BY n", "SELECT key, reason FROM rejected ORDER BY key"} {
			for _, line := range consoleRows(w.t, console, script) {
				lines = append(lines, p.Sync+": "+line)
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return lines
}

// The plans of several syncs are those that runs in their order would make: what an earlier one is about to write, and to create, is there and is its
// own for the later ones. One that would send nothing leaves all to them.
func TestObjectPlansOfTwoSyncs(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 2, nil)
	w.towns()
	w.exec(`INSERT INTO customers VALUES ('contact-00001@example.com', 'Contact', 'Bonn'), ('contact-00002@example.com', 'Contact', 'Ulm'), ('ann@example.com', 'Ann', 'Rom')`)
	people := []string{
		"people: create <nil> ann@example.com map[city:[<nil> Rom] email:[<nil> ann@example.com] firstname:[<nil> Ann]]",
		"people: update 1000001 contact-00001@example.com map[city:[<nil> Bonn]]", "people: update 1000002 contact-00002@example.com map[city:[<nil> Ulm]]",
	}
	alone := []string{
		"towns: create <nil> ann@example.com map[city:[<nil> Ulm] email:[<nil> ann@example.com] phone:[<nil> +49 30]]",
		"towns: update 1000001 contact-00001@example.com map[city:[<nil> Ulm] phone:[<nil> +49 30]]", "towns: update 1000002 contact-00002@example.com map[city:[<nil> Ulm] phone:[<nil> +49 30]]",
	}
	both := append(people,
		"towns: update <nil> ann@example.com map[phone:[<nil> +49 30]]",
		"towns: update 1000001 contact-00001@example.com map[phone:[<nil> +49 30]]", "towns: update 1000002 contact-00002@example.com map[phone:[<nil> +49 30]]",
		"towns: ann@example.com owned_by", "towns: contact-00001@example.com owned_by")
	wantRows(t, w.plans(), both...)
	wantRows(t, w.plans("towns"), alone...)
	w.runWith(engine.RunOptions{DryRun: true})
	wantRows(t, w.rows("SELECT sync || ':', action, record_id, key, values FROM rollcall.changes ORDER BY sync, n"), both[:6]...)
	for _, limit := range []string{"min_rows = 100", "dry_run = true"} {
		w.exec("UPDATE rollcall.syncs SET " + limit + " WHERE name = 'people'")
		wantRows(t, w.plans()[3:], alone...)
		w.exec("UPDATE rollcall.syncs SET min_rows = NULL, dry_run = NULL")
	}
	w.both(3, 3)
	wantRows(t, w.rows("SELECT key, values FROM rollcall.changes WHERE sync = 'towns' AND run_id = (SELECT max(run_id) FROM rollcall.runs) ORDER BY key"),
		"ann@example.com map[phone:[<nil> +49 30]]", "contact-00001@example.com map[phone:[<nil> +49 30]]", "contact-00002@example.com map[phone:[<nil> +49 30]]")
	wantRows(t, w.plans()[:2], "towns: ann@example.com owned_by", "towns: contact-00001@example.com owned_by")
}
