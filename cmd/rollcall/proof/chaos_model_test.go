package proof

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"rollcall/engine/hubspot/sandbox"
)

// account is a snapshot of the sandbox, from which the oracle predicts.
type account struct {
	byAddress map[string]int64 // every address of every contact
	addresses map[int64][]string
	merged    map[int64][]int64           // the records that were merged into a contact
	lists     map[string]chaosList        // without deleted ones
	values    map[int64]map[string]string // of the contacts' properties
}

// chaosList is a list as the sandbox has it.
type chaosList struct {
	id, name string
	dynamic  bool
	members  records
}

// readAccount reads the sandbox's state.
func readAccount(t testing.TB, box *sandbox.Server) *account {
	t.Helper()
	answer := httptest.NewRecorder()
	box.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/_sandbox/state", nil))
	var state struct {
		Records []struct {
			ObjectTypeID, ID string
			Properties       map[string]string
			Archived         bool
		}
		Lists []struct {
			ListID, Name, ProcessingType string
			DeletedMS                    int64
			Members                      []string
		}
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &state); err != nil {
		t.Fatal(err)
	}
	a := &account{byAddress: map[string]int64{}, addresses: map[int64][]string{}, merged: map[int64][]int64{}, lists: map[string]chaosList{}, values: map[int64]map[string]string{}}
	for _, r := range state.Records {
		if r.ObjectTypeID != "0-1" || r.Archived {
			continue
		}
		id := recordsOf([]string{r.ID})[0]
		a.addresses[id], a.values[id] = []string{}, r.Properties
		a.merged[id] = recordsOf(strings.FieldsFunc(r.Properties["hs_merged_object_ids"], func(c rune) bool { return c == ';' }))
		for _, address := range append(strings.Split(r.Properties["hs_additional_emails"], ";"), r.Properties["email"]) {
			if address != "" {
				a.byAddress[address] = id
				a.addresses[id] = append(a.addresses[id], address)
			}
		}
	}
	for _, l := range state.Lists {
		if l.DeletedMS != 0 {
			continue
		}
		members := records{}
		for _, id := range recordsOf(l.Members) {
			members[id] = true
		}
		a.lists[l.ListID] = chaosList{l.ListID, l.Name, l.ProcessingType == sandbox.Dynamic, members}
	}
	return a
}

// contacts are the record IDs of all contacts, in order.
func (a *account) contacts() []int64 { return slices.Sorted(maps.Keys(a.addresses)) }

// chaosRow is a row of the control table.
type chaosRow struct {
	name, mode, foreign, idProperty string
	list                            string // its ID, or its name where byName
	byName                          bool
	allowEmpty                      bool
	maxRemovals                     int // 0: no such limit
}

// on is the ID of the row's list, "" while there is none.
func (r chaosRow) on(a *account) string {
	for _, l := range a.lists {
		if r.byName && strings.EqualFold(l.name, r.list) || !r.byName && l.id == r.list {
			return l.id
		}
	}
	return ""
}

// person is a row of the test's own table: a key as somebody typed it, for one of the syncs.
type person struct{ key, sync string }

// desired are the records that the people of a row stand for, and the record IDs among its keys that no contact has.
func (a *account) desired(row chaosRow, people []person) (known, missing records) {
	known, missing = records{}, records{}
	for _, p := range people {
		if p.sync != row.name {
			continue
		}
		key := strings.ToLower(strings.TrimSpace(p.key))
		if row.idProperty == "email" {
			if id, ok := a.byAddress[key]; ok {
				known[id] = true
			}
			continue
		}
		id, err := strconv.ParseInt(key, 10, 64)
		if err != nil {
			continue // a reject
		}
		if _, ok := a.addresses[id]; ok {
			known[id] = true
		} else {
			missing[id] = true
		}
	}
	return known, missing
}

// prediction is the state that the oracle expects of a row's list after a run.
type prediction struct {
	row       chaosRow
	list      string  // "" where the list is still to be made
	after     records // who has to be on it
	either    records // who may be on it or not: the ledger can't know who put them there
	blocked   bool    // a guard blocks the plan
	ambiguous bool    // by either it may, or may not
	missing   records // record IDs to add that no record has
	quiet     bool    // nothing is to be done
	adds      int
	removals  int
}

// predict returns the expected outcome of one run on a list that holds current. own and foreign report of a member that Rollcall certainly
// added it, or certainly did not; of a member of which neither is true either outcome is accepted.
func (a *account) predict(row chaosRow, people []person, current records, own, foreign func(int64) bool) prediction {
	known, missing := a.desired(row, people)
	p := prediction{row: row, list: row.on(a), after: union(current, nil), either: records{}, missing: records{}}
	if row.mode != "remove" {
		for id := range known {
			p.after[id] = true
		}
		p.adds, p.missing = len(p.after)-len(current), missing
	}
	for id := range current {
		switch {
		case row.mode == "remove" && known[id]:
			delete(p.after, id)
		case row.mode != "mirror" || known[id]:
		case row.foreign == "remove" || own(id):
			delete(p.after, id)
		case !foreign(id):
			delete(p.after, id)
			p.either[id] = true
		}
	}
	p.removals = len(current) + p.adds - len(p.after)
	p.quiet = p.adds+p.removals == 0
	p.blocked = row.guarded(p.removals, len(current), len(known))
	p.ambiguous = p.blocked != row.guarded(p.removals-len(p.either), len(current), len(known))
	return p
}

// guarded reports whether a guard blocks so many removals from a list of so many members.
func (r chaosRow) guarded(removals, members, known int) bool {
	switch {
	case removals == 0:
		return false
	case r.mode == "mirror" && known == 0 && !r.allowEmpty:
		return true
	case r.maxRemovals > 0 && removals > r.maxRemovals:
		return true
	}
	return members >= 10 && 2*removals > members
}
