package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rollcall/engine/hubspot/sandbox"
)

const canarySetup = `
CREATE TABLE customers AS SELECT printf('contact-%05d@example.com', i) AS email FROM range(1, 41) AS t (i);
INSERT INTO customers VALUES ('Unmatched.Canary@example.org'), ('invalid canary@example.con'), ('contact-00050@old.example.com');
INSERT INTO rollcall.syncs (name, query, list_id) VALUES ('vip', 'SELECT email FROM customers', '101');
`

// canaryBreak makes a ledger that can be told what is sent, and not that it was refused; canaryMend makes it whole again.
const (
	canaryBreak = `
CREATE TABLE kept AS FROM rollcall.changes;
CREATE OR REPLACE TABLE rollcall.changes (run_id VARCHAR, sync VARCHAR, list_id VARCHAR, action VARCHAR, record_id BIGINT, key VARCHAR, cause VARCHAR,
    state VARCHAR CHECK (state <> 'failed'), batch BIGINT, reason VARCHAR, changed_at TIMESTAMPTZ);
INSERT INTO rollcall.changes FROM kept WHERE state <> 'failed'`
	canaryMend = `
CREATE OR REPLACE TABLE kept AS FROM rollcall.changes;
CREATE OR REPLACE TABLE rollcall.changes AS FROM kept`
)

// TestProofCanary runs every command, well and in trouble, at the level trace, with secrets and addresses that are known: no
// secret is in any word, table or file, and no address where nobody asked for it.
func TestProofCanary(t *testing.T) {
	t.Parallel()
	for _, way := range []struct {
		format string
		oauth  bool
	}{{"console", true}, {"json", false}, {"json", true}, {"console", false}} {
		if !*long && (way.format == "console" || way.oauth) {
			continue
		}
		t.Run(fmt.Sprintf("%s, OAuth %t", way.format, way.oauth), func(t *testing.T) {
			t.Parallel()
			c := newCanary(t, way.format, way.oauth)
			c.quietly(exitDone, "init")
			c.says(exitDone, "sql", "--write", "-f", c.write("setup.sql", canarySetup))
			c.allIsWell()
			c.isUndone()
			c.hubspotIsBroken()
			c.queriesAreWrong()
			c.callsAreWrong()
			c.ledgerIsBroken()
			c.wantKeysAlone()
			c.wantNoSecretInFiles()
		})
	}
}

// allIsWell runs the commands of a good day.
func (c *canary) allIsWell() {
	c.quietly(exitDone, "check")
	c.quietly(exitDone, "check", "--json")
	c.quietly(exitDone, "doctor")
	c.quietly(exitDone, "doctor", "--json")
	c.quietly(exitDone, "doctor", "--live", "--json")
	if out := c.says(exitDone, "plan"); !addressOfSomebody.MatchString(out) {
		c.t.Errorf("plan shows no address, so this test looks in vain:\n%s", out)
	}
	c.says(exitChanges, "plan", "vip", "--exit-code", "--save", "saved.duckdb", "--json")
	c.quietly(exitDone, "run", "--dry-run")
	c.quietly(exitDone, "run", "--json")
	c.quietly(exitDone, "run", "--verify", "--full")
	c.quietly(exitDone, "status")
	c.quietly(exitDone, "status", "--json")
	c.quietly(exitDone, "history", "vip")
	c.quietly(exitDone, "history", "--json")
	c.says(exitDone, "sql", "--sync", "vip", "-c", "FROM rejected", "--json")
	c.quietly(exitDone, "settings")
	c.quietly(exitDone, "settings", "--json")
	c.quietly(exitDone, "version")
	c.quietly(exitDone, "help", "run")
	c.quietly(exitDone, "specs", "pull", "pulled")
	c.quietly(exitDone, "specs", "diff", "pulled")
	c.quietly(exitDone, "specs", "push", "pulled")
	if *long {
		c.says(exitDone, "demo")
	}
}

// isUndone finds somebody's hand on the list, is blocked by a guard, let pass, and undone.
func (c *canary) isUndone() {
	if err := errors.Join(c.box.AddMembers("101", "1000060"), c.box.RemoveMembers("101", "1000001")); err != nil {
		c.t.Fatal(err)
	}
	c.quietly(exitDone, "run", "--full")
	c.quietly(exitDone, "status")
	c.sql("DELETE FROM customers WHERE email > 'contact-00010'")
	c.quietly(exitBlocked, "run")
	c.quietly(exitBlocked, "run", "--json")
	id := c.sql("SELECT run_id FROM rollcall.runs WHERE status = 'BLOCKED' ORDER BY run_at DESC LIMIT 1")[0]
	c.says(exitDone, "approve", id)
	c.quietly(exitDone, "run", "--verify")
	undone := c.sql("SELECT run_id FROM rollcall.runs ORDER BY run_at DESC LIMIT 1")[0]
	c.quietly(exitDone, "undo", undone, "--dry-run", "--json")
	c.quietly(exitDone, "undo", undone)
	c.sql(strings.Split(canarySetup, ";")[1])
	c.sql("INSERT INTO customers SELECT printf('contact-%05d@example.com', i) FROM range(11, 41) AS t (i)")
	c.quietly(exitDone, "run")
	if n := c.sql("SELECT count(*) FROM rollcall.drift")[0]; n == "0" {
		c.t.Error("no drift was found, so this test looks in vain")
	}
}

// hubspotIsBroken meets every kind of answer that HubSpot should not give.
func (c *canary) hubspotIsBroken() {
	html := sandbox.Fault{Effect: sandbox.EffectStatus, Status: 502, ContentType: "text/html", Body: "<html>contact-00001@example.com " + c.secrets[0] + "</html>"}
	for _, fault := range []sandbox.Fault{
		{Status: 400, Body: c.echo()}, {Status: 401, Body: c.echo()}, {Status: 403, Body: c.echo()}, {Status: 429, Body: c.echo()}, {Status: 500, Body: c.echo()},
		{Status: 200, Body: c.echo()}, {Status: 418, Body: "contact-00001@example.com " + c.secrets[0], ContentType: "text/plain"},
		html, {Effect: sandbox.EffectReset}, {Effect: sandbox.EffectDaily},
	} {
		fault.Operation = "objects.batch-read"
		c.amid(fault, func() { c.quietly(exitFailed, "run", "--full") })
		if *long || fault.Status == 401 {
			fault.Operation = "" // each call
			c.amid(fault, func() { c.quietly(exitFailed, "run", "--full") })
		}
	}
	c.sql("UPDATE rollcall.contacts SET learnt_at = '2001-01-01'")
	c.amid(sandbox.Fault{Operation: "objects.batch-read", Status: 400, Body: c.echo()}, func() {
		c.quietly(exitFailed, "plan", "--json")
		c.says(exitFailed, "sql", "--sync", "vip", "-c", "FROM plan")
	})
	c.amid(sandbox.Fault{Operation: "lists.get", Status: 401, Body: c.echo()}, func() { c.quietly(exitFailed, "check") })
	c.amid(sandbox.Fault{Status: 401, Body: c.echo(), Count: -1}, func() { c.quietly(exitFailed, "doctor") })
	c.amid(sandbox.Fault{Status: 403, Body: c.echo(), Count: -1}, func() { c.quietly(exitFailed, "doctor", "--json") })
	if c.oauth {
		c.amid(sandbox.Fault{Operation: "oauth.token", Status: 400, Body: c.echo()}, func() { c.quietly(exitFailed, "run", "--full") })
	}
	c.amid(sandbox.Fault{Operation: "objects.batch-read", Effect: sandbox.EffectSlow, DelayMilliseconds: 5000}, func() {
		c.quietly(exitInterrupted, "run", "--full", "--timeout", "300ms")
	})
	write := func(code int, fault sandbox.Fault, args ...string) {
		c.t.Helper()
		for _, id := range []string{"1000001", "1000002", "1000003"} {
			if err := c.box.RemoveMembers("101", id); err != nil {
				c.t.Fatal(err)
			}
		}
		fault.Operation = "memberships.add-and-remove"
		c.amid(fault, func() { c.quietly(code, append([]string{"run", "--full"}, args...)...) })
	}
	write(exitFailed, sandbox.Fault{Status: 400, Body: c.echo()})
	write(exitFailed, sandbox.Fault{Status: 401, Body: c.echo()})
	write(exitFailed, sandbox.Fault{Status: 500, Body: c.echo()}, "--json")
	write(exitFailed, html)
	write(exitFailed, sandbox.Fault{Effect: sandbox.EffectTruncate})
	write(exitPartial, sandbox.Fault{Effect: sandbox.EffectRefuse, IDs: []string{"1000002"}})
	// The last batch is finished after the time limit, and all is done.
	over := c.timeUpAfter("memberships.add-and-remove")
	write(exitDone, sandbox.Fault{Effect: sandbox.EffectSlowAfter, DelayMilliseconds: 500}, "--timeout", "1h")
	over()
	c.quietly(exitDone, "run", "--full")
}

// queriesAreWrong runs queries whose errors quote values, and rows that are wrong themselves.
func (c *canary) queriesAreWrong() {
	for i, query := range []string{
		"SELECT CAST(email AS INTEGER) AS email FROM customers",
		"SELECT CAST(email AS INTEGER) AS email FROM customers WHERE email LIKE 'invalid%'",
		"SELECT email FROM customers WHERE strptime(email, '%Y') IS NOT NULL",
		"SELECT email FROM customers WHERE strptime(email, '%Y') IS NOT NULL AND email LIKE 'invalid%'",
		"SELECT email FROM customers WHERE error('no ' || email)",
		"SELECT email FROM customers WHERE mail = 'contact-00001@example.com'",
		"SELECT email FROM customers WHERE email = 'contact-00001@example.com",
	} {
		c.quietly(exitFailed, "sql", "--write", "-c", query, fmt.Sprintf("--json=%t", i%2 == 0))
		c.sql(fmt.Sprintf("INSERT INTO rollcall.syncs (name, query, list_id) VALUES ('wrong%d', '%s', '%[1]d')", i+1, strings.ReplaceAll(query, "'", "''")))
	}
	c.sql("INSERT INTO rollcall.syncs (name, query, list_id, mode) VALUES ('mode', 'SELECT 1', '7', 'contact-00001@example.com')")
	c.sql("INSERT INTO rollcall.syncs (name, query, list_id, schedule) VALUES ('schedule', 'SELECT 1', '8', 'contact-00001@example.com')")
	c.quietly(exitUsage, "run", "--json")
	c.quietly(exitUsage, "run")
	c.quietly(exitUsage, "plan", "--json")
	c.quietly(exitFailed, "check", "--json") // their lists are not there either
	c.sql("DELETE FROM rollcall.syncs WHERE name <> 'vip'")
}

// callsAreWrong makes the mistakes that people make with commands, files and variables.
func (c *canary) callsAreWrong() {
	c.quietly(exitUsage, "run", "contact-00001@example.com")
	c.quietly(exitUsage, "undo", "contact-00001@example.com", "--json")
	c.quietly(exitUsage, "approve", "contact-00001@example.com")
	c.quietly(exitUsage, "run", "--contact-00001@example.com")
	c.quietly(exitFailed, "status", "--database", "md:ops")
	c.quietly(exitFailed, "doctor", "--database", "md:ops?motherduck_token="+canaryMotherDuck)
	c.quietly(exitFailed, "status", "--database", "md:ops?motherduck_token="+canaryMotherDuck)
	c.quietly(exitFailed, "status", "--database", "none/contact-00001@example.com/x.duckdb")
	for _, text := range []string{"token = \"" + canaryToken + "\"\n", "owner = contact-00001@example.com " + canaryToken + "\n"} {
		file := c.write("wrong.toml", text)
		c.quietly(exitUsage, "status", "--config", file)
		if err := os.Remove(file); err != nil {
			c.t.Fatal(err)
		}
	}
	c.quietly(exitUsage, "run", "--hubspot-url", "https://contact-00001:"+canaryToken+"@example.com")
	c.write("specs/bad.toml", "query = SELECT 'contact-00001@example.com'\nlist_id = \"101\"\n")
	c.quietly(exitUsage, "specs", "push", "specs")
	c.write("specs/bad.toml", "query = \"SELECT 1\"\nlist_id = \"101\"\nmode = \"contact-00001@example.com\"\n")
	c.quietly(exitUsage, "specs", "push", "specs", "--json")
	if !c.oauth {
		wrong := "HUBSPOT_ACCESS_TOKEN=canary.access.wrong"
		was := slices.Clone(c.env)
		c.env = append(c.env, wrong)
		c.quietly(exitFailed, "run")
		c.env = append(c.env, "HUBSPOT_PRIVATE_APP_TOKEN="+canaryToken)
		c.quietly(exitUsage, "run")
		c.env = was
	}
}

// ledgerIsBroken lets the ledger refuse what HubSpot answered, so that the journal has to keep it, and takes that in afterwards.
func (c *canary) ledgerIsBroken() {
	if err := c.box.RemoveMembers("101", "1000001", "1000002", "1000003"); err != nil {
		c.t.Fatal(err)
	}
	c.says(exitDone, "sql", "--write", "-f", c.write("break.sql", canaryBreak))
	c.amid(sandbox.Fault{Operation: "memberships.add-and-remove", Status: 400, Body: c.echo()}, func() { c.quietly(exitFailed, "run", "--full") })
	journal, err := os.ReadFile(filepath.Join(c.dir, "control.duckdb.journal"))
	if err != nil || !bytes.Contains(journal, []byte("400 VALIDATION_ERROR")) {
		c.t.Fatalf("%v, %s: want a journal of refused changes", err, journal)
	}
	c.wantNone(secretLike, "the journal", string(journal))
	c.wantNone(addressOfSomebody, "the journal", string(journal))
	c.says(exitDone, "sql", "--write", "-f", c.write("mend.sql", canaryMend))
	c.quietly(exitDone, "run")
}
