package engine_test

import (
	"testing"
	"time"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// A sync that keeps more than 10,000 records may create 10 percent of them in one run.
func TestObjectMaxCreatesGrowsWithWhatIsKept(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 0, nil)
	w.exec(`INSERT INTO rollcall.records (sync, object_type_id, id_property, key, record_id)
		SELECT 'people', '0-1', 'email', format('kept-{}@example.com', i), 5000000 + i FROM range(12000) r(i)`)
	w.newcomers(1201, 0)
	wantWords(t, w.one("people", engine.Blocked).Error, "max_creates: it would create 1201 records, the default of max_creates allows 1200")
	w.exec("DELETE FROM customers WHERE email = 'new-01200@example.com'")
	if run := w.one("people", engine.Succeeded); *run.Added != 1200 {
		t.Errorf("%+v", run)
	}
}

// An approval is for the changes of its plan: with one more, or another value, the plan is blocked again. It is void once a run was blocked that had more
// changes than allowed, or would have taken away something else.
func TestObjectApprovalIsForItsPlan(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		limit, change, more, back string
		void                      bool
	}{
		"updates":  {"max_changes = 2", "UPDATE customers SET city = 'Rom' WHERE email < 'new-00003'", "UPDATE customers SET city = 'Rom' WHERE email < 'new-00004'", "UPDATE customers SET city = 'Bonn' WHERE email > 'new-00003'", true},
		"values":   {"max_changes = 2", "UPDATE customers SET city = 'Rom' WHERE email < 'new-00003'", "UPDATE customers SET city = 'Ulm' WHERE email < 'new-00001'", "UPDATE customers SET city = 'Rom' WHERE email < 'new-00003'", false},
		"creates":  {"max_creates = 2", "INSERT INTO customers SELECT format('more-{}@example.com', i), 'More', 'Ulm' FROM range(3) r(i)", "INSERT INTO customers VALUES ('much@example.com', 'More', 'Ulm')", "DELETE FROM customers WHERE email = 'much@example.com'", false},
		"clears":   {"max_removals = 2, on_leave = 'clear'", "DELETE FROM customers WHERE email < 'new-00003'", "DELETE FROM customers WHERE email < 'new-00004'", "INSERT INTO customers VALUES ('new-00003@example.com', 'New', 'Bonn')", true},
		"archives": {"max_removals = 2, on_leave = 'archive'", "DELETE FROM customers WHERE email < 'new-00003'", "DELETE FROM customers WHERE email < 'new-00004'", "INSERT INTO customers VALUES ('new-00003@example.com', 'New', 'Bonn')", true},
		"NULLs":    {"max_removals = 2, if_null = 'clear'", "UPDATE customers SET city = NULL WHERE email < 'new-00003'", "UPDATE customers SET city = NULL WHERE email < 'new-00004'", "UPDATE customers SET city = 'Bonn' WHERE email > 'new-00003'", false},
	} {
		w := newPeople(t, 0, nil)
		w.newcomers(12, 0)
		w.one("people", engine.Succeeded)
		w.exec("UPDATE rollcall.syncs SET " + c.limit + "; " + c.change)
		w.approveSync(w.one("people", engine.Blocked).RunID)
		w.exec(c.more)
		if run := w.run("people")[0]; run.Status != engine.Blocked {
			t.Errorf("%s: %s with more than was approved", what, run.Status)
		}
		w.exec(c.back)
		run := w.run("people")[0]
		if void := run.Status == engine.Blocked; void != c.void {
			t.Errorf("%s: the approval is void: %t", what, void)
		} else if void {
			w.approveSync(run.RunID)
			run = w.one("people", engine.Succeeded)
		}
		if run.Status != engine.Succeeded || run.ApprovedRun == "" {
			t.Errorf("%s: %+v", what, run)
		}
	}
}

// So it is for links: what is unlinked is in the approved plan, and there are no more changes than in it where these are too many.
func TestAssociationApprovalIsForItsPlan(t *testing.T) {
	t.Parallel()
	for limit, change := range map[string][2]string{
		"max_removals = 1": {"DELETE FROM jobs WHERE person <= 'contact-00002'||'@example.com'", "DELETE FROM jobs WHERE person <= 'contact-00003'||'@example.com'"},
		"max_changes = 1":  {"UPDATE jobs SET firm = '" + initech + "' WHERE person <= 'contact-00002'||'@example.com'", "UPDATE jobs SET firm = '" + initech + "' WHERE person <= 'contact-00003'||'@example.com'"},
		"max_changes = 2":  {"INSERT INTO jobs SELECT person, '" + globex + "', NULL FROM jobs WHERE person <= 'contact-00003'||'@example.com'", "INSERT INTO jobs SELECT person, '" + initech + "', NULL FROM jobs WHERE person = 'contact-00005@example.com'"},
	} {
		w := newLinks(t, 8, nil)
		for n := range 8 {
			w.job(n+1, acme)
		}
		w.one("jobs", engine.Succeeded)
		w.exec("UPDATE rollcall.syncs SET " + limit + "; " + change[0])
		w.approveSync(w.one("jobs", engine.Blocked).RunID)
		w.exec(change[1])
		if run := w.run("jobs")[0]; run.Status != engine.Blocked {
			t.Errorf("%s: %s with more than was approved", limit, run.Status)
		}
		w.approveSync(w.row("SELECT run_id FROM rollcall.runs WHERE status = 'BLOCKED' ORDER BY run_id DESC LIMIT 1"))
		w.one("jobs", engine.Succeeded)
	}
}

// A value that HubSpot stores in a form of its own is sent once, and again only when the query has another one: neither within found_ttl nor after it,
// when the record is read again.
func TestObjectValueThatHubSpotNormalizes(t *testing.T) {
	t.Parallel()
	var later time.Duration
	w := newWorld(t, 2, clockAhead(&later))
	if err := w.sandbox.DefineProperty("contacts", sandbox.Property{Name: "score", Type: "number"}); err != nil {
		t.Fatal(err)
	}
	w.sync("people", map[string]string{"kind": "'object'", "query": quote("SELECT 'contact-00001@example.com' AS email, 'Ann@Example.com' AS city, 1.239 AS score")})
	stores := func(city, score string) {
		w.sandbox.ForgetFaults()
		w.fault(sandbox.Fault{Operation: batchUpdates, Effect: sandbox.EffectOverride, IDs: ids([]int{1}), Properties: map[string]string{"city": city, "score": score}, Count: -1})
	}
	stores("ann@example.com", "1.24")
	w.one("people", engine.Succeeded)
	w.sandbox.ForgetCalls()
	for i := range 6 {
		if i == 3 {
			later = 25 * time.Hour
		}
		if run := w.one("people", engine.Succeeded); !run.Plan.Empty() {
			t.Errorf("run %d: %+v", i, w.lastChanges())
		}
		wantRows(t, w.rows("SELECT DISTINCT reason FROM rollcall.rejects WHERE until_run IS NULL"), "not_taken")
	}
	if reads, writes := w.sandbox.CountCalls(batchRead), w.sandbox.CountCalls(batchUpdates); reads != 1 || writes != 0 {
		t.Errorf("%d reads and %d updates", reads, writes)
	}
	wantRows(t, w.rows("SELECT property, value, asked FROM rollcall.record_values WHERE asked IS NOT NULL ORDER BY 1"), "city ann@example.com Ann@Example.com", "score 1.24 1.239")
	w.exec("UPDATE rollcall.syncs SET query = replace(query, '1.239', '1.251')")
	stores("ann@example.com", "1.25")
	w.one("people", engine.Succeeded)
	wantRows(t, w.lastChanges(), "update done contact-00001@example.com map[score:[1.24 1.251]]")
	w.exec("UPDATE rollcall.syncs SET query = 'SELECT ''contact-00001@example.com'' AS email, ''ann@example.com'' AS city, 1.25 AS score'")
	w.wantQuiet()
	wantRows(t, w.rejects())
}
