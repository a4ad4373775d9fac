package main

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
)

func killScenarios() map[string]killScenario {
	return map[string]killScenario{
		"adds and removals": {prepare: changing, run: plainRun, lists: map[string][]int{"VIP customers": between(6, 15)}},
		"verify": {prepare: changing, run: func(*portal) []string { return []string{"run", "--verify"} },
			lists: map[string][]int{"VIP customers": between(6, 15)}},
		"list by name": {prepare: func(p *portal) {
			p.rollcall("sql", "-c", "INSERT INTO rollcall.syncs (name, query, list_name) VALUES ('new', 'SELECT email FROM people', 'Fresh')")
			p.people(between(1, 5)...)
		}, run: plainRun, lists: map[string][]int{"Fresh": between(1, 5)}},
		"two syncs": {prepare: func(p *portal) {
			changing(p)
			p.rollcall("sql", "-c", "INSERT INTO rollcall.syncs (name, query, list_id) VALUES ('news', 'SELECT email FROM people', '102')")
		}, run: plainRun, lists: map[string][]int{"VIP customers": between(6, 15), "Newsletter": between(6, 15)}},
		"two syncs of one list": {prepare: func(p *portal) {
			p.rollcall("sql", "-c", `INSERT INTO rollcall.syncs (name, query, list_id, mode) VALUES
				('low', 'SELECT email FROM people WHERE email < ''contact-00006''', '101', 'add'),
				('high', 'SELECT email FROM people WHERE email > ''contact-00004''', '101', 'add')`)
			p.people(between(1, 9)...)
		}, run: plainRun, lists: map[string][]int{"VIP customers": between(1, 9)}},
		"by hand": {prepare: func(p *portal) {
			changing(p)
			p.byHand("101", []int{17, 18, 12}, []int{3, 7})
		}, run: plainRun, lists: map[string][]int{"VIP customers": between(6, 15)}},
		"remembered record gone": {prepare: remarried, run: plainRun, lists: map[string][]int{"VIP customers": append(between(1, 8), 10, 21)}},
		"undo": {prepare: func(p *portal) {
			changing(p)
			p.rollcall("run")
			p.rollcall("sql", "-c", "UPDATE rollcall.syncs SET enabled = false")
		}, run: undoLast, lists: map[string][]int{"VIP customers": between(1, 8)}},
		"journal": {prepare: journaled, run: plainRun, lists: map[string][]int{"VIP customers": between(6, 15)}, also: wantTakenIn},
	}
}

// changing makes list 101 hold 1 to 8 where it has to hold 6 to 15: four batches.
func changing(p *portal) {
	p.t.Helper()
	p.rollcall("sql", "-c", vip+"; UPDATE rollcall.syncs SET max_removal_pct = 100")
	p.people(between(1, 8)...)
	p.rollcall("run")
	p.people(between(6, 15)...)
}

// remarried has the record that is remembered for contact 9 deleted and its address given to a new one, 21 by our numbers.
func remarried(p *portal) {
	p.t.Helper()
	p.rollcall("sql", "-c", vip)
	p.people(between(1, 9)...)
	p.rollcall("run")
	p.people(between(1, 8)...)
	p.rollcall("run")
	if err := p.box.DeleteObject("contacts", strconv.Itoa(firstContact+8)); err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.box.CreateContact(map[string]string{"email": "contact-00009@example.com"}); err != nil {
		p.t.Fatal(err)
	}
	p.people(between(1, 10)...)
}

// undoLast is the command that undoes the second run of the ledger.
func undoLast(p *portal) []string {
	return []string{"undo", p.rows("SELECT run_id FROM rollcall.runs ORDER BY run_id LIMIT 1 OFFSET 1")[0]}
}

// journaled leaves a batch as sent, and its answer in the journal, as a run does that can no longer write the ledger.
func journaled(p *portal) {
	p.t.Helper()
	changing(p)
	before := len(p.deeds)
	p.killAfter(callWrite, 3, "run")
	type outcome struct {
		Action   string `json:"action"`
		RecordID int64  `json:"record_id"`
		State    string `json:"state"`
	}
	runID := p.rows("SELECT max(run_id) FROM rollcall.runs")[0]
	line := struct {
		RunID    string    `json:"run_id"`
		ListID   string    `json:"list_id"`
		Batch    int       `json:"batch"`
		Outcomes []outcome `json:"outcomes"`
	}{RunID: runID, ListID: "101", Batch: 3}
	for _, deed := range p.deeds[before+6:] { // the first two batches, of three each, were answered
		words := strings.Fields(deed)
		id, err := strconv.ParseInt(words[1], 10, 64)
		if err != nil {
			p.t.Fatal(err)
		}
		line.Outcomes = append(line.Outcomes, outcome{words[0], id, "done"})
	}
	text, err := json.Marshal(line)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(p.file()+".journal", append(text, '\n'), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// wantTakenIn wants the journal's batch to have become what the journal says, not what the list shows, and the journal to be gone.
func wantTakenIn(p *portal, _ string) {
	p.t.Helper()
	p.wantNone("changes that were not taken in from the journal", `SELECT run_id, action, record_id, state, reason FROM rollcall.changes
		WHERE batch = 3 AND reason IS NOT NULL`)
	if got := p.rows("SELECT count(*) FROM rollcall.runs WHERE detail LIKE '%%taken in from the journal%%'"); got[0] != "1" {
		p.t.Errorf("%s runs say that changes were taken in, want 1", got[0])
	}
	if _, err := os.Stat(p.file() + ".journal"); err == nil {
		p.t.Error("the journal is still there")
	}
}
