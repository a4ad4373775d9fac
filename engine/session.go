package engine

import (
	"context"
	"database/sql"

	"github.com/rs/zerolog"

	"rollcall/engine/hubspot"
	"rollcall/syncspec"
)

// session is one sync on its way: its spec, and the one connection that holds its sets as temp tables. A query is staged
// before any other temp table exists, because a temp table hides a real one of the same name from it.
type session struct {
	engine *Engine
	spec   syncspec.Spec
	conn   *sql.Conn
	client *hubspot.Client
	meter  *meter
	log    zerolog.Logger
}

// open begins a session for spec. The caller closes it, which drops the sets.
func (e *Engine) open(ctx context.Context, spec syncspec.Spec) (*session, error) {
	client, err := e.hubspot()
	if err != nil {
		return nil, err
	}
	conn, err := e.warehouse.Conn(ctx)
	if err != nil {
		return nil, err
	}
	s := &session{engine: e, spec: spec, conn: conn, meter: &meter{}, log: e.config.Log.With().Str("sync", spec.Name).Logger()}
	s.client = client.Observed(s.meter.count)
	return s, nil
}

func (s *session) close() error { return s.conn.Close() }

// progress tells how far a step has come.
func (s *session) progress(step string, done, total int64) {
	s.engine.config.Progress(Progress{Sync: s.spec.Name, Step: step, Done: done, Total: total})
}

// prepare stages the sets and makes the plan. It only reads HubSpot. settle is called between the reading of the list and
// the reading of what Rollcall left in it, so that a run can first write down what became of changes whose answer was lost.
func (s *session) prepare(ctx context.Context, settle func(listID string) error) (*Plan, error) {
	desired, err := s.stageDesired(ctx)
	if err != nil {
		return nil, err
	}
	list, err := s.findList(ctx)
	if err != nil {
		return nil, err
	}
	resolved, err := s.resolve(ctx, list, desired)
	if err != nil {
		return nil, err
	}
	current, err := s.readMembers(ctx, list)
	if err != nil {
		return nil, err
	}
	if err := settle(list.ID); err != nil {
		return nil, err
	}
	return s.diff(ctx, list, desired, resolved, current)
}

// unsettled leaves changes whose answer was lost as they are: what only looks at a plan writes nothing.
func unsettled(string) error { return nil }
