package ledger

import (
	"embed"

	"rollcall/engine/warehouse"
)

// statements are the SQL of this package, file by file of sql/, each in the order of its noun's life.
type statements struct {
	// lease.sql
	TakeLease, ReadLease, Fence, BeginWrite, FindWrite, ReleaseLease warehouse.NamedQuery
	// run.sql
	StageRuns, BeginRuns, StagePlans, RecordPlans, NameListOfRun, StageEnds, FinishRuns, FindCrashed, InterruptRuns, RecountRuns, NoteDrift warehouse.NamedQuery
	// change.sql
	FindSamePlan, RecordChanges, RecordValues, RecordLinks, NameListOfChanges, MarkSent, MarkUnsent, StageOutcomes, RecordOutcomes, InterruptChanges warehouse.NamedQuery
	// reject.sql
	BeginRejects, BeginRefused, CountTries, EndRefused, EndRejects warehouse.NamedQuery
	// approval.sql
	CompleteApprovals, UseApproval warehouse.NamedQuery
	// journal.sql
	StageJournal, NumberJournal, CountUnknownRuns, StageTaken, FindTaken, TakeChanges, TakeEnd, NoteJournal warehouse.NamedQuery
	// reconcile.sql
	ReconcileChanges, FindReconciled warehouse.NamedQuery
	// call.sql
	StageCalls, RecordCalls warehouse.NamedQuery
	// retention.sql
	StageKept, FindOldRuns, DeleteChanges, DeleteDrift, DeleteRejects, CountOld, DeleteReads, DeleteUnread, DeleteLinks, DeleteClaims, DeleteCalls, DeleteRuns warehouse.NamedQuery
}

//go:embed sql/*.sql
var files embed.FS

var queries = warehouse.MustLoad[statements](files)
