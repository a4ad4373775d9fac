package kind

import (
	"time"

	"github.com/rs/zerolog"

	"rollcall/engine/hubspot"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// Sync is the sync of one row in one execution. A kind keeps its own state of it by Number.
type Sync struct {
	Number  int32  // in the execution, from 1: the column sync of temp tables that syncs share
	RunID   string // its run in the ledger; "": it has none, as in a preview
	RunAt   time.Time
	Spec    syncspec.Spec
	Created time.Time // when its row was made; zero: not known
	// Disabled says that no run of several syncs takes it.
	Disabled bool
	Undoes   string          // the run that it undoes, in place of the query; "": none
	Client   *hubspot.Client // counts its calls for this sync
	Writer   *hubspot.Client // is Client for what changes HubSpot: its calls in flight linger when the run is interrupted
	Calls    *CallLog
	Log      zerolog.Logger

	Desired plan.Desired  // the figures of the query's result
	Queried time.Duration // how long the query took

	// Columns are the query's, for [Checker.Check]; nil in a run, and where the query can't be bound.
	Columns warehouse.Columns

	err error
}

// Fail ends the sync with err, in place of an earlier error; the others continue.
func (s *Sync) Fail(err error) { s.err = err }

// Err is why the sync goes no further; nil: it does.
func (s *Sync) Err() error { return s.err }

// Live are those of the syncs without an error.
func Live(syncs []*Sync) []*Sync {
	var live []*Sync
	for _, s := range syncs {
		if s.err == nil {
			live = append(live, s)
		}
	}
	return live
}

// KeyOf is what a row says about its query's key column.
func KeyOf(spec syncspec.Spec) warehouse.Key {
	return warehouse.Key{Column: spec.KeyColumn, OrOnly: !spec.NamesKeyColumn(), Longest: spec.LongestKey()}
}
