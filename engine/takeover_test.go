package engine_test

import (
	"testing"

	"rollcall/engine"
)

// The first run on a list that people filled does not take anybody off it unasked.
func TestTakeoverIsBlocked(t *testing.T) {
	t.Parallel()
	w := filled(t, nil)
	run := w.one("vip", engine.Blocked)
	w.wantMembers("101", numbers(1, 100)...)
	wantWords(t, run.Error, "takeover: 40 of 100 members were put there by others and would go")
	wantWords(t, run.Hint, "rollcall approve "+run.RunID, "allow_takeover = true")
	if len(run.Plan.Violations) != 1 {
		t.Errorf("violations: %+v", run.Plan.Violations)
	}
	if runs := w.runWith(engine.RunOptions{DryRun: true}, "vip"); runs[0].Status != engine.DryRun {
		t.Errorf("%+v", runs[0])
	}
	w.one("vip", engine.Blocked) // neither of them was a run on the list

	w.approve(run.RunID)
	w.one("vip", engine.Succeeded)
	w.wantMembers("101", numbers(1, 60)...)
	// From now on the list is Rollcall's, and the other guards do.
	w.byHand("101", []int{110}, nil)
	w.one("vip", engine.Succeeded)
	w.wantMembers("101", numbers(1, 60)...)
}

func TestTakeoverIsNotMeant(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		columns map[string]string
		people  []int
		after   []int
	}{
		"allowed by the row":   {map[string]string{"allow_takeover": "true"}, numbers(1, 60), numbers(1, 60)},
		"nobody would go":      {nil, numbers(1, 110), numbers(1, 110)},
		"foreign members stay": {map[string]string{"foreign_members": "'keep'"}, numbers(1, 60), numbers(1, 100)},
		"mode add":             {map[string]string{"mode": "'add'"}, numbers(1, 60), numbers(1, 100)},
		"mode remove":          {map[string]string{"mode": "'remove'"}, numbers(61, 100), numbers(1, 60)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := filled(t, c.columns)
			w.people(c.people...)
			w.one("vip", engine.Succeeded)
			w.wantMembers("101", c.after...)
		})
	}
}

// A first run that ended badly leaves the list as much others' as it was; one that HubSpot took in part does not.
func TestTakeoverAfterAFirstRunOnTheList(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]engine.Status{"FAILED": engine.Blocked, "INTERRUPTED": engine.Blocked, "PARTIAL": engine.Succeeded} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			w := filled(t, nil)
			w.people(numbers(1, 100)...)
			w.one("vip", engine.Succeeded)
			w.exec("UPDATE rollcall.runs SET status = " + quote(status))
			w.people(numbers(1, 60)...)
			w.exec("UPDATE rollcall.members SET is_foreign = true")
			w.one("vip", want)
		})
	}
}

// check reads neither the query nor the list, so it says what it knows: that no run has ended there, and how many members there are.
func TestCheckTellsOfATakeover(t *testing.T) {
	t.Parallel()
	w := filled(t, nil)
	check := func() []string {
		checked, err := w.engine.Check(t.Context(), nil)
		if err != nil || len(checked) != 1 || len(checked[0].Findings) > 0 {
			t.Fatalf("%+v, %v", checked, err)
		}
		return checked[0].Notes
	}
	notes := check()
	if len(notes) != 1 {
		t.Fatalf("notes: %v", notes)
	}
	wantWords(t, notes[0], "no run of Rollcall has ended on list 101", "100 members", "allow_takeover", "rollcall plan vip")
	w.exec("UPDATE rollcall.syncs SET allow_takeover = true")
	if notes := check(); len(notes) > 0 {
		t.Errorf("allowed: %v", notes)
	}
	w.one("vip", engine.Succeeded)
	w.exec("UPDATE rollcall.syncs SET allow_takeover = false")
	if notes := check(); len(notes) > 0 {
		t.Errorf("after a run: %v", notes)
	}
}
