package engine_test

import (
	"testing"

	"rollcall/engine"
	"rollcall/engine/hint"
)

// A macro that hides one of DuckDB's functions or operators is named before anything is read or written by it; others may stay.
func TestMacrosThatHideFunctions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	w.sync("vip", map[string]string{"list_id": "'101'"})
	w.people(1, 2)
	w.exec("CREATE MACRO only_vip(x) AS x = 'vip'; CREATE SCHEMA own; CREATE MACRO own.now() AS TIMESTAMP '2001-01-01'")
	for name, macro := range map[string][2]string{
		"lower": {"CREATE MACRO LOWER(x) AS 'x'", "DROP MACRO lower"},
		"range": {"CREATE MACRO range(x) AS TABLE SELECT 7 AS range", "DROP MACRO TABLE range"},
		"||":    {`CREATE MACRO "||"(x, y) AS 'x'`, `DROP MACRO "||"`},
	} {
		w.exec(macro[0])
		w.reopen()
		_, runErr := w.engine.Run(t.Context(), nil, engine.RunOptions{})
		planErr := w.engine.Plan(t.Context(), nil, func(engine.Preview, *engine.Console) error { return nil })
		_, checkErr := w.engine.Check(t.Context(), nil)
		_, initErr := w.engine.Init(t.Context())
		_, undoErr := w.engine.Undo(t.Context(), "x", engine.RunOptions{})
		for what, err := range map[string]error{"run": runErr, "plan": planErr, "check": checkErr, "init": initErr, "undo": undoErr} {
			if err == nil {
				t.Errorf("%s with a macro %s: no error", what, name)
				continue
			}
			wantWords(t, err.Error(), "macros in", ": "+name)
			wantWords(t, hint.Of(err), "DROP MACRO "+name)
		}
		w.exec(macro[1])
	}
	if n := w.sandbox.CountCalls(""); n != 0 {
		t.Errorf("%d calls in spite of them", n)
	}
	w.wantConverged("vip", "101", 1, 2)
}
