package engine_test

import (
	"testing"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// renew gives a contact another address, and no further one.
func (w *world) renew(contact int, email string) {
	w.t.Helper()
	if err := w.sandbox.PatchObject("contacts", ids([]int{contact})[0], map[string]string{"email": email, "hs_additional_emails": ""}); err != nil {
		w.t.Fatal(err)
	}
}

// A cached "not found" does not remove the member who has the address by now.
func TestNotFoundKeyThatMemberHasByNow(t *testing.T) {
	t.Parallel()
	w := full(t, 5, nil)
	w.exec("INSERT INTO people VALUES ('new@example.com', 'vip')")
	w.one("vip", engine.Succeeded)
	w.renew(1, "new@example.com")
	w.exec("DELETE FROM people WHERE email = '" + address(1) + "'")
	run := w.one("vip", engine.Succeeded)
	if n := len(w.rows("SELECT 1 FROM rollcall.changes WHERE run_id = " + quote(run.RunID))); n != 0 || run.Plan.Unmatched != 0 {
		t.Errorf("%d changes, %d keys without a record; want none: %s", n, run.Plan.Unmatched, run.Detail)
	}
	w.wantConverged("vip", "101", 1, 2, 3, 4, 5)
	if n := w.calls(batchRead, func() { w.one("vip", engine.Succeeded) }); n != 0 {
		t.Errorf("%d batch reads by a run with nothing to do: the answer was not kept", n)
	}
}

// An address that moved from one member to another keeps its new owner, and the former one goes in the same run.
func TestAddressThatMovedBetweenMembers(t *testing.T) {
	t.Parallel()
	w := full(t, 5, nil)
	w.renew(1, "elsewhere@example.com")
	w.renew(2, address(1))
	w.exec("DELETE FROM people WHERE email = '" + address(2) + "'")
	w.one("vip", engine.Succeeded)
	w.wantConverged("vip", "101", 2, 3, 4, 5)
}

// In mode remove, a member whose address has passed to another contact stays, and the other one goes.
func TestAddressThatMovedInModeRemove(t *testing.T) {
	t.Parallel()
	w := full(t, 5, map[string]string{"max_removal_pct": "100"})
	w.exec("UPDATE rollcall.syncs SET mode = 'remove'")
	w.people(1)
	w.renew(1, "elsewhere@example.com")
	w.renew(2, address(1))
	w.one("vip", engine.Succeeded)
	w.wantMembers("101", 1, 3, 4, 5)
}

// A record that would go and about which HubSpot says nothing is not removed.
func TestRecordWithoutAnswerStays(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{
		"it can't be read":  {Operation: batchRead, Status: 500, Count: -1},
		"it is passed over": {Operation: batchRead, Effect: sandbox.EffectOmit, IDs: ids([]int{1}), Count: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := full(t, 5, nil)
			w.people(2, 3, 4, 5)
			w.fault(fault)
			run := w.one("vip", engine.Failed)
			if run.Hint == "" {
				t.Errorf("no hint for %q", run.Error)
			}
			w.wantMembers("101", 1, 2, 3, 4, 5)
			w.sandbox.ForgetFaults()
			w.wantConverged("vip", "101", 2, 3, 4, 5)
		})
	}
}

// The records that would go are read once, as many to a call as it carries; a plan that stays blocked reads a thousand at the most, and
// a run that asked for every key anew none.
func TestCallsForRecordsThatWouldGo(t *testing.T) {
	t.Parallel()
	const n = 1_500
	w := newWorld(t, n)
	w.sync("vip", map[string]string{"list_id": "101"})
	fill := "DELETE FROM people; INSERT INTO people SELECT printf('contact-%05d@example.com', n), 'vip' FROM range("
	w.exec(fill + "1, 1501) r(n)")
	w.one("vip", engine.Succeeded)
	w.exec(fill + "1, 101) r(n)")
	if got := w.calls(batchRead, func() { w.one("vip", engine.Blocked) }); got != 10 {
		t.Errorf("%d reads for a plan that is blocked, want 10", got)
	}
	w.exec("UPDATE rollcall.syncs SET max_removal_pct = 100")
	if got := w.calls(batchRead, func() { w.one("vip", engine.Succeeded) }); got != 14 {
		t.Errorf("%d reads for 1,400 removals, want 14", got)
	}
	w.wantMembers("101", numbers(1, 100)...)
	w.people(numbers(1, 50)...)
	if got := w.calls(batchRead, func() { w.runWith(engine.RunOptions{Full: true}, "vip") }); got != 1 {
		t.Errorf("%d reads by a run that asks for every key anew, want one for the keys", got)
	}
	w.wantMembers("101", numbers(1, 50)...)
}

// Where foreign members stay, the contact that took over Rollcall's own member in a merge is Rollcall's: it goes when its key leaves the
// query, at once or later. Members whom somebody put there by hand stay.
func TestSurvivorOfOwnMemberIsOwn(t *testing.T) {
	t.Parallel()
	for name, later := range map[string]bool{"the key leaves with the merge": false, "the key leaves later": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := full(t, 5, map[string]string{"foreign_members": "'keep'"})
			if _, err := w.sandbox.MergeContacts(ids([]int{50})[0], ids([]int{2})[0]); err != nil {
				t.Fatal(err)
			}
			w.byHand("101", []int{60}, nil)
			if later {
				w.one("vip", engine.Succeeded)
				w.wantMembers("101", 1, 3, 4, 5, 50, 60)
				w.wantOwned("101", 1, 3, 4, 5, 50)
			}
			w.people(1, 3, 4, 5)
			run := w.one("vip", engine.Succeeded)
			w.wantMembers("101", 1, 3, 4, 5, 60)
			w.wantOwned("101", 1, 3, 4, 5)
			wantRows(t, w.rows("SELECT action, key, cause FROM rollcall.changes WHERE run_id = "+quote(run.RunID)), "remove "+address(2)+" left")
		})
	}
}

// A contact that was deleted and made again under its address is Rollcall's as the one before was, though nothing was merged.
func TestContactMadeAgainIsOwn(t *testing.T) {
	t.Parallel()
	w := full(t, 5, map[string]string{"foreign_members": "'keep'"})
	if err := w.sandbox.DeleteObject("contacts", ids([]int{2})[0]); err != nil {
		t.Fatal(err)
	}
	again, err := w.sandbox.CreateContact(map[string]string{"email": address(2)})
	if err == nil {
		err = w.sandbox.AddMembers("101", again)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.byHand("101", []int{60}, nil)
	w.people(1, 3, 4, 5)
	run := w.one("vip", engine.Succeeded)
	w.wantMembers("101", 1, 3, 4, 5, 60)
	wantRows(t, w.rows("SELECT action, record_id, cause FROM rollcall.changes WHERE run_id = "+quote(run.RunID)), "remove "+again+" left")
}

// A contact that does not have the address of the one that was merged into it is known by that one's ID.
func TestSurvivorWithoutTheKeyIsOwn(t *testing.T) {
	t.Parallel()
	w := full(t, 5, map[string]string{"foreign_members": "'keep'"})
	survivor := ids([]int{50})[0]
	_, err := w.sandbox.MergeContacts(survivor, ids([]int{2})[0])
	if err == nil {
		err = w.sandbox.PatchObject("contacts", survivor, map[string]string{"hs_additional_emails": ""})
	}
	if err != nil {
		t.Fatal(err)
	}
	w.people(1, 3, 4, 5)
	w.one("vip", engine.Succeeded)
	w.wantMembers("101", 1, 3, 4, 5)
}
