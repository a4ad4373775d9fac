// Package doctor examines what Rollcall depends on: the control database, HubSpot, and the clocks. In: the open database
// or why it can't be opened, the way to HubSpot, limits and a clock; out: a diagnosis for each thing, as soon as there is
// one. It knows nothing of runs: what only the engine can read it is handed as functions (Dependencies,
// LiveDependencies). It may import the clients of both sides, the migrations, the names of the spec, and hint.
//
// There are two examinations. Examine only reads, and is for everyone. ExamineLive writes to a table and a list of its
// own, and answers what the documentation does not: whether this database and account behave as Rollcall
// assumes.
//
// Which file to open:
//
//	doctor.go, hubspot.go, clock.go Examine: the database, the lease and the rows; HubSpot; the clocks
//	live.go                         ExamineLive
//	live_database.go                what it asks the database
//	live_hubspot.go                 what it asks HubSpot
//	report.go                       how findings become diagnoses
package doctor

import (
	"context"
	"fmt"
	"time"

	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/engine/warehouse"
	"rollcall/migrations"
	"rollcall/syncspec"
)

// States of a Diagnosis.
const (
	OK       = "ok"
	Warning  = "warning"
	Failed   = "failed"
	NotAsked = "not asked"
	// Of questions that documents don't answer.
	Expected  = "as expected"
	Different = "different"
)

// Diagnosis is what an examination found about one thing.
// It is one line of the command's output, or one JSON object. A subject has one as a rule.
type Diagnosis struct {
	Subject string `json:"subject"` // such as database, or scopes
	State   string `json:"state"`   // one of the states above
	Found   string `json:"found"`   // in words, without secrets and addresses
	Hint    string `json:"hint,omitempty"`
	Setting string `json:"setting,omitempty"` // that it proposes, as a line of rollcall.toml
}

// Dependencies are what Rollcall depends on, and the limits that runs keep to.
// It has functions in place of what package control, ledger and resolve export, so that those can change without the
// doctor.
type Dependencies struct {
	Database  string               // what the control database is called, as messages may show it
	Warehouse *warehouse.Warehouse // the control database; nil: it can't be opened
	NotOpened error                // why Warehouse is nil

	ReadSyncs   func(context.Context, *warehouse.Conn) (Syncs, error) // reads the table of syncs as runs do
	ReadLease   func(context.Context, *warehouse.Conn) (Lease, error)
	LeaseMargin time.Duration // a lease that lapsed less than that long ago still counts as held
	MaxSkew     time.Duration // when this machine's clock and the database's are that far apart, runners may take each other for dead

	// A configuration and not a client, because a token that is missing or malformed is a finding.
	HubSpot       hubspot.Config
	CheckKey      func(context.Context, *hubspot.Client, Key) (everywhere bool, err error) // says why records can't be found by it, or that every account has it
	MaxDailyShare float64                                                                  // percent of the account's calls a day from which on runs call nothing

	Now func() time.Time // this machine's clock
}

// Syncs are the rows of the control table.
// ReadSyncs returns them.
type Syncs struct {
	Rows int   // all of them
	Keys []Key // by which the enabled rows find records, as far as they can be read, each once
	// Scopes are what a token needs for the changes of the enabled rows, one for each.
	Scopes []hubspot.WriteScope
}

// Key is what rows find records by.
type Key struct{ ObjectType, Property string } // as the rows name them

// Lease is the right to run, as its row says. Its times are those of the database's clock.
type Lease struct {
	Owner       string // the runner that holds it; "": it is free
	HeartbeatAt time.Time
	ExpiresAt   time.Time
	ReadAt      time.Time // now(), when the row was read
}

// Examine looks at all that Rollcall depends on: the control database, HubSpot, and the clocks. It changes nothing, and tells each finding as
// soon as there is one. The error is ctx's alone.
// The clocks come after what tells their times, and the properties after the rows and HubSpot, which say which ones there
// are and whether they can be asked about. What could not be reached makes the rest of its line "not asked", and never an
// error.
func Examine(ctx context.Context, d Dependencies, tell func(Diagnosis)) error {
	x := &examination{Dependencies: d, reporter: newReporter(tell)}
	defer x.close()
	for _, examine := range []func(context.Context){x.database, x.hubspotAccess, x.clocks, x.properties} {
		examine(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return nil
}

// examination is one pass over what Rollcall depends on. What was not reached stays nil.
// Its methods run one after another, each with what the earlier ones found. A nil conn or client means that there is none
// to ask.
type examination struct {
	Dependencies
	reporter

	conn   *warehouse.Conn // to the control database; nil: it can't be reached
	client *hubspot.Client // nil: HubSpot gave no answer

	syncs Syncs
	lease Lease
	ahead time.Duration // how far the database's now() is ahead of this machine's clock
	clock serverClock
}

// close closes the connection, if there is one.
func (x *examination) close() {
	if x.conn != nil {
		x.conn.Close()
	}
}

// database connects to the control database and reads its tables' version, the lease and the rows. Tables of another
// version are not read: their columns may not be those that the statements name.
func (x *examination) database(ctx context.Context) {
	if !x.connected(ctx) {
		x.notAsked("tables", "the database is not open")
		x.notAsked("lease", "the database is not open")
		return
	}
	kind := "a local file"
	if !x.Warehouse.Local() {
		kind = "MotherDuck"
	}
	x.ok("database", "%s, %s", x.Database, kind)
	if err := migrations.Check(ctx, x.conn); err != nil {
		x.fail("tables", err, "")
		x.notAsked("lease", "the control tables are not at this program's version")
		return
	}
	all, err := migrations.All()
	if err == nil {
		x.syncs, err = x.ReadSyncs(ctx, x.conn)
	}
	if err != nil {
		x.fail("tables", err, "rollcall init")
	} else {
		x.ok("tables", "layout %s, version %d, %s of syncs", migrations.Layout, len(all), hint.Counted(int64(x.syncs.Rows), "row", "rows"))
	}
	x.examineLease(ctx)
}

// connected connects to the control database, or tells why that can't be. A local file that another process has open is
// no fault: a run may be at work.
func (x *examination) connected(ctx context.Context) bool {
	switch {
	case warehouse.IsInUse(x.NotOpened):
		x.warn("database", hint.Of(x.NotOpened), "%s", hint.OneLine(x.NotOpened))
		return false
	case x.NotOpened != nil:
		x.fail("database", x.NotOpened, "look whether --database names the one that is meant")
		return false
	}
	conn, err := x.Warehouse.Conn(ctx)
	if err != nil {
		x.fail("database", err, "look whether the database answers other programs")
		return false
	}
	x.conn = conn
	return true
}

// examineLease tells who holds the lease, and notes how far the database's clock is from this machine's: the database
// told its time between the two readings of this one.
func (x *examination) examineLease(ctx context.Context) {
	// The database's time is compared with this machine's before and after the reading, which may take long on a remote
	// one.
	before := x.Now()
	l, err := x.ReadLease(ctx, x.conn)
	if err != nil {
		x.fail("lease", err, "rollcall init")
		return
	}
	x.lease, x.ahead = l, apart(l.ReadAt, before, x.Now())
	heard := max(0, l.ReadAt.Sub(l.HeartbeatAt)).Round(time.Second)
	lapses := l.ExpiresAt.Add(x.LeaseMargin)
	switch {
	case l.Owner == "":
		x.ok("lease", "free")
	case l.ReadAt.Before(lapses) && !x.Warehouse.Local():
		x.ok("lease", "held by %s, last heard of %s ago; it lapses at %s unless it is renewed", l.Owner, heard, lapses.UTC().Format(time.RFC3339))
	default: // a local file is locked: the runner that the row names is gone
		x.warn("lease", "nothing to do: the next rollcall run takes it, and settles what that one left", "%s held it and is gone, last heard of %s ago", l.Owner, heard)
	}
}

// properties looks at each property by which rows find records, in the way in which runs do. Record IDs need no property.
// Where every row uses a property that every account has, one line says so.
func (x *examination) properties(ctx context.Context) {
	if x.conn == nil || x.syncs.Rows == 0 {
		x.notAsked("properties", "which ones rows use is not known")
		return
	}
	everywhere := true
	for _, k := range x.syncs.Keys {
		if k.Property == syncspec.RecordIDProperty {
			continue
		}
		subject := fmt.Sprintf("property %s of %s", k.Property, k.ObjectType)
		if x.client == nil {
			x.notAsked(subject, "HubSpot gave no answer")
			everywhere = false
			continue
		}
		known, err := x.CheckKey(ctx, x.client, k)
		if known {
			continue
		}
		everywhere = false
		if err != nil {
			x.fail(subject, err, "rollcall check")
			continue
		}
		x.ok(subject, "is there and unique")
	}
	if everywhere {
		x.ok("properties", "rows find records by email or hs_object_id alone, which every account has")
	}
}
