package engine

import "rollcall/engine/plan"

// Event is what a run tells while it continues: one of [Waiting], [Started], [Progress], [Planned], [Sent], [Finished] and [Warned].
// Further types may come: a receiver ignores those that it does not know.
// Events are told one at a time, and the run waits until the receiver returns.
type Event interface{ event() }

// Waiting says that another runner, or a process that has the database open, is waited for. It is told once.
type Waiting struct {
	For error // names the other one
}

// Started says that a sync's run has its row in the ledger.
type Started struct {
	Sync  string
	RunID string
}

// Progress says how far a step has come that sends nothing. A step of which nothing can be counted is told when it begins, with
// Total 0, and when it has ended, with Done and Total 1.
type Progress struct {
	Sync  string // its name; "" for the steps of the whole: open, prepare (what comes before the first sync) and init
	Step  string // query, resolve or current
	Done  int64  // keys or members so far, or statements of init
	Total int64  // 0: not known
}

// step tells that a step begins of which nothing can be counted, and returns what tells that it has ended.
func (c *Config) step(sync, name string) (ended func()) {
	c.Events(Progress{Sync: sync, Step: name})
	return func() { c.Events(Progress{Sync: sync, Step: name, Done: 1, Total: 1}) }
}

// Planned gives a plan that is about to be applied, with what it costs. A plan that changes nothing is not told.
type Planned struct{ Plan *plan.Plan }

// Sent says that a batch of changes was sent and answered.
type Sent struct {
	Sync   string
	ListID string
	Done   int64 // changes that were sent so far
	Total  int64 // changes of the plan
}

// Finished gives a sync's run when it has ended.
type Finished struct{ Run Run }

// Warned says what should be looked at though the sync's run did not fail. It follows Finished.
type Warned struct {
	Sync    string
	RunID   string
	Message string
}

func (Waiting) event()  {}
func (Started) event()  {}
func (Progress) event() {}
func (Planned) event()  {}
func (Sent) event()     {}
func (Finished) event() {}
func (Warned) event()   {}
