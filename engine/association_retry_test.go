package engine_test

import (
	"testing"
	"time"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// newRefused is a world of which HubSpot refuses to link contact 7, and to label contact 8, until the faults are forgotten.
func newRefused(t *testing.T, change ...func(*engine.Config)) *world {
	t.Helper()
	w := newLinks(t, 10, map[string]string{"max_removal_pct": "100"}, change...)
	for n := 1; n <= 7; n++ {
		w.job(n, acme)
	}
	w.job(8, acme+" Decision maker")
	w.fault(sandbox.Fault{Operation: linkDefaults, Effect: sandbox.EffectFailInputs, Category: "VALIDATION_ERROR", IDs: ids([]int{7}), Count: -1},
		sandbox.Fault{Operation: linkCreates, Effect: sandbox.EffectRefuse, IDs: ids([]int{8}), Count: -1})
	return w
}

// What HubSpot refuses makes the run PARTIAL that tried it. Until it is tried again, which the ledger says, runs succeed without a call about it, and warn.
func TestAssociationRefusedWaits(t *testing.T) {
	t.Parallel()
	w := newRefused(t)
	w.one("jobs", engine.Partial)
	wantRows(t, w.retries(), "contact-00007@example.com → "+acme+" refused 1 1", "contact-00008@example.com → "+acme+" refused 1 1")
	w.sandbox.ForgetCalls()
	for range 2 {
		run := w.one("jobs", engine.Succeeded)
		if w.linkCalls() != 0 || !run.Plan.Empty() || *run.Final != 6 {
			t.Errorf("%d calls about associations, final %d: %+v", w.linkCalls(), *run.Final, run)
		}
		wantWords(t, run.Warning, "HubSpot refused changes of 2 pairs of records", "again from", "--retry-rejects")
	}
	if n := w.calls("", func() { w.one("jobs", engine.Succeeded) }); n != 0 {
		t.Errorf("%d calls", n)
	}
	wantRows(t, w.rows("SELECT count(DISTINCT since_run), bool_and(detail <> '') FROM rollcall.rejects"), "1 true")
}

// A refused pair is tried again after an hour, then after twice the time, up to a day. since_run stays the first run.
func TestAssociationRefusedIsTriedAgain(t *testing.T) {
	t.Parallel()
	var later time.Duration
	w := newRefused(t, clockAhead(&later))
	first := w.one("jobs", engine.Partial)
	for i, hours := range []int{1, 2, 4, 8, 16, 24, 24} {
		later += time.Duration(hours)*time.Hour - 10*time.Minute
		w.one("jobs", engine.Succeeded)
		later += 20 * time.Minute
		run := w.one("jobs", engine.Partial)
		tries, want := string(rune('2'+i)), []string{"2", "4", "8", "16", "24", "24", "24"}[i]
		wantRows(t, w.retries(), "contact-00007@example.com → "+acme+" refused "+tries+" "+want, "contact-00008@example.com → "+acme+" refused "+tries+" "+want)
		if run.Plan.Add != 3 || run.Warning != "" {
			t.Errorf("try %s: %+v", tries, run.Plan)
		}
	}
	wantRows(t, w.rows("SELECT DISTINCT since_run FROM rollcall.rejects"), first.RunID)
}

// A refused pair is tried at once when the query asks for other links of it, and when somebody asks for it; once HubSpot takes it, it is no reject any more.
func TestAssociationRefusedIsTriedAtOnce(t *testing.T) {
	t.Parallel()
	w := newRefused(t)
	w.one("jobs", engine.Partial)
	w.label("Buyer")
	w.jobs(8, acme+" Buyer")
	second := w.one("jobs", engine.Partial)
	wantRows(t, w.rows("SELECT key, since_run, n_tries FROM rollcall.rejects WHERE until_run IS NULL AND key LIKE '%-00008%'"), "contact-00008@example.com → "+acme+" "+second.RunID+" 1")
	wantRows(t, w.rows("SELECT key FROM rollcall.rejects WHERE until_run = '"+second.RunID+"'"), "contact-00008@example.com → "+acme)
	w.sandbox.ForgetFaults()
	w.one("jobs", engine.Succeeded)
	w.wantLinked(7)
	last := w.runWith(engine.RunOptions{RetryRejects: true}, "jobs")[0]
	wantCounts(t, last, "3 0 0 9")
	if last.Warning != "" {
		t.Errorf("warning %q", last.Warning)
	}
	w.wantLinked(7, acme)
	w.wantLinked(8, acme+" Buyer")
	wantRows(t, w.rejects())
	wantRows(t, w.rows("SELECT DISTINCT until_run FROM rollcall.rejects ORDER BY 1"), second.RunID, last.RunID)
}

// A refused pair that somebody has linked by hand, or that has left the query, is no reject any more.
func TestAssociationRefusedIsMadeByHand(t *testing.T) {
	t.Parallel()
	w := newRefused(t)
	w.one("jobs", engine.Partial)
	w.associate(7, acme)
	w.jobs(8)
	if run := w.runWith(engine.RunOptions{Full: true}, "jobs")[0]; run.Status != engine.Succeeded || !run.Plan.Empty() || run.Warning != "" {
		t.Errorf("%+v", run)
	}
	wantRows(t, w.rejects())
}

// What HubSpot refuses to end waits likewise.
func TestAssociationRefusedUnlinkWaits(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 10, map[string]string{"max_removal_pct": "100"})
	for n := 1; n <= 4; n++ {
		w.job(n, acme)
	}
	w.one("jobs", engine.Succeeded)
	w.jobs(1)
	w.jobs(2)
	w.fault(sandbox.Fault{Operation: linkArchives, Effect: sandbox.EffectRefuse, IDs: ids([]int{2}), Count: -1})
	wantCounts(t, w.one("jobs", engine.Partial), "0 1 0 3")
	w.wantLinked(1)
	wantRows(t, w.retries(), "contact-00002@example.com → "+acme+" refused 1 1")
	w.sandbox.ForgetCalls()
	if run := w.one("jobs", engine.Succeeded); w.linkCalls() != 0 || !run.Plan.Empty() {
		t.Errorf("%d calls, %+v", w.linkCalls(), run.Plan)
	}
	w.sandbox.ForgetFaults()
	wantCounts(t, w.runWith(engine.RunOptions{RetryRejects: true}, "jobs")[0], "0 1 0 2")
	wantRows(t, w.rejects())
}

// A dry run and a blocked run try nothing: the time of the next try stays. Undoing a run is not held back.
func TestAssociationRetriesNeedARun(t *testing.T) {
	t.Parallel()
	w := newRefused(t)
	first := w.one("jobs", engine.Partial)
	before := w.rows("FROM rollcall.rejects")
	if run := w.runWith(engine.RunOptions{DryRun: true, RetryRejects: true}, "jobs")[0]; run.Plan.Add != 3 {
		t.Errorf("%+v", run.Plan)
	}
	w.exec("UPDATE rollcall.syncs SET min_rows = 100, allow_empty = true")
	if run := w.runWith(engine.RunOptions{RetryRejects: true}, "jobs")[0]; run.Status != engine.Blocked {
		t.Errorf("%+v", run)
	}
	wantRows(t, w.rows("FROM rollcall.rejects"), before...)
	w.undo(first.RunID, engine.Succeeded)
	w.wantLinked(1)
	wantRows(t, w.rows("FROM rollcall.rejects"), before...)
}
