// Package association is the kind of sync whose set is (from, to, label): links between records of two object types.
//
// The query's from_key and to_key say which records, and label, where there is one, by which association label. Every pair that it asks for has
// the link without a label besides its labels, as HubSpot has it. current are the associations of the from-records: read from HubSpot, a
// thousand records a call, or within found_ttl as rollcall.links last knew them. The plan is two EXCEPTs between the two. The records of what would
// change are read again before, since writing labels replaces those that others have set meanwhile, and archiving a pair ends all of them.
//
// What the sync has linked is its own (rollcall.links.sync); it takes away nothing else, unless the row says foreign_members = remove.
//
// In: the socket's [kind.Env]; out: a [kind.Kind]. It may import kind, resolve, plan, pool, hint, warehouse, hubspot and syncspec.
//
// Which file to open, in the order of a run:
//
//	query.go          a row's query -> keys and labels
//	load.go, label.go looking up keys and labels
//	read.go           reading associations
//	stage.go, plan.go the sets, and the difference
//	send.go           the calls, and their outcomes
//	claim.go          links that several syncs ask for
//	verify.go         labels that were deleted or renamed since they were cached
//	retry.go          what HubSpot refused, and when it is tried again
//	known.go          what the ledger has of the links, before and after the calls
//	reconcile.go      changes whose answer was lost, and what others have changed
package association

import (
	"context"
	"sync"
	"time"

	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/resolve"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// defaultType is what tables call the type of a link without a label. Of others they have category and type ID, such as USER_DEFINED 3: type IDs
// are unique within their category only (HubSpot's guide to associations v4).
const defaultType = "default"

// associations are the association syncs of one execution. They share one connection, on whose temp tables they work one after another.
type associations struct {
	env      *kind.Env
	conn     *warehouse.Conn
	resolver *resolve.Resolver
	rows     *warehouse.Loader
	rejects  *warehouse.Loader
	types    *warehouse.Loader
	links    *warehouse.Loader
	asked    *warehouse.Loader
	syncs    map[int32]*linkSync
	labels   map[string]*labels // by targets
	wrote    map[string]int32   // the sync that has last written associations between two object types
	since    time.Time          // what was read before is read again
}

// linkSync is one sync of associations.
type linkSync struct {
	*associations
	*kind.Sync

	from, to   hubspot.ObjectType
	sides      [2]*kind.Sync        // as which the keys of both sides are looked up
	labelled   bool                 // the query has a column label
	meanings   map[string]meaning   // of the labels that the query returns
	verified   bool                 // the meanings are by labels that were read in this execution
	present    warehouse.NullString // the association types that there are, for an undo, each after a comma; NULL: not known
	unrecorded bool                 // associations were read that the ledger does not have yet
	compared   bool                 // the temp table plan is the difference of what was read last
	refusals   int                  // reads that HubSpot refused

	claims  int64         // changes of claims that the ledger does not have
	retried int64         // pairs that HubSpot refused before and that are tried again
	refused kind.Refusals // writes
	mu      sync.Mutex    // denials come from the calls of a wave
	denials []denial
}

// Driver makes the kind.
var Driver = kind.Driver{New: newAssociations, Replay: replay}

func newAssociations(ctx context.Context, env *kind.Env) (kind.Kind, error) {
	ctx = context.WithoutCancel(ctx)
	resolver, err := resolve.New(ctx, env)
	if err != nil {
		return nil, err
	}
	resolver.RecordIDs = true // a pair of which a record is missing is a reject, and no change that HubSpot refuses in every run
	if err := env.Conn.ExecAll(ctx, queries.StageRows, queries.StageKeyRejects, queries.StageLabels, queries.StageRead, queries.StageAsked); err != nil {
		return nil, err
	}
	return &associations{
		env: env, conn: env.Conn, resolver: resolver, syncs: map[int32]*linkSync{}, labels: map[string]*labels{}, wrote: map[string]int32{},
		rows: env.Conn.Loader("rollcall_link_rows"), rejects: env.Conn.Loader("rollcall_link_rejects"), types: env.Conn.Loader("rollcall_link_types"),
		links: env.Conn.Loader("rollcall_link_read"), asked: env.Conn.Loader("rollcall_link_asked"),
	}, nil
}

// of is this kind's side of the sync.
func (a *associations) of(s *kind.Sync) *linkSync {
	if a.syncs[s.Number] == nil {
		a.syncs[s.Number] = &linkSync{associations: a, Sync: s}
	}
	return a.syncs[s.Number]
}

// target is what the ledger calls the links of the sync.
func (s *linkSync) target() string { return s.from.Path() + "->" + s.to.Path() }

// side is the sync as which the keys of one side are looked up: 0 that of from_key, 1 that of to_key. Its number is negative, as no other kind's
// is. The calls that it makes count for the sync.
func (s *linkSync) side(which int) *kind.Sync {
	if s.sides[which] == nil {
		side := &kind.Sync{Number: 1 - 2*s.Number, RunID: s.RunID, RunAt: s.RunAt, Spec: s.Spec, Client: s.Client, Calls: s.Calls, Log: s.Log}
		if which == 1 {
			side.Number = -2 * s.Number
			side.Spec.ObjectType, side.Spec.IDProperty = s.Spec.ToObjectType, s.Spec.ToIDProperty
			side.Calls = &kind.CallLog{} // the ledger takes them from the other side's
		}
		s.sides[which] = side
	}
	return s.sides[which]
}

// subject are the parameters that say which rows of the control tables are the sync's.
func (s *linkSync) subject() warehouse.Args {
	return warehouse.Args{"sync": s.Number, "name": s.Spec.Name, "target": s.target()}
}

// with returns the values of args that the query has as parameters.
func with(query warehouse.NamedQuery, args warehouse.Args) warehouse.Args {
	taken := warehouse.Args{}
	for _, name := range query.Parameters() {
		taken[name] = args[name]
	}
	return taken
}

// exec runs statements about the sync; more are parameters that some of them have besides those of subject.
func (s *linkSync) exec(ctx context.Context, more warehouse.Args, all ...warehouse.NamedQuery) error {
	args := s.subject()
	for name, value := range more {
		args[name] = value
	}
	for _, query := range all {
		if _, err := s.conn.Exec(ctx, query, with(query, args)); err != nil {
			return err
		}
	}
	return nil
}

// isMirror reports whether links go that have left the query.
func (s *linkSync) isMirror() bool { return s.Spec.Mode == syncspec.Mirror }

// sameType reports whether the records of both sides are of one object type.
func (s *linkSync) sameType() bool { return s.from.ID == s.to.ID }
