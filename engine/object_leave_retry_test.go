package engine_test

import (
	"testing"
	"time"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// refusedLeavers is a world in which contact 1 and contact 2 have left the query, and HubSpot has refused to clear or archive contact 1.
func refusedLeavers(t *testing.T, onLeave string, change ...func(*engine.Config)) *world {
	t.Helper()
	w := newPeople(t, 4, map[string]string{"on_leave": quote(onLeave), "allow_takeover": "true", "max_removal_pct": "100"}, change...)
	w.newcomers(0, 4)
	w.one("people", engine.Succeeded)
	w.exec("DELETE FROM customers WHERE email <= 'contact-00002@example.com'")
	w.fault(sandbox.Fault{Operation: batchArchives, Effect: sandbox.EffectRefuse, IDs: ids([]int{1}), Count: -1},
		sandbox.Fault{Operation: batchUpdates, Effect: sandbox.EffectFailInputs, Category: "VALIDATION_ERROR", IDs: ids([]int{1}), Count: -1})
	run := w.one("people", engine.Partial)
	if *run.Removed != 1 {
		t.Errorf("%s: %+v", onLeave, run)
	}
	return w
}

// A record that HubSpot refuses to clear or to archive waits as other refused ones do: it is a reject, runs in between succeed without a call about it
// and warn, and the next try comes after an hour, and after twice the time.
func TestObjectRefusedToLeaveWaits(t *testing.T) {
	t.Parallel()
	for _, onLeave := range []string{"clear", "archive"} {
		var later time.Duration
		w := refusedLeavers(t, onLeave, clockAhead(&later))
		for _, try := range []struct{ tries, hours string }{{"1", "1"}, {"2", "2"}} {
			wantRows(t, w.retries(), "contact-00001@example.com refused "+try.tries+" "+try.hours)
			calls := w.objectCalls()
			for range 2 {
				run := w.one("people", engine.Succeeded)
				wantWords(t, run.Warning, "HubSpot refused 1 record", "--retry-rejects")
				if !run.Plan.Empty() || run.Plan.Invalid+run.Plan.Duplicate != 0 || *run.Unchanged != 2 {
					t.Errorf("%s: %+v", onLeave, run.Plan)
				}
			}
			if n := w.objectCalls() - calls; n != 0 {
				t.Errorf("%s: %d object calls while it waits", onLeave, n)
			}
			if later += 61 * time.Minute; try.tries == "1" {
				w.one("people", engine.Partial)
			}
		}
		w.sandbox.ForgetFaults()
		run := w.runWith(engine.RunOptions{RetryRejects: true}, "people")[0]
		if run.Status != engine.Succeeded || *run.Removed != 1 || run.Warning != "" {
			t.Errorf("%s: %+v", onLeave, run)
		}
		wantRows(t, w.rejects())
		w.wantNoMore()
	}
}

// A record that has not left after all, or that its row lets stay, waits for nothing; another action is tried at once.
func TestObjectRefusedToLeaveEnds(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		"INSERT INTO customers VALUES ('contact-00001@example.com', 'Contact', 'Ulm')": "",
		"UPDATE rollcall.syncs SET on_leave = 'keep'":                                  "",
		"UPDATE rollcall.syncs SET on_leave = 'archive'":                               "archive done 1000001 <nil>",
	} {
		w := refusedLeavers(t, "clear")
		w.exec(script)
		w.sandbox.ForgetFaults()
		w.one("people", engine.Succeeded)
		if got := w.leftChanges(); want != "" {
			wantRows(t, got, want)
		} else {
			wantRows(t, got)
		}
		wantRows(t, w.rejects())
		w.wantNoMore()
	}
}

// Who has been cleared by hand is no reject any more when its time comes; a dry run tries nothing.
func TestObjectRefusedToLeaveIsClearedByHand(t *testing.T) {
	t.Parallel()
	var later time.Duration
	w := refusedLeavers(t, "clear", clockAhead(&later))
	before := w.rows("FROM rollcall.rejects")
	if run := w.runWith(engine.RunOptions{DryRun: true, RetryRejects: true}, "people")[0]; run.Plan.Remove != 1 {
		t.Errorf("%+v", run.Plan)
	}
	wantRows(t, w.rows("FROM rollcall.rejects"), before...)
	w.patch(1, map[string]string{"city": "", "firstname": ""})
	later = 61 * time.Minute
	w.one("people", engine.Succeeded)
	wantRows(t, w.rejects())
	w.wantNoMore()
}
