package doctor

import (
	"embed"

	"rollcall/engine/warehouse"
)

// statements are the SQL of this package.
type statements struct {
	// probe.sql
	MakeProbe, StageProbe, CopyProbe, InsertProbe, UpdateProbe, ChangeProbe, DeleteProbe, CountProbe, QueryProbe, ExplainJoin, ExplainNow, ExplainDelete, RaceProbe, FreeProbe, SpillProbe, CountSpilled, DropSpilled, DropProbe, ReadCachedRecords warehouse.NamedQuery
}

//go:embed sql/*.sql
var files embed.FS

var queries = warehouse.MustLoad[statements](files)
