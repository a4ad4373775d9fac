package engine_test

import (
	"errors"
	"slices"
	"testing"

	"rollcall/engine"
	"rollcall/engine/hint"
)

func TestRowsThatClash(t *testing.T) {
	t.Parallel()
	id, name := map[string]string{"list_id": "101"}, map[string]string{"list_name": "'VIP customers'"}
	with := func(columns map[string]string, column, value string) map[string]string {
		more := map[string]string{column: value}
		for c, v := range columns {
			more[c] = v
		}
		return more
	}
	const same, early, late = "'2026-01-02'", "'2026-01-01'", "'2026-01-03'"
	for title, c := range map[string]struct {
		a, b             map[string]string
		createdA, create string
		fails            []string // syncs that must not run
		list             []int
	}{
		"two mirrors of one id":           {id, map[string]string{"list_id": "' 101 '"}, same, same, []string{"a", "b"}, nil},
		"two mirrors of one name":         {name, map[string]string{"list_name": "'vip Customers'"}, same, same, []string{"a", "b"}, nil},
		"by id and by name":               {id, name, same, same, []string{"a", "b"}, nil},
		"a mirror and one that adds":      {id, with(id, "mode", "'add'"), same, same, []string{"a", "b"}, nil},
		"the second is newer":             {id, id, early, late, []string{"b"}, []int{1}},
		"the first is newer":              {id, id, late, early, []string{"a"}, []int{2}},
		"by id and by name, newer":        {id, name, early, late, []string{"b"}, []int{1}},
		"by id, newer, and by name":       {id, name, late, early, []string{"a"}, []int{2}},
		"one adds, a newer one mirrors":   {with(id, "mode", "'add'"), name, early, late, []string{"b"}, []int{1}},
		"one of them has no date":         {id, id, "NULL", late, []string{"a", "b"}, nil},
		"a mirror and one that is off":    {id, with(id, "enabled", "false"), late, early, nil, []int{1}},
		"two that add":                    {with(id, "mode", "'add'"), with(id, "mode", "'add'"), same, same, nil, []int{1, 2}},
		"two that add, by id and by name": {with(id, "mode", "'add'"), with(name, "mode", "'add'"), same, same, nil, []int{1, 2}},
		"one that adds, one that removes": {with(id, "mode", "'add'"), with(id, "mode", "'remove'"), same, same, nil, []int{1}},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 10)
			w.clashing("a", 1, with(c.a, "created_at", c.createdA))
			w.clashing("b", 2, with(c.b, "created_at", c.create))
			w.wantClash(c.fails...)
			w.wantMembers("101", c.list...)
		})
	}
}

// clashing writes a row whose query returns one contact, unless the columns have a query.
func (w *world) clashing(sync string, number int, columns map[string]string) {
	w.t.Helper()
	if columns["query"] == "" {
		columns["query"] = quote("SELECT '" + address(number) + "' AS email")
	}
	w.sync(sync, columns)
}

// wantClash runs all syncs, and wants these to fail for others that claim their lists, and the rest to continue.
func (w *world) wantClash(fails ...string) {
	w.t.Helper()
	for _, run := range w.run() {
		failed := slices.Contains(fails, run.Sync)
		if failed != (run.Status == engine.Failed) || failed && !run.Invalid {
			w.t.Errorf("%s is %s (%s)", run.Sync, run.Status, run.Error)
		}
		if failed {
			wantWords(w.t, run.Error, "claimed by")
			wantWords(w.t, run.Hint, "UNION")
		}
	}
}

// wantFound wants check and plan to refuse these syncs for others that claim their lists, and no others.
func (w *world) wantFound(fails ...string) {
	w.t.Helper()
	checked, err := w.engine.Check(w.t.Context(), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range checked {
		if want := slices.Contains(fails, c.Sync); want != (len(c.Findings) > 0) {
			w.t.Errorf("check %s: %+v", c.Sync, c.Findings)
		} else if want {
			wantWords(w.t, c.Findings[0].Error, "claimed by")
		}
	}
	err = w.engine.Plan(w.t.Context(), nil, func(p engine.Preview, _ *engine.Console) error {
		if want := slices.Contains(fails, p.Sync); want != p.Invalid || want != (p.Plan == nil) {
			w.t.Errorf("plan %s: %s", p.Sync, p.Error)
		} else if want {
			wantWords(w.t, p.Error, "claimed by")
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// A cached list is one list, whether a row gives its ID or its name. The row that had it continues, whatever the dates say.
func TestAKnownListIsClaimedOnce(t *testing.T) {
	t.Parallel()
	for title, c := range map[string][2]map[string]string{
		"by id, then by name":     {{"list_id": "101"}, {"list_name": "'vip CUSTOMERS'"}},
		"by name, then by id":     {{"list_name": "'vip CUSTOMERS'"}, {"list_id": "101"}},
		"by id both":              {{"list_id": "101"}, {"list_id": "101"}},
		"by name both":            {{"list_name": "'VIP customers'"}, {"list_name": "'VIP customers'"}},
		"the newer one only adds": {{"list_id": "101"}, {"list_name": "'VIP customers'", "mode": "'add'"}},
		"the older one only adds": {{"list_id": "101", "mode": "'add'"}, {"list_name": "'VIP customers'"}},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 10)
			c[0]["created_at"], c[1]["created_at"] = "'2026-01-02'", "'2026-01-01'"
			w.clashing("had_it", 1, c[0])
			w.one("had_it", engine.Succeeded)
			w.clashing("comes", 2, c[1])
			w.wantFound("comes")
			calls := w.sandbox.CountCalls("")
			w.one("comes", engine.Failed)
			if n := w.sandbox.CountCalls("") - calls; n != 0 {
				t.Errorf("%d calls for a row that can't run", n)
			}
			w.wantClash("comes")
			w.wantMembers("101", 1)

			// Where the run that left the list is no longer in the ledger, the last one that ended well there counts.
			w.exec("DELETE FROM rollcall.runs WHERE run_id IN (SELECT run_id FROM rollcall.lists)")
			w.wantFound("comes")
			// Who takes the list over by leaving it last has it from then on.
			w.exec("UPDATE rollcall.syncs SET enabled = (name = 'comes')")
			w.one("comes", engine.Succeeded)
			w.exec("UPDATE rollcall.syncs SET enabled = true")
			w.wantFound("had_it")
		})
	}
}

// Before the list is cached, the lookup decides it, also before anything is sent.
func TestAListThatIsLookedUpIsClaimedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.clashing("a_comes", 1, map[string]string{"list_id": "101", "created_at": "'2026-01-02'"})
	w.clashing("b_had_it", 2, map[string]string{"list_name": "'VIP customers'", "created_at": "'2026-01-01'"})
	w.wantFound("a_comes")
	w.wantClash("a_comes")
	w.wantMembers("101", 2)
	if n := w.sandbox.CountCalls(writes); n != 1 {
		t.Errorf("%d writes, want one", n)
	}
}

// Leaving a list is changing it: a run that found nothing to do does not take it over.
func TestAQuietRunTakesNoListOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.clashing("had_it", 1, map[string]string{"list_id": "101"})
	w.one("had_it", engine.Succeeded)
	w.one("had_it", engine.Succeeded) // the metadata has settled
	w.exec("UPDATE rollcall.syncs SET enabled = false")
	w.clashing("looks", 1, map[string]string{"list_name": "'VIP customers'"})
	if run := w.one("looks", engine.Succeeded); !run.Plan.Empty() {
		t.Fatalf("%+v, want nothing to do", run.Plan)
	}
	w.exec("UPDATE rollcall.syncs SET enabled = true")
	w.wantFound("looks")
}

// A new row that mirrors the list of several rows that share it fails, and they don't.
func TestAMirrorAmongSeveral(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.clashing("adds", 1, map[string]string{"list_id": "101", "mode": "'add'", "created_at": "'2026-01-01'"})
	w.clashing("adds_too", 2, map[string]string{"list_id": "101", "mode": "'add'", "created_at": "'2026-01-01'"})
	w.clashing("mirrors", 3, map[string]string{"list_id": "101", "created_at": "'2026-01-02'"})
	w.wantFound("mirrors")
	w.wantClash("mirrors")
	w.wantMembers("101", 1, 2)
}

// Of two rows of one name the one whose query the last run had continues; the other one is told.
func TestRowsOfOneName(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.people(1, 2)
	w.sync("good", map[string]string{"list_id": "102"})
	w.sync("vip", map[string]string{"list_id": "101", "created_at": "'2026-01-02'"})
	w.sync("vip", map[string]string{"list_name": "'Another'", "created_at": "'2026-01-02'", "query": quote("SELECT NULL AS email")})
	for range 2 { // a run that failed for this settles nothing
		w.wantOneName(engine.Failed)
	}
	wantRows(t, w.rows("SELECT DISTINCT sync, status FROM rollcall.runs ORDER BY ALL"), "good SUCCEEDED", "vip FAILED")
	wantWords(t, w.row("SELECT DISTINCT error FROM rollcall.runs WHERE sync = 'vip'"), "several rows", "vip")
	w.wantMembers("101")

	w.exec("UPDATE rollcall.syncs SET created_at = '2026-01-03' WHERE list_name = 'Another'")
	w.wantOneName(engine.Succeeded)
	w.wantMembers("101", 1, 2)
	w.exec("UPDATE rollcall.syncs SET created_at = '2026-01-01' WHERE list_name = 'Another'")
	w.wantOneName(engine.Succeeded)
	w.wantMembers("101", 1, 2)
	w.exec("UPDATE rollcall.syncs SET query = 'SELECT 1 AS email' WHERE name = 'vip' AND list_id = '101'")
	w.wantOneName(engine.Failed) // which of them ran can't be told any more
	w.wantMembers("101", 1, 2)
	if n := w.sandbox.CountCalls("lists.create"); n != 0 {
		t.Errorf("%d lists made", n)
	}
}

// wantOneName runs all syncs, and wants that status of vip, of which there are several rows, and good to succeed.
func (w *world) wantOneName(want engine.Status) {
	w.t.Helper()
	runs, err := w.engine.Run(w.t.Context(), nil, engine.RunOptions{})
	for _, run := range runs {
		if run.Sync == "vip" && run.Status != want || run.Sync != "vip" && run.Status != engine.Succeeded {
			w.t.Errorf("%s is %s (%s)", run.Sync, run.Status, run.Error)
		}
	}
	wantNames(w.t, runs, "good", "vip")
	var usage *hint.UsageError
	if told := errors.As(err, &usage); told != (want == engine.Succeeded) {
		w.t.Errorf("run: %v, want what is wrong told once", err)
	} else if told {
		wantWords(w.t, err.Error()+" "+hint.Of(err), "several rows", "vip", "a name of its own")
	}
}
