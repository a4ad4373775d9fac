package proof

import (
	"fmt"

	"rollcall/cmd/rollcall/cli"
	"rollcall/engine/hubspot/sandbox"
)

// recordCommands runs a sync of the kind object whose keys and values are addresses: some of the values are rejects, some records are refused, and some
// answers are lost.
func (c *canary) recordCommands() {
	c.sql("CREATE TABLE records AS SELECT printf('contact-%05d@example.com', i) AS email, 'of contact-00002@example.com' AS city, 'contact-00003@example.com' AS lifecyclestage FROM range(86, 100) AS t (i)")
	c.sql("INSERT INTO rollcall.syncs (name, kind, query, owner) VALUES ('records', 'object', 'FROM records', 'ops')")
	c.runWithoutAddresses(cli.ExitDone, "check", "records")
	c.runWithoutAddresses(cli.ExitDone, "run", "records", "--dry-run", "--json")
	newcomer := 100
	for _, operation := range recordWrites {
		for _, answer := range []struct {
			code  int
			fault sandbox.Fault
		}{
			{cli.ExitPartial, sandbox.Fault{Status: 400, Body: c.echo()}},
			{cli.ExitFailed, sandbox.Fault{Status: 500, Body: c.echo()}},
			{cli.ExitFailed, sandbox.Fault{Effect: sandbox.EffectTruncate}},
			{cli.ExitPartial, sandbox.Fault{Effect: sandbox.EffectFailInputs, Category: "VALIDATION_ERROR", IDs: []string{"1000090", "contact-00104@example.com"}}},
		} {
			newcomer++
			c.sql(fmt.Sprintf("UPDATE records SET city = 'x' || city; INSERT INTO records (email, city) VALUES ('contact-%05d@example.com', 'contact-00004@example.com')", newcomer))
			answer.fault.Operation = operation
			c.withFault(answer.fault, func() { c.runWithoutAddresses(answer.code, "run", "records", "--json") })
		}
	}
	c.runWithoutAddresses(cli.ExitDone, "run", "records", "--retry-rejects")
	if n := c.sql("SELECT count(*) FROM rollcall.rejects WHERE sync = 'records'")[0]; n == "0" {
		c.t.Error("no value was rejected, so this test looks in vain")
	}
	c.runWithoutAddresses(cli.ExitDone, "status")
	c.runWithoutAddresses(cli.ExitDone, "history", "records", "--json")
	c.sql("DELETE FROM rollcall.syncs WHERE name = 'records'")
}
