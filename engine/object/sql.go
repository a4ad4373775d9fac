package object

import (
	"embed"

	"rollcall/engine/warehouse"
)

// statements are the SQL of this package, file by file of sql/, each in the order of its noun's life.
type statements struct {
	// record.sql
	StageRows, StageValueRejects, StageFound, PageQueryRows, StageRound, LoadKnown, LoadAsked, StageQuestions, ReadQuestions, ReadUnread, ReadPendingProperties, ForgetFound warehouse.NamedQuery
	// stage.sql
	StageWanted, StageDesired, StageRejected, StageResolved, StageUnmatched, StageApplied, CountStaged, StageCurrent, AddCurrent, StageDiffering, StageReconciled warehouse.NamedQuery
	// owner.sql
	StageOwned, NoteDesired, OwnReconciled warehouse.NamedQuery
	// drift.sql
	StageDrift, CountDrift, RecordDrift, FollowDrift, NoteAgreed warehouse.NamedQuery
	// leave.sql
	StageLeft, ReadLeft, ReadUnansweredLeft, StageLive, StageLastKnown, StageLiveKeys, StageLeaving, ForgetMoved, KeepMoved, MarkLeft, MarkCleared, ForgetArchived, ForgetArchivedValues warehouse.NamedQuery
	// retry.sql
	StageRetries, DropSettled, CountHeld, StageTried warehouse.NamedQuery
	// type.sql
	ReadType, ForgetType, RememberType warehouse.NamedQuery
	// property.sql
	ReadProperties, StageProperties, ForgetProperties, RememberProperties, CountUntried, ForgetRows, ForgetRejects warehouse.NamedQuery
	// undo.sql
	ReadUndoneProperties, StageUndone, ReadUndone, StageLeftByRun, StageWriteBack, StageTakeBack, PlanUndo, CountStaying, ForgetUndone warehouse.NamedQuery
	// merge.sql
	StageMerged, ReadMerged, ForgetMergedValues, ForgetMerged warehouse.NamedQuery
	// claim.sql
	StageClaims, ForgetClaims, Claim, FindClaimed, DropClaimed, OwnClaimed, FollowClaims, HideClaimed warehouse.NamedQuery
	// orphan.sql
	ReadOrphans, ReadOrphanRecords, ReadOrphanKeys, FindOrphanRecords warehouse.NamedQuery
	// plan.sql
	Plan, CountOverwrites, CountClears, CountValues, ReadBatch warehouse.NamedQuery
	// known.sql
	ForgetGone, UpdateKnown, InsertKnown, DeleteOutdated, InsertFound, StageWritten, DeleteWritten, InsertWritten, KnowUpdated, KnowCreated, RejectNotTaken warehouse.NamedQuery
}

//go:embed sql/*.sql
var files embed.FS

var queries = warehouse.MustLoad[statements](files)
