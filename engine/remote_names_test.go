package engine_test

import (
	"testing"

	"rollcall/engine"
	"rollcall/engine/hint"
)

// A database called rollcall that is attached while a runner has the control database open makes its statements ambiguous. The hint
// leads out of that, and not to control tables that would be missing.
func TestDatabaseCalledRollcallMeanwhile(t *testing.T) {
	t.Parallel()
	w, _, _ := remoteWorld(t)
	w.exec("ATTACH ':memory:' AS rollcall")
	_, err := w.engine.Run(t.Context(), []string{"vip"}, engine.RunOptions{})
	if err == nil {
		t.Fatal("the run found its tables")
	}
	wantWords(t, err.Error(), "Ambiguous reference")
	wantWords(t, hint.Of(err), "DETACH rollcall")
}
