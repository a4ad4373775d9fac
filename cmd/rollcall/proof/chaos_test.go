package proof

import (
	"database/sql"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"rollcall/engine/hubspot/sandbox"
)

var (
	seed  = flag.Uint64("seed", 0, "the one seed of TestProofChaos, or with -seeds the first of so many; 0: those of the test")
	seeds = flag.Int("seeds", 1, "how many seeds from -seed on")
)

// TestProofChaos runs random histories, one for each seed: the table of people changes, persons edit lists and contacts in HubSpot, HubSpot
// misbehaves, runs are killed. After every command its changes must be right and the ledger consistent; at the end the lists must converge
// to the state that the oracle predicts from the table and the account, and stay so.
//
// To run a seed that failed again: go test ./cmd/rollcall/proof -run TestProofChaos -seed N
func TestProofChaos(t *testing.T) {
	t.Parallel()
	first, n := uint64(1+chaosSample**sample), chaosSample
	switch {
	case *sample == 0 && *seed == 0 && !*long:
		n = 2
	case *seed != 0:
		first, n = *seed, *seeds
	case *long:
		first, n = 1, 300
	}
	template := newPortal(t, 1, sandbox.Options{})
	control, err := os.ReadFile(template.file())
	if err != nil {
		t.Fatal(err)
	}
	var sum tally
	numbers := make(chan uint64)
	var workers sync.WaitGroup
	for range 4 { // two processors; a child waits for the disk half of its time
		workers.Go(func() {
			for number := range numbers {
				t.Run(fmt.Sprintf("seed%d", number), func(t *testing.T) { sum.add(runHistory(t, number, control)) })
			}
		})
	}
	for number := first; number < first+uint64(n); number++ {
		numbers <- number
	}
	close(numbers)
	workers.Wait()
	t.Logf("%+v", sum.counts)
}

// chaosSample is the number of seeds that a sample of the proof takes; go test takes fewer.
const chaosSample = 6

// counts sums up the histories.
type counts struct {
	Seeds, Commands, Runs, Killed, Interrupted, Faults, Blocked, Approved, Undone int
	Applied, Changes, EditsByHand, AmbiguousMembers                               int
}

type tally struct {
	mu sync.Mutex
	counts
}

func (s *tally) add(c counts) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Seeds++
	s.Commands += c.Commands
	s.Runs += c.Runs
	s.Killed += c.Killed
	s.Interrupted += c.Interrupted
	s.Faults += c.Faults
	s.Blocked += c.Blocked
	s.Approved += c.Approved
	s.Undone += c.Undone
	s.Applied += c.Applied
	s.Changes += c.Changes
	s.EditsByHand += c.EditsByHand
	s.AmbiguousMembers += c.AmbiguousMembers
}

// history is the random history of one seed, and what the test recorded of it.
type history struct {
	t          *testing.T
	portal     *portal
	recorder   *recordingPortal
	account    *account // as the last command, or the last change, left it
	rows       []chaosRow
	people     []person
	gone       bool // the table of people is not there for a step
	stale      bool // cached look-ups are stale until they expire
	newAddress bool // an address belongs to a contact that the cache may not have
	lagging    bool // HubSpot's metadata lags behind
	fresh      int
	counts     counts

	commands    []*chaosCommand
	ledger      *ledgerState
	everAdded   map[string]records       // by list: whom Rollcall ever added
	everDesired map[string]records       // by list: who ever was desired
	touched     map[string]map[int64]int // by list: the last command at or after which others touched a member
	approved    map[string]bool          // blocked runs that a person approved
	log         []string                 // what happened, for the message of a failure
	lists       map[string]records       // members when the last command ended
}

// runHistory runs the history of one seed.
func runHistory(t *testing.T, number uint64, control []byte) counts {
	r := source(number, 0)
	options := accountOptions(r)
	p := barePortal(t, 20+r.IntN(41), options)
	h := &history{t: t, portal: p, lagging: options.MetadataLag > 0, recorder: &recordingPortal{portal: p}, rows: chaosRows(r), everAdded: map[string]records{}, everDesired: map[string]records{}, touched: map[string]map[int64]int{}, approved: map[string]bool{}}
	server := httptest.NewServer(h.recorder)
	t.Cleanup(server.Close)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the history of seed %d:\n\t%s\nagain: go test ./cmd/rollcall/proof -run TestProofChaos -seed %d", number, strings.Join(h.log, "\n\t"), number)
		}
	})
	maps.Copy(p.env, map[string]string{
		"HUBSPOT_BASE_URL":               server.URL,
		"ROLLCALL_MEMBERSHIP_CHUNK_SIZE": fmt.Sprint(pick(r, 2, 3, 7, 100)),
		"ROLLCALL_BATCH_READ_SIZE":       fmt.Sprint(pick(r, 3, 10, 100)),
		"ROLLCALL_CONCURRENCY":           fmt.Sprint(pick(r, 1, 1, 4)),
		"ROLLCALL_MAX_RETRIES":           fmt.Sprint(pick(r, 0, 2, 5)),
	})
	h.must(os.WriteFile(p.file(), control, 0o600))
	h.begin(r)
	steps := 4 + r.IntN(5)
	for step := 1; step <= steps; step++ {
		h.step(source(number, step))
	}
	h.converge(source(number, 1000))
	h.counts.Changes = len(h.ledger.changes)
	h.counts.Runs = len(h.ledger.runs)
	return h.counts
}

// begin fills the account, the table and the lists.
func (h *history) begin(r *rand.Rand) {
	h.account = readAccount(h.t, h.portal.box)
	for _, id := range some(r, h.account.contacts(), 6) {
		h.must(h.portal.box.PatchObject("contacts", fmt.Sprint(id), map[string]string{"hs_additional_emails": fmt.Sprintf("second-%d@example.com", id)}))
	}
	h.account = readAccount(h.t, h.portal.box)
	h.database(func(db *sql.DB) {
		for _, row := range h.rows {
			h.logf("%+v", row)
			h.exec(db, row.insert())
			h.addPeople(r, row, 3+r.IntN(25))
		}
	})
	for range r.IntN(3) {
		h.editLists(r)
		h.account = readAccount(h.t, h.portal.box)
	}
	h.lists = h.members()
	h.ledger = &ledgerState{}
}

// step changes the world in some ways, and runs a command under faults.
func (h *history) step(r *rand.Rand) {
	h.gone = false
	if h.broken(h.account) && chance(r, 60) {
		h.restoreLists()
		h.markTouched(len(h.commands))
	}
	if !h.maybeApprove(r) {
		for range r.IntN(3) {
			h.changePeople(r)
		}
		for range r.IntN(3) {
			h.byHand(r)
		}
		if chance(r, 12) {
			h.editRow(r)
		}
	}
	h.load()
	c := &chaosCommand{args: h.drawCommand(r)}
	if chance(r, 75) {
		c.failpoint = drawFailpoint(r)
		for range r.IntN(3) {
			f := h.fault(r)
			if slices.Contains(c.args, "--verify") && disturbs(f) {
				continue // it would wait, and read the list again
			}
			c.faults = append(c.faults, f)
		}
	}
	h.execute(c)
}

// byHand lets persons edit lists and contacts.
func (h *history) byHand(r *rand.Rand) {
	if chance(r, 60) {
		h.editLists(r)
	} else {
		h.changeContacts(r)
	}
	h.counts.EditsByHand++
	h.account = readAccount(h.t, h.portal.box)
	h.markTouched(len(h.commands))
}

// maybeApprove approves, at random, a plan that the last command left blocked.
func (h *history) maybeApprove(r *rand.Rand) bool {
	for _, run := range h.ledger.runs {
		if run.command == len(h.commands) && run.status == "BLOCKED" && chance(r, 60) {
			h.approve(run.id)
			return true
		}
	}
	return false
}

func (h *history) approve(run string) {
	h.logf("approve %s", run)
	h.portal.rollcall("approve", run)
	h.approved[run] = true
	h.counts.Approved++
}

// drawCommand draws what the step runs.
func (h *history) drawCommand(r *rand.Rand) []string {
	var flags []string
	for _, flag := range []string{"--full", "--verify", "--dry-run"} {
		if chance(r, 12) {
			flags = append(flags, flag)
		}
	}
	switch r.IntN(12) {
	case 0:
		return []string{"plan"}
	case 1, 2:
		for _, run := range slices.Backward(h.ledger.runs) {
			if run.list != "" && !slices.Contains([]string{"BLOCKED", "DRY_RUN", "RUNNING"}, run.status) {
				return append([]string{"undo", run.id}, slices.DeleteFunc(flags, func(f string) bool { return f == "--full" })...)
			}
		}
	case 3:
		flags = append(flags, pick(r, h.rows...).name)
	}
	if h.stale && !slices.Contains(flags, "--full") {
		flags = append(flags, "--full")
	}
	return append([]string{"run"}, flags...)
}

// load writes the table of people.
func (h *history) load() {
	h.database(func(db *sql.DB) {
		h.exec(db, "DROP TABLE IF EXISTS people")
		if h.gone {
			return
		}
		h.exec(db, "CREATE TABLE people (email VARCHAR, sync VARCHAR)")
		for _, p := range h.people {
			h.exec(db, "INSERT INTO people VALUES (?, ?)", p.key, p.sync)
		}
	})
}

// database opens the control database as another tool would, while no child is at work.
func (h *history) database(do func(*sql.DB)) {
	h.t.Helper()
	db, err := sql.Open("duckdb", h.portal.file()+"?threads=1")
	h.must(err)
	do(db)
	h.must(db.Close())
}

func (h *history) exec(db *sql.DB, statement string, args ...any) {
	h.t.Helper()
	_, err := db.Exec(statement, args...)
	h.must(err)
}

func (h *history) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// logf records what happened for the message of a failure.
func (h *history) logf(format string, args ...any) {
	h.log = append(h.log, fmt.Sprintf(format, args...))
}

// members are those of all lists.
func (h *history) members() map[string]records {
	all := map[string]records{}
	for id, l := range h.account.lists {
		all[id] = l.members
	}
	return all
}

// markTouched marks the members that others added or removed since the last snapshot as touched at that command.
func (h *history) markTouched(command int) {
	now := h.members()
	for list := range now {
		for id := range now[list] {
			if !h.lists[list][id] {
				h.touch(list, id, command)
			}
		}
		for id := range h.lists[list] {
			if !now[list][id] {
				h.touch(list, id, command)
			}
		}
	}
	for list := range h.lists {
		if now[list] == nil { // it was deleted; its members come back with it
			now[list] = h.lists[list]
		}
	}
	h.lists = now
}

func (h *history) touch(list string, id int64, command int) {
	if h.touched[list] == nil {
		h.touched[list] = map[int64]int{}
	}
	h.touched[list][id] = command
}

// restoreLists restores the lists of rows that were deleted or made dynamic.
func (h *history) restoreLists() {
	h.logf("the lists are given back")
	for _, row := range h.rows {
		if row.byName && row.on(h.account) == "" {
			continue // the run makes it anew
		}
		id := row.on(h.account)
		if id == "" {
			id = row.list
			request := httptest.NewRequest(http.MethodPut, "/crm/v3/lists/"+id+"/restore", nil)
			request.Header.Set("Authorization", "Bearer any")
			answer := httptest.NewRecorder()
			h.portal.box.ServeHTTP(answer, request)
			if answer.Code >= 300 {
				h.t.Fatalf("restore list %s: %d %s", id, answer.Code, answer.Body)
			}
		}
		h.must(h.portal.box.ConvertList(id, sandbox.Manual))
	}
	h.account = readAccount(h.t, h.portal.box)
}
