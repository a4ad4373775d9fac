package list

import (
	"embed"

	"rollcall/engine/warehouse"
)

// statements are the SQL of this package, file by file of sql/, each in the order of its noun's life.
type statements struct {
	// desired.sql
	PageQueryKeys, StageDesired, StageRejects, CountDesired, RejectUnmatched, PageKeys warehouse.NamedQuery
	// current.sql
	StagePages, StageNewcomers, CountPages, DropPages, StageCurrent, RestageCurrent, LoadCurrent, CountCurrent warehouse.NamedQuery
	// reconcile.sql
	StageReconciled, ReconcileJoined, ReconcileLeft, ReadOrphans warehouse.NamedQuery
	// plan.sql
	StageApplied, DifferMirror, DifferAdd, DifferRemove, LeaveNewcomers, Plan, PlanUndo, CountNameless, StageNameless, NamePlan, ReadBatch, StageMissing, PlanAgain, DropFirstPlan warehouse.NamedQuery
	// revalidate.sql
	StageCachedKeys, StageUnreadRemovals, StageAppeared, LinkSurvivors warehouse.NamedQuery
	// member.sql
	StageMembers, CopyMembers, CountDifferences, CountAdoptable, AdoptForeign, DeleteMembers, AdoptMembers, NameMembers, JoinMembers, LeaveMembers warehouse.NamedQuery
	// change.sql
	ExcuseMissing, RejectAgain warehouse.NamedQuery
	// drift.sql
	RecordDrift, NameDrift, StageDifference, CountDifference, RecordDifference, DeleteDisappeared, JoinAppeared warehouse.NamedQuery
	// list.sql
	ReadLists, KnowList, PassName, InvalidateList, StageLists, CacheLists, CacheNewLists warehouse.NamedQuery
	// journal.sql
	TakeJoined, TakeLeft warehouse.NamedQuery
}

//go:embed sql/*.sql
var files embed.FS

var queries = warehouse.MustLoad[statements](files)
