package engine

import (
	"context"

	"rollcall/engine/hubspot"
	"rollcall/engine/pool"
)

// fetch reads from HubSpot all that the plans of the round need: the lists' metadata, the pages of those lists that are not cached, and
// the records of the keys that are not cached. The calls run concurrently; lists come first, since the keys of a sync whose list can't
// be used are not looked up.
func (r *round) fetch(ctx context.Context) error {
	workers := pool.New(r.engine.config.Concurrency)
	questions := &questions{round: r, pool: workers, total: -1}
	looked := 0
	found := func(s *session, l hubspot.List, err error) {
		looked++
		if s.found(workers, l, err); s.err != nil {
			questions.total = -1 // they are other ones without this sync's
		}
	}
	live := r.live()
	for _, t := range r.lookUp(workers, found) {
		workers.AddUrgent(t) // the rest waits for these
	}
	for _, s := range live {
		s.startEarly(workers)
	}
	workers.AddIdle(func() error { return questions.ready(ctx) })
	questions.over = func() { workers.AddIdle(func() error { return r.keepAnswers(ctx) }) }
	workers.Refill(func() (pool.Task, error) {
		if looked < len(live) {
			return nil, nil // the questions wait for the lists
		}
		return questions.next(ctx)
	})
	err := workers.Run(ctx)
	for _, s := range r.sessions {
		if s.reading != nil {
			s.reading.end()
		}
	}
	if err != nil {
		return err
	}
	if err := r.answers.Flush(); err != nil {
		return err
	}
	if err := r.pages.Flush(); err != nil {
		return err
	}
	if err := r.rejectContradictions(ctx); err != nil {
		return err
	}
	return questions.failRest(ctx)
}
