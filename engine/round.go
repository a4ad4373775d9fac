package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/rs/zerolog"

	"rollcall/engine/hubspot"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// round is the syncs of one invocation on their way together. They share one connection, whose temp tables are their sets, the
// calls that read HubSpot, and the answers: a key that several of them desire is asked about once.
//
// Every query is staged on a connection of its own, because a temp table hides a real one of the same name from it, and before any set
// exists. Each sync's sets bear their plain names, desired, resolved, current, while it is its turn.
type round struct {
	engine         *Engine
	conn           *warehouse.Conn
	client         *hubspot.Client
	sessions       []*session
	cachedLists    map[string]cachedList       // cached lists, by ID
	made           map[string]string           // lists that a sync of this round has made, by their names
	touched        map[string]bool             // lists that a sync of this round has sent changes to; false: with answers to all
	pendingUnknown map[string]bool             // lists with changes whose answer was lost before this round
	names          map[string]listNames        // of all lists that the ledger knows, by ID
	invalidated    map[string]bool             // lists that a sync of this round was about to change
	copied         map[string]bool             // lists of which rollcall_members has what rollcall.members has
	keysBefore     map[string]int64            // usable keys of each sync's last run that had any; nil: not read yet
	rejectsStaged  bool                        // rollcall_open_rejects has the rejects of the round's syncs
	taken          map[string]bool             // lists on which a run has ended well
	kinds          map[kind]*asked             // how HubSpot takes the questions of each kind
	lookupErrors   []error                     // errors of key lookups, numbered from 1
	asked          bool                        // keys were asked about again after prepare
	preview        bool                        // plans are only looked at
	full           bool                        // ignore the cache: read every list, look up every key
	staged         bool                        // the tables of the round were made
	setsStaged     bool                        // a sync's sets are staged
	keep           func(context.Context) error // keeps the answers for later rounds; nil: they are not kept

	abort        context.Context          // ends at the second signal; nil: never
	unresponsive func(*UnresponsiveError) // writes down how the runs ended before the process does; nil: there are none

	answers *warehouse.Loader
	pages   *warehouse.Loader
}

// session is one sync on its way.
type session struct {
	*round
	runID   string // the run in the ledger; "": it has none
	number  int    // in the round, from 1
	spec    syncspec.Spec
	created time.Time       // when its row was made; zero: not known
	client  *hubspot.Client // counts its calls for this sync
	writer  *hubspot.Client // is client for what changes HubSpot: its calls in flight linger
	callLog *callLog
	log     zerolog.Logger
	err     error  // why it goes no further
	undoes  string // the run that it undoes, in place of the query; "": none

	list      list
	gone      string   // the list that is cached under the row's name, and that HubSpot does not have any more
	seen      metadata // what HubSpot's metadata said at the start of the round
	fromCache bool     // current comes from the cache
	reading   *reading // or from here
	applied   bool     // what was to be sent is sent; the list is read to verify it
	desired   plan.Desired
	nRead     int64         // records that were read because the plan removes them
	members   int64         // of current
	due       dueWrites     // what the ledger has to take of the plan
	staged    time.Duration // how long its query took
}

// newRound begins a round for specs. The caller closes it, which drops the sets.
func (e *Engine) newRound(ctx context.Context, full bool) (*round, error) {
	client, err := e.hubspot()
	if err != nil {
		return nil, err
	}
	conn, err := e.warehouse.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return e.roundOn(conn, client, full), nil
}

// roundOn begins a round on a connection, which the round's close closes.
func (e *Engine) roundOn(conn *warehouse.Conn, client *hubspot.Client, full bool) *round {
	return &round{
		engine: e, conn: conn, client: client, full: full, cachedLists: map[string]cachedList{}, names: map[string]listNames{}, invalidated: map[string]bool{}, touched: map[string]bool{}, made: map[string]string{}, pendingUnknown: map[string]bool{}, kinds: map[kind]*asked{},
		answers: conn.Loader("rollcall_answers"), pages: conn.Loader("rollcall_pages"),
	}
}

func (r *round) close() error { return r.conn.Close() }

// join adds a sync to the round.
func (r *round) join(spec syncspec.Spec) *session {
	s := &session{round: r, number: len(r.sessions) + 1, spec: spec, callLog: &callLog{}, log: r.engine.config.Log.With().Str("sync", spec.Name).Logger()}
	s.client = r.client.Observed(s.callLog.count)
	r.sessions = append(r.sessions, s)
	return s
}

// live returns the sessions without an error.
func (r *round) live() []*session {
	var live []*session
	for _, s := range r.sessions {
		if s.err == nil {
			live = append(live, s)
		}
	}
	return live
}

// prepare runs every query, and reads from the cache and from HubSpot what the plans need. An error of one sync is kept in its session;
// the error returned concerns all.
func (r *round) prepare(ctx context.Context) error {
	// The ledger asks these tables for what came of the round, also when it was interrupted before it began.
	if err := r.conn.ExecAll(context.WithoutCancel(ctx), queries.StageRound, queries.StageKeys, queries.StageAnswers, queries.StagePages, queries.StageNewcomers, queries.StageMembers); err != nil {
		return err
	}
	r.staged = true
	if err := r.stagePendingUnknown(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("look at changes without an answer: %w", err)
	}
	for _, s := range r.sessions {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		began := r.engine.config.Now()
		ended := r.engine.config.step(s.spec.Name, "query")
		s.err = s.stage(ctx)
		ended()
		s.staged = r.engine.config.Now().Sub(began)
	}
	if len(r.live()) == 0 {
		return nil
	}
	if err := r.loadCache(ctx); err != nil {
		return fmt.Errorf("load cache: %w", err)
	}
	if err := r.fetch(ctx); err != nil {
		return fmt.Errorf("fetch: %w", err)
	}
	return r.refuseLookedUp(ctx)
}

// loadCache loads the cached lists and answers.
func (r *round) loadCache(ctx context.Context) error {
	if err := r.loadCachedLists(ctx); err != nil {
		return err
	}
	load := r.conn.Loader("rollcall_round")
	for _, s := range r.live() {
		t, err := s.client.ObjectType(ctx, s.spec.ObjectType)
		if err != nil {
			s.err = unknownType(s.spec, err)
			continue
		}
		s.list.ObjectType = t
		if err := load.Add(int32(s.number), t.ID, s.spec.IDProperty); err != nil {
			return err
		}
	}
	if err := load.Flush(); err != nil {
		return err
	}
	c := r.engine.config
	now := r.engine.now()
	found, missing := now.Add(-c.FoundTTL), now.Add(-c.MissingTTL)
	if r.full {
		found, missing = now.Add(time.Hour), now.Add(time.Hour)
	}
	return r.conn.Retry(ctx, func() error {
		if err := r.conn.ExecAll(ctx, queries.ClearAnswers); err != nil {
			return err
		}
		_, err := r.conn.Exec(ctx, queries.LoadCachedAnswers, warehouse.Args{"found_since": found, "missing_since": missing})
		return err
	})
}

// hasTables reports whether the round's temp tables exist: they were made, and their connection was not given up.
func (r *round) hasTables() bool { return r.staged && !r.conn.Lost() }

// keepAnswers stores the answers so far for later rounds, once.
func (r *round) keepAnswers(ctx context.Context) error {
	if r.keep == nil {
		return nil
	}
	if err := r.answers.Flush(); err != nil {
		return err
	}
	if err := r.rejectContradictions(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	if err := r.keep(ctx); err != nil {
		return err
	}
	r.keep = nil
	return nil
}

// lookupError returns the number of an error of key lookups; equal errors have one number.
func (r *round) lookupError(err error) int32 {
	for i, known := range r.lookupErrors {
		if known.Error() == err.Error() {
			return int32(i + 1)
		}
	}
	r.lookupErrors = append(r.lookupErrors, err)
	return int32(len(r.lookupErrors))
}

// checkQuota returns a DailyShareError if so many calls would leave the account's other apps too few of the day's calls, where HubSpot
// reports the quota.
func (r *round) checkQuota(calls int64) error {
	q := r.client.Quota()
	if q.Daily == nil || q.DailyRemaining == nil || r.engine.now().Sub(q.At) > quotaHolds {
		return nil
	}
	share := r.engine.config.MaxDailyShare
	limit := int64(math.Floor(float64(*q.Daily) * share / 100))
	used := int64(*q.Daily - *q.DailyRemaining)
	if used+calls <= limit {
		return nil
	}
	return &DailyShareError{Daily: int64(*q.Daily), Used: used, Calls: calls, Share: share}
}

// quotaHolds is how long the figures of an answer are relied on: the count of another day would stop all further calls, and so never
// be put right.
const quotaHolds = time.Hour

// DailyShareError says that a run would leave the account's other apps too little of the day's calls.
type DailyShareError struct {
	Daily, Used, Calls int64
	Share              float64 // percent
}

// Error gives the figures.
func (e *DailyShareError) Error() string {
	return fmt.Sprintf("today's calls: %d of %d are used, %d more would be over the share of %g%% (max_daily_share)", e.Used, e.Daily, e.Calls, e.Share)
}

// Hint says what to do about it.
func (e *DailyShareError) Hint() string {
	return "run it tomorrow (the count starts anew at midnight in the account's time zone), or raise max_daily_share"
}

// isFatal reports whether every further call would fail with err as well.
func isFatal(err error) bool {
	var share *DailyShareError
	return hubspot.IsFatal(err) || errors.Is(err, hubspot.ErrDailyLimit) || errors.Is(err, hubspot.ErrBreakerOpen) || errors.As(err, &share)
}
