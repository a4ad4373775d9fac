package engine_test

import (
	"errors"
	"testing"

	"rollcall/engine"
	"rollcall/engine/hint"
)

func TestApprovedPlanPassesOnce(t *testing.T) {
	t.Parallel()
	w, first := blocked(t)
	w.approve(first.RunID)
	w.approve(first.RunID) // saying yes twice is one yes
	wantRows(t, w.rows("SELECT state, what_to_do FROM rollcall.status"), "BLOCKED approved: rollcall run vip applies it")
	wantRows(t, w.rows("SELECT run_id, plan_hash, sync, approved_by, used_by, date_diff('hour', approved_at, expires_at) FROM rollcall.approvals"),
		first.RunID+" "+first.Plan.Hash+" vip ann <nil> 72")
	wantRows(t, w.rows("SELECT sync, run_id, approved_by FROM rollcall.pending_approvals"), "vip "+first.RunID+" ann")

	run := w.one("vip", engine.Succeeded)
	wantCounts(t, run, "0 17 0 3")
	w.wantMembers("101", 1, 2, 3)
	wantRows(t, w.rows("SELECT used_by, used_at IS NOT NULL FROM rollcall.approvals"), run.RunID+" true")
	wantRows(t, w.rows("SELECT approved_run FROM rollcall.runs WHERE run_id = "+quote(run.RunID)), first.RunID)
	wantRows(t, w.rows("SELECT sync FROM rollcall.pending_approvals"))

	// The same plan comes again: that yes was used up.
	w.byHand("101", numbers(4, 20), nil)
	again := w.one("vip", engine.Blocked)
	if again.Plan.Hash != first.Plan.Hash {
		t.Error("the same plan has another hash")
	}
	w.wantMembers("101", numbers(1, 20)...)
}

func TestChangedPlanNeedsAnotherYes(t *testing.T) {
	t.Parallel()
	w, first := blocked(t)
	w.approve(first.RunID)
	w.people(1, 2)
	second := w.one("vip", engine.Blocked)
	w.wantMembers("101", numbers(1, 20)...)
	if second.Plan.Hash == first.Plan.Hash {
		t.Fatal("another plan has the same hash")
	}
	wantRows(t, w.rows("SELECT sync FROM rollcall.pending_approvals"))
	w.wantApprovalRefused(first.RunID, "superseded by run "+second.RunID, "BLOCKED")
	w.approve(second.RunID)
	w.one("vip", engine.Succeeded)
	w.wantMembers("101", 1, 2)
	wantRows(t, w.rows("SELECT run_id = '"+second.RunID+"', used_at IS NOT NULL FROM rollcall.approvals ORDER BY 1"), "false false", "true true")
}

// A yes can be a row, written where nobody has the program.
func TestApprovalByInsert(t *testing.T) {
	t.Parallel()
	w, first := blocked(t)
	w.exec("INSERT INTO rollcall.approvals (run_id) VALUES (" + quote(first.RunID) + "), (" + quote(first.RunID) + ")")
	w.one("vip", engine.Succeeded)
	w.wantMembers("101", 1, 2, 3)
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.approvals WHERE used_at IS NULL"), "0")
	w.byHand("101", numbers(4, 20), nil)
	w.one("vip", engine.Blocked)
}

// An approval names the plan that a person saw: one for another plan, or for a run that was not blocked, lets nothing pass.
func TestApprovalOfSomethingElse(t *testing.T) {
	t.Parallel()
	w, first := blocked(t)
	w.exec("INSERT INTO rollcall.approvals (run_id, plan_hash) VALUES (" + quote(first.RunID) + ", 'another')")
	w.exec("INSERT INTO rollcall.approvals (run_id) SELECT run_id FROM rollcall.runs WHERE status = 'SUCCEEDED'")
	w.exec("INSERT INTO rollcall.approvals (run_id) VALUES ('no such run')")
	w.one("vip", engine.Blocked)
	w.wantMembers("101", numbers(1, 20)...)
}

// The yes for one sync's plan is not one for another sync that has the same changes.
func TestApprovalIsForOneSync(t *testing.T) {
	t.Parallel()
	w, first := blocked(t)
	w.approve(first.RunID)
	w.exec("UPDATE rollcall.syncs SET name = 'other'")
	w.one("other", engine.Blocked)
	w.wantMembers("101", numbers(1, 20)...)
}

func TestApproveRefuses(t *testing.T) {
	t.Parallel()
	w := full(t, 3, nil)
	done := w.row("SELECT run_id FROM rollcall.runs")
	for name, c := range map[string]struct {
		runID string
		words []string
	}{
		"an unknown run":             {"nonsense", []string{"no run nonsense"}},
		"a run that was not blocked": {done, []string{done, "vip", "SUCCEEDED"}},
	} {
		_, err := w.engine.Approve(t.Context(), c.runID, "ann")
		var usage *hint.UsageError
		if !errors.As(err, &usage) || hint.Of(err) == "" {
			t.Errorf("%s: %v, want a usage error with a hint", name, err)
			continue
		}
		wantWords(t, err.Error(), c.words...)
	}
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.approvals"), "0")
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	w, first := blocked(t)
	w.approve(first.RunID)
	w.byHand("101", []int{30}, []int{1}) // somebody else was there too
	first = w.one("vip", engine.Blocked)
	w.approve(first.RunID)
	members, approvals := w.rows("FROM rollcall.members ORDER BY ALL"), w.rows("FROM rollcall.approvals ORDER BY ALL")
	before := w.sandbox.CountCalls(writes)

	runs := w.runWith(engine.RunOptions{DryRun: true}, "vip")
	if len(runs) != 1 || runs[0].Status != engine.DryRun || !runs[0].DryRun {
		t.Fatalf("dry run: %+v", runs)
	}
	wantWords(t, runs[0].Detail, "would add 1 and remove 18", "max_removal_pct")
	wantRows(t, w.rows("FROM rollcall.members ORDER BY ALL"), members...)
	wantRows(t, w.rows("FROM rollcall.approvals ORDER BY ALL"), approvals...)
	w.wantStates(runs[0], "add planned 1, remove planned 18")
	wantRows(t, w.rows("SELECT status, dry_run, n_to_add, n_to_remove, n_added, n_removed, n_final FROM rollcall.runs WHERE run_id = '"+runs[0].RunID+"'"),
		"DRY_RUN true 1 18 0 0 20")
	if n := w.sandbox.CountCalls(writes) - before; n != 0 {
		t.Errorf("%d writes of a dry run", n)
	}

	// The row may say it, too; a list that is missing is not made.
	w.sync("new", map[string]string{"list_name": "'Not there'", "dry_run": "true"})
	run := w.one("new", engine.DryRun)
	if run.ListID != "" || w.sandbox.CountCalls("lists.create") != 0 {
		t.Errorf("a dry run made list %q", run.ListID)
	}
	// The yes is still good.
	w.one("vip", engine.Succeeded)
	w.wantMembers("101", 1, 2, 3)
}

// A dry run hides neither that the sync is blocked nor what to do; of a row that only tries, dry runs are what there is.
func TestDryRunDoesNotHideABlockedOne(t *testing.T) {
	t.Parallel()
	w := full(t, 20, nil)
	w.people(1)
	blocked := w.one("vip", engine.Blocked)
	if runs := w.runWith(engine.RunOptions{DryRun: true}, "vip"); runs[0].Status != engine.DryRun {
		t.Fatalf("%+v", runs)
	}
	const query = "SELECT state, run_id, what_to_do FROM rollcall.status"
	wantRows(t, w.rows(query), "BLOCKED "+blocked.RunID+" look at the plan, then rollcall approve "+blocked.RunID)
	w.exec("UPDATE rollcall.syncs SET dry_run = true")
	tried := w.one("vip", engine.DryRun)
	wantRows(t, w.rows(query), "DRY_RUN "+tried.RunID+` see what the query returns: rollcall sql --sync vip -c "FROM desired"`)
	w.exec("UPDATE rollcall.syncs SET dry_run = false")
	wantRows(t, w.rows(query), "BLOCKED "+blocked.RunID+" look at the plan, then rollcall approve "+blocked.RunID)
}
