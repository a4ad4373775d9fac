package engine_test

import (
	"strings"
	"testing"

	"rollcall/engine"

	"rollcall/engine/plan"
)

// The stricter of the row and the ceiling holds, and the message says which of the two it is.
func TestCeilings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ceilings plan.Ceilings
		columns  map[string]string
		left     int // of 20 members
		status   engine.Status
		words    []string
	}{
		"fewer than both allow":        {plan.Ceilings{MaxRemovals: new(int64(5))}, map[string]string{"max_removals": "6"}, 16, engine.Succeeded, nil},
		"the ceiling of a row without": {plan.Ceilings{MaxRemovals: new(int64(3))}, nil, 16, engine.Blocked, []string{"max_removals", "4 members", "the ceiling in the settings allows 3"}},
		"the ceiling is stricter":      {plan.Ceilings{MaxRemovals: new(int64(3))}, map[string]string{"max_removals": "6"}, 16, engine.Blocked, []string{"the ceiling in the settings allows 3"}},
		"the row is stricter":          {plan.Ceilings{MaxRemovals: new(int64(3))}, map[string]string{"max_removals": "2"}, 16, engine.Blocked, []string{"the row allows 2"}},
		"nobody":                       {plan.Ceilings{MaxRemovals: new(int64(0))}, nil, 19, engine.Blocked, []string{"the ceiling in the settings allows 0"}},
		"percent, the ceiling":         {plan.Ceilings{MaxRemovalPct: new(10.0)}, map[string]string{"max_removal_pct": "100"}, 16, engine.Blocked, []string{"max_removal_pct", "20.0%", "the ceiling in the settings allows 10%"}},
		"percent, the row":             {plan.Ceilings{MaxRemovalPct: new(60.0)}, nil, 8, engine.Blocked, []string{"the row allows 50%"}},
		"empty": {
			plan.Ceilings{ForbidEmpty: true}, map[string]string{"allow_empty": "true", "max_removal_pct": "100"}, 0, engine.Blocked,
			[]string{"allow_empty", "20 members", "the row allows it, the ceiling in the settings does not"},
		},
		"empty, unbounded": {plan.Ceilings{}, map[string]string{"allow_empty": "true", "max_removal_pct": "100"}, 0, engine.Succeeded, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := full(t, 20, c.columns)
			w.config.Ceilings = c.ceilings
			w.reopen()
			w.people(numbers(1, c.left)...)
			run := w.one("vip", c.status)
			wantWords(t, run.Error, c.words...)
			if c.status == engine.Succeeded {
				w.wantMembers("101", numbers(1, c.left)...)
				return
			}
			if len(run.Plan.Violations) != 1 {
				t.Errorf("violations: %+v", run.Plan.Violations)
			}
			w.wantMembers("101", numbers(1, 20)...)
		})
	}
}

// A ceiling on take-overs holds whatever the row says, and no hint or note advises to set the row's column.
func TestCeilingOnTakeovers(t *testing.T) {
	t.Parallel()
	w := filled(t, map[string]string{"allow_takeover": "true"})
	w.config.Ceilings = plan.Ceilings{ForbidTakeover: true}
	w.reopen()
	checked, err := w.engine.Check(t.Context(), nil)
	if err != nil || len(checked) != 1 || len(checked[0].Notes) != 1 {
		t.Fatalf("%+v, %v", checked, err)
	}
	wantWords(t, checked[0].Notes[0], "until it is approved; see who would go")
	run := w.one("vip", engine.Blocked)
	wantWords(t, run.Error, "takeover: 40 of 100 members were put there by others", "the row allows it, the ceiling in the settings does not")
	if strings.Contains(run.Hint, "allow_takeover") {
		t.Errorf("hint %q", run.Hint)
	}
	w.wantMembers("101", numbers(1, 100)...)
	w.approve(run.RunID)
	w.one("vip", engine.Succeeded)
	w.wantMembers("101", numbers(1, 60)...)
}
