package engine_test

import (
	"testing"

	"rollcall/engine"
	"rollcall/engine/control"
)

// Check reads the columns of a query once, within allowed_databases: those of a query outside of it are not looked at.
func TestObjectCheckKeepsToTheDatabases(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 1, map[string]string{"query": quote("SELECT email, city AS ciity FROM customers")},
		func(c *engine.Config) { c.Bounds = control.Bounds{Databases: []string{"elsewhere"}} })
	checked, err := w.engine.Check(t.Context(), nil)
	if err != nil || len(checked) != 1 || len(checked[0].Findings) != 1 {
		t.Fatalf("check %+v, %v", checked, err)
	}
	wantWords(t, checked[0].Findings[0].Error+" "+checked[0].Findings[0].Hint, "allowed_databases")
}
