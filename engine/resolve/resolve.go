// Package resolve finds the record IDs of keys, such as of email addresses: from the cache rollcall.identities, or by asking HubSpot, each key once
// for all syncs of an execution.
//
// In: the temp table rollcall_keys, which a kind fills with Loader("rollcall_keys"): sync, key, reason and detail, where a key with a reason can't be used. Out: the
// temp tables rollcall_answers, and for one sync resolved and unmatched. A key whose look-up failed never looks like one without a record: it fails the syncs that desire it.
//
// It may import kind, plan, pool, hint, warehouse, hubspot and syncspec.
package resolve

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// Resolver finds the record IDs of the keys of one execution's syncs. Its methods are called from one goroutine.
type Resolver struct {
	env      *kind.Env
	syncs    map[int32]*kind.Sync
	types    map[int32]hubspot.ObjectType // of syncs, by number
	subjects map[subject]*reception
	errors   []error // of look-ups, numbered from 1
	answers  *warehouse.Loader
	unsaved  bool // there may be answers that are not cached
}

// New makes the temp tables of an execution.
func New(ctx context.Context, env *kind.Env) (*Resolver, error) {
	if err := env.Conn.ExecAll(ctx, queries.StageRound, queries.StageKeys, queries.StageAnswers); err != nil {
		return nil, err
	}
	return &Resolver{
		env: env, syncs: map[int32]*kind.Sync{}, types: map[int32]hubspot.ObjectType{}, subjects: map[subject]*reception{},
		answers: env.Conn.Loader("rollcall_answers"), unsaved: true,
	}, nil
}

// Type returns the object type of the sync's records, once Load has found it.
func (r *Resolver) Type(s *kind.Sync) hubspot.ObjectType { return r.types[s.Number] }

// FindType finds the object type of the sync's records. The error says that HubSpot has none of that name, or could not be asked.
func (r *Resolver) FindType(ctx context.Context, s *kind.Sync) (hubspot.ObjectType, error) {
	t, err := s.Client.ObjectType(ctx, s.Spec.ObjectType)
	if err != nil {
		return t, UnknownType(s.Spec, err)
	}
	r.types[s.Number] = t
	return t, nil
}

// UnknownType says that HubSpot has no such object type, if that is what err means.
func UnknownType(spec syncspec.Spec, err error) error {
	if !errors.Is(err, hubspot.ErrUnknownObjectType) {
		return err
	}
	return hint.New("set object_type to contacts, companies, deals, or a custom object's type ID (2-…) or name",
		"HubSpot has no object type %q", spec.ObjectType)
}

// Load finds the object types of the syncs and loads the cached answers about their keys. A sync without an object type fails.
func (r *Resolver) Load(ctx context.Context, syncs []*kind.Sync) error {
	load := r.env.Conn.Loader("rollcall_round")
	for _, s := range syncs {
		r.syncs[s.Number] = s
		if s.Err() != nil {
			continue
		}
		t, err := r.FindType(ctx, s)
		if err != nil {
			s.Fail(err)
			continue
		}
		if err := load.Add(s.Number, t.ID, s.Spec.IDProperty); err != nil {
			return err
		}
	}
	if err := load.Flush(); err != nil {
		return err
	}
	l := r.env.Limits
	now := r.env.Now()
	found, missing := now.Add(-l.FoundTTL), now.Add(-l.MissingTTL)
	if r.env.Full {
		found, missing = now.Add(time.Hour), now.Add(time.Hour)
	}
	return r.env.Conn.Retry(ctx, func() error {
		if err := r.env.Conn.ExecAll(ctx, queries.ClearAnswers); err != nil {
			return err
		}
		_, err := r.env.Conn.Exec(ctx, queries.LoadCachedAnswers, warehouse.Args{"found_since": found, "missing_since": missing})
		return err
	})
}

// identitiesKept is the age at which a cached answer is too old for every setting.
const identitiesKept = 30 * 24 * time.Hour

// Save caches HubSpot's answers for later executions, together with the calls that were made so far. Where there are no new answers it writes
// nothing.
func (r *Resolver) Save(ctx context.Context) error {
	if r.env.Ledger == nil || !r.unsaved {
		return nil
	}
	if err := r.settle(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	var uncached int64
	if err := r.env.Conn.ReadRow(context.WithoutCancel(ctx), queries.CountUncached, nil, &uncached); err != nil {
		return err
	}
	if uncached > 0 {
		if err := r.env.Ledger.Write(ctx, "cache answers", r.callers(), func(ctx context.Context) error {
			if _, err := r.env.Conn.Exec(ctx, queries.EvictIdentities, warehouse.Args{"before": r.env.Now().Add(-identitiesKept)}); err != nil {
				return err
			}
			_, err := r.env.Conn.Exec(ctx, queries.CacheAnswers, warehouse.Args{"now": r.env.Now()})
			return err
		}); err != nil {
			return err
		}
	}
	r.unsaved = false
	return nil
}

// callers are the syncs, in the order of their numbers.
func (r *Resolver) callers() []*kind.Sync {
	var syncs []*kind.Sync
	for n := range int32(len(r.syncs)) {
		syncs = append(syncs, r.syncs[n+1])
	}
	return syncs
}

// settle stores the answers so far, and fails those that contradict each other.
func (r *Resolver) settle(ctx context.Context) error {
	if err := r.answers.Flush(); err != nil {
		return err
	}
	return r.rejectContradictions(ctx)
}

// subject are the parameters that say what the sync's keys are values of.
func (r *Resolver) Subject(s *kind.Sync) warehouse.Args {
	return warehouse.Args{"object_type_id": r.Type(s).ID, "id_property": s.Spec.IDProperty}
}

// Resolve makes the temp tables resolved and unmatched of the temp table desired. A key without an answer fails: it must not look like one that left the query.
func (r *Resolver) Resolve(ctx context.Context, s *kind.Sync) (found plan.Resolved, err error) {
	conn, subject := r.env.Conn, r.Subject(s)
	var lookupErr int
	if err := conn.ReadRow(ctx, queries.FindLookupError, subject, &lookupErr); err != nil {
		return found, err
	}
	if lookupErr > 0 {
		return found, r.errors[lookupErr-1]
	}
	if s.Spec.IDProperty == syncspec.RecordIDProperty {
		err = conn.ExecAll(ctx, queries.StageResolvedIDs)
	} else {
		_, err = conn.Exec(ctx, queries.StageResolved, subject)
	}
	if err != nil {
		return found, err
	}
	if _, err := conn.Exec(ctx, queries.StageUnmatched, subject); err != nil {
		return found, err
	}
	var unanswered, surplus int64
	if err := conn.ReadRow(ctx, queries.AccountResolved, nil, &found.Keys, &found.Unmatched, &unanswered, &surplus); err != nil {
		return found, err
	}
	if unanswered != 0 || surplus != 0 {
		return found, fmt.Errorf("resolve: of %d keys %d have no answer and %d too many", s.Desired.Keys, unanswered, surplus)
	}
	if err := conn.ReadRow(ctx, queries.CountWanted, nil, &found.Records); err != nil {
		return found, err
	}
	s.Log.Info().Int64("resolved", found.Keys).Int64("unmatched", found.Unmatched).Int64("records", found.Records).Msg("resolved")
	return found, nil
}

// EvictMissing deletes the cached answers whose records HubSpot reported missing in the temp table outcomes, in a transaction of the ledger.
func (r *Resolver) EvictMissing(ctx context.Context) error {
	return r.env.Conn.ExecAll(ctx, queries.EvictMissing, queries.SkipMissingAnswers)
}
