package object

import (
	"context"

	"rollcall/engine/kind"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// orphan is a sync with changes whose answer was lost, and the object type that they are about.
type orphan struct{ sync, target, rowType string }

// ReconcileOrphans reconciles changes whose answer was lost and whose row is gone, is disabled, or is about another object type by now. What can't be
// read keeps its changes for the next run.
func (o *objects) ReconcileOrphans(ctx context.Context) error {
	var all []orphan
	err := o.conn.ReadRows(ctx, queries.ReadOrphans, nil, func(scan func(...any) error) error {
		var found orphan
		var rowType warehouse.NullString
		err := scan(&found.sync, &found.target, &rowType)
		found.rowType = rowType.String
		all = append(all, found)
		return err
	})
	if err != nil {
		return err
	}
	for _, found := range all {
		if ctx.Err() != nil {
			return nil // they can wait: nobody plans for them
		}
		if found.rowType != "" {
			if t, err := o.env.Client.ObjectType(ctx, found.rowType); err != nil || t.Name == found.target {
				continue // the row's own run reconciles them
			}
		}
		spec := syncspec.Spec{Name: found.sync, Kind: syncspec.Object, ObjectType: found.target, IDProperty: syncspec.RecordIDProperty}
		if err := o.of(o.env.Join(spec)).reconcileOrphan(ctx); err != nil {
			return err
		}
	}
	return nil
}

// reconcileOrphan reads the records of the changes only to reconcile these. The error means that the ledger could not be written.
func (s *objectSync) reconcileOrphan(ctx context.Context) error {
	// The records have been read, or they can't be: what that came to is written even where the run is interrupted now.
	keep := context.WithoutCancel(ctx)
	if err := s.findOrphan(ctx); err != nil {
		s.Log.Warn().Err(err).Msg("changes whose answer was lost stay unknown")
	} else {
		of := warehouse.Args{"sync": s.Number, "name": s.Spec.Name, "target": s.Spec.ObjectType}
		if _, err := s.conn.Exec(keep, queries.StageReconciled, of); err != nil {
			return err
		}
		if err := s.env.Ledger.Reconcile(keep, s.Spec.ObjectType, kind.NothingMore); err != nil {
			return err
		}
	}
	return s.env.Ledger.Write(keep, "record calls", []*kind.Sync{s.Sync}, func(context.Context) error { return nil })
}

// findOrphan looks the records up: those that were there by their IDs, those that were to be created by their keys.
func (s *objectSync) findOrphan(ctx context.Context) error {
	if err := s.findType(ctx); err != nil {
		return err
	}
	if err := s.define(ctx); err != nil {
		return err
	}
	if err := s.findPending(ctx); err != nil {
		return err
	}
	of := warehouse.Args{"name": s.Spec.Name, "target": s.target()}
	ids, err := s.readIDs(ctx, queries.ReadOrphanRecords, of)
	if err != nil {
		return err
	}
	if err := s.conn.ExecAll(ctx, queries.StageLive, queries.StageLiveKeys); err != nil {
		return err
	}
	if err := s.readLive(ctx, ids, s.readProperties()); err != nil {
		return err
	}
	of["sync"] = s.Number
	if _, err := s.conn.Exec(ctx, queries.FindOrphanRecords, of); err != nil {
		return err
	}
	return s.findCreated(ctx)
}

// findCreated looks up the keys of the records that were to be created.
func (s *objectSync) findCreated(ctx context.Context) error {
	byProperty := map[string][]string{}
	taken := map[string]bool{}
	err := s.conn.ReadRows(ctx, queries.ReadOrphanKeys, warehouse.Args{"name": s.Spec.Name, "target": s.target()}, func(scan func(...any) error) error {
		var key, name string
		err := scan(&key, &name)
		if !taken[key] && (s.objectType.IsIdentifiedBy(name) || s.objectType.properties[name].Unique) {
			taken[key] = true
			byProperty[name] = append(byProperty[name], key)
		}
		return err
	})
	if err != nil {
		return err
	}
	for name, keys := range byProperty {
		s.Spec.IDProperty = name
		if err := s.lookUpKeys(ctx, keys); err != nil {
			return err
		}
	}
	return nil
}
