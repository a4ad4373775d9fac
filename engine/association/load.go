package association

import (
	"context"
	"fmt"
	"time"

	"rollcall/engine/hint"
	"rollcall/engine/kind"
	"rollcall/engine/pool"
	"rollcall/engine/resolve"
	"rollcall/engine/warehouse"
)

// Load looks up the keys of both sides, each once for all syncs, and the labels, and reads the associations of which nothing is known, or nothing recent.
func (a *associations) Load(ctx context.Context, syncs []*kind.Sync) error {
	a.since = a.env.Now().Add(-a.env.Limits.FoundTTL)
	if a.env.Full {
		a.since = a.env.Now().Add(time.Hour) // nothing is from the future
	}
	for _, ks := range kind.Live(syncs) {
		if err := a.of(ks).findTypes(ctx); err != nil {
			ks.Fail(err)
		}
	}
	if err := a.lookUp(ctx, kind.Live(syncs)); err != nil {
		return fmt.Errorf("look up keys: %w", err)
	}
	for _, ks := range kind.Live(syncs) {
		if err := a.of(ks).load(ctx); err != nil {
			if ctx.Err() != nil {
				return err
			}
			ks.Fail(err)
		}
	}
	return nil
}

// Save caches the answers about keys and labels.
func (a *associations) Save(ctx context.Context) error {
	if a.env.Ledger == nil {
		return nil
	}
	if err := a.resolver.Save(ctx); err != nil {
		return err
	}
	return a.saveLabels(ctx)
}

// findTypes finds both object types.
func (s *linkSync) findTypes(ctx context.Context) (err error) {
	if s.from, err = s.Client.ObjectType(ctx, s.Spec.ObjectType); err != nil {
		return resolve.UnknownType(s.Spec, err)
	}
	if s.to, err = s.Client.ObjectType(ctx, s.Spec.ToObjectType); err != nil {
		err = resolve.UnknownType(s.side(1).Spec, err)
		return hint.New("this is the row's to_object_type; "+hint.Of(err), "%v", err)
	}
	return nil
}

// lookUp finds the records of the keys, and keeps them in rollcall_link_answers.
func (a *associations) lookUp(ctx context.Context, live []*kind.Sync) error {
	var sides []*kind.Sync
	for _, ks := range live {
		sides = append(sides, a.of(ks).side(0), a.of(ks).side(1))
	}
	if err := a.conn.ExecAll(ctx, queries.AskKeys); err != nil {
		return err
	}
	if err := a.resolver.Load(ctx, sides); err != nil {
		return err
	}
	workers := pool.New(a.env.Limits.Concurrency)
	lookups := a.resolver.Lookups(workers)
	workers.Refill(func() (pool.Task, error) { return lookups.Next(ctx) })
	if err := workers.Run(ctx); err != nil {
		return err
	}
	if err := lookups.Finish(ctx); err != nil {
		return err
	}
	if err := a.conn.ExecAll(ctx, queries.StageAnswers, queries.ForgetKeys); err != nil {
		return err
	}
	for _, ks := range live {
		var number int64
		if err := a.conn.ReadRow(ctx, queries.FindLookupError, warehouse.Args{"sync": ks.Number}, &number); err != nil {
			return err
		}
		for _, side := range a.of(ks).sides {
			if side.Err() != nil {
				ks.Fail(side.Err())
			}
		}
		if number > 0 && ks.Err() == nil {
			ks.Fail(a.resolver.LookupError(number))
		}
	}
	return nil
}

// load finds the labels and reads associations.
func (s *linkSync) load(ctx context.Context) error {
	if err := s.findLabels(ctx); err != nil {
		return err
	}
	query, args := queries.ReadQuestions, s.subject()
	args["since"], args["mirror"] = s.since, s.isMirror()
	if s.Undoes != "" {
		if err := s.checkUndone(ctx); err != nil {
			return err
		}
		query, args["undoes"] = queries.ReadUndoneRecords, s.Undoes
	}
	ids, err := s.readIDs(ctx, query, args)
	if err != nil {
		return err
	}
	return s.read(ctx, ids)
}

// checkUndone checks that the run to undo was about the object types that the row names today.
func (s *linkSync) checkUndone(ctx context.Context) error {
	var elsewhere int64
	if err := s.conn.ReadRow(ctx, queries.CountElsewhere, warehouse.Args{"undoes": s.Undoes, "target": s.target()}, &elsewhere); err != nil || elsewhere == 0 {
		return err
	}
	return hint.New("set object_type and to_object_type back to those of the run", "run %s linked records of other object types than %s", s.Undoes, s.target())
}

// readIDs reads the record IDs that a query without other columns finds.
func (a *associations) readIDs(ctx context.Context, query warehouse.NamedQuery, args warehouse.Args) (ids []int64, err error) {
	err = a.conn.ReadRows(ctx, query, with(query, args), func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}
