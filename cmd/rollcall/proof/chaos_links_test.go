package proof

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"rollcall/cmd/rollcall/clitest"
	"rollcall/engine/hubspot/sandbox"
)

// TestProofChaosLinks runs random histories of syncs of the kind association, one for each seed: rows of their table come, go and change, the
// syncs change their mode or are switched off, persons link and unlink, delete and merge records in HubSpot, HubSpot misbehaves, runs are killed and
// undone. After every command no link and no label of others may be gone, none may be there that no row asks for, and the ledger has to say what was
// done; at the end one run brings every link in step or says why not, and one more sends nothing.
//
// To run a seed that failed again: go test ./cmd/rollcall/proof -run TestProofChaosLinks -seed N
func TestProofChaosLinks(t *testing.T) {
	t.Parallel()
	runSeeds(t, runLinkHistory)
}

// linkHistory is the random history of one seed.
type linkHistory struct {
	randomHistory
	account                  *account          // the contacts
	links                    map[element]bool  // as the last command, or the last change, left them
	syncs                    []*chaosLinkSync  // the rows of the control table
	keys                     map[string]int64  // of companies
	idProperty, toIDProperty string            // what the keys of contacts and of companies are
	kinds                    map[string]string // association types by label
	foreign                  map[element]bool  // links that others have made, and Rollcall never has
	own                      map[element]bool  // links that a run has made, and that nobody has touched since
	made                     map[element]bool  // links that Rollcall has made once, or may have
	seen                     map[element]bool  // links that were there once
	claimed                  map[element]bool  // links that a sync has asked for which another one has made, as the ledger had them before
	fresh                    int               // addresses that were made
}

// chaosLinkSync is a row of the control table, and the links that its query returns.
type chaosLinkSync struct {
	name, mode, foreign string
	enabled, labelled   bool
	rows                map[linkRow]bool
}

// linkRow is a row of the table that a query reads: an address, the key of a company, and a label.
type linkRow struct{ from, to, label string }

// labelSpellings are labels as rows may have them; no association has the last.
var labelSpellings = []string{"", "", "Decision maker", "decision MAKER", "Billing", "Primary", "Nobody"}

func runLinkHistory(t *testing.T, number uint64) {
	r := source(number, 0)
	p := newPortal(t, 8+r.IntN(10), sandbox.Options{MergeMakesNewID: chance(r, 40), AssociationPage: pick(r, 0, 2)})
	h := &linkHistory{
		randomHistory: randomHistory{t: t, portal: p}, keys: map[string]int64{}, kinds: map[string]string{"primary": "HUBSPOT_DEFINED 1"},
		foreign: map[element]bool{}, own: map[element]bool{}, made: map[element]bool{}, seen: map[element]bool{},
	}
	h.begin(r, number, "TestProofChaosLinks")
	h.prepareAccount(r)
	h.database("CREATE TABLE pairs (sync VARCHAR, contact VARCHAR, company VARCHAR, label VARCHAR)")
	h.prepareSyncs(r)
	for range r.IntN(6) {
		h.linkByHand(r)
	}
	h.look(nil)
	for step := range 4 + r.IntN(5) {
		h.step(source(number, step+1))
	}
	h.converge()
}

// prepareAccount fills the account with companies and a second label.
func (h *linkHistory) prepareAccount(r *rand.Rand) {
	box := h.portal.box
	h.toIDProperty = pick(r, "crm_id", "hs_object_id")
	h.must(box.DefineProperty("companies", sandbox.Property{Name: "crm_id", Unique: true}))
	for i := range 3 + r.IntN(4) {
		id := fmt.Sprint(firstCompany + i)
		if i < 3 {
			h.must(box.PatchObject("companies", id, map[string]string{"crm_id": fmt.Sprintf("crm-%d", i)}))
		} else {
			var err error
			id, err = box.CreateObject("companies", map[string]string{"name": "Firm", "crm_id": fmt.Sprintf("crm-%d", i)})
			h.must(err)
		}
		if h.toIDProperty == "hs_object_id" {
			h.keys[id] = recordsOf([]string{id})[0]
		} else {
			h.keys[fmt.Sprintf("crm-%d", i)] = recordsOf([]string{id})[0]
		}
	}
	typeID, err := box.DefineLabel(sandbox.Label{From: "contacts", To: "companies", Label: "Billing"})
	h.must(err)
	h.kinds["billing"] = fmt.Sprintf("USER_DEFINED %d", typeID)
	all, err := box.Associations("contacts", fmt.Sprint(firstContact), "companies") // the sandbox begins with that label there
	h.must(err)
	h.kinds["decision maker"] = strings.ReplaceAll(all[0].Types[1], "=", " ")
}

// prepareSyncs makes the rows of the control table.
func (h *linkHistory) prepareSyncs(r *rand.Rand) {
	h.look(nil)
	h.idProperty = pick(r, "email", "email", "hs_object_id")
	names := pick(r, []string{"links"}, []string{"links", "others"})
	for _, name := range names {
		s := &chaosLinkSync{name: name, enabled: true, labelled: chance(r, 90), rows: map[linkRow]bool{}}
		h.syncs = append(h.syncs, s)
		h.database(fmt.Sprintf(`INSERT INTO rollcall.syncs (name, kind, id_property, to_object_type, to_id_property, max_removal_pct, allow_empty, allow_takeover, query)
			VALUES ('%s', 'association', '%s', 'companies', '%s', %d, true, true, '')`, name, h.idProperty, h.toIDProperty, pick(r, 100, 100, 100, 50)))
	}
	for _, s := range h.syncs {
		h.drawMode(r, s)
		h.database(s.update())
		h.enter(r, s, 12)
	}
}

// drawMode draws the sync's mode, and what it does with the links of others. Two syncs must not contradict each other: they would end and make links
// in turn.
func (h *linkHistory) drawMode(r *rand.Rand, s *chaosLinkSync) {
	s.mode, s.foreign = pick(r, "mirror", "mirror", "mirror", "add"), "NULL"
	if len(h.syncs) > 1 {
		return
	}
	switch {
	case chance(r, 20):
		s.mode = "remove"
	case s.mode == "mirror" && chance(r, 25):
		s.foreign = "'remove'"
	}
}

// update is the statement that gives the sync's row its columns.
func (s *chaosLinkSync) update() string {
	label := ""
	if s.labelled {
		label = ", label"
	}
	return fmt.Sprintf("UPDATE rollcall.syncs SET mode = '%s', foreign_members = %s, enabled = %v, query = 'SELECT contact AS from_key, company AS to_key%s FROM pairs WHERE sync = ''%s''' WHERE name = '%[5]s'",
		s.mode, s.foreign, s.enabled, label, s.name)
}

// enter puts up to n links into the sync's table: most of them of records that are there.
func (h *linkHistory) enter(r *rand.Rand, s *chaosLinkSync, n int) {
	for range n {
		row := linkRow{fmt.Sprintf("new-%d@example.com", 1+r.IntN(3)), pick(r, slices.Sorted(maps.Keys(h.keys))...), h.label(r, s)}
		switch known := slices.Sorted(maps.Keys(h.account.byAddress)); {
		case h.idProperty == "hs_object_id":
			row.from = pick(r, append(idTexts(h.account.contacts()), "4711")...)
		case chance(r, 90) && len(known) > 0:
			row.from = pick(r, known...)
		}
		s.rows[row] = true
	}
	if others := h.syncs[0].sorted(); s != h.syncs[0] && len(others) > 0 {
		for _, row := range some(r, others, 3) { // both ask for it
			s.rows[linkRow{row.from, row.to, h.label(r, s)}] = true
		}
	}
}

// label draws one. The first sync alone says which company is a contact's primary one: two would have unequal opinions.
func (h *linkHistory) label(r *rand.Rand, s *chaosLinkSync) string {
	label := pick(r, labelSpellings...)
	if label == "Primary" && s != h.syncs[0] {
		return "Billing"
	}
	return label
}

// contact is the record ID of the contact that a key means, 0 if there is none.
func (h *linkHistory) contact(key string) int64 {
	id, err := strconv.ParseInt(key, 10, 64)
	if err != nil {
		return h.account.byAddress[key]
	}
	if _, there := h.account.addresses[id]; there {
		return id
	}
	return 0
}

// sorted are the rows of the sync, in order.
func (s *chaosLinkSync) sorted() []linkRow {
	return slices.SortedFunc(maps.Keys(s.rows), func(a, b linkRow) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
}

// step changes tables, rows and the account in some ways, and runs a command under faults.
func (h *linkHistory) step(r *rand.Rand) {
	for range r.IntN(3) {
		s := pick(r, h.syncs...)
		switch r.IntN(4) {
		case 0:
			h.logf("rows of %s enter", s.name)
			h.enter(r, s, 4)
		case 1:
			h.logf("rows of %s leave", s.name)
			for _, row := range some(r, s.sorted(), 4) {
				delete(s.rows, row)
			}
		case 2:
			h.logf("rows of %s change", s.name)
			for _, row := range some(r, s.sorted(), 5) {
				delete(s.rows, row)
				s.rows[linkRow{row.from, row.to, h.label(r, s)}] = true
			}
		case 3:
			h.changeRow(r, s)
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
	h.execute(r, faults, h.drawCommand(r))
}

// changeRow changes the sync's row of the control table.
func (h *linkHistory) changeRow(r *rand.Rand, s *chaosLinkSync) {
	switch r.IntN(3) {
	case 0:
		s.enabled = !s.enabled
	case 1:
		s.labelled = !s.labelled
	case 2:
		h.drawMode(r, s)
	}
	h.logf("%s is %s, foreign_members %s, labelled %v, enabled %v", s.name, s.mode, s.foreign, s.labelled, s.enabled)
	h.database(s.update())
	h.own = map[element]bool{} // what the row was when it linked is not known here
}

// load writes the table.
func (h *linkHistory) load() {
	statements := []string{"DELETE FROM pairs"}
	for _, s := range h.syncs {
		for _, row := range s.sorted() {
			label := "NULL"
			if row.label != "" {
				label = "'" + row.label + "'"
			}
			statements = append(statements, fmt.Sprintf("INSERT INTO pairs VALUES ('%s', '%s', '%s', %s)", s.name, row.from, row.to, label))
		}
	}
	h.database(statements...)
}

// drawCommand draws what the step runs.
func (h *linkHistory) drawCommand(r *rand.Rand) []string {
	if blocked := h.portal.rows("SELECT sync FROM rollcall.runs QUALIFY row_number() OVER (PARTITION BY sync ORDER BY run_id DESC) = 1 AND status = 'BLOCKED' AND undoes IS NULL ORDER BY 1"); len(blocked) > 0 && chance(r, 60) {
		h.logf("%s is approved", blocked[0])
		h.portal.rollcall("approve", blocked[0])
	}
	var flags []string
	for _, flag := range []string{"--full", "--retry-rejects", "--dry-run"} {
		if chance(r, 15) {
			flags = append(flags, flag)
		}
	}
	sent := h.portal.rows("SELECT run_id FROM rollcall.runs WHERE status NOT IN ('BLOCKED', 'DRY_RUN', 'RUNNING') AND run_id IN (SELECT run_id FROM rollcall.changes) ORDER BY 1")
	if len(sent) > 0 && chance(r, 20) {
		return append([]string{"undo", pick(r, sent...)}, slices.DeleteFunc(flags, func(f string) bool { return f != "--dry-run" })...)
	}
	if chance(r, 15) {
		flags = append(flags, pick(r, h.syncs...).name)
	}
	return append([]string{"run"}, flags...)
}

// execute runs a command, which may be killed, and checks what it did.
func (h *linkHistory) execute(r *rand.Rand, faults []sandbox.Fault, args []string) {
	h.t.Helper()
	h.must(h.portal.box.Declare(faults...))
	boundary := ""
	if chance(r, 50) {
		boundary = pick(r, "after record intent", "before record outcomes", "after record outcomes", "after mark sent", "after cache answers", "after finish run", "after reconcile",
			"at POST /batch/create", "applied POST /batch/create", "applied POST /batch/associate/default", "applied POST /batch/archive", "applied POST /labels/archive",
			"at POST /batch/read") + ":" + strconv.Itoa(1+r.IntN(3))
	}
	h.logf("%v under %+v, killed at %q", args, faults, boundary)
	last := h.portal.rows("SELECT coalesce(max(run_id), '') FROM rollcall.runs")[0]
	var c *child
	if boundary == "" {
		c = h.portal.start(nil, args...)
		c.wait()
	} else {
		c = h.portal.maybeStopped(clitest.ByKill, boundary, args...)
	}
	h.portal.box.ForgetFaults()
	h.check(c, args, last)
}
