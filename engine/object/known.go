package object

import (
	"context"
	"maps"
	"slices"

	"rollcall/engine/kind"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// Unwritten reports whether records were looked up, have left the query, or have other values in it than before.
func (o *objects) Unwritten(_ context.Context, ks *kind.Sync, _ *plan.Plan) (bool, error) {
	s := o.of(ks)
	return s.due+s.gone > 0 || s.triedUnmatched() || s.triedValues(), nil
}

// Intend writes what was found. Records that are about to be changed are not known any more until HubSpot has answered.
func (o *objects) Intend(ctx context.Context, ks *kind.Sync, p *plan.Plan) error {
	s := o.of(ks)
	if !p.Empty() {
		s.objectType.wrote = s.Number
	}
	if s.Undoes != "" {
		_, err := s.conn.Exec(ctx, queries.ForgetUndone, warehouse.Args{"object_type_id": s.objectType.ID})
		return err
	}
	if err := s.countTried(ctx); err != nil {
		return err
	}
	if err := s.keepMoved(ctx); err != nil {
		return err
	}
	if s.asked > 0 {
		if err := s.exec(ctx, queries.ForgetGone, warehouse.Args{"sync": s.Number}); err != nil {
			return err
		}
	}
	if err := s.forgetMerged(ctx); err != nil {
		return err
	}
	if s.due == 0 {
		return s.noteOwned(ctx)
	}
	now := warehouse.Args{"now": s.env.Now()}
	if err := s.exec(ctx, queries.UpdateKnown, now); err != nil {
		return err
	}
	if s.asked == 0 {
		return s.noteOwned(ctx)
	}
	now["target"] = s.target()
	if err := s.exec(ctx, queries.InsertKnown, now); err != nil {
		return err
	}
	if _, err := s.conn.Exec(ctx, queries.DeleteOutdated, warehouse.Args{"object_type_id": s.objectType.ID}); err != nil {
		return err
	}
	if _, err := s.conn.Exec(ctx, queries.InsertFound, warehouse.Args{"object_type_id": s.objectType.ID, "now": now["now"]}); err != nil {
		return err
	}
	owned := warehouse.Args{"object_type_id": s.objectType.ID, "name": s.Spec.Name, "target": s.target()}
	if _, err := s.conn.Exec(ctx, queries.OwnReconciled, owned); err != nil {
		return err
	}
	return s.noteOwned(ctx)
}

// noteOwned writes which keys have left the query, and which values the sync still desires.
func (s *objectSync) noteOwned(ctx context.Context) error {
	if s.gone > 0 {
		if _, err := s.conn.Exec(ctx, queries.MarkLeft, warehouse.Args{"name": s.Spec.Name, "object_type_id": s.objectType.ID, "run_id": s.RunID}); err != nil {
			return err
		}
	}
	if s.due+s.gone == 0 {
		return nil
	}
	if _, err := s.conn.Exec(ctx, queries.NoteAgreed, warehouse.Args{"object_type_id": s.objectType.ID}); err != nil {
		return err
	}
	_, err := s.conn.Exec(ctx, queries.NoteDesired, warehouse.Args{"object_type_id": s.objectType.ID, "name": s.Spec.Name})
	return err
}

// keepMoved writes which records have lost their key and are about to leave, before what is known of the key is written: what it was is then gone.
func (s *objectSync) keepMoved(ctx context.Context) error {
	if s.gone == 0 || s.Spec.OnLeave == syncspec.KeepLeft {
		return nil
	}
	if err := s.exec(ctx, queries.ForgetMoved, nil); err != nil {
		return err
	}
	return s.exec(ctx, queries.KeepMoved, nil)
}

// exec runs a statement on the sync's rows of rollcall.records.
func (s *objectSync) exec(ctx context.Context, query warehouse.NamedQuery, more warehouse.Args) error {
	args := s.subject()
	maps.Copy(args, more)
	_, err := s.conn.Exec(ctx, query, args)
	return err
}

// recordLeft writes which records are not kept in step any more, because HubSpot confirmed to have cleared or archived them.
func (s *objectSync) recordLeft(ctx context.Context) error {
	if s.gone == 0 && s.Undoes == "" {
		return nil
	}
	if _, err := s.conn.Exec(ctx, queries.MarkCleared, warehouse.Args{"name": s.Spec.Name, "object_type_id": s.objectType.ID, "run_id": s.RunID}); err != nil {
		return err
	}
	of := warehouse.Args{"object_type_id": s.objectType.ID}
	if _, err := s.conn.Exec(ctx, queries.ForgetArchivedValues, of); err != nil {
		return err
	}
	of["name"] = s.Spec.Name
	_, err := s.conn.Exec(ctx, queries.ForgetArchived, of)
	return err
}

// answer is the value of a property as HubSpot answered a write.
type answer struct {
	n        int64 // of the change
	recordID int64
	property string
	value    *string // nil: none
	asked    *string // what was sent, where that is another value; nil: it is not
}

// Record writes the values that HubSpot answered, and that their records are in step. Each statement is left out of a wave that has nothing for it: it
// would read all that is known, wave after wave.
func (o *objects) Record(ctx context.Context, ks *kind.Sync, _ *plan.Plan, outcomes []plan.Outcome) error {
	s := o.of(ks)
	if err := s.recordWritten(ctx, outcomes); err != nil {
		return err
	}
	did := func(action string) bool {
		return slices.ContainsFunc(outcomes, func(o plan.Outcome) bool { return o.Action == action && o.State == plan.StateDone })
	}
	if did(plan.ActionUpdate) {
		if err := s.exec(ctx, queries.KnowUpdated, warehouse.Args{"now": s.env.Now()}); err != nil {
			return err
		}
	}
	if did(plan.ActionCreate) {
		if err := s.exec(ctx, queries.KnowCreated, warehouse.Args{"now": s.env.Now(), "run_id": s.RunID}); err != nil {
			return err
		}
	}
	if err := s.recordLeft(ctx); err != nil {
		return err
	}
	return s.recordRefused(ctx)
}

// recordWritten writes the values of the changes that are done, and which of them HubSpot does not keep.
func (s *objectSync) recordWritten(ctx context.Context, outcomes []plan.Outcome) error {
	written, notTaken, err := s.stageWritten(ctx, outcomes)
	if err != nil || written == 0 {
		return err
	}
	about := warehouse.Args{"object_type_id": s.objectType.ID}
	if _, err := s.conn.Exec(ctx, queries.DeleteWritten, about); err != nil {
		return err
	}
	about["name"], about["run_id"], about["now"] = s.Spec.Name, s.RunID, s.env.Now()
	if _, err := s.conn.Exec(ctx, queries.InsertWritten, about); err != nil || notTaken == 0 {
		return err
	}
	_, err = s.conn.Exec(ctx, queries.RejectNotTaken, warehouse.Args{"name": s.Spec.Name, "run_id": s.RunID})
	return err
}

// stageWritten loads the answers to the changes that are done into a temp table: DuckDB takes rows much faster than it reads them from JSON. It counts
// them, and those that HubSpot does not keep.
func (s *objectSync) stageWritten(ctx context.Context, outcomes []plan.Outcome) (written, notTaken int, err error) {
	done := map[int64]bool{}
	for _, outcome := range outcomes {
		done[outcome.N] = outcome.State == plan.StateDone
	}
	if err := s.conn.ExecAll(ctx, queries.StageWritten); err != nil {
		return 0, 0, err
	}
	load := s.conn.Loader("rollcall_object_written")
	for _, a := range s.answers {
		if !done[a.n] {
			continue
		}
		written++
		if a.asked != nil {
			notTaken++
		}
		if err := load.Add(a.n, a.recordID, a.property, text(a.value), text(a.asked)); err != nil {
			return 0, 0, err
		}
	}
	return written, notTaken, load.Flush()
}

// text is what a row has of a text that may be missing.
func text(s *string) any {
	if s == nil {
		return nil
	}
	return *s
}
