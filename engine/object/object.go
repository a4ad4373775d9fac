// Package object is the kind of sync whose set is (record, property, value): properties of records of one object type.
//
// The query's key column says which record, and every other column is the property of that internal name. current comes with the look-up of the
// keys, which also brings the mapped properties. Later runs, within found_ttl, compare a hash of each record's values with rollcall.records, and
// where it differs the values one by one with rollcall.record_values, so that nothing is asked about records whose values have not changed.
// Only properties that differ are sent, by record ID, and records that are not there are created, both a hundred a call.
//
// In: the socket's [kind.Env]; out: a [kind.Kind]. It may import kind, resolve, plan, pool, hint, warehouse, hubspot, property and syncspec.
package object

import (
	"context"
	"sync"
	"time"

	"rollcall/engine/hubspot/property"
	"rollcall/engine/kind"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// objects are the object syncs of one execution.
type objects struct {
	env     *kind.Env
	conn    *warehouse.Conn
	rows    *warehouse.Loader
	rejects *warehouse.Loader
	found   *warehouse.Loader
	syncs   map[int32]*objectSync
	types   map[string]*objectType // by their IDs
	named   map[string]namedType   // custom types, as rows name them
	since   time.Time              // what was found before is read again
	failed  map[string]bool        // IDs of types about which a call has failed
	claimed map[string]bool        // IDs of types of which syncs claim values
	merges  bool                   // others were merged into a record that was looked up, lately or long ago
}

// objectSync is one sync of records.
type objectSync struct {
	*objects
	*kind.Sync

	objectType *objectType
	columns    []property.Definition // of the query's columns but its key, in their order
	pending    []string              // properties of changes whose answer was lost, beside those of the columns
	asked      int                   // keys that were looked up
	refusals   int                   // look-ups that HubSpot refused
	retried    int64                 // keys that were refused before and are tried again
	due        int64                 // records of which the ledger has something to take, whether they change or not
	gone       int64                 // keys that have left the query

	returned      warehouse.Columns // the query's columns
	keyColumn     string
	refusedValues int // values that HubSpot would refuse

	refused kind.Refusals // writes
	mu      sync.Mutex    // answers come from the calls of a wave
	answers []answer
	denials []denial
}

// Driver makes the kind.
var Driver = kind.Driver{New: newObjects}

func newObjects(ctx context.Context, env *kind.Env) (kind.Kind, error) {
	if err := env.Conn.ExecAll(context.WithoutCancel(ctx), queries.StageRows, queries.StageValueRejects, queries.StageFound, queries.StageClaims); err != nil {
		return nil, err
	}
	return &objects{
		env: env, conn: env.Conn, syncs: map[int32]*objectSync{}, types: map[string]*objectType{}, named: map[string]namedType{}, failed: map[string]bool{}, claimed: map[string]bool{},
		rows: env.Conn.Loader("rollcall_object_rows"), rejects: env.Conn.Loader("rollcall_object_rejects"), found: env.Conn.Loader("rollcall_object_found"),
	}, nil
}

// of is this kind's side of the sync.
func (o *objects) of(s *kind.Sync) *objectSync {
	if o.syncs[s.Number] == nil {
		o.syncs[s.Number] = &objectSync{objects: o, Sync: s}
	}
	return o.syncs[s.Number]
}

// Save remembers custom object types and definitions of properties. What was found is written with the plan, which tells whether the record is as desired.
func (o *objects) Save(ctx context.Context) error {
	if err := o.saveTypes(ctx); err != nil {
		return err
	}
	return o.saveDefinitions(ctx)
}

// subject are the parameters that say which rows of rollcall.records are the sync's.
func (s *objectSync) subject() warehouse.Args {
	return warehouse.Args{"name": s.Spec.Name, "object_type_id": s.objectType.ID, "id_property": s.Spec.IDProperty}
}

// writable are the properties that the sync may write in records that are there.
func (s *objectSync) writable() []string {
	if s.Spec.Mode == syncspec.Create {
		return []string{}
	}
	return s.names()
}
