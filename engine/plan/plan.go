// Package plan holds what a sync would change, as plain data, and the guards that hold a plan back. In: counts of sets, a row's limits, what
// earlier runs came to; out: a Plan and its Violations. It may import syncspec and hint.
package plan

import (
	"fmt"

	"rollcall/engine/hint"
	"rollcall/syncspec"
)

// Desired counts what the row's query returned.
type Desired struct {
	Rows      int64 `json:"n_rows"`      // rows of the query
	Blank     int64 `json:"n_blank"`     // keys that were NULL or blank
	Duplicate int64 `json:"n_duplicate"` // keys that had come before
	Invalid   int64 `json:"n_invalid"`   // keys that can't be right, one each: see rejects
	Keys      int64 `json:"n_emails"`    // desired keys, one each
}

// Resolved counts the answers to the desired keys.
type Resolved struct {
	Keys      int64 // keys with a record
	Unmatched int64 // keys of which HubSpot said that there is no record
	Records   int64 // records behind the keys: two addresses of one contact are one
}

// Plan is what a sync would change, and why: plain data. The changes themselves are the temp table plan.
type Plan struct {
	Sync     string `json:"sync"`
	ListID   string `json:"list_id,omitempty"` // empty where the list is still to be made
	ListName string `json:"list_name,omitempty"`
	// ObjectType is the type of the records whose values change; empty for other kinds.
	ObjectType string `json:"object_type,omitempty"`
	// Association names both object types of the links that change, such as contacts->companies; empty for other kinds.
	Association string        `json:"association,omitempty"`
	Mode        syncspec.Mode `json:"mode"`
	Desired
	Resolved  int64  `json:"n_resolved"`
	Unmatched int64  `json:"n_unmatched"`
	Records   int64  `json:"n_records"` // records behind the resolved keys
	Current   int64  `json:"n_current_before"`
	Kept      int64  `json:"n_kept,omitempty"` // records that the sync has kept in step until now
	Add       int64  `json:"n_to_add"`
	Remove    int64  `json:"n_to_remove"`
	Update    int64  `json:"n_to_update,omitempty"`  // records whose values change
	Unchanged int64  `json:"n_unchanged,omitempty"`  // records that have the desired values already
	Entered   int64  `json:"n_entered"`              // to add: newly desired
	Restored  int64  `json:"n_restored"`             // to add: somebody took them out in HubSpot
	Left      int64  `json:"n_left"`                 // to remove: no longer desired
	Foreign   int64  `json:"n_foreign"`              // to remove: somebody else put them there
	Undone    int64  `json:"n_undone,omitempty"`     // to add or remove: the opposite of what a run did
	LeftAlone int64  `json:"n_left_alone,omitempty"` // neither added nor removed, because they joined the list while it was read
	InPart    bool   `json:"in_part,omitempty"`      // the list was not read whole, which a plan that only adds does not need
	Batches   int64  `json:"n_batches"`              // membership writes that it takes
	Hash      string `json:"plan_hash"`
	Cost      Cost   `json:"cost"`
	// Overwrites counts the values that others wrote and the plan replaces.
	Overwrites int64 `json:"n_overwrites,omitempty"`
	// Clears are the properties that the plan would make empty.
	Clears []Clear `json:"clears,omitempty"`
	// Sample holds the first few changes of each action.
	Sample []Change `json:"sample"`
	// Gone is the list that the row named until now, and HubSpot does not know any more.
	Gone string `json:"gone_list_id,omitempty"`
	// Follows says that the list has another name by now than the row gives it.
	Follows string `json:"follows,omitempty"`
	// Undoes is the run whose opposite it is; empty: it comes from the query.
	Undoes string `json:"undoes,omitempty"`
	// Violations are the guards that the plan breaks.
	Violations []Violation `json:"violations,omitempty"`
	// Warning says what should be looked at though no guard blocks the plan; empty: nothing.
	Warning string `json:"warning,omitempty"`

	// Wave is how many batches may be sent side by side: one transaction records before the calls that they may reach HubSpot, one after them their
	// outcomes.
	Wave int64 `json:"-"`
	// Unread is how many records would go that may belong on the list by what HubSpot knows of them today.
	Unread int64 `json:"-"`

	after int64 // batches of the run's plan that come before this one's; 0: it is the run's plan
}

// Clear counts the values of a property that a plan would make empty.
type Clear struct {
	Property string `json:"property"`
	Values   int64  `json:"n"`
	Of       int64  `json:"of"` // records, desired or kept in step until now, that have a value of the property
	// Of records that were kept in step until now alone.
	KeptValues int64 `json:"-"`
	KeptOf     int64 `json:"-"`
	// Nulls are the values that NULLs of the query clear; the others are of records that have left it.
	Nulls int64 `json:"-"`
}

// Change is one line of a plan.
type Change struct {
	Action   string `json:"action"`    // add or remove; of records create or update; of associations link or unlink
	RecordID int64  `json:"record_id"` // 0 for a record that is still to be created
	Key      string `json:"key,omitempty"`
	Cause    string `json:"cause"` // entered, restored, left, foreign, undone or undone_foreign; changed: a value of the query has
	// Values are what the change does to a record, by property in alphabetical order, or the label of a link as the property "label"; none for
	// members of lists, records that are archived and links without a label.
	Values []Value `json:"values,omitempty"`
}

// Value is a property of a record, or the label of a link, before and after a change; nil: it is empty.
type Value struct {
	Property string  `json:"property"`
	Before   *string `json:"before"`
	After    *string `json:"after"`
}

// Second returns a plan of n further additions for the run of p, which has been sent: in batches of the given size after those of p.
func (p *Plan) Second(n, size int64) *Plan {
	return &Plan{
		Sync: p.Sync, ListID: p.ListID, ListName: p.ListName, ObjectType: p.ObjectType, Association: p.Association, Mode: p.Mode,
		Add: n, Entered: n, Batches: p.Batches + (n+size-1)/size, Wave: p.Wave, after: p.Batches,
	}
}

// Number is 1 for a run's plan, 2 for its second plan.
func (p *Plan) Number() int64 {
	if p.after > 0 {
		return 2
	}
	return 1
}

// FirstBatch is the number of the plan's first batch in its run.
func (p *Plan) FirstBatch() int64 { return p.after + 1 }

// WaveFrom is the last batch of the wave that begins with the given one; 0 where there is no such batch.
func (p *Plan) WaveFrom(batch int64) (last int64) {
	if batch > p.Batches {
		return 0
	}
	return min(batch+max(p.Wave, 1)-1, p.Batches)
}

// Empty says whether there is nothing to do.
func (p *Plan) Empty() bool { return p.Changes() == 0 && !p.MakesList() }

// Changes counts the plan's changes.
func (p *Plan) Changes() int64 { return p.Add + p.Remove + p.Update }

// Cleared counts the values that NULLs of the query would make empty.
func (p *Plan) Cleared() (n int64) {
	for _, c := range p.Clears {
		n += c.Nulls
	}
	return n
}

// Intent says what the plan would do, behind "would".
func (p *Plan) Intent() string {
	switch {
	case p.ObjectType != "" && p.Remove > 0:
		return fmt.Sprintf("create %d, update %d and archive or clear %d", p.Add, p.Update, p.Remove)
	case p.ObjectType != "":
		return fmt.Sprintf("create %d and update %d", p.Add, p.Update)
	case p.Association != "":
		return fmt.Sprintf("link %d and unlink %d", p.Add, p.Remove)
	}
	return fmt.Sprintf("add %d and remove %d", p.Add, p.Remove)
}

// MakesList says whether applying the plan begins with making the list.
func (p *Plan) MakesList() bool { return p.ListID == "" && p.ObjectType == "" && p.Association == "" }

// elements are what the set of the plan holds, in the plural.
func (p *Plan) elements() string {
	if p.Association != "" {
		return "links"
	}
	return "members"
}

// set is what the plan changes, in words.
func (p *Plan) set() string {
	if p.Association != "" {
		return "the links"
	}
	return "the list"
}

// Adopts says whether desired members that were on the list already count as Rollcall's: not where the query names who is to go.
func (p *Plan) Adopts() bool { return p.Mode != syncspec.Remove }

// Target is the type of the records whose values change, or both types of the links that do; of a list its ID, or its name while it has none.
func (p *Plan) Target() string {
	if p.ObjectType != "" {
		return p.ObjectType
	}
	if p.Association != "" {
		return p.Association
	}
	if p.ListID == "" {
		return "name:" + p.ListName
	}
	return p.ListID
}

// Changing says in a sentence what the reading of a list that changed meanwhile leaves open; empty where nothing.
func (p *Plan) Changing() string {
	switch {
	case p.InPart:
		return "the list changed too fast to be read whole, which additions do not need"
	case p.LeftAlone > 0:
		return fmt.Sprintf("%s while the list was read, left alone until the next run", hint.Counted(p.LeftAlone, "member joined", "members joined"))
	}
	return ""
}

// Cost is what applying a plan takes.
type Cost struct {
	Calls   int64   `json:"calls"`
	Seconds float64 `json:"seconds"` // about, at the present latency and limit
	// DailyLeft is how many calls the account has left today; nil where HubSpot does not tell.
	DailyLeft *int64 `json:"daily_calls_left"`
}

// Actions of a change of a set: what joins it, and what leaves it. Records are created, and their values updated.
const (
	ActionAdd    = "add"
	ActionRemove = "remove"
	ActionCreate = "create"
	ActionUpdate = "update"
	// Records that leave are archived, or lose values.
	ActionArchive = "archive"
	ActionClear   = "clear"
	// Pairs of records are linked and unlinked.
	ActionLink   = "link"
	ActionUnlink = "unlink"
)

// Outcome says how one change ended.
type Outcome struct {
	N        int64  `json:"n,omitempty"` // number of the change in its run; 0 in a journal of a version that did not number changes
	Action   string `json:"action"`
	RecordID int64  `json:"record_id"`
	State    string `json:"state"`
	Reason   string `json:"reason,omitempty"`
}

// States of a change, as the ledger has them.
const (
	StatePlanned = "planned"
	StateDone    = "done"
	StateAlready = "already"
	StateMissing = "missing"
	StateFailed  = "failed"
	StateUnknown = "unknown"
)
