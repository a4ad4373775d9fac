package engine_test

import (
	"strings"
	"testing"
	"time"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// refusing makes HubSpot refuse to create and to update some records, until the faults are forgotten.
func (w *world) refusing(creates, updates string) {
	w.fault(sandbox.Fault{Operation: batchCreates, Effect: sandbox.EffectFailInputs, Category: "VALIDATION_ERROR", IDs: []string{creates}, Count: -1},
		sandbox.Fault{Operation: batchUpdates, Effect: sandbox.EffectFailInputs, Category: "VALIDATION_ERROR", IDs: []string{updates}, Count: -1})
}

// retries are the open rejects: how often they were tried, and the hours until they are tried again.
func (w *world) retries() []string {
	w.t.Helper()
	return w.rows("SELECT key, reason, n_tries, date_diff('minute', tried_at, retry_at) / 60 FROM rollcall.rejects WHERE until_run IS NULL ORDER BY ALL")
}

// What HubSpot refuses makes the run PARTIAL that tried it. Until it is tried again, which the ledger says, runs succeed without a call about it, and warn.
func TestObjectRefusedWaits(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 10, nil)
	w.newcomers(1, 10)
	w.refusing("new-00000@example.com", ids([]int{7})[0])
	w.one("people", engine.Partial)
	wantRows(t, w.retries(), "contact-00007@example.com refused 1 1", "new-00000@example.com refused 1 1")
	w.sandbox.ForgetCalls()
	for range 2 {
		run := w.one("people", engine.Succeeded)
		if w.objectCalls() != 0 || !run.Plan.Empty() || *run.Unchanged != 9 || *run.Final != 10 {
			t.Errorf("%d object calls, unchanged %d, final %d: %+v", w.objectCalls(), *run.Unchanged, *run.Final, run)
		}
		wantWords(t, run.Warning, "HubSpot refused 2 records", "again from", "--retry-rejects")
	}
	if since := w.rows("SELECT count(DISTINCT since_run) FROM rollcall.rejects WHERE detail LIKE '%VALIDATION_ERROR%'"); since[0] != "1" {
		t.Errorf("rejects begin with %v runs", since)
	}
}

// A refused record is tried again after an hour, then after twice the time, up to a day. since_run stays the first run.
func TestObjectRefusedIsTriedAgain(t *testing.T) {
	t.Parallel()
	var later time.Duration
	w := newPeople(t, 10, nil, clockAhead(&later))
	w.newcomers(1, 10)
	w.refusing("new-00000@example.com", ids([]int{7})[0])
	first := w.one("people", engine.Partial)
	for i, hours := range []int{1, 2, 4, 8, 16, 24, 24} {
		later += time.Duration(hours)*time.Hour - 10*time.Minute
		w.one("people", engine.Succeeded)
		later += 20 * time.Minute
		run := w.one("people", engine.Partial)
		want := []string{"2", "4", "8", "16", "24", "24", "24"}[i]
		tries := string(rune('2' + i))
		wantRows(t, w.retries(), "contact-00007@example.com refused "+tries+" "+want, "new-00000@example.com refused "+tries+" "+want)
		if run.Plan.Add != 1 || run.Plan.Update != 1 || run.Warning != "" {
			t.Errorf("try %s: %+v", tries, run.Plan)
		}
	}
	wantRows(t, w.rows("SELECT DISTINCT since_run FROM rollcall.rejects"), first.RunID)
}

// A refused record is tried at once when the query has another value, and when somebody asks for it; once HubSpot takes it, it is no reject any more.
func TestObjectRefusedIsTriedAtOnce(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 10, nil)
	w.newcomers(1, 10)
	w.refusing("new-00000@example.com", ids([]int{7})[0])
	w.one("people", engine.Partial)
	w.exec("UPDATE customers SET city = 'Rom' WHERE email LIKE '%00007%'")
	second := w.one("people", engine.Partial)
	wantRows(t, w.rows("SELECT key, since_run, n_tries FROM rollcall.rejects WHERE until_run IS NULL AND key LIKE '%00007%'"), "contact-00007@example.com "+second.RunID+" 1")
	wantRows(t, w.rows("SELECT key FROM rollcall.rejects WHERE until_run = '"+second.RunID+"'"), "contact-00007@example.com")
	w.sandbox.ForgetFaults()
	w.one("people", engine.Succeeded)
	last := w.runWith(engine.RunOptions{RetryRejects: true}, "people")[0]
	if last.Status != engine.Succeeded || *last.Added != 1 || *last.Updated != 1 || last.Warning != "" {
		t.Errorf("%+v", last)
	}
	wantRows(t, w.rejects())
	wantRows(t, w.rows("SELECT DISTINCT until_run FROM rollcall.rejects ORDER BY 1"), second.RunID, last.RunID)
	w.sandbox.ForgetCalls()
	if run := w.one("people", engine.Succeeded); w.objectCalls() != 0 || *run.Unchanged != 11 {
		t.Errorf("%d object calls, unchanged %d", w.objectCalls(), *run.Unchanged)
	}
}

// A refused change that somebody has made by hand is no reject any more when its time comes.
func TestObjectRefusedIsMadeByHand(t *testing.T) {
	t.Parallel()
	var later time.Duration
	w := newPeople(t, 10, nil, clockAhead(&later))
	w.newcomers(0, 10)
	w.refusing("", ids([]int{7})[0])
	w.one("people", engine.Partial)
	if err := w.sandbox.PatchObject("contacts", ids([]int{7})[0], map[string]string{"city": "Ulm"}); err != nil {
		t.Fatal(err)
	}
	later = 61 * time.Minute
	if run := w.one("people", engine.Succeeded); !run.Plan.Empty() || run.Warning != "" {
		t.Errorf("%+v", run)
	}
	wantRows(t, w.rejects())
}

// A dry run and a blocked run try nothing: the time of the next try stays.
func TestObjectRetriesNeedARun(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 10, nil)
	w.newcomers(0, 10)
	w.refusing("", ids([]int{7})[0])
	w.one("people", engine.Partial)
	before := w.rows("FROM rollcall.rejects")
	if run := w.runWith(engine.RunOptions{DryRun: true, RetryRejects: true}, "people")[0]; run.Plan.Update != 1 {
		t.Errorf("%+v", run.Plan)
	}
	w.exec("UPDATE rollcall.syncs SET min_rows = 100")
	if run := w.runWith(engine.RunOptions{RetryRejects: true}, "people")[0]; run.Status != engine.Blocked {
		t.Errorf("%+v", run)
	}
	wantRows(t, w.rows("FROM rollcall.rejects"), before...)
}

// A key without a record is looked up again as a refused record is tried, and at once where the row lets the record be created.
func TestObjectUnmatchedIsLookedUpAgain(t *testing.T) {
	t.Parallel()
	var later time.Duration
	w := newPeople(t, 10, map[string]string{"mode": "'update'"}, clockAhead(&later))
	w.newcomers(2, 10)
	look := func(reads int) (run engine.Run) {
		t.Helper()
		if n := w.calls(batchRead, func() { run = w.one("people", engine.Succeeded) }); n != reads {
			t.Errorf("%d look-ups, want %d", n, reads)
		}
		return run
	}
	look(1)
	for range 2 {
		if run := look(0); run.Plan.Unmatched != 2 {
			t.Errorf("%+v", run.Plan)
		}
	}
	later = 61 * time.Minute
	look(1)
	wantRows(t, w.retries(), "new-00000@example.com not_found 2 2", "new-00001@example.com not_found 2 2")
	if _, err := w.sandbox.CreateObject("contacts", map[string]string{"email": "new-00000@example.com"}); err != nil {
		t.Fatal(err)
	}
	look(0)
	if n := w.calls(batchRead, func() { w.runWith(engine.RunOptions{RetryRejects: true}, "people") }); n != 1 {
		t.Errorf("%d look-ups at --retry-rejects", n)
	}
	wantRows(t, w.retries(), "new-00001@example.com not_found 3 4")
	w.exec("UPDATE rollcall.syncs SET mode = 'upsert'")
	if run := w.one("people", engine.Succeeded); *run.Added != 1 {
		t.Errorf("%+v", run)
	}
	wantRows(t, w.rejects())
}

// A value that HubSpot keeps otherwise than it was sent is sent again when somebody asks for it.
func TestObjectNotTakenIsSentAgain(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 2, nil)
	w.exec("INSERT INTO customers VALUES ('contact-00001@example.com', 'Contact', 'Bonn')")
	override := sandbox.Fault{Operation: batchUpdates, Effect: sandbox.EffectOverride, IDs: ids([]int{1}), Properties: map[string]string{"city": "Berlin"}}
	w.fault(override)
	w.one("people", engine.Succeeded)
	w.fault(override)
	retry := engine.RunOptions{RetryRejects: true}
	for _, still := range []string{"not_taken", ""} {
		w.runWith(retry, "people")
		wantRows(t, w.lastChanges(), "update done contact-00001@example.com map[city:[Berlin Bonn]]")
		w.one("people", engine.Succeeded)
		if got := strings.Join(w.rows("SELECT reason FROM rollcall.rejects WHERE until_run IS NULL"), " "); got != still {
			t.Errorf("reject %q, want %q", got, still)
		}
	}
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.rejects"), "1")
}

// Keys of a list that have no record are looked up again when somebody asks for it.
func TestListRetriesRejects(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.people(1, 2, 20)
	w.sync("vip", map[string]string{"list_id": "'101'"})
	w.one("vip", engine.Succeeded)
	for want, o := range []engine.RunOptions{{}, {RetryRejects: true}} {
		if n := w.calls(batchRead, func() { w.runWith(o, "vip") }); n != want {
			t.Errorf("%+v: %d look-ups, want %d", o, n, want)
		}
	}
}
