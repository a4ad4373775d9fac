package engine_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// A key that several syncs desire is asked about once, and not again in the next run.
func TestKeysAreAskedAboutOnceForAllSyncs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 200)
	for _, id := range []string{"201", "202", "203"} {
		w.list(id, "list "+id, "contacts")
		w.sync("s"+id, map[string]string{"list_id": quote(id)})
	}
	w.people(numbers(1, 150)...)
	if n := w.calls(batchRead, func() { w.run() }); n != 2 {
		t.Errorf("%d batch reads for 150 keys of three syncs, want 2", n)
	}
	for _, id := range []string{"201", "202", "203"} {
		w.wantMembers(id, numbers(1, 150)...)
	}
	if n := w.calls("", func() { w.run() }); n != 1 {
		t.Errorf("%d calls for three quiet lists, want one search", n)
	}
}

// A cached answer is looked up again when it is old, and with Full at once.
func TestAnswersGrowOld(t *testing.T) {
	t.Parallel()
	var passed time.Duration
	w := newWorld(t, 50, clockAhead(&passed))
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(1, 2)
	w.exec("INSERT INTO people VALUES ('late@example.com', 'vip')")
	w.one("vip", engine.Succeeded)
	if _, err := w.sandbox.CreateContact(map[string]string{"email": "late@example.com"}); err != nil {
		t.Fatal(err)
	}
	passed = 59 * time.Minute
	if n := w.calls(batchRead, func() { w.one("vip", engine.Succeeded) }); n != 0 {
		t.Errorf("%d batch reads before anything is old", n)
	}
	passed = 61 * time.Minute // only the missing one
	if run := w.one("vip", engine.Succeeded); *run.Added != 1 {
		t.Errorf("added %d, want the contact that was made meanwhile", *run.Added)
	}
	passed = 25 * time.Hour
	if n := w.calls(batchRead, func() { w.one("vip", engine.Succeeded) }); n != 1 {
		t.Errorf("%d batch reads after a day, want 1", n)
	}
	if n := w.calls(batchRead, func() { w.runWith(engine.RunOptions{Full: true}, "vip") }); n != 1 {
		t.Errorf("%d batch reads with Full, want 1", n)
	}
}

// Somebody makes the contact that HubSpot did not have, or gives one the address, and puts it on the list by hand. It is desired, so
// that it stays, though the cache says that nobody has its address; who is foreign indeed goes.
func TestForeignMemberWhoIsDesiredByNow(t *testing.T) {
	t.Parallel()
	const late = "late@example.com"
	for name, c := range map[string]struct {
		properties map[string]string
		fault      sandbox.Fault
		want       engine.Status
		unknown    int // further desired keys that nobody has
	}{
		"as the primary address":      {map[string]string{"email": late}, sandbox.Fault{}, engine.Succeeded, 0},
		"among many unknown keys":     {map[string]string{"email": late}, sandbox.Fault{}, engine.Succeeded, 5},
		"as a secondary address":      {map[string]string{"email": "another@example.com", "hs_additional_emails": late}, sandbox.Fault{}, engine.Succeeded, 5},
		"when HubSpot can't be read":  {map[string]string{"email": late}, sandbox.Fault{Operation: batchRead, Status: 500, Count: -1}, engine.Failed, 5},
		"when HubSpot passes it over": {map[string]string{"email": late}, sandbox.Fault{Operation: batchRead, Effect: sandbox.EffectOmit, IDs: ids([]int{51}), Count: -1}, engine.Failed, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 50)
			w.sync("vip", map[string]string{"list_id": "101"})
			w.people(1, 2)
			w.exec(fmt.Sprintf("INSERT INTO people VALUES ('%s', 'vip'); INSERT INTO people SELECT 'nobody' || n || '@example.com', 'vip' FROM range(%d) r(n)", late, c.unknown))
			w.one("vip", engine.Succeeded)
			made, err := w.sandbox.CreateContact(c.properties)
			if err == nil {
				err = w.sandbox.AddMembers("101", made, ids([]int{9})[0])
			}
			if err != nil {
				t.Fatal(err)
			}
			if c.fault.Operation != "" {
				w.fault(c.fault)
			}
			before := w.sandbox.CountCalls(batchRead)
			run := w.one("vip", c.want)
			if n := w.sandbox.CountCalls(batchRead) - before; c.want == engine.Succeeded && n != 1 {
				t.Errorf("%d batch reads, want one for the members who would go", n)
			}
			w.sandbox.ForgetFaults()
			if n := len(w.rows("SELECT 1 FROM rollcall.changes WHERE record_id = " + made)); n != 0 {
				t.Errorf("%d changes of the contact that is desired: %s", n, run.Detail)
			}
			w.one("vip", engine.Succeeded)
			wantRows(t, w.rows("SELECT record_id FROM rollcall.members WHERE NOT is_foreign ORDER BY 1"), append(ids([]int{1, 2}), made)...)
			if members, err := w.sandbox.Members("101"); err != nil || !slices.Equal(members, append(ids([]int{1, 2}), made)) {
				t.Errorf("list holds %v, %v", members, err)
			}
		})
	}
}

// A cached record that was deleted, and made again under another ID, is found again in the same run.
func TestRecordMadeAnew(t *testing.T) {
	t.Parallel()
	w := full(t, 5, nil)
	if err := w.sandbox.DeleteObject("contacts", ids([]int{3})[0]); err != nil {
		t.Fatal(err)
	}
	anew, err := w.sandbox.CreateContact(map[string]string{"email": address(3)})
	if err != nil {
		t.Fatal(err)
	}
	run := w.one("vip", engine.Succeeded)
	members, err := w.sandbox.Members("101")
	if err != nil || len(members) != 5 || members[4] != anew && members[3] != anew && members[2] != anew {
		t.Errorf("list holds %v, %v; want %s in it", members, err, anew)
	}
	w.wantStates(run, "add asked_again 1, add done 1")
	wantRows(t, w.rows("SELECT plan, n, batch, state FROM rollcall.changes WHERE run_id = "+quote(run.RunID)+" ORDER BY n"), "1 1 1 asked_again", "2 2 2 done")
	// The plan that was recorded stays as it was.
	wantRows(t, w.rows("SELECT n_to_add, n_added FROM rollcall.runs WHERE run_id = "+quote(run.RunID)), "1 1")
	if run.Plan.Add != 1 || run.Plan.Batches != 1 {
		t.Errorf("plan of the run: %d additions in %d batches, want 1 in 1", run.Plan.Add, run.Plan.Batches)
	}
	w.wantLedgerConsistent(run)
	if run = w.one("vip", engine.Succeeded); run.Plan.Add+run.Plan.Remove != 0 {
		t.Errorf("and then %+v, want nothing to do", run.Plan)
	}
}

// A contact that was merged into another one, who is on the list, is neither taken off nor put on again.
func TestMergedMemberKeepsItsPlace(t *testing.T) {
	t.Parallel()
	w := sandboxWorld(t, 20, sandbox.Options{MergeMakesNewID: true})
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(1, 2, 3, 4)
	w.one("vip", engine.Succeeded)
	survivor, err := w.sandbox.MergeContacts(ids([]int{2})[0], ids([]int{9})[0])
	if err != nil {
		t.Fatal(err)
	}
	on, err := w.sandbox.Members("101")
	if err != nil {
		t.Fatal(err)
	}
	kept := false
	for _, id := range on {
		kept = kept || id == survivor
	}
	w.people(1, 2, 3) // a removal beside it
	w.one("vip", engine.Succeeded)
	if n := len(w.rows("SELECT 1 FROM rollcall.changes WHERE action = 'remove' AND record_id = " + survivor)); kept && n != 0 {
		t.Error("the survivor of a merge was taken off the list")
	}
	members, err := w.sandbox.Members("101")
	if err != nil || len(members) != 3 {
		t.Errorf("list holds %v, %v; want three", members, err)
	}
	if run := w.one("vip", engine.Succeeded); run.Plan.Add+run.Plan.Remove != 0 {
		t.Errorf("and then %+v, want nothing to do", run.Plan)
	}
}

// An address that has passed to another contact is noticed when its answer is old, and with Full at once.
func TestAddressThatMoved(t *testing.T) {
	t.Parallel()
	w := full(t, 5, nil)
	if err := w.sandbox.PatchObject("contacts", ids([]int{3})[0], map[string]string{"email": "elsewhere@example.com", "hs_additional_emails": ""}); err != nil {
		t.Fatal(err)
	}
	if err := w.sandbox.Readdress(ids([]int{60})[0], address(3)); err != nil {
		t.Fatal(err)
	}
	w.runWith(engine.RunOptions{Full: true}, "vip")
	w.wantMembers("101", 1, 2, 4, 5, 60)
}

// What somebody does by hand is noticed at the next run, as soon as the list's metadata tells of it, and at a full read at the latest.
func TestForeignChangeBehindLaggingMetadata(t *testing.T) {
	t.Parallel()
	var passed time.Duration
	w := sandboxWorld(t, 50, sandbox.Options{MetadataLag: time.Hour}, clockAhead(&passed))
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 10)...)
	w.one("vip", engine.Succeeded)
	w.one("vip", engine.Succeeded) // reads the list, since its metadata does not tell of the write yet
	w.byHand("101", []int{40}, []int{1})
	w.one("vip", engine.Succeeded) // the metadata says what it said: nobody can know
	passed = 25 * time.Hour
	run := w.one("vip", engine.Succeeded)
	w.wantMembers("101", numbers(1, 10)...)
	if run.Plan.Restored != 1 || run.Plan.Foreign != 1 {
		t.Errorf("plan %+v, want one restored and one foreign", run.Plan)
	}
}

// Rollcall's own write settles: the run after it reads no page.
func TestOwnWriteSettles(t *testing.T) {
	t.Parallel()
	w := full(t, 10, nil)
	w.people(numbers(3, 12)...)
	w.one("vip", engine.Succeeded)
	if n := w.calls(pages, func() { w.one("vip", engine.Succeeded) }); n != 0 {
		t.Errorf("%d pages after a write of its own", n)
	}
	w.byHand("101", nil, []int{5})
	run := w.one("vip", engine.Succeeded)
	if run.Plan.Restored != 1 {
		t.Errorf("plan %+v, want one restored", run.Plan)
	}
}

// So does a write of several calls, of which the first add and the last remove.
func TestOwnWriteOfSeveralCallsSettles(t *testing.T) {
	t.Parallel()
	w := cachedWorld(t, chunks(2))
	if n := w.calls(writes, func() { w.one("vip", engine.Succeeded) }); n != 3 {
		t.Fatalf("%d writes, want 3", n)
	}
	w.wantQuietRuns(1, "vip")
	w.byHand("101", []int{19}, []int{5})
	run := w.one("vip", engine.Succeeded)
	if run.Plan.Restored != 1 || run.Plan.Foreign != 1 {
		t.Errorf("plan %+v, want one restored and one foreign", run.Plan)
	}
}

// A list that was renamed, deleted or made DYNAMIC is noticed although its members are cached.
func TestCachedListThatChanged(t *testing.T) {
	t.Parallel()
	w := full(t, 5, nil)
	if err := w.sandbox.ConvertList("101", sandbox.Dynamic); err != nil {
		t.Fatal(err)
	}
	wantWords(t, w.one("vip", engine.Failed).Error, "DYNAMIC")
	if err := w.sandbox.DeleteList("101"); err != nil {
		t.Fatal(err)
	}
	wantWords(t, w.one("vip", engine.Failed).Error, "no list 101")
}
