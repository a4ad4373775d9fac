package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"rollcall/engine"
	"rollcall/engine/hubspot"
	"rollcall/engine/hubspot/sandbox"
)

// A runner that was killed leaves a run that is RUNNING and changes that are sent; the list shows their outcome.
func TestKilledRunner(t *testing.T) {
	t.Parallel()
	w := full(t, 10, nil)
	// The dead run's plan: add 11-14, remove 1-4. Half of it got through, and what was never sent is left.
	w.exec(`INSERT INTO rollcall.runs (run_id, run_at, sync, list_id, status, epoch) VALUES ('dead', now(), 'vip', '101', 'RUNNING', 1);
		INSERT INTO rollcall.changes (run_id, n, sync, list_id, action, record_id, key, state, batch)
		SELECT 'dead', row_number() OVER (), 'vip', '101', action, 1000000 + n, 'key', state, batch FROM (VALUES
			('add', 11, 'done', 1), ('add', 12, 'sent', 2), ('add', 13, 'sent', 2), ('remove', 1, 'sent', 2), ('remove', 2, 'sent', 2),
			('add', 14, 'planned', 3), ('remove', 3, 'planned', 3)) c(action, n, state, batch);
		INSERT INTO rollcall.members (list_id, record_id, sync) VALUES ('101', 1000011, 'vip')`)
	w.byHand("101", []int{11, 12}, []int{1})
	w.exec("UPDATE rollcall.syncs SET foreign_members = 'keep'")
	w.people(append(numbers(1, 10), 20)...) // 11 and 12 have left the query, and 1 is back

	run := w.one("vip", engine.Succeeded)
	wantRows(t, w.rows("SELECT status, finished_at IS NOT NULL, detail IS NOT NULL, hint IS NOT NULL FROM rollcall.runs WHERE run_id = 'dead'"), "INTERRUPTED true true true")
	wantRows(t, w.rows("SELECT action, record_id - 1000000, state, reason IS NOT NULL FROM rollcall.changes WHERE run_id = 'dead' ORDER BY ALL"),
		"add 11 done false", "add 12 done true", "add 13 failed true", "add 14 planned false",
		"remove 1 done true", "remove 2 failed true", "remove 3 planned false")
	// 12 is Rollcall's although the answer was lost, so it goes as one that left; a foreign member would have been kept. And
	// it was Rollcall that took 1 out, so it enters: nobody else has to be asked why.
	wantRows(t, w.rows("SELECT action, record_id - 1000000, cause, state FROM rollcall.changes WHERE run_id = '"+run.RunID+"' ORDER BY ALL"),
		"add 1 entered done", "add 20 entered done", "remove 11 left done", "remove 12 left done")
	want := append(numbers(1, 10), 20)
	w.wantMembers("101", want...)
	w.wantOwned("101", want...)
	w.wantConverged("vip", "101", want...)
}

// Changes that are still sent are reconciled, whatever ended their run.
func TestSentChangesOfAFinishedRun(t *testing.T) {
	t.Parallel()
	w := full(t, 3, nil)
	w.exec(`INSERT INTO rollcall.changes (run_id, n, sync, list_id, action, record_id, key, state, batch)
		SELECT run_id, 99, 'vip', '101', 'add', 1000004, 'key', 'sent', 9 FROM rollcall.runs`)
	w.byHand("101", []int{4}, nil)
	w.exec("UPDATE rollcall.syncs SET foreign_members = 'keep'")
	if runs := w.runWith(engine.RunOptions{DryRun: true}, "vip"); runs[0].Status != engine.DryRun {
		t.Errorf("dry run: %+v", runs)
	}
	wantRows(t, w.rows("SELECT state FROM rollcall.changes WHERE batch = 9"), "sent") // a dry run only looks
	run := w.one("vip", engine.Succeeded)
	w.wantStates(run, "remove done 1")
	w.wantConverged("vip", "101", 1, 2, 3)
}

// The end of the context lets the batch in flight finish; what is left is the next run's.
func TestInterruptedBetweenBatches(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w := newWorld(t, 30, chunks(3), func(c *engine.Config) {
		c.Events = on(func(s engine.Sent) {
			if s.Done == 6 {
				cancel()
			}
		})
	})
	w.people(numbers(1, 10)...)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.sync("zzz", map[string]string{"list_id": "102"})
	runs, err := w.engine.Run(ctx, nil, engine.RunOptions{})
	if err != nil || len(runs) != 2 || runs[0].Status != engine.Interrupted || runs[1].Status != engine.Interrupted {
		t.Fatalf("%+v, %v; want two interrupted runs", runs, err)
	}
	wantCounts(t, runs[1], "NULL NULL NULL NULL")
	w.wantStates(runs[0], "add done 6, add planned 4")
	wantCounts(t, runs[0], "6 0 0 6")
	wantWords(t, runs[0].Hint, "run it again")
	w.wantLedgerConsistent(runs[0])
	w.wantOwned("101", numbers(1, 6)...)
	wantRows(t, w.rows("SELECT owner FROM rollcall.lease"), "<nil>")
	w.wantConverged("vip", "101", numbers(1, 10)...)
}

// A second signal ends the call in flight, too: nobody knows the outcome, and the ledger says so.
func TestAbortedCall(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w := newWorld(t, 30, chunks(3))
	w.people(numbers(1, 10)...)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.fault(sandbox.Fault{Operation: writes, Effect: sandbox.EffectSlow, DelayMilliseconds: 60_000, After: 1})
	w.whenCalled("/add-and-remove", 2, cancel)
	runs, err := w.engine.Run(ctx, nil, engine.RunOptions{Abort: ctx})
	if err != nil || len(runs) != 1 || runs[0].Status != engine.Interrupted {
		t.Fatalf("%+v, %v; want one interrupted run", runs, err)
	}
	w.wantStates(runs[0], "add done 3, add planned 4, add unknown 3")
	wantCounts(t, runs[0], "3 0 0 NULL")
	w.wantConverged("vip", "101", numbers(1, 10)...)
}

// An interruption while the sets are made leaves a row, and nothing sent.
func TestInterruptedBeforeThePlan(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"resolve", "current"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			w := newWorld(t, 300, reads(1), func(c *engine.Config) {
				c.Events = on(func(p engine.Progress) {
					if p.Step == step {
						cancel()
					}
				})
			})
			w.people(numbers(1, 10)...)
			w.byHand("101", numbers(1, 300), nil)
			w.sync("vip", map[string]string{"list_id": "101"})
			runs, err := w.engine.Run(ctx, nil, engine.RunOptions{})
			if err != nil || len(runs) != 1 || runs[0].Status != engine.Interrupted {
				t.Fatalf("%+v, %v; want one interrupted run", runs, err)
			}
			wantRows(t, w.rows("SELECT status, finished_at IS NOT NULL, n_added FROM rollcall.runs"), "INTERRUPTED true <nil>")
			w.wantMembers("101", numbers(1, 300)...)
			if n := w.sandbox.CountCalls(writes); n != 0 {
				t.Errorf("%d writes", n)
			}
		})
	}
}

// The run's row and its plan are there before the first write goes out.
func TestLedgerComesBeforeTheCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.people(1, 2)
	w.sync("vip", map[string]string{"list_id": "101"})
	var seen []string
	w.whenCalled("/search", 1, func() { seen = append(seen, w.rows("SELECT status, sync FROM rollcall.runs")...) })
	w.whenCalled("/add-and-remove", 1, func() {
		seen = append(seen, w.rows("SELECT r.status, r.n_to_add, c.state, count(*) FROM rollcall.runs r JOIN rollcall.changes c USING (run_id) GROUP BY ALL")...)
	})
	w.one("vip", engine.Succeeded)
	wantRows(t, seen, "RUNNING vip", "RUNNING 2 sent 2")
}

// No address and no token is in what people look at when something went wrong: calls, the run's own texts, and the log.
func TestNoAddressOutsideOfKeys(t *testing.T) {
	t.Parallel()
	const token = "pat-eu1-0f0f0f0f-canary-canary"
	var log bytes.Buffer
	w := newWorld(t, 100, chunks(3), func(c *engine.Config) {
		c.Log = zerolog.New(zerolog.SyncWriter(&log)).Level(zerolog.TraceLevel)
		c.HubSpot.Log = c.Log
		c.HubSpot.Token = hubspot.Token(token)
	})
	w.sync("vip", map[string]string{"list_id": "101"})
	w.exec("INSERT INTO people VALUES ('contact-00050@old.example.com', 'vip'), ('nobody@example.com', 'vip'), ('bad address@example.con', 'vip')")
	w.one("vip", engine.Succeeded)
	w.people(numbers(1, 8)...)
	echo := fmt.Sprintf(`{"status":"error","category":"VALIDATION_ERROR","message":"%s and %s are wrong","errors":[{"message":"%s","context":{"ids":["%s"]}}]}`,
		address(1), token, address(2), address(3))
	for _, fault := range []sandbox.Fault{
		{Operation: batchRead, Status: 400, Body: echo, Count: -1},
		{Operation: batchRead, Status: 500, Body: echo, Count: -1},
		{Operation: batchRead, Status: 207, Body: fmt.Sprintf(`{"status":"COMPLETE","results":[],"errors":[{"status":"error","category":"X","message":"no %s","context":{"ids":["%s"]}}]}`, address(4), address(4)), Count: -1},
		{Operation: batchRead, Effect: sandbox.EffectOmit, IDs: []string{address(5)}, Count: -1},
		{Operation: batchRead, Status: 200, ContentType: "text/html", Body: "<html>" + address(6) + "</html>", Count: -1},
		{Operation: writes, Status: 400, Body: echo, Count: -1},
		{Operation: "lists.search", Status: 403, Body: echo},
	} {
		w.fault(fault)
		w.one("vip", engine.Failed)
		w.sandbox.ForgetFaults()
	}
	for _, query := range []string{
		"SELECT CAST(email AS INTEGER) AS email FROM people",
		"SELECT email FROM people WHERE CAST(email AS TIMESTAMP) > now()",
		"SELECT email FROM people WHERE strptime(email, ''%Y'') IS NOT NULL",
		"SELECT email, email::UUID AS x FROM people ORDER BY x",
		"SELECT * FROM people WHERE regexp_matches(''a'', email || ''('')",
	} {
		w.exec("UPDATE rollcall.syncs SET query = '" + query + "'")
		w.one("vip", engine.Failed)
	}

	secret := regexp.MustCompile(`(?i)[a-z0-9-]+@[a-z]|contact-000|bad address|nobody@|canary`)
	for _, column := range w.rows(`SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = 'rollcall' AND data_type = 'VARCHAR' AND table_name IN ('calls', 'runs', 'lease', 'approvals', 'changes', 'rejects', 'history', 'status')
		AND column_name NOT IN ('key', 'query')`) {
		table, name, _ := strings.Cut(column, ".")
		for _, text := range w.rows(fmt.Sprintf("SELECT DISTINCT %s FROM rollcall.%s WHERE %s IS NOT NULL", name, table, name)) {
			if secret.MatchString(text) {
				t.Errorf("%s holds %q", column, text)
			}
		}
	}
	for line := range bytes.Lines(log.Bytes()) {
		if secret.Match(line) {
			t.Errorf("log: %s", line)
		}
	}
	wantRows(t, w.rows("SELECT count(*) > 20, count(DISTINCT run_id), count(*) FILTER (status = 500), count(*) FILTER (attempt > 1) > 0 FROM rollcall.calls WHERE method <> '' AND path LIKE '/crm%'"), "true 8 3 true")
}

// Calls are kept for as long as the setting says.
func TestOldCallsAreDeleted(t *testing.T) {
	t.Parallel()
	w := full(t, 1, nil)
	w.exec("UPDATE rollcall.calls SET called_at = now() - INTERVAL 31 DAY")
	w.one("vip", engine.Succeeded)
	wantRows(t, w.rows("SELECT count(DISTINCT run_id) FROM rollcall.calls"), "1")
	wantRows(t, w.rows("SELECT api_calls = (SELECT count(*) FROM rollcall.calls c WHERE c.run_id = r.run_id) FROM rollcall.runs r ORDER BY run_at"), "false", "true")
}

// Without a token nothing is called, and each sync that would have run leaves a row that says why it did not.
func TestNoToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, func(c *engine.Config) {
		c.HubSpot.BaseURL, c.HubSpot.Token, c.HubSpot.Names.Token = "https://api.example.com", "", []string{"THE_TOKEN"}
	})
	w.sync("bad", map[string]string{"list_id": "102", "mode": "'bogus'"})
	w.sync("off", map[string]string{"list_id": "103", "enabled": "false"})
	w.sync("vip", map[string]string{"list_id": "101"})
	run := w.one("vip", engine.Failed)
	wantWords(t, run.Error, "no HubSpot token")
	wantWords(t, run.Hint, "set THE_TOKEN")
	w.run()
	wantRows(t, w.rows("SELECT sync, status, error LIKE '%no HubSpot token%', hint IS NOT NULL, finished_at IS NOT NULL, api_calls FROM rollcall.runs ORDER BY ALL"),
		"bad FAILED false true true 0", "vip FAILED true true true 0", "vip FAILED true true true 0")
	wantRows(t, w.rows("SELECT owner FROM rollcall.lease"), "<nil>")
}

// A call for an OAuth token is kept like any other, without what it carried; what the account's limits do not count is no API call of
// the run.
func TestTokenCallsAreKept(t *testing.T) {
	t.Parallel()
	app := sandbox.OAuthApp{ClientID: "app-7", ClientSecret: "client-secret-canary", RefreshToken: "refresh-token-canary"}
	w := sandboxWorld(t, 2, sandbox.Options{OAuth: &app}, func(c *engine.Config) {
		c.HubSpot.Token, c.HubSpot.OAuth = "", &hubspot.OAuth{ClientID: app.ClientID, ClientSecret: hubspot.Token(app.ClientSecret), RefreshToken: hubspot.Token(app.RefreshToken)}
	})
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(1, 2)
	w.fault(sandbox.Fault{Operation: "oauth.token", Status: 500, Body: `{"message":"refresh-token-canary"}`})
	run := w.one("vip", engine.Succeeded)
	wantRows(t, w.rows("SELECT sync, run_id = "+quote(run.RunID)+", method, path, status, attempt, duration_ms > 0, error LIKE '%canary%' FROM rollcall.calls WHERE operation = 'oauth.token' ORDER BY attempt"),
		"vip true POST /oauth/2026-09/token 500 1 true false", "vip true POST /oauth/2026-09/token 200 2 true false")
	wantRows(t, w.rows("SELECT api_calls = (SELECT count(*) FROM rollcall.calls WHERE operation <> 'oauth.token'), api_retries FROM rollcall.runs"), "true 0")
}
