package engine

import "rollcall/engine/ledger"

// What the ledger has of runs, under the names by which callers of the engine know it.
type (
	// Run is a run of a sync, as rollcall.runs has it.
	Run = ledger.Run
	// Status is the status of a run.
	Status = ledger.Status
	// HeldError says that another runner is at work.
	HeldError = ledger.HeldError
	// LedgerError says that the database did not take what was to be written.
	LedgerError = ledger.LedgerError
	// JournalError says that the ledger could not be written after HubSpot had answered.
	JournalError = ledger.JournalError
)

// The statuses of a run.
const (
	Running     = ledger.Running
	Succeeded   = ledger.Succeeded
	DryRun      = ledger.DryRun
	Blocked     = ledger.Blocked
	Partial     = ledger.Partial
	Failed      = ledger.Failed
	Interrupted = ledger.Interrupted
)

// ErrLeaseLost says that another runner has taken the lease: nothing more may be sent or written.
var ErrLeaseLost = ledger.ErrLeaseLost
