package engine

import (
	"embed"

	"rollcall/engine/warehouse"
)

// statements are the SQL of this package, file by file of sql/, each in the order of its noun's life.
type statements struct {
	// macro.sql
	FindHidingMacros warehouse.NamedQuery
	// lease.sql
	TakeLease, ReadLease, Fence, BeginWrite, FindWrite, ReleaseLease warehouse.NamedQuery
	// run.sql
	StageRuns, BeginRuns, ReadEarlierRuns, StagePlans, RecordPlans, NameListOfRun, CountMore, CountChanges, StageEnds, FinishRuns, FindCrashed, InterruptRuns, RecountRuns, FindRuns, ReadRun, ReadUndone, NoteDrift warehouse.NamedQuery
	// change.sql
	FindSamePlan, RecordChanges, NameListOfChanges, MarkSent, MarkUnsent, StageOutcomes, RecordOutcomes, InterruptChanges warehouse.NamedQuery
	// reject.sql
	StageOpenRejects, CountRejectChanges, BeginRejects, EndRejects warehouse.NamedQuery
	// approval.sql
	FindBlocked, SampleRemovals, Approve, JudgeApproval, CompleteApprovals, FindApproval, UseApproval warehouse.NamedQuery
	// journal.sql
	StageJournal, NumberJournal, CountUnknownRuns, StageTaken, FindTaken, TakeChanges, TakeEnd, NoteJournal warehouse.NamedQuery
	// reconcile.sql
	StagePendingUnknown, ReadPendingUnknown, ReconcileChanges, FindReconciled warehouse.NamedQuery
	// call.sql
	StageCalls, RecordCalls warehouse.NamedQuery
	// retention.sql
	StageKept, FindOldRuns, DeleteChanges, DeleteDrift, DeleteRejects, CountOldCalls, DeleteCalls, DeleteRuns warehouse.NamedQuery
	// status.sql
	ReadStatus, ReadHistory, ReadRan warehouse.NamedQuery
	// sets.sql
	DropSets warehouse.NamedQuery
	// plan.sql
	CountPlan, HashPlan, SamplePlan, LastBatch warehouse.NamedQuery
	// save.sql
	MakeSavedPlan, SaveAbout, MeasureDesired, PageDesired, MeasureResolved, PageResolved, MeasureCurrent, PageCurrent, MeasureApplied, PageApplied, MeasurePlan, PagePlan, MeasureRejected, PageRejected warehouse.NamedQuery
}

//go:embed sql/*.sql
var files embed.FS

var queries = warehouse.MustLoad[statements](files)
