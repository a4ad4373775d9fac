package proof

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"rollcall/cmd/rollcall/clitest"
	"rollcall/engine/hubspot/sandbox"
)

// TestProofChaosRecords runs random histories of a sync of the kind object, one for each seed: rows of its table come, go and change, persons edit,
// create, delete and merge contacts in HubSpot, HubSpot misbehaves, runs are killed. After every command no contact may be there that no row asked
// for, no value that no row returned, and nothing of others may be changed; at the end one run brings every record in step, and one more sends nothing.
//
// To run a seed that failed again: go test ./cmd/rollcall/proof -run TestProofChaosRecords -seed N
func TestProofChaosRecords(t *testing.T) {
	t.Parallel()
	runSeeds(t, runRecordHistory)
}

// recordHistory is the random history of one seed.
type recordHistory struct {
	randomHistory
	account *account                   // as the last command, or the last change, left it
	rows    map[string]string          // the table: by address the city
	written map[string]map[string]bool // by address: the cities that the table ever had for it
	fresh   int                        // addresses that were made
}

func runRecordHistory(t *testing.T, number uint64) {
	r := source(number, 0)
	p := newPortal(t, 20+r.IntN(20), sandbox.Options{MergeMakesNewID: chance(r, 40)})
	h := &recordHistory{randomHistory: randomHistory{t: t, portal: p}, rows: map[string]string{}, written: map[string]map[string]bool{}}
	h.begin(r, number, "TestProofChaosRecords")
	h.database("CREATE TABLE customers (email VARCHAR, city VARCHAR)")
	h.database(fmt.Sprintf("INSERT INTO rollcall.syncs (name, kind, mode, query, on_leave, max_removal_pct, allow_empty) VALUES ('records', 'object', '%s', 'FROM customers', '%s', 100, true)",
		pick(r, "upsert", "upsert", "update"), pick(r, "keep", "keep", "clear")))
	h.account = readAccount(t, p.box)
	for _, id := range some(r, h.account.contacts(), 4) {
		h.must(p.box.PatchObject("contacts", fmt.Sprint(id), map[string]string{"hs_additional_emails": fmt.Sprintf("second-%d@example.com", id)}))
	}
	h.account = readAccount(t, p.box)
	h.enter(r, 12)
	for step := range 4 + r.IntN(4) {
		h.step(source(number, step+1))
	}
	h.converge()
}

// enter puts up to n addresses into the table: most of them those of contacts.
func (h *recordHistory) enter(r *rand.Rand, n int) {
	for _, id := range some(r, h.account.contacts(), n) {
		if addresses := h.account.addresses[id]; len(addresses) > 0 {
			h.set(pick(r, addresses...), h.city(r))
		}
	}
	for range r.IntN(4) {
		h.fresh++
		h.set(fmt.Sprintf("new-%d@example.com", h.fresh), h.city(r))
	}
}

func (h *recordHistory) city(r *rand.Rand) string {
	return pick(r, "Bonn", "Ulm", "Rom", "Linz", "Köln")
}

func (h *recordHistory) set(address, city string) {
	h.rows[address] = city
	if h.written[address] == nil {
		h.written[address] = map[string]bool{}
	}
	h.written[address][city] = true
}

// addresses are those of the table, in order.
func (h *recordHistory) addresses() (all []string) {
	for address := range h.rows {
		all = append(all, address)
	}
	slices.Sort(all)
	return all
}

// step changes the table and the account in some ways, and runs a command under faults.
func (h *recordHistory) step(r *rand.Rand) {
	for range r.IntN(3) {
		switch r.IntN(3) {
		case 0:
			h.logf("rows enter")
			h.enter(r, 5)
		case 1:
			h.logf("rows leave")
			for _, address := range some(r, h.addresses(), 4) {
				delete(h.rows, address)
			}
		case 2:
			h.logf("rows change")
			for _, address := range some(r, h.addresses(), 8) {
				h.set(address, h.city(r))
			}
		}
	}
	for range r.IntN(3) {
		h.byHand(r)
	}
	h.load()
	var faults []sandbox.Fault
	for range r.IntN(3) {
		faults = append(faults, h.fault(r))
	}
	args := []string{"run"}
	for _, flag := range []string{"--full", "--retry-rejects", "--dry-run"} {
		if chance(r, 15) {
			args = append(args, flag)
		}
	}
	h.execute(r, faults, args)
}

// byHand changes the account's contacts as persons do.
func (h *recordHistory) byHand(r *rand.Rand) {
	drawn := some(r, h.account.contacts(), 2)
	a, b := strconv.FormatInt(drawn[0], 10), strconv.FormatInt(drawn[1], 10)
	switch r.IntN(6) {
	case 0:
		h.logf("contact %s is deleted", a)
		h.must(h.portal.box.DeleteObject("contacts", a))
	case 1:
		h.logf("contact %s is merged into %s", b, a)
		_, err := h.portal.box.MergeContacts(a, b)
		h.must(err)
	case 2:
		if absent := h.absent(); len(absent) > 0 {
			h.logf("contact %s is created", absent[0])
			_, err := h.portal.box.CreateContact(map[string]string{"email": absent[0], "city": "By hand"})
			h.must(err)
		}
	default:
		h.logf("contact %s is edited", a)
		h.must(h.portal.box.PatchObject("contacts", a, map[string]string{"city": "By hand", "lastname": "By hand"}))
	}
	h.account = readAccount(h.t, h.portal.box)
}

// absent are the addresses of the table that no contact has.
func (h *recordHistory) absent() (all []string) {
	for _, address := range h.addresses() {
		if _, there := h.account.byAddress[address]; !there {
			all = append(all, address)
		}
	}
	return all
}

// fault draws a fault of the next run.
func (h *recordHistory) fault(r *rand.Rand) sandbox.Fault {
	f := sandbox.Fault{Operation: pick(r, append(recordWrites, append(recordWrites, "objects.batch-read", "properties.list", "")...)...), RetryAfter: "0.01"}
	if chance(r, 60) {
		f.Nth = 1 + r.IntN(3)
	} else {
		f.After, f.Count = r.IntN(2), pick(r, 1, 2, -1)
	}
	f.Effect = pick(r, sandbox.EffectStatus, sandbox.EffectHTML, sandbox.EffectEmpty, sandbox.EffectExpired, sandbox.EffectReset, sandbox.EffectStatusAfter, sandbox.EffectEmptyAfter,
		sandbox.EffectResetAfter, sandbox.EffectTruncate, sandbox.EffectUnknownError, sandbox.EffectOmit, sandbox.EffectRefuse, sandbox.EffectFailInputs)
	switch f.Effect {
	case sandbox.EffectStatus:
		f.Status = pick(r, 400, 404, 408, 477, 500, 502, 503, 504)
	case sandbox.EffectStatusAfter:
		f.Status = pick(r, 408, 500, 502, 503, 504)
	case sandbox.EffectUnknownError, sandbox.EffectOmit, sandbox.EffectRefuse, sandbox.EffectFailInputs:
		f.IDs = append(idTexts(some(r, h.account.contacts(), 5)), some(r, h.absent(), 2)...)
		if f.Effect == sandbox.EffectFailInputs {
			f.Category = "VALIDATION_ERROR"
		}
	}
	return f
}

// load writes the table.
func (h *recordHistory) load() {
	statements := []string{"DELETE FROM customers"}
	for _, address := range h.addresses() {
		statements = append(statements, fmt.Sprintf("INSERT INTO customers VALUES ('%s', '%s')", address, h.rows[address]))
	}
	h.database(statements...)
}

// execute runs a command, which may be killed, and checks what it did.
func (h *recordHistory) execute(r *rand.Rand, faults []sandbox.Fault, args []string) {
	h.t.Helper()
	before := h.account
	h.must(h.portal.box.Declare(faults...))
	boundary := ""
	if chance(r, 50) {
		boundary = pick(r, "after record intent", "before record outcomes", "after record outcomes", "after mark sent", "after cache answers", "after finish run",
			"at POST /batch/update", "applied POST /batch/update", "applied POST /batch/create", "at POST /batch/read") + ":" + strconv.Itoa(1+r.IntN(3))
	}
	h.logf("%v under %+v, killed at %q", args, faults, boundary)
	var c *child
	if boundary == "" {
		c = h.portal.start(nil, args...)
		c.wait()
	} else {
		c = h.portal.maybeStopped(clitest.ByKill, boundary, args...)
	}
	h.portal.box.ForgetFaults()
	h.account = readAccount(h.t, h.portal.box)
	h.check(before, c)
}

// check wants a command to have created no contact but those that rows ask for, written no value that no row has or had, and left alone
// what is others'.
func (h *recordHistory) check(before *account, c *child) {
	h.t.Helper()
	for _, id := range h.account.contacts() {
		now, was := h.account.values[id], before.values[id]
		asked := map[string]bool{"": true}
		desired := false
		for _, address := range h.account.addresses[id] {
			desired = desired || h.written[address] != nil
			for city := range h.written[address] {
				asked[city] = true
			}
		}
		switch {
		case was == nil && (!desired || h.rows[now["email"]] == ""):
			h.t.Fatalf("contact %d was created, which no row asks for: %v\n%s", id, now, c.output())
		case was == nil:
			continue
		case now["lastname"] != was["lastname"] || now["email"] != was["email"]:
			h.t.Fatalf("contact %d was %v and is %v\n%s", id, was, now, c.output())
		case now["city"] != was["city"] && (!desired || !asked[now["city"]]):
			h.t.Fatalf("contact %d got a value that is none of its rows': it was %v and is %v\n%s", id, was, now, c.output())
		}
	}
	for id := range before.values {
		if h.account.values[id] == nil {
			h.t.Fatalf("contact %d is gone: %v\n%s", id, before.values[id], c.output())
		}
	}
}

// converge ends all faults, and wants one run to bring all records in step, but those that rows with unequal values share, and one more to send
// nothing.
func (h *recordHistory) converge() {
	h.t.Helper()
	h.logf("all is well again")
	h.load()
	before := h.account
	c := h.portal.exits(0, "run", "--full", "--retry-rejects")
	h.account = readAccount(h.t, h.portal.box)
	h.check(before, c)
	upsert := h.portal.rows("SELECT mode FROM rollcall.syncs")[0] == "upsert"
	cities := map[int64]map[string]bool{}
	for address, city := range h.rows {
		id, there := h.account.byAddress[address]
		if !there && upsert {
			h.t.Fatalf("no contact has the address %s\n%s", address, c.output())
		}
		if there && cities[id] == nil {
			cities[id] = map[string]bool{}
		}
		if there {
			cities[id][city] = true
		}
	}
	for id, of := range cities {
		if len(of) == 1 && !of[h.account.values[id]["city"]] {
			h.t.Fatalf("contact %d has the city %q, want %v\n%s", id, h.account.values[id]["city"], of, c.output())
		}
	}
	h.portal.wantLedgerConsistent()
	h.portal.wantNone("changes without an answer", "SELECT run_id, action, key, state FROM rollcall.changes WHERE state IN ('sent', 'unknown')")
	h.wantKnown()
	h.portal.wantQuiet()
	h.portal.wantQuiet("run", "--full")
}

// wantKnown wants rollcall.record_values to be what HubSpot has of the records that the table asks for.
func (h *recordHistory) wantKnown() {
	h.t.Helper()
	for _, row := range h.portal.rows("SELECT DISTINCT v.record_id, coalesce(v.value, '') FROM rollcall.record_values v JOIN rollcall.records r ON r.record_id = v.record_id JOIN customers c ON c.email = r.key WHERE v.property = 'city'") {
		id, city, _ := strings.Cut(row, " ")
		n, err := strconv.ParseInt(id, 10, 64)
		h.must(err)
		if values := h.account.values[n]; values != nil && values["city"] != city {
			h.t.Errorf("rollcall.record_values has %q of contact %s, HubSpot has %q", city, id, values["city"])
		}
	}
}
