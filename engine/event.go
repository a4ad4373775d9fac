package engine

// Event is what a run tells while it goes on: one of [Waiting], [Started], [Progress], [Planned], [Sent], [Finished] and [Warned].
// Further types may come: a receiver ignores those that it does not know.
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

// Progress says how far a step of a sync that only reads has come.
type Progress struct {
	Sync  string // its name
	Step  string // resolve or current
	Done  int64  // keys or members so far
	Total int64  // 0: not known
}

// Planned gives a plan that is about to be applied, with what it costs. A plan that changes nothing is not told.
type Planned struct{ Plan *Plan }

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
