package engine_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
	"rollcall/engine/warehouse/remotetest"
	"rollcall/syncspec"
)

// scenario is a control database and a HubSpot in use, from which any number of cases start: both are kept as files.
// All of its syncs desire whom the table people names.
type scenario struct {
	name     string
	kind     syncspec.Kind // empty: lists
	contacts int
	syncs    []scenarioSync
	prepare  func(*world)
	read     int // keys a batch read
	chunk    int // changes a write
	page     int // associations of one record that a call answers; 0: as many as HubSpot
	options  engine.RunOptions
	// Contacts that a case may affect: on the list to stay, about to enter, about to leave; 0: the scenario has none.
	kept, entering, leaving int
	remote                  bool                 // the database is on a server
	prove                   func(*oracle) prover // checks what the runs leave behind; nil: the oracle of lists
	unmatched               []string             // keys that no record has
	drift                   []int64              // what the next run finds changed by hand
	renewed                 map[int64]int64      // records that stand for what another one stood for before

	keys            []string // in people, as prepare left it
	database, state string
	calls           []string // operations of a run without a fault, in order
	firstRun        string   // of the ledger's runs, the first after prepare has a later run_id than this
	made            string   // the list that such a run makes; empty: none
}

// prover checks what the runs of a case leave behind.
type prover interface {
	// before notes how things are before the run with the fault.
	before()
	// after checks what that run has done and written.
	after(runs []engine.Run)
	// wantConverges wants the next run to complete it, and the run after that to change nothing.
	wantConverges()
}

func (s *scenario) prover(o *oracle) prover {
	if s.prove != nil {
		return s.prove(o)
	}
	return o
}

// scenarioSync is a sync and its list; the run makes the list where it has no ID yet.
type scenarioSync struct{ name, listID string }

// madeBy is the ID of the list that the run has made; empty: none.
func (s scenarioSync) madeBy(run engine.Run) string {
	if s.listID == "" {
		return run.ListID
	}
	return ""
}

func scenarios() []*scenario {
	return slices.Concat(listScenarios(), recordScenarios(), linkScenarios())
}

func listScenarios() []*scenario {
	vip := []scenarioSync{{"vip", "101"}}
	return []*scenario{
		{ // members come, go, and are put back; one is foreign; one key has no record; the list is read back at the end
			name: "mirror", contacts: 620, syncs: vip, read: 7, chunk: 6, options: engine.RunOptions{Verify: true},
			kept: 10, entering: 555, leaving: 2, drift: idsOf(5, 601), unmatched: []string{"nobody@example.com"},
			prepare: func(w *world) {
				w.sync("vip", map[string]string{"list_id": "101"})
				w.people(numbers(1, 550)...)
				w.one("vip", engine.Succeeded)
				w.byHand("101", []int{601}, []int{5})
				w.people(numbers(4, 562)...)
				w.exec("INSERT INTO people VALUES ('nobody@example.com', 'vip')")
			},
		},
		{ // a cached record was deleted, and its key is asked for again in the midst of the writes
			name: "anew", contacts: 60, syncs: vip, read: 6, chunk: 4,
			kept: 10, entering: 43, drift: idsOf(7), renewed: map[int64]int64{firstContact + 60: firstContact + 6},
			prepare: func(w *world) {
				w.sync("vip", map[string]string{"list_id": "101"})
				w.people(numbers(1, 40)...)
				w.one("vip", engine.Succeeded)
				if err := w.sandbox.DeleteObject("contacts", ids([]int{7})[0]); err != nil {
					w.t.Fatal(err)
				}
				if _, err := w.sandbox.CreateContact(map[string]string{"email": address(7)}); err != nil {
					w.t.Fatal(err)
				}
				w.people(numbers(1, 46)...)
			},
		},
		{ // the list is still to be made
			name: "named", contacts: 20, syncs: []scenarioSync{{"vip", ""}}, read: 4, chunk: 4,
			entering: 3,
			prepare: func(w *world) {
				w.sync("vip", map[string]string{"list_name": "'Made by us'"})
				w.people(numbers(1, 7)...)
			},
		},
		{ // two syncs, whose lists are cached: one search, and no page is read; of some members the records are asked for again
			name: "two", contacts: 60, syncs: []scenarioSync{{"news", "102"}, {"vip", "101"}}, read: 7, chunk: 4,
			kept: 10, entering: 22, leaving: 1,
			prepare: func(w *world) {
				w.sync("vip", map[string]string{"list_name": "'VIP customers'"})
				w.sync("news", map[string]string{"list_id": "102"})
				w.people(numbers(1, 20)...)
				for range 2 { // the second run sees the lists after the first one's writes
					w.run()
				}
				w.people(numbers(3, 26)...)
				w.exec("DELETE FROM rollcall.identities WHERE key BETWEEN " + quote(address(3)) + " AND " + quote(address(10)))
			},
		},
	}
}

func idsOf(contacts ...int) (all []int64) {
	for _, n := range contacts {
		all = append(all, int64(firstContact+n-1))
	}
	return all
}

// stage prepares the scenario and keeps it.
func (s *scenario) stage(t *testing.T) {
	t.Helper()
	w := newWorld(t, s.contacts)
	s.prepare(w)
	s.keys = w.rows("SELECT email FROM people ORDER BY 1")
	s.firstRun = w.row("SELECT coalesce(max(run_id), '') FROM rollcall.runs")
	if err := w.engine.Close(); err != nil { // so that all of it is in the one file
		t.Fatal(err)
	}
	s.database, s.state = w.config.Warehouse.Database, filepath.Join(t.TempDir(), "hubspot.json")
	if err := w.sandbox.Save(s.state); err != nil {
		t.Fatal(err)
	}
}

// open makes a world of the scenario.
func (s *scenario) open(t testing.TB, options sandbox.Options, change ...func(*engine.Config)) *world {
	t.Helper()
	options.AssociationPage = s.page
	box := sandbox.New(options)
	if err := box.Load(s.state); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(s.database)
	if err != nil {
		t.Fatal(err)
	}
	database := filepath.Join(t.TempDir(), "rollcall.duckdb")
	if err := os.WriteFile(database, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if s.remote {
		change = append(change, over(t, remotetest.Serve(t, database).Client(0)))
		database = ""
	}
	usual := func(c *engine.Config) {
		c.ReadSize, c.ChunkSize, c.Concurrency, c.VerifyWait = s.read, s.chunk, 1, time.Millisecond
	}
	return newWorldOn(t, box, shortWindow, database, append([]func(*engine.Config){usual}, change...)...)
}

func (s *scenario) names() (names []string) {
	for _, one := range s.syncs {
		names = append(names, one.name)
	}
	return names
}

// shortWindow makes HubSpot's rolling window one of some milliseconds, so that waiting for the next one takes no longer.
func shortWindow(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("X-HubSpot-RateLimit-Max", "190")
		rw.Header().Set("X-HubSpot-RateLimit-Remaining", "189")
		rw.Header().Set("X-HubSpot-RateLimit-Interval-Milliseconds", "5")
		next.ServeHTTP(rw, r)
	})
}

// ask calls the sandbox past the network, as somebody who looks on.
func (w *world) ask(method, path string, body any, answer any) (status int) {
	w.t.Helper()
	content, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	r := httptest.NewRequest(method, path, strings.NewReader(string(content)))
	r.Header.Set("Authorization", "Bearer onlooker")
	r.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	w.sandbox.ServeHTTP(recorder, r)
	if answer != nil && recorder.Code < 300 {
		if err := json.Unmarshal(recorder.Body.Bytes(), answer); err != nil {
			w.t.Fatalf("%s %s: %v in %s", method, path, err, recorder.Body)
		}
	}
	return recorder.Code
}

// recordsOf finds the records behind addresses as they are now.
func (w *world) recordsOf(keys []string) idSet {
	w.t.Helper()
	found := idSet{}
	for from := 0; from < len(keys); from += 100 {
		var inputs []map[string]string
		for _, key := range keys[from:min(from+100, len(keys))] {
			inputs = append(inputs, map[string]string{"id": key})
		}
		var answer struct {
			Results []struct {
				ID int64 `json:"id,string"`
			} `json:"results"`
		}
		w.ask("POST", "/crm/v3/objects/contacts/batch/read", map[string]any{
			"inputs": inputs, "idProperty": "email", "properties": []string{"email"}, "propertiesWithHistory": []string{},
		}, &answer)
		for _, r := range answer.Results {
			found[r.ID] = true
		}
	}
	return found
}

// idSet is a set of record IDs.
type idSet map[int64]bool

func setOf(ids ...int64) idSet {
	s := idSet{}
	for _, id := range ids {
		s[id] = true
	}
	return s
}

// without are the IDs that are not in any of the others.
func (s idSet) without(others ...idSet) idSet {
	rest := idSet{}
	for id := range s {
		in := false
		for _, o := range others {
			in = in || o[id]
		}
		if !in {
			rest[id] = true
		}
	}
	return rest
}

func (s idSet) equal(o idSet) bool { return len(s.without(o)) == 0 && len(o.without(s)) == 0 }
