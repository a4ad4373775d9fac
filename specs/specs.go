// Package specs holds sample sync specs over a small warehouse, and the SQL that
// makes and changes that warehouse: what the README shows, the demo runs and the
// tests use. The files are embedded; nothing in the package changes.
//
// The warehouse's addresses are those of the sandbox's first 1,000 contacts. The
// SQL files hold several statements each and run as a whole, in this order:
// [Warehouse], [NextDay], [BrokenLoad], [RecordsLoad], [RecordsDay], [BrokenJoin].
package specs

import (
	"embed"
	"io/fs"
)

// The sync specs, by file.
const (
	VIPCustomers = "vip_customers.toml" // mirrors list 101
	Newsletter   = "newsletter.toml"    // adds to the list "Newsletter"
	Churned      = "churned.toml"       // removes from that list
	TrialExpired = "trial_expired.toml" // mirrors a list by name, keeping foreign members
	KeyAccounts  = "key_accounts.toml"  // mirrors a list of companies by record ID
)

// The SQL files, in the order in which they run.
const (
	Warehouse  = "warehouse.sql"   // makes the tables customers and companies
	NextDay    = "next_day.sql"    // changes some rows, as a day does
	BrokenLoad = "broken_load.sql" // leaves customers empty, as a failed load does
)

// The specs of records, and the SQL files that they need after those above, in the order in which they run.
const (
	Records     = "records"                 // the folder of all of them
	People      = "records/people.toml"     // keeps contacts in step
	Accounts    = "records/accounts.toml"   // keeps companies in step, by record ID
	WorksAt     = "records/works_at.toml"   // links contacts to companies, with labels
	RecordsLoad = "records/load.sql"        // makes the table people
	RecordsDay  = "records/next_day.sql"    // changes some rows
	BrokenJoin  = "records/broken_join.sql" // leaves people without companies, as a failed load does
)

//go:embed *.toml *.sql records
var files embed.FS

// Files gives the sync specs and the SQL files, by the names above.
func Files() fs.FS { return files }
