package association

import (
	"embed"

	"rollcall/engine/warehouse"
)

// statements are the SQL of this package, file by file of sql/, each in the order of its noun's life.
type statements struct {
	// row.sql
	StageRows, StageKeyRejects, PageLinks, PageLabelledLinks, AskKeys, StageAnswers, ForgetKeys, FindLookupError, ReadLabels, StageLabels, ForgetTypes, ReadCachedLabels, DeleteCachedLabels, CacheLabels, ReadUnknownLabels warehouse.NamedQuery
	// read.sql
	StageRead, StageAsked, ForgetRead, ForgetAsked, ReadAsked, ReadQuestions, ReadUndoneRecords, ReadUnread, CountElsewhere warehouse.NamedQuery
	// stage.sql
	StageDesired, StageWanted, StageRejected, StageResolved, StageUnmatched, StageElements, CountStaged, StageReconciled, StageKnown, StageLive, StageCurrent, StageApplied, CountCurrent warehouse.NamedQuery
	// plan.sql
	DifferMirror, DifferAdd, DifferRemove, DifferUndo, StageGone, LeaveGone, CountGone, LeaveDefaults, AddDefaults, CountLabelled, Plan, ReadBatch warehouse.NamedQuery
	// retry.sql
	StageRefused, LeaveHeld, RejectRefused, CountHeld, StageTried warehouse.NamedQuery
	// claim.sql
	StageClaims, StageSuccessors, LeaveClaimed, CountClaimChanges, TransferLinks, EndTransferredClaims, TakeOrphaned, DeleteClaims, InsertClaims warehouse.NamedQuery
	// known.sql
	DeleteRead, InsertRead, DeleteReads, InsertReads, DeleteSettled, DeleteReplaced, InsertLinked, EvictRefused warehouse.NamedQuery
	// reconcile.sql
	ReconcileLinked, ReconcileUnlinked, CountDrift, StageDrift, RecordDrift, TakeUnlinked, TakeLinked, ReadOrphans, ReadOrphanedRecords warehouse.NamedQuery
}

//go:embed sql/*.sql
var files embed.FS

var queries = warehouse.MustLoad[statements](files)
