package proof

import (
	"fmt"

	"rollcall/cmd/rollcall/cli"
	"rollcall/engine/hubspot/sandbox"
)

// linkCommands runs a sync of the kind association whose keys are addresses, and some of whose labels are: these are rejects, some keys have no
// record, some pairs are refused, and some answers are lost.
func (c *canary) linkCommands() {
	c.sql(`CREATE TABLE links AS SELECT printf('contact-%05d@example.com', i) AS person, '9000000001' AS firm,
		CASE i % 3 WHEN 0 THEN 'contact-00005@example.com' WHEN 1 THEN 'Decision maker' END AS label FROM range(3, 81) AS t (i)`)
	c.sql("INSERT INTO links VALUES ('Unmatched.Canary@example.org', '9000000001', NULL), ('invalid canary@example.con', '9000000001', NULL), ('contact-00050@old.example.com', '9000000002', NULL), ('contact-00007@example.com', 'contact-00008@example.com', NULL)")
	c.sql("INSERT INTO rollcall.syncs (name, kind, query, to_object_type, to_id_property, max_removal_pct, owner) VALUES ('links', 'association', 'SELECT person AS from_key, firm AS to_key, label FROM links', 'companies', 'hs_object_id', 100, 'ops')")
	c.runWithoutAddresses(cli.ExitDone, "check", "links")
	c.runWithoutAddresses(cli.ExitDone, "check", "links", "--json")
	c.runWithoutAddresses(cli.ExitDone, "run", "links", "--dry-run", "--json")
	if out := c.run(cli.ExitDone, "plan", "links"); !addressOfSomebody.MatchString(out) {
		c.t.Errorf("plan shows no address, so this test looks in vain:\n%s", out)
	}
	for _, fault := range []sandbox.Fault{
		{Operation: "associations.batch-read", Status: 400, Body: c.echo()}, {Operation: "associations.batch-read", Status: 200, Body: c.echo()},
		{Operation: "labels.list", Status: 400, Body: c.echo()}, {Operation: "labels.list", Status: 200, Body: c.echo()},
	} {
		c.withFault(fault, func() { c.runWithoutAddresses(cli.ExitFailed, "run", "links", "--full", "--json") })
	}
	c.failingLinks()
	c.runWithoutAddresses(cli.ExitDone, "run", "links", "--full")
	last := c.sql("SELECT run_id FROM rollcall.runs WHERE sync = 'links' ORDER BY run_at DESC LIMIT 1")[0]
	c.runWithoutAddresses(cli.ExitDone, "undo", last, "--dry-run", "--json")
	for _, reason := range []string{"unknown_label", "not_found", "invalid_email", "invalid_record_id"} {
		if n := c.sql("SELECT count(*) FROM rollcall.rejects WHERE sync = 'links' AND reason = '" + reason + "'")[0]; n == "0" {
			c.t.Errorf("no link was rejected for %s, so this test looks in vain", reason)
		}
	}
	c.runWithoutAddresses(cli.ExitDone, "status")
	c.runWithoutAddresses(cli.ExitDone, "history", "links", "--json")
	c.sql("DELETE FROM rollcall.syncs WHERE name = 'links'")
}

// failingLinks lets each call that changes links fail in every way, in runs that make every such call.
func (c *canary) failingLinks() {
	c.t.Helper()
	c.runWithoutAddresses(cli.ExitDone, "run", "links")
	n := 0
	for _, operation := range linkWrites {
		for _, answer := range []struct {
			code  int
			fault sandbox.Fault
		}{
			{cli.ExitPartial, sandbox.Fault{Status: 400, Body: c.echo()}},
			{cli.ExitFailed, sandbox.Fault{Status: 500, Body: c.echo()}},
			{cli.ExitFailed, sandbox.Fault{Effect: sandbox.EffectTruncate}},
			{cli.ExitPartial, sandbox.Fault{Effect: sandbox.EffectRefuse, IDs: []string{"9000000001"}}},
		} {
			c.sql(fmt.Sprintf(`UPDATE links SET label = 'Decision maker' WHERE person = 'contact-%05d@example.com';
				UPDATE links SET label = NULL WHERE person = 'contact-%05d@example.com';
				DELETE FROM links WHERE person = 'contact-%05d@example.com';
				INSERT INTO links VALUES ('contact-%05d@example.com', '9000000001', NULL)`, 3+3*n, 4+3*n, 5+3*n, 81+n))
			n++
			answer.fault.Operation = operation
			c.withFault(answer.fault, func() { c.runWithoutAddresses(answer.code, "run", "links", "--json") })
		}
	}
}
