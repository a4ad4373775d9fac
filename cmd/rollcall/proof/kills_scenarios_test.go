package proof

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"rollcall/cmd/rollcall/cli"
)

func killScenarios() map[string]killScenario {
	return map[string]killScenario{
		"adds and removals": {longOnly: true, prepare: prepareChanges, run: plainRun, lists: map[string][]int{"VIP customers": between(6, 15)}},
		"verify": {longOnly: true, prepare: prepareChanges, run: func(*portal) []string { return []string{"run", "--verify"} },
			lists: map[string][]int{"VIP customers": between(6, 15)}},
		"list by name": {prepare: func(p *portal) {
			p.rollcall("sql", "--write", "-c", "INSERT INTO rollcall.syncs (name, query, list_name) VALUES ('new', 'SELECT email FROM people', 'Fresh')")
			p.people(between(1, 5)...)
		}, run: plainRun, lists: map[string][]int{"Fresh": between(1, 5)}},
		"two syncs": {longOnly: true, prepare: func(p *portal) {
			prepareChanges(p)
			p.rollcall("sql", "--write", "-c", "INSERT INTO rollcall.syncs (name, query, list_id) VALUES ('news', 'SELECT email FROM people', '102')")
		}, run: plainRun, lists: map[string][]int{"VIP customers": between(6, 15), "Newsletter": between(6, 15)}},
		"two syncs of one list": {longOnly: true, prepare: func(p *portal) {
			p.rollcall("sql", "--write", "-c", `INSERT INTO rollcall.syncs (name, query, list_id, mode) VALUES
				('low', 'SELECT email FROM people WHERE email < ''contact-00006''', '101', 'add'),
				('high', 'SELECT email FROM people WHERE email > ''contact-00004''', '101', 'add')`)
			p.people(between(1, 9)...)
		}, run: plainRun, lists: map[string][]int{"VIP customers": between(1, 9)}},
		"two syncs of a new list": {prepare: func(p *portal) {
			p.rollcall("sql", "--write", "-c", `INSERT INTO rollcall.syncs (name, query, list_name, mode) VALUES
				('low', 'SELECT email FROM people WHERE email < ''contact-00006''', 'Fresh', 'add'),
				('high', 'SELECT email FROM people WHERE email > ''contact-00004''', 'Fresh', 'add')`)
			p.people(between(1, 9)...)
		}, run: plainRun, lists: map[string][]int{"Fresh": between(1, 9)}},
		"after a kill": {prepare: func(p *portal) {
			prepareChanges(p)
			p.killAfter(callWrite, 2, "run")
		}, run: plainRun, lists: map[string][]int{"VIP customers": between(6, 15)}},
		"approved": {prepare: func(p *portal) {
			prepareChanges(p)
			p.rollcall("sql", "--write", "-c", "UPDATE rollcall.syncs SET max_removals = 0")
			p.exits(cli.ExitBlocked, "run")
			p.rollcall("approve", "vip")
		}, run: plainRun, lists: map[string][]int{"VIP customers": between(6, 15)}},
		"by hand": {prepare: func(p *portal) {
			prepareChanges(p)
			p.byHand("101", []int{17, 18, 12}, []int{3, 7})
		}, run: plainRun, lists: map[string][]int{"VIP customers": between(6, 15)}},
		"cached record gone": {prepare: reassignAddress, run: plainRun, lists: map[string][]int{"VIP customers": append(between(1, 8), 10, 21)}},
		"undo": {prepare: func(p *portal) {
			prepareChanges(p)
			p.rollcall("run")
			p.rollcall("sql", "--write", "-c", "UPDATE rollcall.syncs SET enabled = false")
		}, run: undoLast, lists: map[string][]int{"VIP customers": between(1, 8)}},
		"records": {prepare: func(p *portal) {
			p.rollcall("sql", "--write", "-c", vip+`; UPDATE rollcall.syncs SET max_removal_pct = 100; ALTER TABLE people ADD COLUMN city VARCHAR;
				INSERT INTO rollcall.syncs (name, kind, query) VALUES ('people', 'object', 'SELECT email, city FROM people');
				INSERT INTO people SELECT format('contact-{:05d}@example.com', i), CASE WHEN i > 4 THEN 'Bonn' END FROM range(1, 17) r(i)`)
			p.rollcall("run")
			p.rollcall("sql", "--write", "-c", `DELETE FROM people WHERE email < 'contact-00004';
				UPDATE people SET city = 'Ulm' WHERE email < 'contact-00012';
				INSERT INTO people SELECT format('contact-{:05d}@example.com', i), 'Rom' FROM range(18, 26) r(i)`)
		}, run: plainRun, lists: map[string][]int{"VIP customers": append(between(4, 16), between(18, 25)...)}, extraCheck: func(p *portal) {
			for n := 4; n <= 25; n++ {
				switch {
				case n <= 11:
					p.wantRecord(n, "Ulm")
				case n <= 16:
					p.wantRecord(n, "Bonn")
				case n >= 18:
					p.wantRecord(n, "Rom")
				}
			}
		}},
		"links": {prepare: func(p *portal) {
			p.rollcall("sql", "--write", "-c", `ALTER TABLE people ADD COLUMN company INTEGER; ALTER TABLE people ADD COLUMN label VARCHAR;
				INSERT INTO rollcall.syncs (name, kind, query, to_object_type, to_id_property, max_removal_pct) VALUES
					('links', 'association', 'SELECT email AS from_key, 9000000000 + company AS to_key, label FROM people', 'companies', 'hs_object_id', 100);
				INSERT INTO people SELECT format('contact-{:05d}@example.com', i), 2, CASE WHEN i % 2 = 0 THEN 'Decision maker' END FROM range(3, 13) r(i)`)
			p.rollcall("run")
			p.rollcall("sql", "--write", "-c", `DELETE FROM people WHERE email < 'contact-00006';
				UPDATE people SET company = 3 WHERE email < 'contact-00009';
				UPDATE people SET label = CASE WHEN label IS NULL THEN 'Decision maker' END WHERE email >= 'contact-00009';
				INSERT INTO people SELECT format('contact-{:05d}@example.com', i), 1, 'Decision maker' FROM range(13, 17) r(i)`)
		}, run: plainRun, extraCheck: func(p *portal) {
			labels := map[bool][]string{false: {""}, true: {"", "Decision maker"}}
			for n := 3; n <= 17; n++ {
				want := map[int][]string{}
				switch {
				case n >= 6 && n < 9:
					want[3] = labels[n%2 == 0]
				case n >= 9 && n < 13:
					want[2] = labels[n%2 == 1]
				case n >= 13 && n < 17:
					want[1] = labels[true]
				}
				p.wantLinks(n, want)
			}
		}},
		"all kinds": {longOnly: true, prepare: prepareKinds, run: plainRun, lists: map[string][]int{"VIP customers": between(4, 24)}, extraCheck: func(p *portal) {
			for n := 4; n <= 24; n++ {
				p.wantRecord(n, map[bool]string{true: "Ulm", false: "Bonn"}[n < 8 || n > 16])
				want := map[int][]string{}
				if n <= 16 {
					want[1+n%2] = []string{"", "Decision maker"}
				}
				p.wantLinks(n, want)
			}
			p.wantLinks(3, map[int][]string{})
		}},
		"journal kept": {longOnly: true, prepare: func(p *portal) {
			prepareChanges(p)
			breakLedger(p)
		}, run: plainRun, exitCode: cli.ExitFailed, repair: repairLedger, lists: map[string][]int{"VIP customers": between(6, 15)}, extraCheck: wantNoJournal},
		"journal taken in": {prepare: prepareJournal, run: plainRun, lists: map[string][]int{"VIP customers": between(6, 15)}, extraCheck: wantJournalReplayed},
	}
}

// prepareChanges makes list 101 hold 1 to 8 where it has to hold 6 to 15: four batches.
func prepareChanges(p *portal) {
	p.t.Helper()
	p.rollcall("sql", "--write", "-c", vip+"; UPDATE rollcall.syncs SET max_removal_pct = 100")
	p.people(between(1, 8)...)
	p.rollcall("run")
	p.people(between(6, 15)...)
}

// prepareKinds makes a list, records and links that differ from what their rows ask for: contacts 1 to 16 were in step, of which 3 leave; others
// change, and 17 to 24 enter, of whom HubSpot has no contacts above 20.
func prepareKinds(p *portal) {
	p.t.Helper()
	for n := range 2 { // the sandbox begins with these links
		if err := p.box.Dissociate("contacts", recordIDs([]int{n + 1})[0], "companies", strconv.Itoa(firstCompany+n)); err != nil {
			p.t.Fatal(err)
		}
	}
	p.rollcall("sql", "--write", "-c", vip+`; UPDATE rollcall.syncs SET max_removal_pct = 100;
		ALTER TABLE people ADD COLUMN city VARCHAR; ALTER TABLE people ADD COLUMN company INTEGER; ALTER TABLE people ADD COLUMN label VARCHAR;
		INSERT INTO rollcall.syncs (name, kind, query) VALUES ('records', 'object', 'SELECT email, city FROM people');
		INSERT INTO rollcall.syncs (name, kind, query, to_object_type, to_id_property, max_removal_pct) VALUES
			('links', 'association', 'SELECT email AS from_key, 9000000000 + company AS to_key, label FROM people WHERE company IS NOT NULL', 'companies', 'hs_object_id', 100);
		INSERT INTO people SELECT format('contact-{:05d}@example.com', i), 'Bonn', 1 + i % 3 % 2, CASE WHEN i < 9 THEN 'Decision maker' END FROM range(1, 17) r(i)`)
	p.rollcall("run")
	p.rollcall("sql", "--write", "-c", `DELETE FROM people WHERE email < 'contact-00004';
		UPDATE people SET city = 'Ulm' WHERE email < 'contact-00008';
		UPDATE people SET company = 1 + CAST(email[9:13] AS INTEGER) % 2, label = 'Decision maker';
		INSERT INTO people SELECT format('contact-{:05d}@example.com', i), 'Ulm', NULL, NULL FROM range(17, 25) r(i)`)
}

// reassignAddress deletes the record that is cached for contact 9 and gives its address to a new one, number 21.
func reassignAddress(p *portal) {
	p.t.Helper()
	p.rollcall("sql", "--write", "-c", vip)
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

// changesColumns reads the columns of rollcall.changes as a CREATE TABLE has them.
const changesColumns = "SELECT column_name || ' ' || data_type FROM information_schema.columns WHERE table_schema = 'rollcall' AND table_name = 'changes' ORDER BY ordinal_position"

// breakLedger makes a ledger that refuses to store any outcome done from now on; repairLedger restores it.
func breakLedger(p *portal) {
	p.t.Helper()
	p.rollcall("sql", "--write", "-c", fmt.Sprintf(`
		CREATE TABLE kept AS FROM rollcall.changes;
		CREATE OR REPLACE TABLE rollcall.changes (%s, CHECK (state <> 'done' OR changed_at < TIMESTAMPTZ '%s'));
		INSERT INTO rollcall.changes FROM kept;
		DROP TABLE kept`, strings.Join(p.rows(changesColumns), ", "), time.Now().UTC().Format(time.RFC3339Nano)))
}

func repairLedger(p *portal) {
	p.t.Helper()
	p.rollcall("sql", "--write", "-c", `
		CREATE TABLE kept AS FROM rollcall.changes;
		CREATE OR REPLACE TABLE rollcall.changes AS FROM kept;
		DROP TABLE kept`)
}

// prepareJournal leaves a batch whose outcome is in the journal and not in the ledger.
func prepareJournal(p *portal) {
	p.t.Helper()
	prepareChanges(p)
	breakLedger(p)
	p.exits(cli.ExitFailed, "run")
	repairLedger(p)
}

// wantJournalReplayed wants the batch of the journal to have the outcomes of the journal, not those that the list suggests, and the
// journal to be gone.
func wantJournalReplayed(p *portal) {
	p.t.Helper()
	p.wantNone("changes that were not taken in from the journal", `SELECT run_id, action, record_id, state, reason FROM rollcall.changes
		WHERE reason IS NOT NULL AND run_id IN (SELECT run_id FROM rollcall.runs WHERE status = 'FAILED')`)
	if got := p.rows("SELECT count(*) FROM rollcall.runs WHERE detail LIKE '%%taken in from the journal%%'"); got[0] != "1" {
		p.t.Errorf("%s runs say that changes were taken in, want 1", got[0])
	}
	wantNoJournal(p)
}

func wantNoJournal(p *portal) {
	p.t.Helper()
	if _, err := os.Stat(p.file() + ".journal"); err == nil {
		p.t.Error("the journal is still there")
	}
}
