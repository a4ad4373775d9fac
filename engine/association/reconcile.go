package association

import (
	"context"
	"slices"
	"strings"
	"time"

	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// Reconcile writes to the ledger what became of the sync's changes whose answer was lost, what was read of associations, and the drift: links of the
// sync that others have ended, and types that they have added to pairs that it has linked. What the plan is going to change is read again before, so
// that its drift is in the ledger, too. Drift is nil where nothing was read.
func (a *associations) Reconcile(ctx context.Context, ks *kind.Sync) (*int64, error) {
	s := a.of(ks)
	if a.env.Unanswered[s.target()] {
		if err := s.reconcileChanges(ctx); err != nil {
			return nil, err
		}
	}
	if err := s.revalidate(ctx); err != nil || !s.unrecorded {
		return nil, err
	}
	if err := s.exec(ctx, warehouse.Args{"once_from": singlesOf("from"), "once_to": singlesOf("to")}, queries.StageDrift); err != nil {
		return nil, err
	}
	var drift int64
	if err := a.conn.ReadRow(ctx, queries.CountDrift, nil, &drift); err != nil {
		return nil, err
	}
	err := a.env.Ledger.Write(ctx, "record links", []*kind.Sync{ks}, func(ctx context.Context) error {
		if drift > 0 {
			if err := s.exec(ctx, warehouse.Args{"run_id": s.RunID, "now": a.env.Now()}, queries.RecordDrift); err != nil {
				return err
			}
			if err := a.env.Ledger.NoteDrift(ctx, ks, drift); err != nil {
				return err
			}
		}
		return s.recordRead(ctx)
	})
	if err != nil {
		return nil, err
	}
	s.unrecorded = false
	s.compared = s.compared && s.Undoes == "" // an undo leaves out what has drifted
	return &drift, nil
}

// reconcileChanges writes the states that the temp table rollcall_reconciled has, and the links of these changes.
func (s *linkSync) reconcileChanges(ctx context.Context) error {
	return s.env.Ledger.Reconcile(ctx, s.target(), func(ctx context.Context, now time.Time) error {
		return s.exec(ctx, warehouse.Args{"now": now}, queries.ReconcileLinked, queries.ReconcileUnlinked)
	})
}

// ReconcileOrphans reconciles changes whose answer was lost and whose row is gone, or is about other object types by now. What can't be read keeps its
// changes for the next run.
func (a *associations) ReconcileOrphans(ctx context.Context) error {
	handled, running := []string{}, []string{}
	for _, s := range a.syncs {
		running = append(running, s.Spec.Name)
		if s.from.Name != "" && s.to.Name != "" {
			handled = append(handled, s.Spec.Name+" "+s.target())
		}
	}
	slices.Sort(handled)
	var orphans [][2]string
	err := a.conn.ReadRows(ctx, queries.ReadOrphans, warehouse.Args{"handled": handled, "running": running}, func(scan func(...any) error) error {
		var o [2]string
		err := scan(&o[0], &o[1])
		orphans = append(orphans, o)
		return err
	})
	if err != nil {
		return err
	}
	for _, o := range orphans {
		if ctx.Err() != nil { // they can wait: nobody plans for these links
			return nil
		}
		from, to, _ := strings.Cut(o[1], "->")
		s := a.of(a.env.Join(syncspec.Spec{Name: o[0], Kind: syncspec.Association, ObjectType: from, ToObjectType: to}))
		s.from, s.to = hubspot.ObjectType{ID: from, Name: from}, hubspot.ObjectType{ID: to, Name: to}
		if err := s.reconcileOrphan(ctx); err != nil {
			return err
		}
	}
	return nil
}

// reconcileOrphan reads associations only to reconcile changes. The error means that the ledger could not be written.
func (s *linkSync) reconcileOrphan(ctx context.Context) error {
	ids, err := s.readIDs(ctx, queries.ReadOrphanedRecords, s.subject())
	if err != nil {
		return err
	}
	keep := context.WithoutCancel(ctx) // what was read is written even where the run is interrupted now
	if err := s.read(ctx, ids); err != nil {
		s.Log.Warn().Err(err).Str("target", s.target()).Msg("changes whose answer was lost stay unknown")
	} else {
		if err := s.exec(keep, nil, queries.StageReconciled); err != nil {
			return err
		}
		if err := s.reconcileChanges(keep); err != nil {
			return err
		}
	}
	return s.env.Ledger.Write(keep, "record calls", []*kind.Sync{s.Sync}, func(context.Context) error { return nil })
}
