package engine_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// Operations of the sandbox.
const (
	linkReads     = "associations.batch-read"
	linkCreates   = "associations.batch-create"
	linkDefaults  = "associations.batch-default"
	linkArchives  = "associations.batch-archive"
	labelArchives = "associations.batch-labels-archive"
	labelReads    = "labels.list"
)

// Companies of the sandbox.
const (
	acme    = "9000000001"
	globex  = "9000000002"
	initech = "9000000003"
)

// newLinks is a world with n contacts, associated with nothing, and the sync jobs of the kind association over the table jobs: contacts by their
// address, companies by their record ID.
func newLinks(t testing.TB, n int, columns map[string]string, change ...func(*engine.Config)) *world {
	t.Helper()
	w := newWorld(t, n, change...)
	for i, firm := range []string{acme, globex}[:min(n, 2)] {
		if err := w.sandbox.Dissociate("contacts", ids([]int{i + 1})[0], "companies", firm); err != nil {
			t.Fatal(err)
		}
	}
	w.exec("CREATE TABLE jobs (person VARCHAR, firm VARCHAR, label VARCHAR)")
	w.sync("jobs", jobsRow(columns))
	return w
}

// jobsRow are the columns of a row of kind association over the table jobs, and others.
func jobsRow(columns map[string]string) map[string]string {
	all := map[string]string{
		"kind": "'association'", "to_object_type": "'companies'", "to_id_property": "'hs_object_id'", "allow_takeover": "NULL",
		"query": quote("SELECT person AS from_key, firm AS to_key, label FROM jobs"),
	}
	for name, value := range columns {
		all[name] = value
	}
	return all
}

// job puts links of one contact into the table jobs, each a company's ID, or one and a label.
func (w *world) job(contact int, links ...string) {
	w.t.Helper()
	for _, link := range links {
		firm, label, labelled := strings.Cut(link, " ")
		text := "NULL"
		if labelled {
			text = quote(label)
		}
		w.exec(fmt.Sprintf("INSERT INTO jobs VALUES (%s, %s, %s)", quote(address(contact)), quote(firm), text))
	}
}

// jobs replaces the links of one contact in the table jobs.
func (w *world) jobs(contact int, links ...string) {
	w.t.Helper()
	w.exec("DELETE FROM jobs WHERE person = " + quote(address(contact)))
	w.job(contact, links...)
}

// associate links a contact with a company as others would.
func (w *world) associate(contact int, firm string, labels ...string) {
	w.t.Helper()
	if err := w.sandbox.Associate("contacts", ids([]int{contact})[0], "companies", firm, labels...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) dissociate(contact int, firm string) {
	w.t.Helper()
	if err := w.sandbox.Dissociate("contacts", ids([]int{contact})[0], "companies", firm); err != nil {
		w.t.Fatal(err)
	}
}

// linked are the companies of a contact with their labels.
func (w *world) linked(contact int) []string {
	w.t.Helper()
	all, err := w.sandbox.Associations("contacts", ids([]int{contact})[0], "companies")
	if err != nil {
		w.t.Fatal(err)
	}
	lines := []string{}
	for _, a := range all {
		lines = append(lines, strings.TrimSpace(a.ToID+" "+strings.Join(a.Labels, ",")))
	}
	return lines
}

func (w *world) wantLinked(contact int, want ...string) {
	w.t.Helper()
	if got := w.linked(contact); !slices.Equal(got, want) {
		w.t.Errorf("contact %d has %v, want %v", contact, got, want)
	}
}

// linkCalls counts the calls about associations.
func (w *world) linkCalls() (n int) {
	for _, operation := range []string{linkReads, linkCreates, linkDefaults, linkArchives, labelArchives, labelReads} {
		n += w.sandbox.CountCalls(operation)
	}
	return n
}

// linkWrites counts the calls that change associations.
func (w *world) linkWrites() int {
	return w.linkCalls() - w.sandbox.CountCalls(linkReads) - w.sandbox.CountCalls(labelReads)
}

// associated are the contacts of a company.
func (w *world) associated(company string) []int {
	w.t.Helper()
	all, err := w.sandbox.Associations("companies", company, "contacts")
	if err != nil {
		w.t.Fatal(err)
	}
	held := []int{}
	for _, a := range all {
		id, err := strconv.Atoi(a.ToID)
		if err != nil {
			w.t.Fatal(err)
		}
		held = append(held, id-firstContact+1)
	}
	return held
}

// label defines an association label from contacts to companies, and returns its type ID.
func (w *world) label(name string) int {
	w.t.Helper()
	id, err := w.sandbox.DefineLabel(sandbox.Label{From: "contacts", To: "companies", Label: name})
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// The first run links what is not there; the next one makes no call about associations; what has left the query is unlinked.
func TestAssociationFirstRun(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 4, map[string]string{"query": quote("SELECT person AS from_key, firm AS to_key FROM jobs")})
	w.associate(3, initech)
	w.job(1, acme, globex)
	w.job(2, acme)
	w.job(3, initech)
	run := w.one("jobs", engine.Succeeded)
	wantCounts(t, run, "3 0 0 4")
	w.wantLinked(1, acme, globex)
	w.wantLinked(2, acme)
	wantRows(t, w.rows("SELECT kind, n_rows, n_emails, n_resolved, n_unmatched, n_current_before, n_to_add, n_added, n_removed, n_final, detail FROM rollcall.runs"), "association 4 4 4 0 1 3 3 0 4 linked 3, unlinked 0")
	wantRows(t, w.rows("SELECT action, target, state, cause, key, values, record_id, to_record_id, association_type FROM rollcall.changes ORDER BY n"),
		"link contacts->companies done entered contact-00001@example.com → "+acme+" <nil> 1000001 "+acme+" default",
		"link contacts->companies done entered contact-00001@example.com → "+globex+" <nil> 1000001 "+globex+" default",
		"link contacts->companies done entered contact-00002@example.com → "+acme+" <nil> 1000002 "+acme+" default")
	w.sandbox.ForgetCalls()
	if run = w.one("jobs", engine.Succeeded); w.linkCalls() != 0 || !run.Plan.Empty() {
		t.Errorf("%d calls with nothing changed, plan %+v", w.linkCalls(), run.Plan)
	}
	w.jobs(1, globex)
	w.jobs(3)
	wantCounts(t, w.one("jobs", engine.Succeeded), "0 1 0 2")
	wantRows(t, w.lastChanges(), "unlink done contact-00001@example.com → "+acme+" <nil>")
	w.wantLinked(1, globex)
	w.wantLinked(3, initech) // others had linked it
}

// Labels are found by name, by type ID and by category and type ID; each comes with the link without one.
func TestAssociationLabels(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 4, nil)
	buyer := w.label("Buyer")
	w.job(1, acme+" decision MAKER", acme+" Buyer")
	w.job(2, acme+" "+strconv.Itoa(buyer))
	w.job(3, acme+" USER_DEFINED 1", globex)
	run := w.one("jobs", engine.Succeeded)
	wantCounts(t, run, "8 0 0 8")
	w.wantLinked(1, acme+" Decision maker,Buyer")
	w.wantLinked(2, acme+" Buyer")
	w.wantLinked(3, acme+" Decision maker", globex)
	wantRows(t, w.rows("SELECT key, property, before, after FROM rollcall.change_values ORDER BY n"),
		"contact-00001@example.com → "+acme+" label <nil> Decision maker", "contact-00001@example.com → "+acme+" label <nil> Buyer",
		"contact-00002@example.com → "+acme+" label <nil> Buyer", "contact-00003@example.com → "+acme+" label <nil> Decision maker")
	w.sandbox.ForgetCalls()
	if run := w.one("jobs", engine.Succeeded); w.linkCalls() != 0 || !run.Plan.Empty() {
		t.Errorf("%d calls with nothing changed, plan %+v", w.linkCalls(), run.Plan)
	}
}

// A row whose label is not there, or means two types, is a reject that names those that are; so is one with a key that HubSpot does not have. What
// the pair has stays.
func TestAssociationRejects(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 4, nil)
	w.job(1, acme+" Decision maker")
	w.one("jobs", engine.Succeeded)
	w.jobs(1, acme+" Decison maker")
	w.job(2, acme+" 1", acme)
	w.job(3, acme, acme, "77.5", "9000000001.0")
	w.exec("INSERT INTO jobs VALUES ('ann@example.com', '" + acme + "', NULL), ('nobody', '" + acme + "', NULL), (NULL, '" + acme + "', NULL)")
	run := w.one("jobs", engine.Succeeded)
	wantCounts(t, run, "2 0 0 4")
	w.wantLinked(1, acme+" Decision maker")
	w.wantLinked(2, acme)
	labels := `"Decision maker" (USER_DEFINED 1), "Primary" (HUBSPOT_DEFINED 1)`
	wantRows(t, w.rejects(),
		"ann@example.com → "+acme+" not_found from_key: HubSpot has no record of contacts with this email",
		"contact-00001@example.com → "+acme+` unknown_label HubSpot has no association label "Decison maker" between the two; it has `+labels,
		"contact-00002@example.com → "+acme+" unknown_label the type ID 1 is in several categories: "+labels+"; write the category, too",
		"contact-00003@example.com → 77.5 invalid_record_id to_key: not a whole number",
		"nobody → "+acme+" invalid_email from_key: no @")
	wantRows(t, w.rows("SELECT n_rows, n_blank, n_duplicate, n_invalid, n_emails, n_resolved, n_unmatched FROM rollcall.runs WHERE run_id = "+quote(run.RunID)), "10 1 2 2 5 4 1")
}

// Keys and associations are asked about again after found_ttl, and what others did since is found.
func TestAssociationIsReadAgain(t *testing.T) {
	t.Parallel()
	later := time.Duration(0)
	w := newLinks(t, 3, nil, clockAhead(&later))
	w.job(1, acme)
	w.job(2, acme)
	w.one("jobs", engine.Succeeded)
	w.dissociate(1, acme)
	if run := w.one("jobs", engine.Succeeded); !run.Plan.Empty() {
		t.Errorf("planned %+v", run.Plan)
	}
	later = 48 * time.Hour
	if n := w.calls(linkReads, func() { wantCounts(t, w.one("jobs", engine.Succeeded), "1 0 0 2") }); n != 1 {
		t.Errorf("%d reads", n)
	}
	w.wantLinked(1, acme)
	wantRows(t, w.rows("SELECT target, record_id, to_record_id, association_type, key, kind, cause FROM rollcall.drift"), "contacts->companies 1000001 "+acme+" default contact-00001@example.com → "+acme+" disappeared removed_by_hand")
	wantRows(t, w.rows("SELECT n_drift FROM rollcall.runs ORDER BY run_id DESC LIMIT 1"), "1")
	wantRows(t, w.rows("SELECT cause FROM rollcall.changes ORDER BY run_id DESC LIMIT 1"), "restored")
}

// Mode add takes nothing away; mode remove takes away what the query names: a label, or a pair with all its labels.
func TestAssociationModes(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 4, map[string]string{"mode": "'add'"})
	w.associate(2, globex)
	w.job(1, acme, globex)
	w.one("jobs", engine.Succeeded)
	w.jobs(1, globex)
	wantCounts(t, w.one("jobs", engine.Succeeded), "0 0 0 2")
	w.wantLinked(1, acme, globex)
	w.associate(1, acme, "Decision maker")
	w.associate(2, globex, "Decision maker")
	w.jobs(1, acme)
	w.job(2, globex+" Decision maker")
	w.exec("UPDATE rollcall.syncs SET mode = 'remove', max_removal_pct = 100")
	w.runWith(engine.RunOptions{Full: true}, "jobs")
	w.wantLinked(1, globex)
	w.wantLinked(2, globex)
	if run := w.one("jobs", engine.Succeeded); !run.Plan.Empty() {
		t.Errorf("not quiet: %+v", run.Plan)
	}
}

// Links of others from the query's records go where the row says so, once a run has ended well or the take-over is approved; those of other records stay.
func TestAssociationForeignLinks(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 4, map[string]string{"foreign_members": "'remove'"})
	w.associate(1, globex)
	w.associate(3, globex)
	w.job(1, acme)
	run := w.one("jobs", engine.Blocked)
	wantWords(t, run.Error, "takeover: 1 of 1 links were put there by others and would go")
	wantRows(t, w.lastChanges(), "link planned contact-00001@example.com → "+acme+" <nil>", "unlink planned contact-00001@example.com → "+globex+" <nil>")
	w.exec("UPDATE rollcall.syncs SET allow_takeover = true")
	wantCounts(t, w.one("jobs", engine.Succeeded), "1 1 0 1")
	w.wantLinked(1, acme)
	w.wantLinked(3, globex)
}

// An empty query and too many removals are blocked, and what was approved passes.
func TestAssociationGuards(t *testing.T) {
	t.Parallel()
	w := newLinks(t, 20, map[string]string{"max_changes": "15"})
	for n := range 12 {
		w.job(n+1, acme)
	}
	w.one("jobs", engine.Succeeded)
	w.exec("DELETE FROM jobs")
	wantWords(t, w.one("jobs", engine.Blocked).Error, "allow_empty: the query returned no rows, so 12 links would go", "max_removal_pct: it would remove 12 of 12 links (100.0%)")
	for n := range 5 {
		w.job(n+1, acme)
	}
	run := w.one("jobs", engine.Blocked)
	wantWords(t, run.Error, "max_removal_pct: it would remove 7 of 12 links")
	approval, err := w.engine.Approve(t.Context(), run.RunID, "ann")
	if err != nil {
		t.Fatal(err)
	}
	if len(approval.Sample) != 7 || approval.Sample[0].Action != "unlink" || approval.Sample[0].Key != "contact-00006@example.com → "+acme {
		t.Errorf("who approves sees %+v", approval.Sample)
	}
	wantCounts(t, w.one("jobs", engine.Succeeded), "0 7 0 5")
	for n := range 16 {
		w.jobs(n+1, globex, acme)
	}
	wantWords(t, w.one("jobs", engine.Blocked).Error, "max_changes: it would make 27 changes, the row allows 15")
}
