// Package resolve finds the record IDs of keys, such as of email addresses: from the cache rollcall.identities, or by asking HubSpot, each key once
// for all syncs of an execution.
//
// In: the temp table rollcall_keys, which a kind fills with Loader("rollcall_keys"): sync, key, reason and detail, where a key with a reason can't be used. Out: the
// temp tables rollcall_answers, and for one sync resolved and unmatched. A key whose look-up failed never looks like one without a record: it fails the syncs that desire it.
//
// It may import kind, plan, pool, hint, warehouse, hubspot and syncspec.
//
// Which file to open:
//
//	resolve.go             what a kind calls: load the cache, resolve a sync's keys, cache the answers
//	lookup.go, refusals.go asking HubSpot in batches, and what to do when it refuses a batch
//	record.go              the other way round: which keys records have that a plan would remove
//	property.go            whether records can be found by the row's id_property at all
package resolve

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// Resolver finds the record IDs of the keys of one execution's syncs. Its methods are called from one goroutine.
// It makes the temp tables rollcall_keys, rollcall_round, rollcall_answers, rollcall_questions and rollcall_records. An
// answer is a record ID, or that there is no record, or the number of an error.
type Resolver struct {
	// RecordIDs says that keys which are record IDs are looked up, too: whether HubSpot has such a record, and of one that was merged the record that
	// it is now. Otherwise they are taken as they are, and Resolve makes no look-up of them. It is set before Load.
	RecordIDs bool

	env      *kind.Env
	syncs    map[int32]*kind.Sync
	types    map[int32]hubspot.ObjectType // of syncs, by number
	subjects map[subject]*reception
	errors   []error // of look-ups, numbered from 1
	answers  *warehouse.Loader
	unsaved  bool // there may be answers that are not cached
}

// New makes the temp tables of an execution, unless another kind's Resolver has, and a Resolver that uses them. The caller fills rollcall_keys
// before Load. Kinds load one after another: Load forgets the syncs and the answers of the Resolver that has loaded before, which takes what it
// needs of rollcall_answers, and saves it, until then.
func New(ctx context.Context, env *kind.Env) (*Resolver, error) {
	if err := env.Conn.ExecAll(ctx, queries.StageRound, queries.StageKeys, queries.StageAnswers); err != nil {
		return nil, err
	}
	return &Resolver{
		env: env, syncs: map[int32]*kind.Sync{}, types: map[int32]hubspot.ObjectType{}, subjects: map[subject]*reception{},
		answers: env.Conn.Loader("rollcall_answers"),
	}, nil
}

// Type returns the object type of the sync's records, once Load has found it; the zero value before that.
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

// UnknownType returns the error of a look-up of the spec's object type, with a hint where err means that HubSpot has no
// such type.
func UnknownType(spec syncspec.Spec, err error) error {
	if !errors.Is(err, hubspot.ErrUnknownObjectType) {
		return err
	}
	return hint.New("set object_type to contacts, companies, deals, or a custom object's type ID (2-…) or name",
		"HubSpot has no object type %q", spec.ObjectType)
}

// Load finds the object types of the syncs and loads the cached answers about their keys. A sync without an object type
// fails. Answers older than Limits.FoundTTL, or MissingTTL where they say that there is no record, are not loaded: those
// keys are asked about.
func (r *Resolver) Load(ctx context.Context, syncs []*kind.Sync) error {
	if err := r.env.Conn.ExecAll(ctx, queries.ClearRound); err != nil {
		return err
	}
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
	// No answer is from the future, so none is loaded.
	if r.env.Full {
		found = now.Add(time.Hour)
	}
	if r.env.Full || r.env.RetryRejects {
		missing = now.Add(time.Hour)
	}
	// The statement that loads may have been carried out though its answer was lost: clear first, so that it can be
	// repeated.
	return r.env.Conn.Retry(ctx, func() error {
		if err := r.env.Conn.ExecAll(ctx, queries.ClearAnswers); err != nil {
			return err
		}
		_, err := r.env.Conn.Exec(ctx, queries.LoadCachedAnswers, warehouse.Args{"found_since": found, "missing_since": missing, "record_ids": r.RecordIDs})
		return err
	})
}

// identitiesKept is the age at which a cached answer is too old for every setting, and is deleted.
const identitiesKept = 30 * 24 * time.Hour

// Save caches HubSpot's answers for later executions, together with the calls that were made so far. Where there are no
// new answers, or in a preview, it writes nothing. Errors and contradictions are not cached. It may be called several
// times.
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
			// Delete and insert in place of an upsert: the table has no key that one could use.
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

// callers returns the syncs, in the order of their numbers, for the calls that Ledger.Write is to keep. Numbers begin at
// 1 and have no gaps.
func (r *Resolver) callers() []*kind.Sync {
	var syncs []*kind.Sync
	for _, n := range slices.Sorted(maps.Keys(r.syncs)) {
		syncs = append(syncs, r.syncs[n])
	}
	return syncs
}

// settle stores the answers so far, and fails those that contradict each other. Before it, answers may still be held by
// the loader.
func (r *Resolver) settle(ctx context.Context) error {
	if err := r.answers.Flush(); err != nil {
		return err
	}
	return r.rejectContradictions(ctx)
}

// LookupError returns the error that rollcall_answers has by its number.
func (r *Resolver) LookupError(number int64) error { return r.errors[number-1] }

// Subject returns the parameters that say what the sync's keys are values of. The caller may add to them.
func (r *Resolver) Subject(s *kind.Sync) warehouse.Args {
	return warehouse.Args{"object_type_id": r.Type(s).ID, "id_property": s.Spec.IDProperty}
}

// Resolve makes the temp tables resolved and unmatched of the temp table desired, and returns their counts. It makes no
// call, and may be called again when there are other answers. A key without an answer fails: it must not look like one
// that left the query.
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
	// Whatever went wrong on the way, the sums show it: each desired key is resolved or unmatched, once.
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

// EvictMissing deletes the cached answers whose records HubSpot reported missing in the temp table outcomes, in a
// transaction of the ledger, so that the next execution asks about their keys. It makes this execution's own answers with
// such records count as cached, so that Save does not bring them back.
func (r *Resolver) EvictMissing(ctx context.Context) error {
	return r.env.Conn.ExecAll(ctx, queries.EvictMissing, queries.SkipMissingAnswers)
}
