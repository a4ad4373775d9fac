package proof

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rollcall/cmd/rollcall/cli"
	"rollcall/engine/hubspot/sandbox"
)

const canarySetup = `
CREATE TABLE customers AS SELECT printf('contact-%05d@example.com', i) AS email FROM range(1, 41) AS t (i);
INSERT INTO customers VALUES ('Unmatched.Canary@example.org'), ('invalid canary@example.con'), ('contact-00050@old.example.com');
INSERT INTO rollcall.syncs (name, query, list_id) VALUES ('vip', 'SELECT email FROM customers', '101');
`

// canaryBreak makes a ledger that accepts intents and no refusals; canaryRepair restores it.
const (
	canaryBreak = `
CREATE TABLE kept AS FROM rollcall.changes;
CREATE OR REPLACE TABLE rollcall.changes (%s, CHECK (state <> 'failed'));
INSERT INTO rollcall.changes FROM kept WHERE state <> 'failed'`
	canaryRepair = `
CREATE OR REPLACE TABLE kept AS FROM rollcall.changes;
CREATE OR REPLACE TABLE rollcall.changes AS FROM kept`
)

// TestProofCanary runs every command, with and without errors, at the level trace, with secrets and addresses that are known: no
// secret is in any output, table or file, and no address where it was not asked for.
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
			c.runWithoutAddresses(cli.ExitDone, "init")
			c.run(cli.ExitDone, "sql", "--write", "-f", c.write("setup.sql", canarySetup))
			c.healthyCommands()
			c.undoCommands()
			c.recordCommands()
			c.linkCommands()
			c.brokenHubSpot()
			c.wrongQueries()
			c.wrongCalls()
			c.brokenLedger()
			c.wantKeysAlone()
			c.wantNoSecretInFiles()
		})
	}
}

// healthyCommands runs every command with nothing wrong.
func (c *canary) healthyCommands() {
	c.runWithoutAddresses(cli.ExitDone, "check")
	c.runWithoutAddresses(cli.ExitDone, "check", "--json")
	c.runWithoutAddresses(cli.ExitDone, "doctor")
	c.runWithoutAddresses(cli.ExitDone, "doctor", "--json")
	c.runWithoutAddresses(cli.ExitDone, "doctor", "--live", "--json")
	c.runWithoutAddresses(cli.ExitDone, "discover", "--json")
	c.runWithoutAddresses(cli.ExitDone, "discover", "properties", "contacts")
	c.runWithoutAddresses(cli.ExitDone, "discover", "labels", "contacts", "companies")
	c.runWithoutAddresses(cli.ExitDone, "discover", "lists", "--json")
	if out := c.run(cli.ExitDone, "plan"); !addressOfSomebody.MatchString(out) {
		c.t.Errorf("plan shows no address, so this test looks in vain:\n%s", out)
	}
	c.run(cli.ExitChanges, "plan", "vip", "--exit-code", "--save", "saved.duckdb", "--json")
	c.runWithoutAddresses(cli.ExitDone, "run", "--dry-run")
	c.runWithoutAddresses(cli.ExitDone, "run", "--json")
	c.runWithoutAddresses(cli.ExitDone, "run", "--verify", "--full")
	c.runWithoutAddresses(cli.ExitDone, "status")
	c.runWithoutAddresses(cli.ExitDone, "status", "--json")
	c.runWithoutAddresses(cli.ExitDone, "history", "vip")
	c.runWithoutAddresses(cli.ExitDone, "history", "--json")
	c.run(cli.ExitDone, "sql", "--sync", "vip", "-c", "FROM rejected", "--json")
	c.runWithoutAddresses(cli.ExitDone, "settings")
	c.runWithoutAddresses(cli.ExitDone, "settings", "--json")
	c.runWithoutAddresses(cli.ExitDone, "version")
	c.runWithoutAddresses(cli.ExitDone, "help", "run")
	c.runWithoutAddresses(cli.ExitDone, "specs", "pull", "pulled")
	c.runWithoutAddresses(cli.ExitDone, "specs", "diff", "pulled")
	c.runWithoutAddresses(cli.ExitDone, "specs", "push", "pulled")
	if *long {
		c.run(cli.ExitDone, "demo")
	}
}

// undoCommands runs through drift, a plan that a guard blocks, its approval, and an undo.
func (c *canary) undoCommands() {
	if err := errors.Join(c.box.AddMembers("101", "1000060"), c.box.RemoveMembers("101", "1000001")); err != nil {
		c.t.Fatal(err)
	}
	c.runWithoutAddresses(cli.ExitDone, "run", "--full")
	c.runWithoutAddresses(cli.ExitDone, "status")
	c.sql("DELETE FROM customers WHERE email > 'contact-00010'")
	c.runWithoutAddresses(cli.ExitBlocked, "run")
	c.runWithoutAddresses(cli.ExitBlocked, "run", "--json")
	id := c.sql("SELECT run_id FROM rollcall.runs WHERE status = 'BLOCKED' ORDER BY run_at DESC LIMIT 1")[0]
	c.run(cli.ExitDone, "approve", id)
	c.runWithoutAddresses(cli.ExitDone, "run", "--verify")
	undone := c.sql("SELECT run_id FROM rollcall.runs ORDER BY run_at DESC LIMIT 1")[0]
	c.runWithoutAddresses(cli.ExitDone, "undo", undone, "--dry-run", "--json")
	c.runWithoutAddresses(cli.ExitDone, "undo", undone)
	c.sql(strings.Split(canarySetup, ";")[1])
	c.sql("INSERT INTO customers SELECT printf('contact-%05d@example.com', i) FROM range(11, 41) AS t (i)")
	c.runWithoutAddresses(cli.ExitDone, "run")
	if n := c.sql("SELECT count(*) FROM rollcall.drift")[0]; n == "0" {
		c.t.Error("no drift was found, so this test looks in vain")
	}
}

// brokenHubSpot runs commands against every kind of answer that HubSpot should not give.
func (c *canary) brokenHubSpot() {
	html := sandbox.Fault{Effect: sandbox.EffectStatus, Status: 502, ContentType: "text/html", Body: "<html>contact-00001@example.com " + c.secrets[0] + "</html>"}
	for _, fault := range []sandbox.Fault{
		{Status: 400, Body: c.echo()}, {Status: 401, Body: c.echo()}, {Status: 403, Body: c.echo()}, {Status: 429, Body: c.echo()}, {Status: 500, Body: c.echo()},
		{Status: 200, Body: c.echo()}, {Status: 418, Body: "contact-00001@example.com " + c.secrets[0], ContentType: "text/plain"},
		html, {Effect: sandbox.EffectReset}, {Effect: sandbox.EffectDaily},
	} {
		fault.Operation = "objects.batch-read"
		c.withFault(fault, func() { c.runWithoutAddresses(cli.ExitFailed, "run", "--full") })
		if *long || fault.Status == 401 {
			fault.Operation = "" // each call
			c.withFault(fault, func() { c.runWithoutAddresses(cli.ExitFailed, "run", "--full") })
		}
	}
	c.sql("UPDATE rollcall.identities SET learnt_at = '2001-01-01'")
	c.withFault(sandbox.Fault{Operation: "objects.batch-read", Status: 400, Body: c.echo()}, func() {
		c.runWithoutAddresses(cli.ExitFailed, "plan", "--json")
		c.run(cli.ExitFailed, "sql", "--sync", "vip", "-c", "FROM plan")
	})
	c.withFault(sandbox.Fault{Operation: "lists.get", Status: 401, Body: c.echo()}, func() { c.runWithoutAddresses(cli.ExitFailed, "check") })
	c.withFault(sandbox.Fault{Status: 401, Body: c.echo(), Count: -1}, func() { c.runWithoutAddresses(cli.ExitFailed, "doctor") })
	c.withFault(sandbox.Fault{Status: 403, Body: c.echo(), Count: -1}, func() { c.runWithoutAddresses(cli.ExitFailed, "doctor", "--json") })
	c.withFault(sandbox.Fault{Status: 403, Body: c.echo(), Count: -1}, func() { c.runWithoutAddresses(cli.ExitFailed, "discover", "--json") })
	if c.oauth {
		c.withFault(sandbox.Fault{Operation: "oauth.token", Status: 400, Body: c.echo()}, func() { c.runWithoutAddresses(cli.ExitFailed, "run", "--full") })
	}
	c.withFault(sandbox.Fault{Operation: "objects.batch-read", Effect: sandbox.EffectSlow, DelayMilliseconds: 5000}, func() {
		c.runWithoutAddresses(cli.ExitInterrupted, "run", "--full", "--timeout", "300ms")
	})
	write := func(code int, fault sandbox.Fault, args ...string) {
		c.t.Helper()
		for _, id := range []string{"1000001", "1000002", "1000003"} {
			if err := c.box.RemoveMembers("101", id); err != nil {
				c.t.Fatal(err)
			}
		}
		fault.Operation = "memberships.add-and-remove"
		c.withFault(fault, func() { c.runWithoutAddresses(code, append([]string{"run", "--full"}, args...)...) })
	}
	write(cli.ExitFailed, sandbox.Fault{Status: 400, Body: c.echo()})
	write(cli.ExitFailed, sandbox.Fault{Status: 401, Body: c.echo()})
	write(cli.ExitFailed, sandbox.Fault{Status: 500, Body: c.echo()}, "--json")
	write(cli.ExitFailed, html)
	write(cli.ExitFailed, sandbox.Fault{Effect: sandbox.EffectTruncate})
	write(cli.ExitPartial, sandbox.Fault{Effect: sandbox.EffectRefuse, IDs: []string{"1000002"}})
	// The last batch is finished after the time limit, and all is done.
	over := c.timeUpAfter("memberships.add-and-remove")
	write(cli.ExitDone, sandbox.Fault{Effect: sandbox.EffectSlowAfter, DelayMilliseconds: 500}, "--timeout", "1h")
	over()
	c.runWithoutAddresses(cli.ExitDone, "run", "--full")
}

// wrongQueries runs queries whose errors quote values, and rows that are wrong themselves.
func (c *canary) wrongQueries() {
	for i, query := range []string{
		"SELECT CAST(email AS INTEGER) AS email FROM customers",
		"SELECT CAST(email AS INTEGER) AS email FROM customers WHERE email LIKE 'invalid%'",
		"SELECT email FROM customers WHERE strptime(email, '%Y') IS NOT NULL",
		"SELECT email FROM customers WHERE strptime(email, '%Y') IS NOT NULL AND email LIKE 'invalid%'",
		"SELECT email FROM customers WHERE error('no ' || email)",
		"SELECT email FROM customers WHERE mail = 'contact-00001@example.com'",
		"SELECT email FROM customers WHERE email = 'contact-00001@example.com",
	} {
		c.runWithoutAddresses(cli.ExitFailed, "sql", "--write", "-c", query, fmt.Sprintf("--json=%t", i%2 == 0))
		c.sql(fmt.Sprintf("INSERT INTO rollcall.syncs (name, query, list_id) VALUES ('wrong%d', '%s', '%[1]d')", i+1, strings.ReplaceAll(query, "'", "''")))
	}
	c.sql("INSERT INTO rollcall.syncs (name, query, list_id, mode) VALUES ('mode', 'SELECT 1', '7', 'contact-00001@example.com')")
	c.sql("INSERT INTO rollcall.syncs (name, query, list_id, schedule) VALUES ('schedule', 'SELECT 1', '8', 'contact-00001@example.com')")
	c.runWithoutAddresses(cli.ExitUsage, "run", "--json")
	c.runWithoutAddresses(cli.ExitUsage, "run")
	c.runWithoutAddresses(cli.ExitUsage, "plan", "--json")
	c.runWithoutAddresses(cli.ExitFailed, "check", "--json") // their lists are not there either
	c.sql("DELETE FROM rollcall.syncs WHERE name <> 'vip'")
}

// wrongCalls makes the mistakes that people make with commands, files and variables.
func (c *canary) wrongCalls() {
	c.runWithoutAddresses(cli.ExitUsage, "run", "contact-00001@example.com")
	c.runWithoutAddresses(cli.ExitUsage, "undo", "contact-00001@example.com", "--json")
	c.runWithoutAddresses(cli.ExitUsage, "approve", "contact-00001@example.com")
	c.runWithoutAddresses(cli.ExitUsage, "run", "--contact-00001@example.com")
	c.runWithoutAddresses(cli.ExitFailed, "status", "--database", "md:ops")
	c.runWithoutAddresses(cli.ExitFailed, "doctor", "--database", "md:ops?motherduck_token="+canaryMotherDuck)
	c.runWithoutAddresses(cli.ExitFailed, "status", "--database", "md:ops?motherduck_token="+canaryMotherDuck)
	c.runWithoutAddresses(cli.ExitFailed, "status", "--database", "none/contact-00001@example.com/x.duckdb")
	for _, text := range []string{"token = \"" + canaryToken + "\"\n", "owner = contact-00001@example.com " + canaryToken + "\n"} {
		file := c.write("wrong.toml", text)
		c.runWithoutAddresses(cli.ExitUsage, "status", "--config", file)
		if err := os.Remove(file); err != nil {
			c.t.Fatal(err)
		}
	}
	c.runWithoutAddresses(cli.ExitUsage, "run", "--hubspot-url", "https://contact-00001:"+canaryToken+"@example.com")
	c.write("specs/bad.toml", "query = SELECT 'contact-00001@example.com'\nlist_id = \"101\"\n")
	c.runWithoutAddresses(cli.ExitUsage, "specs", "push", "specs")
	c.write("specs/bad.toml", "query = \"SELECT 1\"\nlist_id = \"101\"\nmode = \"contact-00001@example.com\"\n")
	c.runWithoutAddresses(cli.ExitUsage, "specs", "push", "specs", "--json")
	if !c.oauth {
		wrong := "HUBSPOT_ACCESS_TOKEN=canary.access.wrong"
		was := slices.Clone(c.env)
		c.env = append(c.env, wrong)
		c.runWithoutAddresses(cli.ExitFailed, "run")
		c.env = append(c.env, "HUBSPOT_PRIVATE_APP_TOKEN="+canaryToken)
		c.runWithoutAddresses(cli.ExitUsage, "run")
		c.env = was
	}
}

// brokenLedger lets the ledger refuse what HubSpot answered, so that the journal has to keep it, and takes that in afterwards.
func (c *canary) brokenLedger() {
	if err := c.box.RemoveMembers("101", "1000001", "1000002", "1000003"); err != nil {
		c.t.Fatal(err)
	}
	c.run(cli.ExitDone, "sql", "--write", "-f", c.write("break.sql", fmt.Sprintf(canaryBreak, strings.Join(c.sql(changesColumns), ", "))))
	c.withFault(sandbox.Fault{Operation: "memberships.add-and-remove", Status: 400, Body: c.echo()}, func() { c.runWithoutAddresses(cli.ExitFailed, "run", "--full") })
	journal, err := os.ReadFile(filepath.Join(c.dir, "control.duckdb.journal"))
	if err != nil || !bytes.Contains(journal, []byte("400 VALIDATION_ERROR")) {
		c.t.Fatalf("%v, %s: want a journal of refused changes", err, journal)
	}
	c.wantNone(secretLike, "the journal", string(journal))
	c.wantNone(addressOfSomebody, "the journal", string(journal))
	c.run(cli.ExitDone, "sql", "--write", "-f", c.write("repair.sql", canaryRepair))
	c.runWithoutAddresses(cli.ExitDone, "run")
}
