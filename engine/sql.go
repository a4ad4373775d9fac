package engine

import (
	"embed"

	"rollcall/engine/warehouse"
)

// statements are the SQL of this package, file by file of sql/, each in the order of its noun's life.
type statements struct {
	// macro.sql
	FindHidingMacros warehouse.NamedQuery
	// run.sql
	ReadEarlierRuns, CountChanges, FindRuns, ReadRun, ReadUndone warehouse.NamedQuery
	// reject.sql
	StageOpenRejects, CountRejectChanges warehouse.NamedQuery
	// approval.sql
	FindBlocked, SampleRemovals, Approve, JudgeApproval, CountFresh, CountApprovals, FindApproval, FindApprovalOfLinks, FindApprovalOfValues warehouse.NamedQuery
	// reconcile.sql
	StagePendingUnknown, ReadPendingUnknown warehouse.NamedQuery
	// sets.sql
	DropSets warehouse.NamedQuery
	// plan.sql
	CountPlan, HashPlan, HashValues, SamplePlan, SampleValues warehouse.NamedQuery
	// status.sql
	ReadStatus, ReadHistory, ReadRan warehouse.NamedQuery
	// save.sql
	MakeSavedPlan, SaveAbout, MeasureDesired, PageDesired, MeasureResolved, PageResolved, MeasureCurrent, PageCurrent, MeasureApplied, PageApplied, MeasurePlan, PagePlan, MeasureRejected, PageRejected warehouse.NamedQuery
}

//go:embed sql/*.sql
var files embed.FS

var queries = warehouse.MustLoad[statements](files)
