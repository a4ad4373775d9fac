package resolve

import (
	"embed"

	"rollcall/engine/warehouse"
)

// statements are the SQL of this package, file by file of sql/, each in the order of its noun's life.
type statements struct {
	// lookup.sql
	StageKeys, StageRound, StageAnswers, ClearRound, LoadCachedAnswers, ClearAnswers, StageQuestions, CountQuestions, PageQuestions, DeleteAnswers, FailContradictions, FailUnanswered, CountUncached, CacheAnswers, EvictIdentities, SkipMissingAnswers, EvictMissing warehouse.NamedQuery
	// resolved.sql
	FindLookupError, StageResolved, StageResolvedIDs, StageUnmatched, AccountResolved, CountWanted warehouse.NamedQuery
	// record.sql
	CountUnread, PageUnread, StageRecords, CountContradicted, DeleteContradicted, StoreKeys warehouse.NamedQuery
}

//go:embed sql/*.sql
var files embed.FS

var queries = warehouse.MustLoad[statements](files)
