package engine_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"rollcall/engine"
	"rollcall/engine/doctor"
	"rollcall/engine/hubspot/sandbox"
	"rollcall/engine/warehouse/remotetest"
)

// askLive returns the answers of a live examination by their subjects, each as state, what was found, hint and setting.
func (w *world) askLive() map[string]string {
	w.t.Helper()
	if err := w.engine.Close(); err != nil {
		w.t.Fatal(err)
	}
	defer w.open()
	answers := map[string]string{}
	err := engine.ExamineLive(w.t.Context(), w.config, func(d doctor.Diagnosis) {
		answers[d.Subject] = d.State + ": " + d.Found + " | " + d.Hint + " | " + d.Setting
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return answers
}

// shortWaits shortens the waits for HubSpot.
func shortWaits(c *engine.Config) { c.VerifyWait = 300 * time.Millisecond }

// wantNothingLeft wants neither the table nor a list of the examination.
func (w *world) wantNothingLeft() {
	w.t.Helper()
	if left := w.rows("SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'doctor%'"); len(left) > 0 {
		w.t.Errorf("left behind: %v", left)
	}
	wantRows(w.t, w.rows("SELECT owner IS NULL FROM rollcall.lease"), "true")
	for _, name := range w.sandbox.ListNames() {
		if strings.HasPrefix(name, "rollcall doctor") {
			w.t.Errorf("left behind: %s", name)
		}
	}
}

// wantAnswers wants each subject's answer to have its words, parted by bars.
func wantAnswers(t *testing.T, answers, want map[string]string) {
	t.Helper()
	for subject, words := range want {
		wantWords(t, answers[subject], strings.Split(words, " ~ ")...)
	}
}

var addressLike = regexp.MustCompile(`[\w.]+@[\w.]+`)

// On a local database and the sandbox as it is all answers are as expected; nothing of it stays.
func TestLiveAsExpected(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 320, shortWaits)
	w.people(numbers(1, 310)...)
	w.sync("vip", map[string]string{"list_id": "'101'"})
	w.one("vip", engine.Succeeded)
	answers := w.askLive()
	for subject, answer := range answers {
		if !strings.HasPrefix(answer, "as expected: ") && subject != "joins" && subject != "merged IDs" {
			t.Errorf("%s: %s", subject, answer)
		}
		if addressLike.MatchString(answer) {
			t.Errorf("%s: %s: an address", subject, answer)
		}
	}
	wantAnswers(t, answers, map[string]string{
		"temp tables": "100000 rows loaded, 10000 copied", "spilling": "MB were spilled at a memory_limit of 100MB", "read-only transaction": "refuses a write: ",
		"one transaction": "[10000 100 90100 100000]", "lease race": "one of two connections lost: ", "now()": "the same to the second", "time of a statement": "an idle run",
		"joins": "not asked: ", "scopes": "made and changed", "IDs without a record": "names them as missing", "write size": "10000 IDs in one write",
		"lag of members": "shows after", "lag of metadata": "shows after", "page size": "250 members", "total": "count the members", "empty before": "last page",
		"merged IDs": "not asked: none", "deleted list": "",
	})
	if len(answers) != 18 {
		t.Errorf("%d answers: %v", len(answers), answers)
	}
	w.wantNothingLeft()
	w.wantConverged("vip", "101", numbers(1, 310)...)
}

// A HubSpot that differs in all that it can: each answer is different, with the setting that it proposes, and with these settings a run succeeds.
func TestLiveDifferentHubSpot(t *testing.T) {
	t.Parallel()
	w := sandboxWorld(t, 320, sandbox.Options{
		OmitTotal: true, IgnoreBefore: true, MaxPage: 130, MaxMembershipIDs: 600, MetadataLag: time.Hour,
	}, shortWaits, func(c *engine.Config) { c.PageSize, c.ReadForward, c.ChunkSize = 100, true, 500 })
	w.people(numbers(1, 310)...)
	w.sync("vip", map[string]string{"list_id": "'101'"})
	w.one("vip", engine.Succeeded)
	tuned := w.config
	w.config.PageSize, w.config.ReadForward, w.config.ChunkSize = 250, false, 4000
	answers := w.askLive()
	wantAnswers(t, answers, map[string]string{
		"write size":      "different: a write of 500 IDs is taken, one of 1000 refused: ~ at most 600 ~ | membership_chunk_size = 500",
		"page size":       "different: 125 members are taken, 250 refused: ~ | membership_page_size = 125",
		"total":           "different: pages do not count",
		"empty before":    "different: it does not lead to the last page ~ | read_from_end = false",
		"lag of metadata": "different: the write does not show within",
	})
	w.wantNothingLeft()
	tuned.PageSize = 125
	w.config = tuned
	w.reopen()
	w.people(numbers(5, 315)...)
	w.wantConverged("vip", "101", numbers(5, 315)...)
}

// Pages that are cut, records that are merged, writes that a scope is missing for, and no contact that is known.
func TestLiveOtherAnswers(t *testing.T) {
	t.Parallel()
	w := sandboxWorld(t, 320, sandbox.Options{MaxPage: 40, ClampPage: true}, shortWaits)
	wantAnswers(t, w.askLive(), map[string]string{"lag of members": "not asked: no contacts are known yet", "empty before": "not asked: "})
	w.people(numbers(1, 310)...)
	w.sync("vip", map[string]string{"list_id": "'101'"})
	w.one("vip", engine.Succeeded)
	if _, err := w.sandbox.MergeContacts(fmt.Sprint(firstContact+1), fmt.Sprint(firstContact+2)); err != nil {
		t.Fatal(err)
	}
	wantAnswers(t, w.askLive(), map[string]string{"page size": "different: a page of 250 is asked for, and has 40 ~ | membership_page_size = 40", "merged IDs": "a write "})
	w.fault(sandbox.Fault{Operation: "memberships.add-and-remove", Status: 403, Body: `{"category":"MISSING_SCOPES","errors":[{"context":{"requiredGranularScopes":["crm.objects.contacts.write"]}}]}`, Count: 1})
	wantAnswers(t, w.askLive(), map[string]string{"scopes": "failed: ~ 403 ~ crm.objects.contacts.write"})
	w.wantNothingLeft()
}

// A list that a killed examination left is deleted, and no list that a person gave such a name.
func TestLiveDeletesWhatIsLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 5, shortWaits)
	name := "rollcall doctor " + uuid.NewString()
	w.list("901", name, "contacts")
	w.list("902", "rollcall doctor's patients", "contacts")
	w.fault(sandbox.Fault{Operation: "lists.delete", Status: 500, Count: 3})
	wantAnswers(t, w.askLive(), map[string]string{"deleted list": "failed: ~ by hand, or run rollcall doctor --live again"})
	wantAnswers(t, w.askLive(), map[string]string{"lists left behind": "ok: 1 list that a killed doctor left was deleted", "list 901": "warning: ~ by hand"})
	var left []string
	for _, name := range w.sandbox.ListNames() {
		if strings.HasPrefix(name, "rollcall doctor") {
			left = append(left, name)
		}
	}
	if len(left) != 2 {
		t.Errorf("left are %v, want those of a person", left)
	}
}

// A remote database that refuses, is slow, or has another clock.
func TestLiveRemote(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ahead   time.Duration
		fault   *remotetest.Fault
		latency time.Duration
		want    map[string]string
	}{
		"as expected": {want: map[string]string{"temp tables": "as expected: ", "one transaction": "as expected: ", "lease race": "as expected: ", "now()": "as expected: ", "time of a statement": "as expected: ", "read-only transaction": "as expected: "}},
		"clock":       {ahead: 3 * time.Minute, want: map[string]string{"now()": "different: ~ 3m0s apart ~ lapsed 5m0s ago"}},
		"slow":        {latency: 160 * time.Millisecond, want: map[string]string{"time of a statement": "different: ~ an idle run of one sync takes about "}},
		"temp tables": {fault: &remotetest.Fault{Match: "TEMP TABLE rollcall_probe ", Effect: remotetest.Refuse}, want: map[string]string{"temp tables": "different: ~ SaaS mode ~ | saas_mode = false", "spilling": "not asked: "}},
		"spilling":    {fault: &remotetest.Fault{Match: "rollcall_probe_spilled AS", Effect: remotetest.Refuse}, want: map[string]string{"spilling": "different: ~ | saas_mode = false", "one transaction": "as expected: "}},
		"read only":   {fault: &remotetest.Fault{Match: "READ ONLY", Effect: remotetest.Refuse}, want: map[string]string{"read-only transaction": "different: "}},
		"transaction": {fault: &remotetest.Fault{Match: "UPDATE rollcall.doctor_probe SET owner = 'updated'", Effect: remotetest.Refuse}, want: map[string]string{"one transaction": "different: ~ the ledger can't be kept so"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := remotetest.New(t)
			w := newWorld(t, 5, over(t, server.Client(c.ahead)), shortWaits, func(c *engine.Config) { c.Warehouse.Remote.Statement = time.Minute })
			if c.fault != nil {
				server.Declare(c.fault)
			}
			server.Latency(c.latency)
			answers := w.askLive()
			server.Latency(0)
			wantAnswers(t, answers, c.want)
			w.wantNothingLeft()
		})
	}
}
