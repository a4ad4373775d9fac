package engine_test

import (
	"context"
	"testing"
	"time"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// An approval is for the plan of its moment: where the fault was corrected before anything ran, it does not wait for the next fault.
func TestApprovalDoesNotOutliveASuccess(t *testing.T) {
	t.Parallel()
	w := full(t, 20, nil)
	w.people()
	first := w.one("vip", engine.Blocked)
	w.approve(first.RunID)
	w.people(numbers(1, 20)...)
	mended := w.one("vip", engine.Succeeded)
	w.people()
	w.one("vip", engine.Blocked)
	w.wantMembers("101", numbers(1, 20)...)
	w.wantApprovalRefused(first.RunID, "superseded by run "+mended.RunID, "SUCCEEDED")
}

// However many gave it, it counts once; and who gives it again when it was used is told so.
func TestApprovalCountsOnceHoweverManyGaveIt(t *testing.T) {
	t.Parallel()
	w, first := blocked(t)
	second := w.one("vip", engine.Blocked)
	w.approve(first.RunID)
	w.approve(second.RunID)
	w.exec("INSERT INTO rollcall.approvals (run_id, approved_by) VALUES (" + quote(first.RunID) + ", 'bob')")
	run := w.one("vip", engine.Succeeded)
	w.wantMembers("101", 1, 2, 3)
	wantRows(t, w.rows("SELECT DISTINCT used_by FROM rollcall.approvals"), run.RunID)
	w.wantApprovalRefused(first.RunID, "already applied by run "+run.RunID, " UTC")
	w.wantApprovalRefused(second.RunID, "already applied by run "+run.RunID)
	w.byHand("101", numbers(4, 20), nil)
	w.one("vip", engine.Blocked)
	w.wantMembers("101", numbers(1, 20)...)
}

// Less than what was approved passes; additions do not count.
func TestApprovalCoversLess(t *testing.T) {
	t.Parallel()
	w, first := blocked(t)
	w.approve(first.RunID)
	w.people(1, 2, 3, 4, 5, 31, 32)
	run := w.one("vip", engine.Succeeded)
	if len(run.Plan.Violations) == 0 || run.ApprovedRun != first.RunID {
		t.Fatalf("the run needs no approval: %+v", run)
	}
	w.wantMembers("101", 1, 2, 3, 4, 5, 31, 32)
}

// A later blocked plan that removes less does not end what covers it.
func TestApprovalIsNotSupersededByLess(t *testing.T) {
	t.Parallel()
	w, first := blocked(t)
	w.people(1, 2, 3, 4, 5)
	w.one("vip", engine.Blocked)
	w.approve(first.RunID)
	w.people(1, 2, 3)
	w.one("vip", engine.Succeeded)
	w.wantMembers("101", 1, 2, 3)
}

// The same people on another list are another plan.
func TestApprovalIsForOneList(t *testing.T) {
	t.Parallel()
	w, first := blocked(t)
	w.list("202", "another", "contacts")
	w.byHand("202", numbers(1, 20), nil)
	w.approve(first.RunID)
	w.exec("UPDATE rollcall.syncs SET list_id = '202'")
	second := w.one("vip", engine.Blocked)
	w.wantMembers("202", numbers(1, 20)...)
	w.exec("UPDATE rollcall.syncs SET list_id = '101'")
	w.wantApprovalRefused(first.RunID, "superseded by run "+second.RunID)
}

func TestApprovalExpires(t *testing.T) {
	t.Parallel()
	var passed time.Duration
	for name, approve := range map[string]func(*world, string){
		"given": func(w *world, run string) { w.approve(run) },
		"inserted": func(w *world, run string) {
			w.exec("INSERT INTO rollcall.approvals (run_id) VALUES (" + quote(run) + ")")
			w.people(1)
			w.runWith(engine.RunOptions{DryRun: true}, "vip")
			w.people(1, 2, 3)
		},
	} {
		passed = 0
		w := sandboxWorld(t, 100, sandbox.Options{}, clockAhead(&passed), func(c *engine.Config) { c.ApprovalTTL = time.Hour })
		w.sync("vip", map[string]string{"list_id": "101"})
		w.people(numbers(1, 20)...)
		w.one("vip", engine.Succeeded)
		w.people(1, 2, 3)
		run := w.one("vip", engine.Blocked)
		approve(w, run.RunID)
		passed = 59 * time.Minute
		w.approve(run.RunID) // which does not extend it
		passed = 61 * time.Minute
		if last := w.run("vip")[0]; last.Status != engine.Blocked {
			t.Fatalf("%s: an approval of an hour ago lets a plan pass: %+v", name, last)
		}
		w.wantApprovalRefused(run.RunID, "expired at ")
	}
}

// Runs that changed nothing and found out nothing about the plan leave the approval as it is.
func TestApprovalOutlivesRunsThatSentNothing(t *testing.T) {
	t.Parallel()
	w, first := blocked(t)
	w.approve(first.RunID)
	w.people(1)
	if runs := w.runWith(engine.RunOptions{DryRun: true}, "vip"); runs[0].Status != engine.DryRun {
		t.Fatalf("%+v", runs)
	}
	w.exec("ALTER TABLE people RENAME TO persons")
	w.one("vip", engine.Failed)
	w.exec("ALTER TABLE persons RENAME TO people")
	w.people(1, 2, 3)
	w.one("vip", engine.Succeeded)
	w.wantMembers("101", 1, 2, 3)
}

// Undoing a run and keeping the list equal to the query are two things: neither ends an approval of the other.
func TestApprovalOfUndoingAndOfRunning(t *testing.T) {
	t.Parallel()
	w := full(t, 20, nil)
	first := w.row("SELECT run_id FROM rollcall.runs")
	undo := w.undo(first, engine.Blocked)
	w.approve(undo.RunID)
	w.people(1)
	run := w.one("vip", engine.Blocked)
	w.approve(run.RunID)
	w.people(numbers(1, 20)...)
	w.one("vip", engine.Succeeded)
	wantRows(t, w.rows("SELECT run_id FROM rollcall.pending_approvals"), undo.RunID)
	w.undo(first, engine.Succeeded)
	w.wantMembers("101")
}

// A plan that was cut short continues under its approval, until a run succeeds.
func TestPlanThatWasCutShortGoesOn(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string]func(t *testing.T, w *world){
		"in the middle": func(t *testing.T, w *world) {
			w.fault(sandbox.Fault{Operation: writes, Status: 403, After: 2, Count: 1})
			w.one("vip", engine.Failed)
			w.wantMembers("101", append(numbers(1, 3), numbers(12, 20)...)...)
		},
		"before anything was sent": func(t *testing.T, w *world) {
			ctx, cancel := context.WithCancel(t.Context())
			w.config.Failpoint = func(step string) {
				if step == "after record intent" {
					cancel()
				}
			}
			w.reopen()
			runs, err := w.engine.Run(ctx, []string{"vip"}, engine.RunOptions{})
			if len(runs) != 1 || runs[0].Status != engine.Interrupted {
				t.Fatalf("%+v, %v", runs, err)
			}
			w.config.Failpoint = nil
			w.reopen()
			w.wantMembers("101", numbers(1, 20)...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := sandboxWorld(t, 100, sandbox.Options{}, chunks(4))
			w.sync("vip", map[string]string{"list_id": "101", "max_removals": "2", "max_removal_pct": "100"})
			w.people(numbers(1, 20)...)
			w.one("vip", engine.Succeeded)
			w.people(1, 2, 3)
			first := w.one("vip", engine.Blocked)
			w.approve(first.RunID)
			cut(t, w)
			w.approve(first.RunID) // it counts still
			wantRows(t, w.rows("SELECT run_id, used_by IS NOT NULL FROM rollcall.pending_approvals"), first.RunID+" true")

			w.one("vip", engine.Succeeded)
			w.wantMembers("101", 1, 2, 3)
			w.wantApprovalRefused(first.RunID, "already applied by run ")
			w.byHand("101", numbers(4, 20), nil)
			w.one("vip", engine.Blocked)
			w.wantMembers("101", numbers(1, 20)...)
		})
	}
}

// An approval that came by INSERT and lets nothing pass is told, with the reason.
func TestUselessApprovalIsTold(t *testing.T) {
	t.Parallel()
	w, first := blocked(t)
	w.people(1, 2)
	second := w.one("vip", engine.Blocked)
	w.exec("INSERT INTO rollcall.approvals (run_id, approved_by) VALUES (" + quote(first.RunID) + ", 'bob'), ('nonsense', 'bob')")
	wantWords(t, w.row("SELECT what_to_do FROM rollcall.status"), "the approval of run "+first.RunID+" does not count: superseded by run "+second.RunID, "rollcall approve "+second.RunID)
	wantRows(t, w.rows("SELECT void_reason FROM rollcall.approval_status WHERE run_id = 'nonsense'"), "there is no run nonsense")
	w.one("vip", engine.Blocked)
	w.wantMembers("101", numbers(1, 20)...)
	wantRows(t, w.rows("SELECT sync FROM rollcall.pending_approvals"))
}

// A sync's name means its run that was blocked last; the beginning of an ID is enough where it is one run's only.
func TestApproveByNameAndByBeginning(t *testing.T) {
	t.Parallel()
	w, first := blocked(t)
	w.people(1, 2)
	second := w.one("vip", engine.Blocked)
	w.wantApprovalRefused(first.RunID[:4], "several runs begin with "+first.RunID[:4])
	w.wantApprovalRefused("", "no run")
	w.sync("other", map[string]string{"list_id": "102"})
	w.wantApprovalRefused("other", "no run of other is BLOCKED")
	a, err := w.engine.Approve(t.Context(), "vip", "ann")
	if err != nil || a.RunID != second.RunID || a.Remove != 18 || a.Current != 20 || len(a.Sample) != 18 || a.Sample[0].Key != address(3) || a.By != "ann" {
		t.Fatalf("%+v, %v", a, err)
	}
	wantWords(t, a.Error, "max_removal_pct")
	if a, err = w.engine.Approve(t.Context(), second.RunID[:len(second.RunID)-2], "bob"); err != nil || a.By != "ann" {
		t.Fatalf("the second approval: %+v, %v", a, err)
	}
	wantRows(t, w.rows("SELECT run_id FROM rollcall.approvals"), second.RunID)
	undo, err := w.engine.Undo(t.Context(), w.row("SELECT left(run_id, 34) FROM rollcall.runs WHERE status = 'SUCCEEDED'"), engine.RunOptions{DryRun: true})
	if err != nil || undo.Status != engine.DryRun {
		t.Fatalf("undo: %+v, %v", undo, err)
	}
}

// Making a list is approved for one name; and the list that was made before the run was cut short is the one that continues.
func TestApprovalOfMakingAList(t *testing.T) {
	t.Parallel()
	w := sandboxWorld(t, 100, sandbox.Options{}, chunks(2))
	w.sync("vip", map[string]string{"list_name": "'New'", "min_rows": "5"})
	w.people(1, 2, 3)
	first := w.one("vip", engine.Blocked)
	w.approve(first.RunID)
	wantRows(t, w.rows("SELECT makes_list FROM rollcall.runs WHERE run_id = "+quote(first.RunID)), "New")
	w.exec("UPDATE rollcall.syncs SET list_name = 'Another'")
	second := w.one("vip", engine.Blocked)
	w.wantApprovalRefused(first.RunID, "superseded by run "+second.RunID)

	a, err := w.engine.Approve(t.Context(), "vip", "ann")
	if err != nil || a.MakesList != "Another" || a.ListID != "" || a.Add != 3 {
		t.Fatalf("%+v, %v", a, err)
	}
	w.fault(sandbox.Fault{Operation: writes, Status: 403})
	if cut := w.one("vip", engine.Failed); cut.ApprovedRun != second.RunID || cut.ListID == "" {
		t.Fatalf("%+v", cut)
	}
	run := w.one("vip", engine.Succeeded)
	if run.ApprovedRun != second.RunID {
		t.Fatalf("it needs min_rows, and continued under no approval: %+v", run)
	}
	w.wantMembers(run.ListID, 1, 2, 3)
	if n := w.sandbox.CountCalls("lists.create"); n != 1 {
		t.Errorf("%d lists made", n)
	}
	w.wantApprovalRefused(second.RunID, "already applied by run "+run.RunID)
}
