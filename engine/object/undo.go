package object

import (
	"context"
	"strings"

	"rollcall/engine/hint"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
)

// queryUndone finds the properties that the run changed, in place of those of the query's columns. Properties that are not there any more are left
// out.
func (s *objectSync) queryUndone(ctx context.Context) error {
	return s.conn.ReadRows(ctx, queries.ReadUndoneProperties, warehouse.Args{"undoes": s.Undoes}, func(scan func(...any) error) error {
		var name string
		if err := scan(&name); err != nil {
			return err
		}
		if d, known := s.objectType.properties[name]; known && name != s.Spec.IDProperty {
			s.columns = append(s.columns, d)
		}
		return nil
	})
}

// stageUndo stages what is written back, and which created records are archived: what HubSpot shows now as the run left it.
func (s *objectSync) stageUndo(ctx context.Context) error {
	if _, err := s.conn.Exec(ctx, queries.StageUndone, warehouse.Args{"undoes": s.Undoes, "target": s.target()}); err != nil {
		return err
	}
	if err := s.conn.ExecAll(ctx, queries.StageLive, queries.StageLiveKeys); err != nil {
		return err
	}
	ids, err := s.readIDs(ctx, queries.ReadUndone, nil)
	if err != nil {
		return err
	}
	if err := s.readLive(ctx, ids, s.readProperties()); err != nil {
		return err
	}
	of := warehouse.Args{"undoes": s.Undoes, "object_type_id": s.objectType.ID, "id_property": s.Spec.IDProperty}
	if _, err := s.conn.Exec(ctx, queries.StageLeftByRun, of); err != nil {
		return err
	}
	return s.conn.ExecAll(ctx, queries.StageWriteBack, queries.StageTakeBack)
}

// planUndo makes the plan of the opposite of what the run did.
func (s *objectSync) planUndo(ctx context.Context, p *plan.Plan) (*plan.Plan, error) {
	p.Undoes, p.Unmatched, s.due, s.gone = s.Undoes, 0, 0, 0
	if err := s.stageUndo(ctx); err != nil {
		return nil, err
	}
	if _, err := s.conn.Exec(ctx, queries.PlanUndo, warehouse.Args{"chunk": min(batchSize, s.env.Limits.ChunkSize)}); err != nil {
		return nil, err
	}
	if err := s.env.Guards.Count(ctx, s.Sync, p); err != nil {
		return nil, err
	}
	if err := s.countLosses(ctx, p); err != nil {
		return nil, err
	}
	if err := s.env.Guards.Judge(ctx, s.Sync, p); err != nil {
		return nil, err
	}
	return p, s.warnOfStaying(ctx, p)
}

// warnOfStaying says in the plan's warning what is not undone.
func (s *objectSync) warnOfStaying(ctx context.Context, p *plan.Plan) error {
	var values, records, archived int64
	if err := s.conn.ReadRow(ctx, queries.CountStaying, warehouse.Args{"undoes": s.Undoes}, &values, &records, &archived); err != nil {
		return err
	}
	var parts []string
	if values > 0 {
		parts = append(parts, hint.Counted(values, "value was", "values were")+" changed since, and stay")
	}
	if records > 0 {
		parts = append(parts, hint.Counted(records, "record", "records")+" that the run created had values changed since, and stay")
	}
	if archived > 0 {
		parts = append(parts, hint.Counted(archived, "record that the run archived stays", "records that the run archived stay")+
			" archived: HubSpot's API can't restore records; within 90 days a person can, in HubSpot")
	}
	p.Warning = strings.Join(parts, "; ")
	return nil
}
