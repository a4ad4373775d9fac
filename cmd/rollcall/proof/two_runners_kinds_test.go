package proof

import (
	"fmt"
	"testing"

	"rollcall/engine/hubspot/sandbox"
)

// TestProofTwoRunnersOfKinds starts two runners at once on a control database that knows nothing yet, and again when its tables have changed: one of
// them, or one after the other, makes records and links, and none of them twice.
func TestProofTwoRunnersOfKinds(t *testing.T) {
	t.Parallel()
	rounds := 1
	if *long {
		rounds = 10
	}
	base := newPortal(t, 20, sandbox.Options{})
	base.rollcall("sql", "--write", "-c", `ALTER TABLE people ADD COLUMN city VARCHAR; ALTER TABLE people ADD COLUMN company INTEGER; ALTER TABLE people ADD COLUMN label VARCHAR;
		INSERT INTO rollcall.syncs (name, kind, query) VALUES ('records', 'object', 'SELECT email, city FROM people');
		INSERT INTO rollcall.syncs (name, kind, query, to_object_type, to_id_property, max_removal_pct) VALUES
			('links', 'association', 'SELECT email AS from_key, 9000000000 + company AS to_key, label FROM people WHERE company IS NOT NULL', 'companies', 'hs_object_id', 100)`)
	for order := range nInterleavings {
		if !*long && order != int(*sample%nInterleavings) {
			continue
		}
		for round := range rounds {
			t.Run(fmt.Sprintf("order%d.%d", order, round), func(t *testing.T) {
				d := &twoRunners{portal: base.clone(t)}
				d.cold(order, 14+round%5)
				d.warm(order, 14+round%5)
			})
		}
	}
}

// cold runs contacts 3 to 20, and 21 to the given number of which HubSpot has none, each with a city, and links to companies of those up to the 20th.
func (d *twoRunners) cold(order, creates int) {
	d.t.Helper()
	d.rollcall("sql", "--write", "-c", fmt.Sprintf(`INSERT INTO people
		SELECT format('contact-{:05d}@example.com', i), 'Bonn', CASE WHEN i < 21 THEN 2 END, CASE WHEN i %% 2 = 0 THEN 'Decision maker' END FROM range(3, %d) r(i)`, 21+creates))
	d.round(order)
	for n := 3; n < 21+creates; n++ {
		d.wantRecord(n, "Bonn")
		d.wantPair(n, 2, n < 21, n%2 == 0)
	}
	d.wantOnce(20 + creates)
	if n := d.linked(); n != 18 {
		d.t.Errorf("%d links were sent, want 18", n)
	}
}

// warm changes the city of half of them, links some with another company and ends the links of others.
func (d *twoRunners) warm(order, creates int) {
	d.t.Helper()
	d.beforeCall = nil
	d.rollcall("sql", "--write", "-c", `UPDATE people SET city = 'Ulm' WHERE email < 'contact-00012';
		UPDATE people SET company = CASE WHEN email < 'contact-00008' THEN 3 END WHERE email < 'contact-00012' AND company IS NOT NULL`)
	before := d.linked()
	d.round(order)
	for n := 3; n < 21+creates; n++ {
		d.wantRecord(n, map[bool]string{true: "Ulm", false: "Bonn"}[n < 12])
		switch {
		case n < 8:
			d.wantPair(n, 3, true, n%2 == 0)
		default:
			d.wantPair(n, 2, n >= 12 && n < 21, n%2 == 0)
		}
	}
	d.wantOnce(20 + creates)
	if n := d.linked() - before; n != 5+9 {
		d.t.Errorf("%d links were sent, want 14", n)
	}
	d.wantQuiet()
}

// wantPair wants a contact to be linked with one company, perhaps with a label, or with none.
func (d *twoRunners) wantPair(contact, company int, linked, labelled bool) {
	d.t.Helper()
	want := map[int][]string{}
	if linked {
		want[company] = []string{""}
	}
	if linked && labelled {
		want[company] = []string{"", "Decision maker"}
	}
	d.wantLinks(contact, want)
}

// linked is how many pairs of records the writes of links have named.
func (d *twoRunners) linked() (n int) {
	for _, call := range d.box.Calls() {
		for _, operation := range linkWrites {
			if call.Operation == operation {
				n += call.IDs
			}
		}
	}
	return n
}

// wantOnce wants HubSpot to have so many contacts, and the ledger to have each change once.
func (d *twoRunners) wantOnce(contacts int) {
	d.t.Helper()
	d.beforeCall = nil
	if n := len(readAccount(d.t, d.box).contacts()); n != contacts {
		d.t.Errorf("HubSpot has %d contacts, want %d", n, contacts)
	}
	d.wantLedgerConsistent()
	d.wantApplied()
	d.wantNone("changes that were not done", "SELECT run_id, action, key, state, reason FROM rollcall.changes WHERE state <> 'done'")
	d.wantNone("runs that did not end well", "SELECT run_id, status, error FROM rollcall.runs WHERE status <> 'SUCCEEDED'")
}
