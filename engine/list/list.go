// Package list is the kind of sync whose set is the members of a HubSpot list.
//
// desired are keys, such as email addresses; resolved are their records, by package resolve; current are the list's
// members, read page by page or from rollcall.members where HubSpot's metadata says that nothing has changed; applied is
// what Rollcall itself last left on the list. The plan is two EXCEPTs between resolved and current, and applied tells the
// causes.
//
// In: the socket's [kind.Env]; out: a [kind.Kind]. It may import kind, resolve, control, plan, pool, hint, warehouse,
// hubspot and syncspec.
//
// Which file to open, in the order of a run:
//
//	desired.go                    a row's query -> keys
//	load.go, find.go              what is read from HubSpot, concurrently: which list a row means, and its metadata
//	read.go, moving.go, paging.go the members, page by page, also while others change the list
//	cache.go, writes.go           when rollcall.members may be used in place of the pages
//	stage.go, reconcile.go        the sets, and the outcome of changes whose answer was lost
//	plan.go, revalidate.go        the difference, and what HubSpot is asked again before a removal
//	send.go, bisect.go            the membership writes, and their outcomes
//	intend.go, drift.go           what the ledger has of the members, before, during and after the writes
package list

import (
	"context"
	"slices"

	"rollcall/engine/kind"
	"rollcall/engine/resolve"
	"rollcall/engine/warehouse"
)

// lists are the list syncs of one execution.
// They share one connection, on whose temp tables they work one after another, and the maps below. All of it belongs to
// the goroutine that calls the methods of [kind.Kind]: tasks of a pool, which run on other goroutines, use the clients
// alone.
type lists struct {
	env      *kind.Env
	conn     *warehouse.Conn
	resolver *resolve.Resolver
	pages    *warehouse.Loader // of lists that are being read
	syncs    []*listSync       // by number

	loaded      bool                  // the cached lists were read
	cached      map[string]cachedList // lists that are cached, by ID
	names       map[string]listNames  // of all lists that the ledger knows, by ID
	made        map[string]string     // lists that a sync of this execution has made, by their names
	touched     map[string]bool       // lists that a sync of this execution has sent changes to; false: with answers to all
	invalidated map[string]bool       // lists that a sync of this execution was about to change
	copied      map[string]bool       // lists of which rollcall_members has what rollcall.members has
}

// listSync is one sync of a list.
// Load fills in list, seen, fromCache and reading; Stage members; Plan nRead and due; Batch sent and writes; Conclude
// entry.
type listSync struct {
	*lists
	*kind.Sync

	list      list     // what is known of it so far: its ID is empty while it is still to be made
	gone      string   // the list that is cached under the row's name, and that HubSpot does not have any more
	seen      metadata // what HubSpot's metadata said when the execution began
	fromCache bool     // current comes from the cache
	reading   *reading // or from here
	applied   bool     // what was to be sent is sent; the list is read to verify it
	nRead     int64    // records that were read because the plan removes them
	members   int64    // of current
	due       due      // what the ledger has to take of the plan
	sent      sent     // adds up over batches
	writes    *writes  // the time spans of its membership writes
	entry     *entry   // what is to be cached of the list; nil: nothing
}

// sent is what came of the sync's membership writes so far.
// It adds up over all batches, so that the limits on refused calls hold for the run and not for each batch. The batches
// of a list are sent one after another (Plan.Wave is not set), so it needs no lock.
type sent struct {
	taken    int  // changes that HubSpot accounted for
	refusals int  // calls that it refused while a batch was halved
	probed   bool // single changes were tried, to see whether it refuses any
	unknown  bool // a change has no answer
	missing  int  // records to add that it did not know
}

// Driver makes the kind. The engine registers it for syncspec.List.
var Driver = kind.Driver{New: newLists, Replay: replay}

// newLists makes the temp tables that the syncs share. The cancellation of ctx does not reach it, because kind.Driver
// promises that the tables are there from then on: a run that is interrupted still reconciles and writes its end with
// statements that name them.
func newLists(ctx context.Context, env *kind.Env) (kind.Kind, error) {
	ctx = context.WithoutCancel(ctx)
	resolver, err := resolve.New(ctx, env)
	if err != nil {
		return nil, err
	}
	if err := env.Conn.ExecAll(ctx, queries.StagePages, queries.StageNewcomers, queries.StageMembers); err != nil {
		return nil, err
	}
	return &lists{
		env: env, conn: env.Conn, resolver: resolver, pages: env.Conn.Loader("rollcall_pages"),
		cached: map[string]cachedList{}, names: map[string]listNames{}, made: map[string]string{}, touched: map[string]bool{}, invalidated: map[string]bool{}, copied: map[string]bool{},
	}, nil
}

// of returns the list's side of the sync, and makes it at the first call. From then on every call to HubSpot that the
// sync makes is shown to its writes. The slice is kept in the order of the numbers, in which the syncs run: copyMembers
// reads ahead in it.
func (l *lists) of(s *kind.Sync) *listSync {
	for _, known := range l.syncs {
		if known.Sync == s {
			return known
		}
	}
	joined := &listSync{lists: l, Sync: s, writes: &writes{}}
	s.Calls.Observe(joined.writes.see)
	l.syncs = append(l.syncs, joined)
	slices.SortFunc(l.syncs, func(a, b *listSync) int { return int(a.Number - b.Number) })
	return joined
}

// live returns the syncs without an error, in the order in which they run.
func (l *lists) live() []*listSync {
	var live []*listSync
	for _, s := range l.syncs {
		if s.Err() == nil {
			live = append(live, s)
		}
	}
	return live
}

// Save caches what HubSpot has answered about keys. Lists are cached at the ends of runs, by Remember: only then it is
// known that every change was answered.
func (l *lists) Save(ctx context.Context) error { return l.resolver.Save(ctx) }
