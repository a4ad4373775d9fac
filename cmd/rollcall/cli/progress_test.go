package cli

import "testing"

// The bar names what is done in the words of the plan, not in those of the engine's steps.
func TestProgressNamesItsStep(t *testing.T) {
	t.Parallel()
	for step, want := range map[string]string{
		"resolve": "vip: looking up keys", "current": "vip: reading the list", "apply": "vip: sending changes", "other": "vip: other",
	} {
		if got := progressLabel("vip", step); got != want {
			t.Errorf("%s: %q, want %q", step, got, want)
		}
	}
	if got, want := progressLabel("x\ny", "current"), `"x\ny": reading the list`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
