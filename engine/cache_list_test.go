package engine_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"rollcall/engine"
)

// rename gives a list another name, as a person in HubSpot would.
func (w *world) rename(listID, name string) {
	w.t.Helper()
	address := w.config.HubSpot.BaseURL + "/crm/v3/lists/" + listID + "/update-list-name?listName=" + url.QueryEscape(name)
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodPut, address, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer test")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		w.t.Fatalf("rename list %s: %s", listID, answer.Status)
	}
}

// Fifty quiet lists are told by one search.
func TestFiftyQuietListsTakeOneCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 20)
	for i := range 50 {
		id := strconv.Itoa(1000 + i)
		w.list(id, "list "+id, "")
		w.sync("s"+id, map[string]string{"list_id": quote(id)})
	}
	w.people(numbers(1, 20)...)
	w.run()
	if n := w.calls("", func() { w.run() }); n != 1 {
		t.Errorf("%d calls for fifty quiet lists, want one search", n)
	}
	w.wantMembers("1049", numbers(1, 20)...)
}

// A list that the row names, in whatever case, is cached like one whose ID it gives, also if Rollcall made it.
func TestNamedListsAreCached(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 20)
	w.sync("theirs", map[string]string{"list_name": "'vip CUSTOMERS'"})
	w.sync("ours", map[string]string{"list_name": "'Made by us'"})
	w.people(numbers(1, 10)...)
	w.run()
	w.wantQuietRuns(1)
	w.wantMembers("101", numbers(1, 10)...)
	w.byHand("101", nil, []int{3})
	if run := w.one("theirs", engine.Succeeded); run.Plan.Restored != 1 {
		t.Errorf("%+v, want one restored", run.Plan)
	}
}

// A list that Rollcall filled stays the row's when it is renamed, whoever has the name now. Where it is deleted, another that has its name
// is taken; a new one is not made unless somebody says so.
func TestNamedListThatIsRenamedOrGone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		deleted, taken bool
		list           string
		words          []string // of the detail, or of the error
	}{
		"renamed":                       {false, false, "101", []string{`list 101, "VIP customers" in the row, is called "Old customers" by now`}},
		"renamed, another has the name": {false, true, "101", []string{"Old customers"}},
		"deleted":                       {true, false, "", []string{"list_gone: list 101", "VIP customers", "90 days"}},
		"deleted, another has the name": {true, true, "501", []string{"list 101 is gone, and list 501 has its name"}},
	} {
		for _, full := range []bool{false, true} {
			t.Run(fmt.Sprint(name, " full ", full), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, 20)
				w.sync("vip", map[string]string{"list_name": "'VIP customers'"})
				w.people(numbers(1, 10)...)
				w.one("vip", engine.Succeeded)
				w.wantQuietRuns(1, "vip")
				if c.deleted {
					if err := w.sandbox.DeleteList("101"); err != nil {
						t.Fatal(err)
					}
				} else {
					w.rename("101", "Old customers")
				}
				if c.taken {
					w.list("501", "VIP customers", "")
					w.byHand("501", []int{9, 12}, nil)
				}
				run := w.runWith(engine.RunOptions{Full: full}, "vip")[0]
				wantWords(t, run.Detail+run.Error, c.words...)
				if c.list == "" {
					if run.Status != engine.Blocked || w.sandbox.CountCalls("lists.create") != 0 {
						t.Fatalf("%s: %s", run.Status, run.Error)
					}
					w.approve(run.RunID)
					run = w.one("vip", engine.Succeeded)
					if !run.MadeList {
						t.Error("no list was made")
					}
				} else if run.ListID != c.list {
					t.Errorf("list %s, want %s", run.ListID, c.list)
				}
				w.wantMembers(run.ListID, numbers(1, 10)...)
				w.one("vip", engine.Succeeded) // the first to see the new list's metadata
				w.wantQuietRuns(1, "vip")
				w.people(numbers(1, 5)...)
				if again := w.one("vip", engine.Succeeded); again.ListID != run.ListID {
					t.Errorf("list %s at last, want %s", again.ListID, run.ListID)
				}
				w.wantMembers(run.ListID, numbers(1, 5)...)
			})
		}
	}
}

// A list that is renamed is still the same to a row that gives its ID.
func TestRenamedListIsKnownByItsID(t *testing.T) {
	t.Parallel()
	w := full(t, 5, nil)
	w.rename("101", "Old customers")
	w.wantQuietRuns(1, "vip")
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.members WHERE list_id = '101'"), "5")
}

// That a list was made is a fact of the run that made it.
func TestMadeListIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 20)
	w.sync("ours", map[string]string{"list_name": "'Made by us'"})
	w.sync("theirs", map[string]string{"list_id": "101"})
	w.people(numbers(1, 3)...)
	for _, run := range w.run() {
		if run.MadeList != (run.Sync == "ours") {
			t.Errorf("%s: made_list %t", run.Sync, run.MadeList)
		}
		if run.MadeList {
			wantWords(t, run.Detail, "made list "+run.ListID+` "Made by us"; added 3`)
		}
	}
	w.run()
	wantRows(t, w.rows("SELECT sync, made_list, count(*) FROM rollcall.history GROUP BY ALL ORDER BY ALL"), "ours false 1", "ours true 1", "theirs false 2")
}

// Two rows may be for one list, by its ID and by its name, where neither mirrors it: both are right, and it is looked at once.
func TestListKnownByIDAndByName(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 20)
	w.sync("by_id", map[string]string{"list_id": "101", "mode": "'add'"})
	w.sync("by_name", map[string]string{"list_name": "'VIP customers'", "mode": "'add'", "query": quote("SELECT 1000015 AS hs_object_id"), "id_property": "'hs_object_id'"})
	w.people(numbers(1, 5)...)
	for _, run := range w.run() {
		if run.Status != engine.Succeeded {
			t.Errorf("%s: %s: %s", run.Sync, run.Status, run.Error)
		}
	}
	w.wantMembers("101", 1, 2, 3, 4, 5, 15)
	wantRows(t, w.rows("SELECT count(*), count(DISTINCT record_id) FROM rollcall.members WHERE list_id = '101'"), "6 6")
	w.run() // what the second one added is reconciled
	w.wantQuietRuns(1)
}

// Where one of them mirrors the list, only the first runs.
func TestMirroredListKnownByIDAndByName(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 20)
	w.sync("a_by_id", map[string]string{"list_id": "101"})
	w.sync("b_by_name", map[string]string{"list_name": "'VIP customers'", "mode": "'add'", "query": quote("SELECT 1000015 AS hs_object_id"), "id_property": "'hs_object_id'"})
	w.people(numbers(1, 5)...)
	for range 2 {
		w.run()
		wantRows(t, w.rows("SELECT sync, status FROM rollcall.runs QUALIFY row_number() OVER (PARTITION BY sync ORDER BY run_at DESC) = 1 ORDER BY ALL"),
			"a_by_id SUCCEEDED", "b_by_name FAILED")
		w.wantMembers("101", numbers(1, 5)...)
	}
	wantWords(t, fmt.Sprint(w.rows("SELECT error FROM rollcall.runs WHERE sync = 'b_by_name' LIMIT 1")), "a_by_id")
}
