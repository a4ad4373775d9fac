package doctor

import (
	"context"
	"time"

	"rollcall/engine/hubspot"
	"rollcall/engine/warehouse"
)

// LiveMemory is the memory limit with which the database has to be opened for ExamineLive, which tries how data is
// spilled: small, so that a set that exceeds it is soon made.
const LiveMemory = "100MB"

// LiveDependencies are the database and the account that ExamineLive asks, and what runs ask them with.
// The sizes are those of the settings, so that what is asked is what runs are going to do.
type LiveDependencies struct {
	Warehouse   *warehouse.Warehouse // opened with LiveMemory
	Conn        *warehouse.Conn      // to the control tables, which are at this program's version
	SaaSMode    bool                 // Warehouse is MotherDuck, in SaaS mode
	ReadLease   func(context.Context, *warehouse.Conn) (Lease, error)
	LeaseMargin time.Duration // a lease that lapsed less than that long ago still counts as held

	HubSpot    *hubspot.Client // nil: there is no way to HubSpot
	NotHubSpot error           // why HubSpot is nil
	WriteSize  int             // changes that one membership write carries
	PageSize   int             // members that one page of a list is asked for
	VerifyWait time.Duration   // how long a run waits before it reads a list again

	Now func() time.Time // this machine's clock
}

// live asks what documents don't tell, on the user's own database and account. Its methods are one subject each: an
// answer that Rollcall counts on is "as expected", any other "different" with what Rollcall does about it.
type live struct {
	LiveDependencies
	reporter
	pause time.Duration // between two looks at something that lags
}

// ExamineLive asks the control database and HubSpot what documents don't tell of them, and tells each answer as soon as there is one. On the database
// it makes the table rollcall.doctor_probe and drops it; in HubSpot it makes a list, adds to it contacts that are known already and IDs that no record has, and
// deletes it; it makes, changes and merges no record. A table and a list that an earlier one left, because it was killed, go too. The caller holds the
// lease, so that no runner is at work meanwhile; ctx ends with it. The error is ctx's alone.
// A subject that fails does not stop the others.
func ExamineLive(ctx context.Context, d LiveDependencies, tell func(Diagnosis)) error {
	x := &live{LiveDependencies: d, reporter: newReporter(tell), pause: d.VerifyWait / 6}
	x.askDatabase(ctx)
	x.askHubSpot(ctx)
	return context.Cause(ctx)
}
