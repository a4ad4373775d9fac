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
	StageRuns, BeginRuns, ReadEarlierRuns, StagePlans, RecordPlans, NameListOfRun, CountMore, CountChanges, StageEnds, FinishRuns, FindCrashed, InterruptRuns, RecountRuns, FindRuns, ReadRun, ReadUndone warehouse.NamedQuery
	// change.sql
	FindSamePlan, RecordChanges, NameListOfChanges, MarkSent, MarkUnsent, StageOutcomes, RecordOutcomes, ExcuseMissing, InterruptChanges warehouse.NamedQuery
	// reject.sql
	StageOpenRejects, CountRejectChanges, BeginRejects, EndRejects, RejectAgain warehouse.NamedQuery
	// approval.sql
	FindBlocked, SampleRemovals, Approve, JudgeApproval, CompleteApprovals, FindApproval, UseApproval warehouse.NamedQuery
	// journal.sql
	StageJournal, NumberJournal, CountUnknownRuns, StageTaken, FindTaken, TakeChanges, TakeEnd, TakeJoined, TakeLeft, NoteJournal warehouse.NamedQuery
	// reconcile.sql
	StagePendingUnknown, ReadPendingUnknown, StageReconciled, ReconcileChanges, FindReconciled, ReconcileJoined, ReconcileLeft, ReadOrphans warehouse.NamedQuery
	// call.sql
	StageCalls, RecordCalls warehouse.NamedQuery
	// retention.sql
	StageKept, FindOldRuns, DeleteChanges, DeleteDrift, DeleteRejects, CountOldCalls, DeleteCalls, DeleteRuns warehouse.NamedQuery
	// status.sql
	ReadStatus, ReadHistory, ReadRan warehouse.NamedQuery
	// lookup.sql
	StageRound, StageAnswers, LoadCachedAnswers, ClearAnswers, StageQuestions, CountQuestions, PageQuestions, DeleteAnswers, FailContradictions, FailUnanswered, CountUncached, CacheAnswers, EvictIdentities, SkipMissingAnswers, EvictMissing warehouse.NamedQuery
	// desired.sql
	StageKeys, PageQueryKeys, StageDesired, StageRejects, CountDesired, DropSets warehouse.NamedQuery
	// resolved.sql
	FindLookupError, StageResolved, StageResolvedIDs, StageUnmatched, AccountResolved, CountWanted, RejectUnmatched warehouse.NamedQuery
	// current.sql
	StagePages, StageNewcomers, CountPages, DropPages, StageCurrent, LoadCurrent, CountCurrent warehouse.NamedQuery
	// plan.sql
	StageApplied, DifferMirror, DifferAdd, DifferRemove, LeaveNewcomers, Plan, PlanUndo, CountPlan, HashPlan, CountNameless, StageNameless, NamePlan, SamplePlan, ReadBatch, StageMissing, PlanAgain, LastBatch warehouse.NamedQuery
	// revalidate.sql
	StageCachedKeys, StageSuspects, StageAppeared, CountSuspects, PageSuspects, StageRecords, CountContradicted, DeleteContradicted, LearnKeys, LinkSurvivors warehouse.NamedQuery
	// member.sql
	StageMembers, CopyMembers, CountStrangers, CountAdoptable, AdoptForeign, DeleteMembers, AdoptMembers, NameMembers, JoinMembers, LeaveMembers warehouse.NamedQuery
	// list.sql
	ReadLists, KnowList, PassName, InvalidateList, StageLists, CacheLists, CacheNewLists warehouse.NamedQuery
	// drift.sql
	RecordDrift, NameDrift, NoteDrift, StageDifference, CountDifference, RecordDifference, DeleteDisappeared, JoinAppeared warehouse.NamedQuery
	// save.sql
	MakeSavedPlan, SaveAbout, MeasureDesired, PageDesired, MeasureResolved, PageResolved, MeasureCurrent, PageCurrent, MeasureApplied, PageApplied, MeasurePlan, PagePlan, MeasureRejected, PageRejected warehouse.NamedQuery
}

//go:embed sql/*.sql
var files embed.FS

var queries = warehouse.MustLoad[statements](files)
