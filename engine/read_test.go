package engine_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// pages is the operation that reads a list.
const pages = "memberships.get"

// A list of 1,600 members is seven pages, read from both ends; the faults hit those from the low end. Whatever is wrong with one of them, nobody is added or removed for it.
func TestListThatCannotBeReadWhole(t *testing.T) {
	t.Parallel()
	always := func(f sandbox.Fault) sandbox.Fault {
		f.Operation, f.Count = pages, -1
		return f
	}
	for name, c := range map[string]struct {
		options sandbox.Options
		fault   sandbox.Fault
		status  engine.Status
		words   []string
	}{
		"a page that repeats":                  {sandbox.Options{}, always(sandbox.Fault{Effect: sandbox.EffectRepeat, Records: 3}), engine.Failed, []string{"came twice"}},
		"a page that repeats, without a total": {sandbox.Options{OmitTotal: true}, always(sandbox.Fault{Effect: sandbox.EffectRepeat, Records: 3}), engine.Failed, []string{"came twice"}},
		"a page that skips":                    {sandbox.Options{}, always(sandbox.Fault{Effect: sandbox.EffectSkip, Records: 3}), engine.Failed, []string{"HubSpot counts 1600"}},
		"a page that repeats once":             {sandbox.Options{}, sandbox.Fault{Operation: pages, Effect: sandbox.EffectRepeat, Nth: 4}, engine.Succeeded, nil},
		"a page that skips once":               {sandbox.Options{}, sandbox.Fault{Operation: pages, Effect: sandbox.EffectSkip, Nth: 4}, engine.Succeeded, nil},
		"a total that disagrees": {
			sandbox.Options{}, always(sandbox.Fault{Status: 200, Body: `{"results":[{"recordId":"1000001"}],"total":600}`}), engine.Failed, []string{"1 members", "600"},
		},
		"an empty page of a full list":    {sandbox.Options{}, always(sandbox.Fault{Status: 200, Body: `{"results":[],"total":600}`}), engine.Failed, []string{"0 members", "600"}},
		"no members, and no total":        {sandbox.Options{}, always(sandbox.Fault{Status: 200, Body: `{"results":[]}`}), engine.Failed, []string{"no members", "1600"}},
		"a partial success":               {sandbox.Options{}, always(sandbox.Fault{Status: 207, Body: `{"results":[]}`}), engine.Failed, []string{"207"}},
		"an answer without members in it": {sandbox.Options{}, always(sandbox.Fault{Status: 200, Body: `{}`}), engine.Failed, []string{"empty answer"}},
		"an empty answer":                 {sandbox.Options{}, always(sandbox.Fault{Effect: sandbox.EffectEmpty}), engine.Failed, []string{"empty answer"}},
		"an error on the second page":     {sandbox.Options{}, sandbox.Fault{Operation: pages, Status: 500, After: 1, Count: -1}, engine.Failed, []string{"500"}},
		"a truncated page":                {sandbox.Options{}, always(sandbox.Fault{Effect: sandbox.EffectTruncate}), engine.Failed, nil},
		"a list deleted while it is read": {sandbox.Options{}, sandbox.Fault{Operation: pages, Effect: sandbox.EffectDeleteList, ListID: "101", After: 1}, engine.Failed, []string{"list 101"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := sandboxWorld(t, 1700, c.options, atOnce, func(c *engine.Config) { c.Concurrency = 1 })
			w.byHand("101", numbers(1, 1600), nil)
			w.sync("vip", map[string]string{"list_id": "101"})
			w.people(numbers(2, 1601)...)
			w.fault(c.fault)
			run := w.one("vip", c.status)
			wantWords(t, run.Error, c.words...)
			if c.status == engine.Succeeded {
				wantCounts(t, run, "1 1 0 1600")
				return
			}
			if n := w.sandbox.CountCalls(writes); n != 0 {
				t.Errorf("%d writes after a list that was not read whole", n)
			}
			w.wantMembers("101", numbers(1, 1600)...)
			w.wantOwned("101")
			wantRows(t, w.rows("SELECT n_to_add, n_final, error IS NOT NULL, finished_at IS NOT NULL FROM rollcall.runs"), "<nil> <nil> true true")
		})
	}
}

// movingWorld is a world whose list 101 has held contacts 1 to 600 for an hour, and whose list others change once with every page that
// is read of it, as long as change returns members to add or to remove by hand.
func movingWorld(t *testing.T, change func(page int) (add, remove []int)) *world {
	t.Helper()
	var ago atomic.Int64
	ago.Store(int64(time.Hour))
	clock := func() time.Time { return time.Now().Add(-time.Duration(ago.Load())) }
	w := sandboxWorld(t, 900, sandbox.Options{Now: clock}, atOnce, func(c *engine.Config) { c.Concurrency = 1 })
	w.byHand("101", numbers(1, 600), nil)
	ago.Store(0)
	page := 0
	w.config.Events = on(func(p engine.Progress) {
		if p.Step == "current" && p.Done < p.Total {
			page++
			add, remove := change(page)
			w.byHand("101", add, remove)
		}
	})
	w.reopen()
	w.sync("vip", map[string]string{"list_id": "101"})
	return w
}

// A list that others add to while it is read, at every run, is synced all the same. Who joined meanwhile is left alone in that run, and
// the list is read again by the next.
func TestListThatOthersAddToWhileItIsRead(t *testing.T) {
	t.Parallel()
	last := 0
	moving := true
	w := movingWorld(t, func(page int) (add, remove []int) {
		if last = page; moving {
			return []int{700 + page}, nil
		}
		return nil, nil
	})
	w.people(numbers(2, 601)...)
	run := w.one("vip", engine.Succeeded)
	wantCounts(t, run, fmt.Sprintf("1 1 0 %d", run.Plan.Current))
	if last < 2 {
		t.Fatalf("the list changed %d times", last)
	}
	w.wantMembers("101", append(numbers(2, 601), numbers(701, 700+last)...)...)
	wantWords(t, run.Detail, "left alone until the next run")

	if n := w.calls(pages, func() { w.one("vip", engine.Succeeded) }); n == 0 {
		t.Error("the list was cached after a reading during which it changed")
	}
	if !slices.Contains(w.members("101"), 700+last) {
		t.Errorf("%d joined while the list was read, and is not left alone", 700+last)
	}

	moving = false
	w.reopen()
	w.wantConverged("vip", "101", numbers(2, 601)...)
}

// A list that others take members from while it is read is whole when it held as many as HubSpot counted meanwhile.
func TestListThatOthersTakeFromWhileItIsRead(t *testing.T) {
	t.Parallel()
	w := movingWorld(t, func(page int) (add, remove []int) { return nil, []int{300 + page} })
	w.people(numbers(2, 300)...)
	w.exec("UPDATE rollcall.syncs SET max_removal_pct = 100")
	w.one("vip", engine.Succeeded)
	w.wantConverged("vip", "101", numbers(2, 300)...)
}

// A page that lacks members is found out also while the list changes.
func TestPageThatSkipsOnAListThatChanges(t *testing.T) {
	t.Parallel()
	w := movingWorld(t, func(page int) (add, remove []int) { return []int{700 + page}, nil })
	w.people(numbers(1, 600)...)
	w.fault(sandbox.Fault{Operation: pages, Effect: sandbox.EffectSkip, Records: 50, Count: -1})
	run := w.one("vip", engine.Failed)
	wantWords(t, run.Error, "could not be read whole", "HubSpot counts")
	wantWords(t, run.Hint, "nothing was sent")
	if n := w.sandbox.CountCalls(writes); n != 0 {
		t.Errorf("%d writes", n)
	}
}

// Additions need no whole reading: who was not read is at worst added once more, which changes nothing. Nobody counts as taken out by hand
// for that, and how many the list holds is not known.
func TestAddToAListThatCannotBeReadWhole(t *testing.T) {
	t.Parallel()
	w := sandboxWorld(t, 1700, sandbox.Options{}, atOnce, func(c *engine.Config) { c.Concurrency = 1 })
	w.sync("vip", map[string]string{"list_id": "101", "mode": "'add'"})
	w.people(numbers(1, 1600)...)
	w.one("vip", engine.Succeeded)
	w.people(numbers(1, 1601)...)
	w.byHand("101", []int{1650}, nil) // so that it is read
	w.fault(sandbox.Fault{Operation: pages, Effect: sandbox.EffectSkip, Records: 3, Count: -1})
	run := w.one("vip", engine.Succeeded)
	if *run.Added != 1 || run.Final != nil || run.Drift != nil {
		t.Errorf("added %d, final %s, drift %s; want 1, NULL, NULL", *run.Added, number(run.Final), number(run.Drift))
	}
	wantWords(t, run.Detail, "too fast")
	w.wantMembers("101", append(numbers(1, 1601), 1650)...)
	w.wantOwned("101", numbers(1, 1601)...)
	w.sandbox.ForgetFaults()
	if n := w.calls(pages, func() { run = w.one("vip", engine.Succeeded) }); n == 0 || run.Drift == nil || *run.Drift != 0 {
		t.Errorf("%d pages, drift %s; want the list read, and no drift but 1650, which is known", n, number(run.Drift))
	}
}

func TestListsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.list("104", "Companies", "companies")
	w.list("105", "Binned", "")
	if err := w.sandbox.DeleteList("105"); err != nil {
		t.Fatal(err)
	}
	w.people(1, 2)
	for sync, c := range map[string]struct {
		columns map[string]string
		words   []string
	}{
		"dynamic":       {map[string]string{"list_id": "103"}, []string{"DYNAMIC", "filters"}},
		"named_dynamic": {map[string]string{"list_name": "'everyone'"}, []string{"DYNAMIC"}},
		"missing":       {map[string]string{"list_id": "999"}, []string{"no list 999"}},
		"binned":        {map[string]string{"list_id": "105"}, []string{"105"}},
		"wrong_type":    {map[string]string{"list_id": "104"}, []string{"0-2", "contacts"}},
		"wrong_type_2":  {map[string]string{"list_id": "102", "object_type": "'companies'", "id_property": "'hs_object_id'", "query": quote("SELECT 9000000001 AS hs_object_id")}, []string{"0-1", "companies"}},
		"no_such_type":  {map[string]string{"list_id": "101", "object_type": "'pets'", "id_property": "'tag'", "query": quote("SELECT 1 AS tag")}, []string{"pets"}},
	} {
		w.sync(sync, c.columns)
		run := w.one(sync, engine.Failed)
		wantWords(t, run.Error, c.words...)
		if run.Hint == "" {
			t.Errorf("%s: no hint for %q", sync, run.Error)
		}
	}
	if n := w.sandbox.CountCalls(writes) + w.sandbox.CountCalls("lists.create"); n != 0 {
		t.Errorf("%d writes", n)
	}
	wantRows(t, w.rows("SELECT count(*) FROM rollcall.members"), "0")
}

// A SNAPSHOT list takes members like a MANUAL one.
func TestSnapshotList(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.people(1, 2)
	w.sync("news", map[string]string{"list_id": "102"})
	w.one("news", engine.Succeeded)
	w.wantMembers("102", 1, 2)
}

// A list that is made once is found from then on; one that somebody else makes first is taken.
func TestListByName(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.people(1, 2)
	w.sync("vip", map[string]string{"list_name": "'Made by us'"})
	first := w.one("vip", engine.Succeeded)
	wantRows(t, w.rows("SELECT list_id, n_added FROM rollcall.runs"), fmt.Sprintf("%s 2", first.ListID))
	w.wantConverged("vip", first.ListID, 1, 2)
	if n := w.sandbox.CountCalls("lists.create"); n != 1 {
		t.Errorf("%d lists made, want 1", n)
	}

	w.sync("lost", map[string]string{"list_name": "'Answer lost'"})
	w.fault(sandbox.Fault{Operation: "lists.create", Effect: sandbox.EffectResetAfter})
	lost := w.one("lost", engine.Succeeded)
	w.wantMembers(lost.ListID, 1, 2)
	w.wantConverged("lost", lost.ListID, 1, 2)
	if n := w.sandbox.CountCalls("lists.create"); n != 2 {
		t.Errorf("%d lists made, want 2", n)
	}
}

// What was to be done with a list that could not be made is in the ledger all the same.
func TestListThatCannotBeMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.people(1, 2)
	w.sync("vip", map[string]string{"list_name": "'Made by us'"})
	w.fault(sandbox.Fault{Operation: "lists.create", Status: 403})
	run := w.one("vip", engine.Failed)
	w.wantStates(run, "add planned 2")
	w.wantLedgerConsistent(run)
	wantWords(t, run.Detail, "2 not sent")
	again := w.one("vip", engine.Succeeded)
	wantRows(t, w.rows("SELECT list_id, count(*) FROM rollcall.changes WHERE run_id = "+quote(again.RunID)+" GROUP BY ALL"), again.ListID+" 2")
	w.wantConverged("vip", again.ListID, 1, 2)
}

// A list that was cached under its name and is deleted is replaced by the one that has the name now: made by the next run that may, or
// by somebody else.
func TestListByNameThatIsDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.people(1, 2)
	w.sync("vip", map[string]string{"list_name": "'Made by us'"})
	before := w.one("vip", engine.Succeeded).ListID
	for _, byUs := range []bool{true, false} {
		if err := w.sandbox.DeleteList(before); err != nil {
			t.Fatal(err)
		}
		if !byUs {
			w.list("900", "made BY us", "contacts")
		}
		if byUs {
			w.approve(w.one("vip", engine.Blocked).RunID)
		}
		run := w.one("vip", engine.Succeeded)
		if run.ListID == before || !byUs && run.ListID != "900" {
			t.Errorf("the run was about list %s; %s is deleted", run.ListID, before)
		}
		for range 5 {
			w.wantConverged("vip", run.ListID, 1, 2)
		}
		calls := w.sandbox.CountCalls("")
		w.one("vip", engine.Succeeded)
		if n := w.sandbox.CountCalls("") - calls; n != 1 {
			t.Errorf("a run with nothing to do took %d calls, want 1: the cache is of the list that exists", n)
		}
		before = run.ListID
	}
}

// Where HubSpot gives no total, nothing tells of a member that no page held. It is added once more, which changes nothing,
// or removed later; nobody who belongs on the list is lost.
func TestSkippedMembersWithoutATotal(t *testing.T) {
	t.Parallel()
	w := sandboxWorld(t, 700, sandbox.Options{OmitTotal: true}, func(c *engine.Config) { c.Concurrency = 1 })
	w.byHand("101", numbers(1, 600), nil)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(2, 601)...)
	w.fault(sandbox.Fault{Operation: pages, Effect: sandbox.EffectSkip, Records: 2, Count: -1})
	run := w.one("vip", engine.Succeeded)
	w.wantMembers("101", numbers(1, 601)...)       // 1 was not seen, so it could not be removed
	w.wantStates(run, "add already 3, add done 1") // 2 came before the first page, 253 and 254 between that and the second
	w.sandbox.ForgetFaults()
	w.wantConverged("vip", "101", numbers(2, 601)...)
}

// Pages that lead on for ever end the sync, whatever HubSpot counts, after some more calls than an honest list could take.
func TestPagesWithoutAnEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		total    string // beside the pages
		size     string // in the metadata
		members  int    // of a page
		mentions string
	}{
		"empty":                           {"", "10", 0, "with 0 members, and HubSpot counts 10 members"},
		"empty, without any count":        {"", "", 0, "does not count the members"},
		"a member a page":                 {"", "10", 1, "HubSpot counts 10 members"},
		"full, and the metadata counts":   {"", "10", 250, "HubSpot counts 10 members"},
		"full, and the total ever grows":  {"grows", "10", 2, "more pages after"},
		"full, and the total is too high": {`,"total":1000000`, "10", 0, "with 0 members"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls, last atomic.Int64
			endless := func(h http.Handler) http.Handler {
				return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					switch {
					case strings.HasSuffix(r.URL.Path, "/memberships"):
						n := calls.Add(1)
						members := make([]string, c.members)
						for i := range members {
							members[i] = fmt.Sprintf(`{"recordId":"%d"}`, last.Add(1))
						}
						total := c.total
						if total == "grows" {
							total = fmt.Sprintf(`,"total":%d`, last.Load()+5)
						}
						fmt.Fprintf(rw, `{"results":[%s],"paging":{"next":{"after":"%d"}}%s}`, strings.Join(members, ","), n, total)
					case strings.HasSuffix(r.URL.Path, "/lists/2026-09/search"):
						fmt.Fprintf(rw, `{"lists":[{"listId":"101","name":"VIP","objectTypeId":"0-1","processingType":"MANUAL","additionalProperties":{"hs_list_size":%q}}],"hasMore":false,"offset":0,"total":1}`, c.size)
					default:
						h.ServeHTTP(rw, r)
					}
				})
			}
			w := wrappedWorld(t, 10, endless, func(c *engine.Config) { c.Concurrency = 1 })
			w.sync("vip", map[string]string{"list_id": "101"})
			w.people(1, 2)
			run := w.one("vip", engine.Failed)
			wantWords(t, run.Error, "list 101 could not be read whole", c.mentions)
			wantWords(t, run.Hint, "hubspot_url")
			if n := calls.Load(); n > 400 {
				t.Errorf("%d pages were read", n)
			}
			if n := w.sandbox.CountCalls(writes); n != 0 {
				t.Errorf("%d writes", n)
			}
		})
	}
}

// Pages that lead back to an earlier one would be read for ever.
func TestPagesInACircle(t *testing.T) {
	t.Parallel()
	next := map[string]string{"": "a", "a": "b", "b": "a"}
	circle := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if !strings.HasSuffix(r.URL.Path, "/memberships") {
				h.ServeHTTP(rw, r)
				return
			}
			fmt.Fprintf(rw, `{"results":[],"paging":{"next":{"after":%q}}}`, next[r.URL.Query().Get("after")])
		})
	}
	w := wrappedWorld(t, 10, circle)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(1, 2)
	wantWords(t, w.one("vip", engine.Failed).Error, "circle")
}
